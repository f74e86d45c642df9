# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Sent from here, received in another machine with another kernel.
# timeout: 300
peer=10.77.0.2

reaches() {
    for _ in $(seq 60); do
        ! ssh -o BatchMode=yes -o ConnectTimeout=2 $peer true || return 0
        sleep 1
    done
    return 1
}

if ! nic 3 1 >/dev/null; then
    skip "two machines" "nothing is at the other end of a wire"
    return 0
fi
ok "the wire" join_wire 1
ok "the other machine lets in" reaches
ssh -o BatchMode=yes -o ConnectTimeout=2 $peer uname -r >&2
