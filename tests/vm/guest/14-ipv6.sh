# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Over IPv6: between two namespaces, which begin with IPv6 switched off, and from NIC to NIC, of which some have to be
# helped by software.
# timeout: 200
over_ipv6() { # DIRECTORY OPTION...
    directory=$1
    shift
    copyscope run -6 --size 64K --threads 1 --duration 0.4 --repeat 1 --freq 0 --format json,md \
        --out "$directory" "$@"
}

# New namespaces have no IPv6, until who makes them asks for it.
echo 1 >/proc/sys/net/core/devconf_inherit_init_net
echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
ok "run -6 --path veth" over_ipv6 veth --mode "$(able A3 sendfile udp-gso-zc)" --verify --path veth
echo 0 >/proc/sys/net/ipv6/conf/all/disable_ipv6
echo 0 >/proc/sys/net/core/devconf_inherit_init_net
if server=$(nic 1 1) && client=$(nic 1 2); then
    ok "run -6 --path nic (e1000e)" over_ipv6 e1000e --mode A3 --verify --path "nic:$server,$client"
    ok "the NICs came back" test -e "/sys/class/net/$server" -a -e "/sys/class/net/$client"
else
    skip "run -6 --path nic (e1000e)" "this guest has no e1000e"
fi
if server=$(nic 2 1) && client=$(nic 2 2); then
    ok "run -6 --path nic (virtio without offloads)" over_ipv6 virtio --mode A3 --path "nic:$server,$client"
else
    skip "run -6 --path nic (virtio without offloads)" "this guest has no such NICs"
fi
