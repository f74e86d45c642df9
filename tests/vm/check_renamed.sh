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
# shellcheck disable=SC2016  # a jq program
jq -r --arg caller "$(grep -c ' msg_zerocopy_complete$' "$1/../kallsyms" || true)" '
  .probes[] | select(.quantity == "completion")
  | (if .via == "msg_zerocopy_complete" or ($caller == "0" and .tier == "tracepoint") then "ok" else "not ok" end)
    + " - completions are seen by the caller: \(.via // "not at all: \(.reasons)")"' "$1/inlined/results.json"
