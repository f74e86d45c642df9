#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# arm64: cycles and cycles per byte are there, other hardware events absent with a reason. x86: all are
# absent with a reason, and CPU ns per byte stands in.
set -euo pipefail
case $2 in arm64-*) cycles=true ;; *) cycles=false ;; esac
jq -r --argjson cycles $cycles '
  .how as $how
  | def status($r; $role; $m): $r.values[$role][$m] | $how[.[1]].status;
    def reason($r; $role; $m): $r.values[$role][$m] | $how[.[1]].reasons | map(.[0]) | join(", ");
  .results[] | select(.pass == "clean") | . as $r
  | [ (if $cycles then
         ["cycles are counted", status($r; "server"; "cycles") == "ok" and
                                $r.values.server.cycles[0] > 0],
         ["cycles per byte", ($r.values.cell.cycles_per_byte[0] // 0) > 0]
       else
         ["cycles are absent: \(reason($r; "server"; "cycles"))",
          $r.values.server.cycles[0] == null and reason($r; "server"; "cycles") != ""]
       end),
      ["cache misses are absent: \(reason($r; "server"; "l1d_load_misses"))",
       $r.values.server.l1d_load_misses[0] == null and reason($r; "server"; "l1d_load_misses") != ""],
      ["CPU ns per byte", ($r.values.cell.cpu_ns_per_byte[0] // 0) > 0] ][]
  | (if .[1] then "ok" else "not ok" end) + " - \($r.mode): " + .[0]' "$1/counters/results.json"
