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
ways=$(able A1 A2 A3 A3p write writev sendfile splice vmsplice uring uring-zc uring-zc-fixed ktls ktls-sendfile)
run="copyscope run --size 64K --threads 2 --duration 0.5 --repeat 1 --freq 0 --format json,md"
ok "run --path ssh (e1000e): every mode" $run --mode "$ways" --path ssh:plain --out e1000e
# To attach takes ten seconds, each time.
ok "run --path ssh (e1000e): the receiver's kernel is asked, too" $run --mode A1,A3,sendfile --path "ssh:$peer" --out asked
ok "there nothing stays" nothing_stays
