#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Boots a kernel of the table in QEMU (software emulation will do) with the current programs, runs one
# command or the guest tests in it, and brings back what they wrote to /out.
set -euo pipefail
# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

readonly WIRE_PEER=10.77.0.2 # the machine at the other end of a wire: guest/peer.sh
# What a guest may need; whatever the kernel has built in or lacks is passed over.
readonly MODULES=(virtio_pci virtio_console virtio_net e1000e veth af_packet bridge
    tcp_cubic tcp_bbr sch_fq sch_fq_codel sch_netem tls gcm ctr ghash_generic 9pnet_virtio 9p)

usage() {
    cat <<END_USAGE
usage: tests/vm/boot.sh [--out DIR] NAME -- COMMAND [ARG...]
       tests/vm/boot.sh [--out DIR] NAME --tests [TEST...]
Boots kernel NAME of tests/vm/kernels.tsv and runs COMMAND (one argument: a line for sh) in it; exits
with its status. The programs are in PATH, the working directory is /out, which is copied to DIR.
  --out DIR    keep console, dmesg and /out there (default: OUT/vm/NAME)
  --no-build   take the programs as they are
  --tests      run tests/vm/guest/*.sh, or those named
  TIMEOUT=120  seconds of CPU time until the guest is given up; four times as many by the clock
  OUT=build    where the programs are
  APPEND=...   more of the kernel's command line, as in APPEND=lockdown=confidentiality
  VM_CLOCK=host|virtual   the guest's clock, instead of what tests/vm/kernels.tsv says
END_USAGE
}

# ---- the initramfs -------------------------------------------------------------------------------
library_path() { # NAME
    local dir
    for dir in "$sysroot"/{usr/lib,lib}/"$triplet" "$sysroot"/{lib64,usr/lib64,lib,usr/lib}; do
        [ ! -e "$dir/$1" ] || { readlink -f "$dir/$1"; return; }
    done
    die 1 "no $1 in ${sysroot:-/}: delete $cache/sysroot and run again"
}

needed_by() { # FILE...
    readelf -Wd "$@" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
    readelf -Wl "$@" 2>/dev/null | sed -n 's/.*interpreter: \(.*\)\]/\1/p' | sed 's|.*/||'
}

# Copies the libraries that programs in $root need, and those these need. libgcc_s is what
# pthread_cancel and the unwinder open by name.
add_libraries() { # FILE...
    local name from queue=("$@") more
    mkdir -p "$root/lib"
    [ -e "$root/lib64" ] || ln -s lib "$root/lib64"
    while [ ${#queue[@]} -gt 0 ]; do
        more=()
        for name in $(needed_by "${queue[@]}" | sort -u); do
            [ ! -e "$root/lib/$name" ] || continue
            from=$(library_path "$name")
            cp "$from" "$root/lib/$name"
            more+=("$from")
        done
        queue=("${more[@]}")
    done
}

add_modules() { # the kernel's modules in the order of their dependencies, decompressed
    local module path
    mkdir -p "$root/lib/modules"
    : >"$root/lib/modules.order"
    for module in "${MODULES[@]}"; do
        modprobe -d "$kernel" -S "$release" --show-depends "$module" 2>/dev/null || true
    done | awk '$1 == "insmod" && !seen[$2]++' | while read -r _ path _; do
        module=$(basename "$path")
        case $path in
        *.xz) xz -dc "$path" ;;
        *.zst) zstd -dcq "$path" ;;
        *) cat "$path" ;;
        esac >"$root/lib/modules/${module%%.ko*}.ko"
        echo "${module%%.ko*}.ko" >>"$root/lib/modules.order"
    done
}

archive() { # FILE
    (cd "$root" && find . -mindepth 1 | sort | cpio -o -H newc -R 0:0 --quiet) >"$1.$$"
    mv "$1.$$" "$1"
}

# Busybox, ip, setpriv, modules: the same until the kernel is fetched anew or this script changes.
make_base() { # FILE
    local program file
    root=$work/base
    mkdir -p "$root"/{bin,sbin,usr/sbin,usr/bin,proc,sys,dev,tmp,run,root,etc,out,var}
    cp "$busybox" "$root/bin/busybox"
    ln -s busybox "$root/bin/sh"
    ln -sf /run "$root/var/run"
    echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
    echo 'root:x:0:' >"$root/etc/group"
    for program in ip setpriv; do
        # In this order: /sbin/ip is an absolute link, which in a sysroot leads out of it.
        for file in "$sysroot"/{usr/bin,bin,usr/sbin,sbin}/$program; do
            [ ! -x "$file" ] || { cp "$(readlink -f "$file")" "$root/usr/sbin/$program"; break; }
        done
        [ -x "$root/usr/sbin/$program" ] || skip "$program is not installed: scripts/deps.sh vm"
    done
    add_libraries "$root/usr/sbin/ip" "$root/usr/sbin/setpriv"
    add_modules
    archive "$1"
}

# The machine at the other end of a wire is reached by ssh. Both know the keys that were made for this run.
add_ssh() {
    local program
    mkdir -p "$root"/{etc/ssh,root/.ssh,usr/lib/openssh}
    for program in "$(command -v ssh)" "$(command -v sshd)" /usr/lib/openssh/sshd-{session,auth}; do
        [ ! -x "$program" ] || cp "$program" "$root/${program#/}"
    done
    add_libraries "$root"/usr/bin/ssh "$root"/usr/sbin/sshd "$root"/usr/lib/openssh/* # the last of newer releases
    cp "$wire/host" "$root/etc/ssh/ssh_host_ed25519_key"
    cp "$wire/user" "$root/root/.ssh/id_ed25519"
    cp "$wire/user.pub" "$root/root/.ssh/authorized_keys"
    echo "$WIRE_PEER,[$WIRE_PEER]:2222 $(cut -d ' ' -f 1,2 "$wire/host.pub")" >"$root/root/.ssh/known_hosts"
    printf 'Host plain\nHostName %s\nPort 2222\n' "$WIRE_PEER" >"$root/root/.ssh/config"
    chmod 600 "$root"/etc/ssh/* "$root"/root/.ssh/*
    printf 'root:x:0:0:root:/root:/bin/sh\nsshd:x:100:100::/run/sshd:/bin/false\n' >"$root/etc/passwd"
}

make_wire() {
    need_commands ssh sshd ssh-keygen
    wire=$work/wire
    mkdir "$wire"
    ssh-keygen -q -t ed25519 -N '' -C host -f "$wire/host"
    ssh-keygen -q -t ed25519 -N '' -C user -f "$wire/user"
}

# Our programs, the tests and the job.
make_overlay() { # FILE
    local program
    root=$work/overlay
    mkdir -p "$root"/{usr/bin,usr/sbin,tests,job,lib}
    ln -s lib "$root/lib64"
    [ -z "$wire" ] || add_ssh
    for program in copyscope server client; do
        "${strip[@]}" --strip-debug -o "$root/usr/bin/$program" "$programs/$program"
    done
    for program in "$programs"/vm-helpers/*; do
        [ ! -x "$program" ] || cp "$program" "$root/usr/bin/"
    done
    add_libraries "$root"/usr/bin/{copyscope,server,client}
    install -m 755 "$vm/guest/init" "$root/init"
    cp "$vm"/guest/*.sh "$vm/guest/run-all" "$root/tests/"
    printf 'KERNEL_NAME=%s\nKERNEL_TIERS=%s\nKERNEL_NICS=%s\n' "$name" "$tiers" "$nics" \
        >"$root/job/environment"
    # Where this machine's files are of use there: the tree, and what is built of it.
    ! native "$arch" || printf 'HOST_TOP=%q\nHOST_OUT=%q\n' "$top" "$OUT" >>"$root/job/environment"
    if [ -n "$run_tests" ]; then
        echo "${job[*]}" >"$root/job/tests"
    else
        # shellcheck disable=SC2016
        {
            echo '. /tests/lib.sh'
            if [ ${#job[@]} = 1 ]; then echo "${job[0]}"; else printf '%q ' "${job[@]}"; fi
        } >"$root/job/command"
    fi
    archive "$1"
}

# ---- QEMU ----------------------------------------------------------------------------------------
# Two NICs of a kind, joined by a hub; tests find them by their address 52:54:00:00:PAIR:NUMBER.
# virtio is the NIC that can do nothing: no checksum, no scatter-gather, no segmentation.
add_nics() {
    local nic pair=0 number device
    [ -z "$wire" ] || add_wire
    for nic in ${nics//,/ }; do
        case $nic in
        wire:*) continue ;;
        e1000e) device=e1000e pair=1 ;;
        virtio) device=virtio-net-pci,csum=off,gso=off,guest_csum=off,guest_tso4=off pair=2
            device+=,guest_tso6=off,guest_ecn=off,guest_ufo=off,host_tso4=off,host_tso6=off
            device+=,host_ecn=off,host_ufo=off ;;
        *) die 2 "unknown NIC '$nic' in tests/vm/kernels.tsv: teach tests/vm/boot.sh" ;;
        esac
        for number in 1 2; do
            qemu+=(-netdev "hubport,hubid=$pair,id=net$pair$number" -device
                "${device%%,*},netdev=net$pair$number,mac=52:54:00:00:0$pair:0$number,romfile=$(
                )${device#"${device%%,*}"}")
        done
    done
}

# An e1000e, pair 3, which is joined to that of the other guest: WIRE_END is which of the two this one is.
add_wire() {
    local from=$WIRE_END to=$((3 - WIRE_END))
    qemu+=(-netdev "dgram,id=wire,local.type=unix,local.path=$wire/$from,remote.type=unix,remote.path=$wire/$to"
        -device "e1000e,netdev=wire,mac=52:54:00:00:03:0$from,romfile=")
}

# The guest at the other end lives as long as this one.
start_peer() { # KERNEL
    WIRE=$wire WIRE_END=2 TIMEOUT=$limit "$vm/boot.sh" --no-build --out "$out/peer" "$1" -- sh /tests/peer.sh \
        >"$out/peer.log" 2>&1 &
}

add_port() { # NAME
    qemu+=(-chardev "file,id=$1,path=$out/$1" -device "virtserialport,chardev=$1,name=copyscope.$1")
}

qemu_command() {
    local console=ttyS0 machine=q35 cpu=max
    if [ "$arch" = arm64 ]; then
        # Pointer authentication is what emulation spends most of its time on.
        console=ttyAMA0 machine=virt cpu=max,pauth=off
    fi
    # One thread for all virtual CPUs: with several, QEMU before 8.1 may run code that another CPU has
    # just patched (static keys, fentry), and the guest dies of "Oops: int3" or misses a probe.
    qemu=("$emulator" -M "$machine" -accel "${VM_ACCEL:-tcg,thread=single}" -cpu "$cpu" -m 2G -smp 2
        -nodefaults -no-user-config -no-reboot -display none -chardev "file,id=console,path=$out/console"
        -serial chardev:console -kernel "$kernel/vmlinuz" -initrd "$work/initrd"
        -append "console=$console quiet panic=-1 mitigations=off ${APPEND:-}" -device virtio-serial-pci)
    # 4 ns an instruction, the speed of emulation on a free CPU. What the guest waits for takes no time here,
    # and no load of this machine makes it run into a time-out; emulation costs a quarter more.
    [ -n "${VM_ACCEL:-}$wire" ] || [ "$clock" = only-host ] || [ "${VM_CLOCK:-$clock}" != virtual ] || qemu+=(-icount "shift=2,sleep=off")
    # This machine's programs, for tests that are of those.
    if native "$arch"; then
        qemu+=(-virtfs "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap")
    fi
    add_port out
    add_port err
    add_port result
    add_nics
}

# Shows what the command says while it says it.
run_guest() {
    local pid followers=()
    : >"$out/out" && : >"$out/err"
    # What else runs here must not decide whether a guest is late: the limit is CPU time. One that hangs and
    # uses none is given up by the clock.
    (
        ulimit -S -t "$limit"
        exec nice -n "${VM_NICE:-0}" timeout -k 5 $((4 * limit)) "${qemu[@]}"
    ) >"$out/qemu.log" 2>&1 </dev/null &
    pid=$!
    tail -n +1 -s 0.1 -f --pid=$pid "$out/out" &
    followers+=($!)
    tail -n +1 -s 0.1 -f --pid=$pid "$out/err" >&2 &
    followers+=($!)
    guest_status=0
    # give_up says it in our words, not bash's
    { wait $pid || guest_status=$?; } 2>/dev/null
    wait "${followers[@]}" || true
}

give_up() { # REASON
    say "$name: $1; the end of its console:"
    tail -n 25 "$out/console" "$out/qemu.log" >&2
    exit 1
}

# ---- main ----------------------------------------------------------------------------------------
out=
limit=${TIMEOUT:-120}
kernel_name=
build=1
run_tests=
job=()
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help)
        usage
        exit 0
        ;;
    --out)
        out=${2:?}
        shift
        ;;
    --no-build) build= ;;
    --tests)
        run_tests=1
        shift
        job=("$@")
        break
        ;;
    --)
        shift
        job=("$@")
        break
        ;;
    -*)
        usage >&2
        exit 2
        ;;
    *) kernel_name=$1 ;;
    esac
    shift
done
{ [ -n "$kernel_name" ] && [ -n "$run_tests${job[*]}" ]; } || {
    usage >&2
    exit 2
}

read_row "$kernel_name"
triplet=$(gnu_arch "$arch")-linux-gnu
emulator=qemu-system-$(gnu_arch "$arch")
need_commands "$emulator" cpio readelf modprobe xz
OUT=$(realpath -m "${OUT:-$top/build}")
export OUT
"$vm/fetch.sh" "$name"
programs=$OUT sysroot='' strip=(strip)
native "$arch" || programs=$OUT/vm/$arch sysroot=$cache/sysroot/$(sysroot_suite)-$arch strip=("$triplet-strip")
busybox=$cache/sysroot/$(sysroot_suite)-$arch/bin/busybox
[ -z "$build" ] || "$vm/build.sh" "$arch" >/dev/null

kernel=$cache/kernels/$name
release=$(cat "$kernel/release")
out=${out:-$OUT/vm/$name}
mkdir -p "$out"
out=$(realpath "$out")
work=$(mktemp -d 2>/dev/null) || die 1 "cannot write in ${TMPDIR:-/tmp}: set TMPDIR"
# shellcheck disable=SC2046  # process ids
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
wire=${WIRE:-}
WIRE_END=${WIRE_END:-1}
peer=$(tr ',' '\n' <<<"$nics" | sed -n 's/^wire://p')
[ -z "$peer" ] || make_wire
base=$OUT/vm/base-$name.cpio
if [ "$vm/boot.sh" -nt "$base" ] || [ "$kernel/packages" -nt "$base" ]; then make_base "$base"; fi
make_overlay "$work/overlay.cpio"
cat "$base" "$work/overlay.cpio" >"$work/initrd"

rm -rf "$out/guest"
echo 130 >"$out/verdict"
qemu_command
[ -z "$peer" ] || start_peer "$peer"
run_guest
rm -rf "$work/unpacked" && mkdir -p "$work/unpacked"
tar -xf "$out/result" -C "$work/unpacked" 2>/dev/null || true
[ ! -d "$work/unpacked/out" ] || mv "$work/unpacked/out" "$out/guest"
case $guest_status in
0) ;;
124 | 137) give_up "no answer after $((4 * limit)) s" ;;
152) give_up "no answer after $limit s of CPU time" ;;
*) give_up "$emulator failed with status $guest_status" ;;
esac
[ -s "$work/unpacked/verdict" ] || give_up "the guest died without a verdict"
cp "$work/unpacked/verdict" "$out/verdict"
exit "$(cat "$out/verdict")"
