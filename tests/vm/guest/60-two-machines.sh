# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Sent from here, received in another machine with another kernel, over a real wire as far as either can tell.
# timeout: 400
peer=10.77.0.2

over_ssh() { # COMMAND...
    ssh -o BatchMode=yes -o ConnectTimeout=2 $peer "$@"
}

lets_in() {
    for _ in $(seq 60); do
        ! over_ssh true 2>/dev/null || return 0
        sleep 1
    done
    return 1
}

nothing_stays() {
    ! over_ssh 'ls -A /tmp; ps | grep [c]lient' | grep .
}

if ! nic 3 1 >/dev/null; then
    skip "two machines" "nothing is at the other end of a wire"
    return 0
fi
ok "the wire" join_wire 1
ok "the other machine lets in" lets_in
ways=$(able A1 A3 A3p sendfile uring-zc ktls) # to attach there takes ten seconds each
ok "run --path ssh (e1000e)" copyscope run --mode "$ways" --size 64K --threads 2 --duration 0.5 --repeat 1 --freq 0 \
    --path "ssh:$peer" --beside none --format json,md --out e1000e
ok "there nothing stays" nothing_stays
