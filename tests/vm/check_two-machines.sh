#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# From one machine's e1000e to another's it is as from one to the other of this machine; and its kernel was asked, too.
set -euo pipefail
[ -e "$1/e1000e/results.json" ] || exit 0
"$(dirname "$0")/check_e1000e.sh" "$@"
jq -r '
  [.results[].values | (.server.app_bytes[0] == .client.app_bytes[0] and .client.app_bytes[0] > 0)] as $arrived
  | [.results[] | select(.pass == "attribution") | .values.client | .received_bytes[0] == .app_bytes[0]] as $seen
  | (if ($arrived | all) then "ok" else "not ok" end) + " - what was sent here has arrived there, in \($arrived | length) passes",
    (if ($seen | all) then "ok" else "not ok" end) + " - and the other kernel has seen it, in \($seen | length) passes"
' "$1/e1000e/results.json"
