# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Many more threads than CPUs: calls are preempted inside of the probes, and more of them are under way than
# a kernel keeps return addresses for. The laws hold to the byte, or what is missing is said.
# timeout: 400
ok "run --threads 16,64" copyscope run --mode A1,A3 --size 64K --threads 16,64 --duration 0.5 --repeat 1 \
    --freq 0 --path veth --format json --out veth
