# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Modes that copy and that refer to the sender's pages between two namespaces, each quantity by the best tier of this kernel. The host checks the
# conservation laws of every results.json that a test leaves (tests/laws.jq).
# timeout: 180
ok "run --path veth" copyscope run --mode original,A3p --size 64K --threads 1,4 --duration 0.5 --repeat 1 \
    --path veth --format json --out veth
