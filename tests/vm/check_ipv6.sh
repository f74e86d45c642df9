#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# IPv6 has functions of its own along the path: the same is found of NICs with offloads and without as over IPv4,
# and of each copy the reason is known.
set -euo pipefail
for check in e1000e software-gso; do
    "$(dirname "$0")/check_$check.sh" "$@"
done
for path in veth e1000e virtio; do
    [ -e "$1/$path/results.json" ] || continue
    jq -r --arg path "$path" '
      [.results[] | select(.pass == "attribution") | .copies[]] as $copies
      | ([$copies[] | select(.[2] == "skb_copy_ubufs") | .[3]] | unique) as $delivered
      | [ ["of each copy the reason is known", all($copies[]; .[3] != "unknown")],
          ["user pages are copied for local delivery, and nowhere but here: \($delivered | join(", "))",
           $delivered == if $path == "veth" then ["local delivery"] else [] end] ][]
      | (if .[1] then "ok" else "not ok" end) + " - \($path): " + .[0]' "$1/$path/results.json"
done
