#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Only user_to_kernel changes; it is seen by tracepoints, or absent and says why.
set -euo pipefail
jq -nr --slurpfile all "$1/all.json" --slurpfile renamed "$1/renamed.json" '
  ([$all[0], $renamed[0]] | transpose | map(select(.[0].tier != .[1].tier) | .[0].quantity)) as $changed
  | ($renamed[0][] | select(.quantity == "user_to_kernel")) as $q
  | [ ["one quantity is demoted: \($changed | join(" "))", $changed == ["user_to_kernel"]],
      ["it says why: \($q.reason)", (($q.reason // "") | test("__renamed|does not attach to __check_object_size"))],
      ["it is seen by tracepoints or absent", $q.tier == "tracepoint" or $q.tier == null] ][]
  | (if .[1] then "ok" else "not ok" end) + " - " + .[0]'
jq -r '[.probes[].tier | select(IN("fentry", "kprobe"))] | unique
  | (if length == 1 then "ok" else "not ok" end) + " - one function tier for all: \(join(" "))"' \
    "$1/one-renamed/results.json"
