#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Finds out what is missing to build, run or test copyscope, and installs just that. What counts is
# whether the command or header is there, not who put it there; with nothing missing this needs
# neither root nor network.
set -euo pipefail
# shellcheck disable=SC2034  # read by common.sh
program=deps.sh
top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=scripts/common.sh
. "$top/scripts/common.sh"

# Debian starts what serves, now and at each boot: we want the programs only. No other has that habit. A service of
# another name than its package's follows that.
readonly SERVICES="nginx haproxy prometheus openssh-server:ssh"
policy=/usr/sbin/policy-rc.d

# ip and bpftool live where not everybody's PATH looks.
PATH=$PATH:/usr/sbin:/sbin

# A check is
#   cmd:NAME    the command is in PATH
#   run:NAME    ... and `NAME version` works (Ubuntu's bpftool is a wrapper that may hold nothing)
#   hdr:FILE    a system header
#   gcc:FILE    a file gcc finds in its own directories
#   arm:FILE    a header for arm64 programs; the cross compiler only recommends its libc
#   py:MODULE   a module of the system's python
#   font:any    a scalable font, without which plots have no text
# and a|b is the first package that this distribution has.
table() {
    cat <<END
# group check               Debian, Ubuntu     Fedora, RHEL           Arch
build   cmd:gcc             gcc                gcc                    gcc
build   cmd:make            make               make                   make
build   cmd:ld              binutils           binutils               binutils
build   cmd:clang           clang              clang                  clang
build   run:bpftool         bpftool|linux-tools-$kernel|linux-tools-generic  bpftool  bpf
build   hdr:stdio.h         libc6-dev          glibc-devel            glibc
build   hdr:linux/errqueue.h linux-libc-dev    kernel-headers         linux-api-headers
build   hdr:bpf/libbpf.h    libbpf-dev         libbpf-devel           libbpf
build   hdr:libelf.h        libelf-dev         elfutils-libelf-devel  libelf
build   hdr:elfutils/libdw.h libdw-dev         elfutils-devel         libelf
build   hdr:zlib.h          zlib1g-dev         zlib-devel             zlib
build   hdr:jansson.h       libjansson-dev     jansson-devel          jansson
build   hdr:liburing.h      liburing-dev       liburing-devel         liburing
run     cmd:ip              iproute2           iproute                iproute2
run     cmd:gnuplot         gnuplot-nox        gnuplot                gnuplot
run     font:any            fonts-dejavu-core  dejavu-sans-fonts      ttf-dejavu
test    hdr:cmocka.h        libcmocka-dev      libcmocka-devel        cmocka
test    gcc:libasan.so      gcc                libasan                gcc-libs
test    gcc:libubsan.so     gcc                libubsan               gcc-libs
test    cmd:bats            bats               bats                   bash-bats
test    cmd:xmllint         libxml2-utils      libxml2                libxml2
test    cmd:shellcheck      shellcheck         ShellCheck             shellcheck
test    cmd:scdoc           scdoc              scdoc                  scdoc
test    cmd:jq              jq                 jq                     jq
test    cmd:ps              procps             procps-ng              procps-ng
test    cmd:setpriv         util-linux         util-linux             util-linux
test    cmd:script          bsdutils           /usr/bin/script        util-linux
test    cmd:strace          strace             strace                 strace
test    cmd:python3         python3            python3                python
test    py:jsonschema       python3-jsonschema python3-jsonschema     python-jsonschema
test    cmd:ss              iproute2           iproute                iproute2
test    cmd:iperf3          iperf3             iperf3                 iperf3
test    cmd:nginx           nginx              nginx                  nginx
test    cmd:openssl         openssl            openssl                openssl
test    cmd:haproxy         haproxy            haproxy                haproxy
test    cmd:redis-benchmark redis-tools        redis                  valkey
test    cmd:ethtool         ethtool            ethtool                ethtool
test    cmd:sshd            openssh-server     openssh-server         openssh
test    cmd:ssh             openssh-client     openssh-clients        openssh
test    cmd:socat           socat              socat                  socat
test    cmd:prometheus      prometheus         prometheus             prometheus
test    cmd:curl            curl               curl                   curl
browser cmd:chromium        chromium           chromium               chromium
browser cmd:node            nodejs             nodejs                 nodejs
browser cmd:tidy            tidy               tidy                   tidy
vm      cmd:qemu-system-x86_64 qemu-system-x86 qemu-system-x86-core qemu-system-x86
vm      cmd:qemu-system-aarch64 qemu-system-arm qemu-system-aarch64-core qemu-system-aarch64
vm      cmd:aarch64-linux-gnu-gcc  gcc-aarch64-linux-gnu  gcc-aarch64-linux-gnu aarch64-linux-gnu-gcc
vm      arm:stdio.h         libc6-dev-arm64-cross  gcc-aarch64-linux-gnu aarch64-linux-gnu-glibc
vm      cmd:ip              iproute2           iproute                iproute2
vm      cmd:apt-get         apt                apt                    apt
vm      cmd:dpkg-deb        dpkg               dpkg                   dpkg
vm      cmd:cpio            cpio               cpio                   cpio
vm      cmd:depmod          kmod               kmod                   kmod
vm      cmd:xz              xz-utils           xz                     xz
vm      cmd:zstd            zstd               zstd                   zstd
vm      cmd:readelf         binutils           binutils               binutils
vm      cmd:setpriv         util-linux         util-linux             util-linux
vm      cmd:jq              jq                 jq                     jq
vm      cmd:sshd            openssh-server     openssh-server         openssh
vm      cmd:ssh             openssh-client     openssh-clients        openssh
package cmd:debootstrap     debootstrap        debootstrap            debootstrap
package cmd:unshare         util-linux         util-linux             util-linux
package cmd:jq              jq                 jq                     jq
bench   cmd:iperf3          iperf3             iperf3                 iperf3
bench   cmd:perf            linux-perf|linux-tools-generic perf       perf
bench   cmd:bpftrace        bpftrace           bpftrace               bpftrace
bench   cmd:jq              jq                 jq                     jq
bench   cmd:nginx           nginx              nginx                  nginx
bench   cmd:wrk             wrk                wrk                    wrk
bench   cmd:ss              iproute2           iproute                iproute2
bench   cmd:taskset         util-linux         util-linux             util-linux
END
}

usage() {
    cat <<END
usage: scripts/deps.sh [--check] GROUP...
Installs what is missing of the groups build, run, test, browser, vm, package, bench; says what, and touches nothing else.
  --check  only say what is missing; exit 77 if something is
END
}

present() { # CHECK
    local what=${1#*:} dir
    case $1 in
    cmd:*) command -v "$what" >/dev/null ;;
    run:*) command -v "$what" >/dev/null && "$what" version >/dev/null 2>&1 ;;
    gcc:*) [ "$(gcc -print-file-name="$what" 2>/dev/null)" != "$what" ] && command -v gcc >/dev/null ;;
    arm:*) aarch64-linux-gnu-gcc -E -include "$what" -x c /dev/null >/dev/null 2>&1 ;;
    py:*) /usr/bin/python3 -I -c "import $what" >/dev/null 2>&1 ;;
    font:*) [ -n "$(find /usr/share/fonts /usr/local/share/fonts \( -name '*.ttf' -o -name '*.otf' \) \
        -print -quit 2>/dev/null)" ] ;;
    hdr:*)
        for dir in /usr/include "/usr/include/$(uname -m)-linux-gnu" /usr/local/include; do
            [ ! -e "$dir/$what" ] || return 0
        done
        return 1
        ;;
    *) die 1 "unknown check $1: mend the table in scripts/deps.sh" ;;
    esac
}

# The package manager is the column of the table.
package_manager() {
    local pm
    for pm in apt-get dnf pacman; do
        if command -v "$pm" >/dev/null; then
            echo "$pm"
            return
        fi
    done
}

apt_has() { # PACKAGE
    [ -n "$(apt-cache show --no-all-versions "$1" 2>/dev/null)" ]
}

# The first of a|b that apt knows; the first of all when it knows none (its lists may be empty).
first_known() { # ALTERNATIVES
    local name
    if [ "$pm" = apt-get ]; then
        for name in ${1//|/ }; do
            if apt_has "$name"; then
                echo "$name"
                return
            fi
        done
    fi
    echo "${1%%|*}"
}

# Fill missing (packages, each once) from the rows of the groups asked for.
find_missing() {
    local group check apt dnf pacman column name
    missing=()
    while read -r group check apt dnf pacman; do
        [[ " ${groups[*]} " == *" $group "* ]] || continue
        ! present "$check" || continue
        case $pm in
        dnf) column=$dnf ;;
        pacman) column=$pacman ;;
        *) column=$apt ;;
        esac
        name=$(first_known "$column")
        [[ " ${missing[*]} " == *" $name "* ]] || missing+=("$name")
    done < <(table)
}

install_command() {
    case $pm in
    apt-get) command=(env DEBIAN_FRONTEND=noninteractive apt-get install -y
        --no-install-recommends) ;;
    dnf) command=(dnf install -y --setopt=install_weak_deps=False) ;;
    pacman) command=(pacman -S --needed --noconfirm) ;;
    esac
    command+=("${missing[@]}")
}

apt_knows_all() {
    local name
    for name in "${missing[@]}"; do apt_has "$name" || return; done
}

# Package lists are fetched only when they cannot name what we want, or named what is gone. apt-get is
# content when no mirror answers; we are, too, where only one fails that has nothing we want.
refresh_apt() {
    local status=0
    say "fetching the package lists (apt-get update)"
    LC_ALL=C apt-get update >"$log" 2>&1 || status=$?
    find_missing
    install_command
    if [ $status != 0 ] || { grep -q '^Err:' "$log" && ! apt_knows_all; }; then
        { grep -E '^(Err:|E: |W: )' "$log" || cat "$log"; } | tail -n 5 >&2
        die 1 "apt-get update failed: check the network and /etc/apt/sources.list"
    fi
}

# The services in SERVICES whose package is about to be installed.
new_services() {
    local name
    for name in $SERVICES; do
        [[ " ${missing[*]} " != *" ${name%:*} "* ]] || printf '%s ' "${name#*:}"
    done
    echo
}

# Debian's packages ask this file before they start a service; a machine that has one has its own mind.
forbid_start() { # SERVICE...
    [ $# -gt 0 ] && [ "$pm" = apt-get ] && [ ! -e "$policy" ] || return 0
    trap 'rm -f "$log" "$policy"' EXIT
    cat >"$policy" <<END
#!/bin/sh
# Of scripts/deps.sh, while it installs.
case " $* " in *" \${1%.service} "*) exit 101 ;; esac
END
    chmod 755 "$policy"
}

not_at_boot() { # SERVICE...
    local name
    [ "$pm" = apt-get ] || return 0
    for name; do
        update-rc.d "$name" disable >/dev/null 2>&1 || say "$name may be started at the next boot"
    done
}

install_missing() {
    local known=1
    if [ "$pm" = apt-get ] && ! apt_knows_all; then
        known=0
        refresh_apt
    fi
    say "installing ${missing[*]}"
    if ! "${command[@]}" >"$log" 2>&1 </dev/null; then
        if [ "$pm" = apt-get ] && [ $known = 1 ]; then
            refresh_apt
            ! "${command[@]}" >"$log" 2>&1 </dev/null || return 0
        fi
        tail -n 10 "$log" >&2
        die 1 "the installation failed: mend the cause above, or run yourself: ${command[*]}"
    fi
}

check=
groups=()
for arg; do
    case $arg in
    -h | --help)
        usage
        exit 0
        ;;
    --check) check=1 ;;
    build | run | test | browser | vm | package | bench) groups+=("$arg") ;;
    *) die 2 "unknown argument '$arg': try scripts/deps.sh --help" ;;
    esac
done
[ ${#groups[@]} -gt 0 ] || {
    usage >&2
    exit 2
}

kernel=$(uname -r)
pm=$(package_manager)
find_missing
[ ${#missing[@]} -gt 0 ] || exit 0
[ -n "$pm" ] || die 77 "missing, and no apt-get, dnf or pacman here to install it: ${missing[*]}" \
    "(Debian's names; install what your distribution calls them)"
install_command
[ -z "$check" ] || die 77 "missing: ${missing[*]}; install with: sudo ${command[*]}"
[ "$EUID" = 0 ] || die 77 "missing, and installing needs root: sudo ${command[*]}"

log=$(temporary)
trap 'rm -f "$log"' EXIT
read -ra services < <(new_services)
forbid_start "${services[@]}"
install_missing
not_at_boot "${services[@]}"
find_missing
[ ${#missing[@]} = 0 ] || die 1 "installed, but still not found: ${missing[*]};" \
    "see the checks in scripts/deps.sh"
