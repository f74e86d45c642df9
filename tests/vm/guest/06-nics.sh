# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Zero-copy over the emulated NICs, each of a pair in a namespace of its own. With scatter-gather and
# checksum offload (e1000e) the pages reach the device: no id may be flagged COPIED.
join() { # PAIR
    for end in 1 2; do
        interface=$(nic "$1" $end) || return 1
        ip netns add nic$end
        ip link set "$interface" netns nic$end
        ip -n nic$end address add "10.9.$1.$end/24" dev "$interface"
        ip -n nic$end link set "$interface" up
    done
    tries=0
    until ip netns exec nic1 ping -c 1 -W 1 10.9."$1".2 >/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 15 ] || return 1
    done
}

part() {
    ip netns del nic1
    ip netns del nic2
    # The interfaces come back when the namespaces are really gone.
    sleep 1
}

zerocopy() { # PAIR
    ip netns exec nic1 server --bind=10.9."$1".1 --json --verify --clients=1 --wait=20 A3 64K 0.5 >"$name.json" &
    server=$!
    tries=0
    while ! ip netns exec nic1 cat /proc/net/tcp /proc/net/tcp6 | grep -q ':25EF .* 0A ' &&
        [ $tries -lt 50 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    ip netns exec nic2 client --verify --until-eof 10.9."$1".1 64K 1 0 >"$name.csv" || return 1
    wait $server
}

not_copied() {
    grep -q '"zc_ids_copied": *0[,}]' "$name.json" && grep -q '"zc_ids_completed": *[1-9]' "$name.json"
}

for pair in 1 2; do
    name=e1000e
    [ $pair = 1 ] || name=virtio
    if ! nic $pair 1 >/dev/null; then
        skip "A3 over $name" "this guest has no $name"
        continue
    fi
    ok "$name: the two NICs reach each other" join $pair
    ok "$name: A3 arrives uncorrupted" zerocopy $pair
    [ $pair = 2 ] || ok "$name: no id is flagged COPIED" not_copied
    part
done
