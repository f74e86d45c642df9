# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# A forwarded path: a zero-copy byte is copied once, wherever the kernel does it, and counted once, by
# either tier.
# timeout: 150
ok "run --path routed" copyscope run --mode A2,A3 --size 64K --threads 1 --duration 0.5 --repeat 1 \
    --freq 0 --path routed --cross-check --format json --out routed
ok "run --path routed --tier tracepoint" copyscope run --mode A3 --size 64K --threads 1 \
    --duration 0.5 --repeat 1 --freq 0 --path routed --tier tracepoint --format json --out routed-tp
