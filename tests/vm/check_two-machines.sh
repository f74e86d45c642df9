#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# From one machine's e1000e to another's it is as from one to the other of this machine; and where its kernel was asked,
# that has seen what both programs say.
set -euo pipefail
for run in e1000e asked; do [ -e "$1/$run/results.json" ] || exit 0; done
"$(dirname "$0")/check_e1000e.sh" "$@"
# COUNT DESCRIPTION FILTER: of so many results, at least, true
each() {
    jq -r --argjson least "$1" --arg what "$2" "[.results[] | $3]"'
        | if length >= $least and all then "ok" else "not ok" end + " - \($what), \(length) times"' "$4"
}
each 20 "what was sent here has arrived there" \
    '.values | .server.app_bytes[0] == .client.app_bytes[0] and .client.app_bytes[0] > 0' "$1/e1000e/results.json"
each 10 "nobody asked that kernel" 'select(.pass == "attribution") | .values.client.received_bytes[0] == null' "$1/e1000e/results.json"
each 3 "that kernel has seen what the program says" 'select(.pass == "attribution") | .values.client
    | .received_bytes[0] == .app_bytes[0] and .kernel_to_user_bytes[0] == .app_bytes[0]' "$1/asked/results.json"
