# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# What makes a NIC that could send without a copy get one: a packet socket (tcpdump) in the sender's namespace; and
# timestamps of what is sent, which come with the data.
# timeout: 200

# Into the run's namespace as soon as there is one.
tap_sender() {
    while true; do
        for netns in /run/netns/cs-*-srv; do
            [ ! -e "$netns" ] || exec /usr/sbin/ip netns exec "${netns##*/}" tap
        done
        sleep 0.05
    done
}

if server=$(nic 1 1) && client=$(nic 1 2); then
    tap_sender &
    ok "run --path nic with a packet tap" copyscope run --mode A3 --size 64K --threads 1 \
        --duration 1 --repeat 1 --freq 0 --path "nic:$server,$client" --format json,md --out tapped
    kill $! 2>/dev/null
    stamp server &
    ok "run --path nic with transmit timestamps" copyscope run --mode A3 --size 64K --threads 1 \
        --duration 0.5 --repeat 1 --freq 0 --path "nic:$server,$client" --format json --out stamped
    kill $! 2>/dev/null
else
    skip "run --path nic with a packet tap" "this guest has no e1000e"
fi
