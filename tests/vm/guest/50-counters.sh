# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Hardware counters: QEMU's arm64 machine has a real cycle counter and nothing else, its x86 none.
# timeout: 90
ok "run, for the counters" copyscope run --mode A2 --size 64K --threads 1 --duration 0.5 --repeat 1 \
    --freq 0 --format json,csv --out counters
