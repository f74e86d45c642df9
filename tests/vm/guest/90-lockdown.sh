# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# What a machine with secure boot allows. Integrity takes nothing from us; confidentiality forbids every
# read of kernel memory, and with it all tiers. A running kernel can be locked further, never unlocked:
# the last test of all.
# timeout: 120
lockdown=/sys/kernel/security/lockdown
refuses() {
    copyscope run --mode A1 --size 64K --threads 1 --duration 0.3 --repeat 1 --path loopback \
        --format json --out refused 2>refused.err
    status=$?
    cat refused.err >&2
    [ $status = 77 ] && [ ! -e refused/results.json ]
}

mount -t securityfs securityfs /sys/kernel/security 2>/dev/null
if [ -w $lockdown ]; then
    echo integrity >$lockdown
    ok "run, lockdown=integrity" copyscope run --mode A3 --size 64K --threads 1 --duration 0.3 \
        --repeat 1 --freq 0 --path loopback --format json --out integrity
    echo confidentiality >$lockdown
    ok "lockdown=confidentiality: cannot run here" refuses
else
    skip "lockdown" "this kernel has no lockdown"
fi
