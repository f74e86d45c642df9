# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The programs by hand, without BPF: every byte of every mode arrives and is the one that was sent. A
# zero-copy buffer that is used again before its completion would show up as corruption.
verified() { # MODE THREADS
    server --verify --clients="$2" --wait=20 "$1" 64K 0.5 >"server-$1-$2" 2>&1 &
    server=$!
    tries=0
    # 0A is LISTEN, 25EF the port 9711: a client that comes before the server is refused.
    while ! grep -q ':25EF 00000000:0000 0A' /proc/net/tcp /proc/net/tcp6 && [ $tries -lt 50 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    client --verify --until-eof 127.0.0.1 64K "$2" 0 >"client-$1-$2" || return 1
    wait $server || return 1
    [ "$(cut -d , -f 1 "client-$1-$2")" -gt 0 ]
}

for mode in A1 A2 A3; do
    for threads in 1 4; do
        ok "$mode with $threads threads arrives uncorrupted" verified $mode $threads
    done
done
