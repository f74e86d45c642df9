#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Without a NIC zcrx copies every byte, and the reason says so.
set -euo pipefail
[ -e "$1/zcrx/results.json" ] || exit 0
jq -r '.results[] | select(.pass == "attribution") | .values.client as $v
  | ([.copies[] | select(.[2] == "io_zcrx_copy_chunk" and .[3] == "not where a NIC put it") | .[6]] | add // 0) as $copied
  | ($copied > 0 and $copied == $v.zcrx_copied_bytes[0])
  | (if . then "ok" else "not ok" end) + " - \($v.app_bytes[0]) B are copied by zcrx: \($copied)"' \
    "$1/zcrx/results.json"
