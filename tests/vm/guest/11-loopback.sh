# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The same over loopback, where one namespace has both ends, each quantity by the best tier of this kernel.
# timeout: 180
ok "run --path loopback" copyscope run --mode original --size 64K --threads 4 --duration 0.5 --repeat 1 \
    --path loopback --format json --out loopback
