# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# For the guest tests: results in TAP, the NICs by pair, and the real ip.
# shellcheck source=/dev/null
. /job/environment
export KERNEL_NAME KERNEL_TIERS KERNEL_NICS

ip() {
    /usr/sbin/ip "$@"
}

# ok DESCRIPTION COMMAND...: passes when the command succeeds; what it said is kept in the log.
ok() {
    description=$1
    shift
    if "$@"; then echo "ok - $description"; else echo "not ok - $description"; fi
}

skip() { # DESCRIPTION REASON
    echo "ok - $1 # SKIP $2"
}

# able MODE...: those that this kernel can do, separated by commas.
able() {
    copyscope list modes | awk -F'\t' -v asked=" $* " '
        index(asked, " " $1 " ") && $4 == "supported" { printf "%s%s", comma, $1; comma = "," }'
}

# skip_modes LIST MODE...: says which of them are not in the list.
skip_modes() {
    list=$1
    shift
    for mode; do
        case ,$list, in *",$mode,"*) ;; *) skip "mode $mode" "this kernel cannot do it" ;; esac
    done
}

# nic PAIR NUMBER: the interface, e1000e is pair 1 and virtio pair 2; fails if the guest has none.
nic() {
    for entry in /sys/class/net/*; do
        if [ "$(cat "$entry/address")" = "52:54:00:00:0$1:0$2" ]; then
            echo "${entry##*/}"
            return 0
        fi
    done
    return 1
}

# join_wire END: the NIC whose other end is in another machine, at 10.77.0.END.
join_wire() {
    interface=$(nic 3 "$1") || return
    ip address add "10.77.0.$1/24" dev "$interface" && ip link set "$interface" up
}
