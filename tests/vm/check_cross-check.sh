#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# That something was compared at all: 3 quantities on 6.1, more where the kernel has more tracepoints.
set -euo pipefail
for file in "$1"/*/results.json; do
    jq -r '
      ([.notes[][1] | capture("cross-check: (?<n>[0-9]+) quantities").n | tonumber] | add // 0) as $n
      | (if $n >= 3 then "ok" else "not ok" end) + " - \($n) quantities were seen by two tiers"' "$file"
done
