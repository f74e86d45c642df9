# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Two NICs with scatter-gather and checksum offload on one wire: here zero-copy is what it says.
# timeout: 200
if server=$(nic 1 1) && client=$(nic 1 2); then
    ways=$(able A1 A2 A3 A3p sendfile vmsplice uring-zc uring-zc-fixed)
    skip_modes "$ways" uring-zc uring-zc-fixed
    ok "run --path nic (e1000e)" copyscope run --mode "$ways" --size 64K --threads 2 --duration 0.5 \
        --repeat 1 --freq 0 --path "nic:$server,$client" --format json,md --out e1000e
    ok "the NICs came back" test -e "/sys/class/net/$server" -a -e "/sys/class/net/$client"
else
    skip "run --path nic (e1000e)" "this guest has no e1000e"
fi
