#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# e1000e to e1000e: no byte that went by reference, the sender's pages or a file's, is copied between the sockets, no
# id is flagged COPIED, and the verdict says so.
set -euo pipefail
[ -e "$1/e1000e/results.json" ] || exit 0
jq -r '
  def v($r; $m): $r.values.server[$m][0];
  (.plan.modes | map({key: .name, value: .}) | from_entries) as $traits
  | .results[] | select(.pass == "attribution" and ($traits[.mode].way | IN("zerocopy", "splice")))
  | "\(.mode) x\(.threads)" as $cell | . as $r
  | [ ["no skb_copy_ubufs", v($r; "copy_ubufs_bytes") == 0],
      ["no software GSO", v($r; "gso_copy_bytes") == 0],
      ["no other payload copy", v($r; "other_copy_bytes") == 0],
      (if $traits[.mode].takes_ids then
           ["no id is COPIED", v($r; "completion_copied_ids") == 0 and v($r; "completion_ids") > 0]
       elif $traits[.mode].has_completions then # that of a request without an skb of its own is, whatever became of it
           ["not every notification is COPIED",
            v($r; "uring_notifications_copied") < v($r; "uring_notifications")]
       else empty end),
      ["header copies are seen, those of the driver among them", v($r; "head_copy_bytes") > 0 and
       any(.copies[]; .[3] == "header pull")] ][]
  | (if .[1] then "ok" else "not ok" end) + " - \($cell): " + .[0]' "$1/e1000e/results.json"
# Where the kernel skipped runs of the probes (7.x) the counts are lower bounds, and nobody may say so.
lossy=$(jq -r '.how as $how | (.plan.modes | map({key: .name, value: .}) | from_entries) as $traits
               | [.results[] | select(.pass == "attribution" and $traits[.mode].way != "copy")
               | .values.server[] | select($how[.[1]].bound)] | length' "$1/e1000e/results.json")
# Nor of a file, where the kernel does not show how it was read (before 6.5).
want=$(jq 'any(.results[].values.server.splice_read_bytes[0]?; . != null) as $read
           | [.plan.modes[] | select(.way == "zerocopy" or (.way == "splice" and ($read or .buffers != "file")))]
           | length' "$1/e1000e/results.json")
if [ "$(grep -c 'really was zero-copy' "$1/e1000e/report.md")" = "$want" ]; then
    echo "ok - the verdict says of each that it was zero-copy"
elif [ "$lossy" != 0 ]; then
    echo "ok - the verdict says that it was zero-copy # SKIP $lossy values are lower bounds on this kernel"
else
    echo "not ok - the verdict does not say of each that it was zero-copy"
fi
