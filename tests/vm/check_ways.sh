#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Of a file that was opened O_DIRECT every byte is copied, before it is sent, and the reason says why.
set -euo pipefail
[ -e "$1/trunc--direct/results.json" ] || exit 0
jq -r '.results[] | select(.pass == "attribution") | .values.server as $v
  | ([.copies[] | select(.[2] == "copy_splice_read" and .[3] == "read into fresh pages") | .[6]] | add // 0) as $read
  | ($read > 0 and $read == $v.splice_read_bytes[0])
  | (if . then "ok" else "not ok" end) + " - \($v.app_bytes[0]) B are read into fresh pages: \($read)"' \
    "$1/trunc--direct/results.json"
