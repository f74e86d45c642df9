#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# virtio without offloads: every byte sent by reference is copied by software GSO (or linearized, when a packet
# needs no segmentation), most ids are not flagged COPIED, and the verdict says "software GSO". Where the
# kernel skipped runs of the probes (7.x) the sum is a lower bound.
set -euo pipefail
[ -e "$1/virtio/results.json" ] || exit 0
jq -r '.how as $how | (.plan.modes | map({key: .name, value: .}) | from_entries) as $traits
  | def v($r; $m): $r.values.server[$m][0];
  .results[] | select(.pass == "attribution" and ($traits[.mode].way | IN("zerocopy", "splice"))) | . as $r
  | (v($r; "gso_copy_bytes") + v($r; "other_copy_bytes")) as $copied
  | v($r; "app_bytes") as $sent | v($r; "retransmit_bytes") as $again
  | $how[.values.server.gso_copy_bytes[1]].bound as $bound
  | [ ["copied on the way: \($copied) of \($sent), \($again) retransmitted",
       $copied <= $sent + $again and ($bound or $copied >= $sent)],
      ["nearly all of it by software GSO", v($r; "gso_copy_bytes") > 0.9 * $sent],
      (if $traits[.mode].has_completions then
           ["the COPIED flag does not tell: \(v($r; "completion_copied_ids")) of \(v($r; "completion_ids"))",
            v($r; "completion_copied_ids") < v($r; "completion_ids")]
       else empty end),
      ["the place is named", ([.copies[] | select(.[3] == "software GSO")] | length) > 0] ][]
  | (if .[1] then "ok" else "not ok" end) + " - \($r.mode): " + .[0]' "$1/virtio/results.json"
if grep -qi 'software GSO' "$1/virtio/report.md"; then
    echo "ok - the verdict says software GSO"
else
    echo "not ok - the verdict does not say software GSO"
fi
