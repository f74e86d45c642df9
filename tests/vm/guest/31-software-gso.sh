# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Two virtio NICs without scatter-gather, checksum and TSO: the stack segments in software and copies
# the payload on the way, and the COPIED flag does not tell.
# timeout: 150
if server=$(nic 2 1) && client=$(nic 2 2); then
    ok "run --path nic (virtio without offloads)" copyscope run --mode original,A3p,sendfile,vmsplice --size 64K --threads 1 \
        --duration 0.5 --repeat 1 --freq 0 --path "nic:$server,$client" --format json,md --out virtio
else
    skip "run --path nic (virtio without offloads)" "this guest has no such NICs"
fi
