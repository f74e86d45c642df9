#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# laws.jq lets a value be a bound, however far off. A probe that lost a tenth of what it should count is
# the wrong one for this kernel.
set -euo pipefail
jq -r '.how as $how | (.plan.modes | map({key: .name, value: .}) | from_entries) as $traits
  | .results[] | select(.pass == "attribution") | . as $r
  | def app($role): .values[$role].app_bytes[0];
    ($traits[.mode].way == "zerocopy") as $zc
  | ["server", "sent_bytes", app("server")],
    (if $zc then ["server", "zerocopy_bytes", app("server")], ["server", "copy_ubufs_bytes", app("server")],
                 ["server", "completion_ids", .values.server.zc_ids_issued[0]]
     else ["server", "user_to_kernel_bytes", app("server")] end),
    ["client", "received_bytes", app("client")], ["client", "kernel_to_user_bytes", app("client")]
  | . as [$role, $name, $truth] | $r.values[$role][$name] as $v
  | (if $v[0] == null then "ok - \($r.mode) x\($r.threads): \($name) # SKIP \($how[$v[1]].reasons | map(.[0]) | join(", "))"
     else (if $v[0] >= 0.9 * $truth then "ok" else "not ok" end)
          + " - \($r.mode) x\($r.threads): \($name) sees nine tenths or more, " +
          (if $how[$v[1]].bound then "as a bound" else "exactly" end) + " (\($v[0]) of \($truth))" end)' \
    "$1/veth/results.json"
