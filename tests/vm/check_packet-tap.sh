#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# With a tap every byte is copied by skb_copy_ubufs, for the reason "packet tap", and flagged COPIED. Where
# the kernel skipped runs of the probes (7.x) the sum is a lower bound. With timestamps that is so of the packets that
# end a send.
set -euo pipefail
[ -e "$1/tapped/results.json" ] || exit 0
jq -r '.how as $how
  | def v($r; $m): $r.values.server[$m][0];
  .results[] | select(.pass == "attribution") | . as $r
  | ([.copies[] | select(.[2] == "skb_copy_ubufs" and .[3] == "packet tap") | .[6]] | add // 0) as $tapped
  | $how[.values.server.copy_ubufs_bytes[1]] as {$bound, $reasons}
  | [ ["all that is copied is copied for the tap", $tapped == v($r; "copy_ubufs_bytes")],
      if $bound then ["all bytes are copied # SKIP \($reasons)", true]
      else ["all bytes are copied: \($tapped) of \(v($r; "app_bytes"))", $tapped >= v($r; "app_bytes")] end,
      ["every id is COPIED", v($r; "completion_copied_ids") == v($r; "completion_ids")] ][]
  | (if .[1] then "ok" else "not ok" end) + " - A3: " + .[0]' "$1/tapped/results.json"
if grep -q 'packet tap' "$1/tapped/report.md"; then
    echo "ok - the verdict says packet tap"
else
    echo "not ok - the verdict does not say packet tap"
fi
jq -r '.results[] | select(.pass == "attribution") | .values.server as $v
  | ([.copies[] | select(.[2] == "skb_copy_ubufs" and .[3] == "transmit timestamp") | .[6]] | add // 0) as $stamped
  | [ ["all that is copied is copied for timestamps", $stamped == $v.copy_ubufs_bytes[0]],
      ["some is: \($stamped) of \($v.app_bytes[0])", $stamped > 0],
      ["ids are COPIED", $v.completion_copied_ids[0] > 0] ][]
  | (if .[1] then "ok" else "not ok" end) + " - A3 with timestamps: " + .[0]' "$1/stamped/results.json"
