#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Brings a kernel of the table, and what its guest needs beside our programs, into the cache. Packages
# come from the Debian mirror by apt with a state directory of its own: nothing is installed, no root.
#
#   kernels/NAME/{vmlinuz,version,packages,release,lib/modules/VERSION/}
#   sysroot/SUITE-ARCH/   busybox; for a foreign architecture our libraries, headers and iproute2, too; and
#                         what was asked for (wanted)
set -euo pipefail
# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

readonly KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
readonly NATIVE_PACKAGES=(busybox-static)
readonly FOREIGN_PACKAGES=(busybox-static iproute2 util-linux libbpf-dev libelf-dev libdw-dev zlib1g-dev
    libjansson-dev liburing-dev libbz2-dev)
# The cross compiler has its own; a second libc.so (a linker script with absolute paths) misleads it.
readonly CROSS_HAS='^(libc6-dev|libc-dev-bin|linux-libc-dev|libcrypt-dev|libnsl-dev|rpcsvc-proto)$'

usage() {
    cat <<END_USAGE
usage: tests/vm/fetch.sh [--update] NAME...
       tests/vm/fetch.sh --sysroot ARCH
Fetches kernels of tests/vm/kernels.tsv, or only the libraries of an architecture, into $cache unless they are there.
  --update  look for newer packages, too
END_USAGE
}

# The mirror this machine already uses; the archive's own on other distributions.
# shellcheck disable=SC2016  # the variables are those of apt-get
mirror() { # ORIGIN DEFAULT
    apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 2>/dev/null |
        awk -v origin="$1" -v default_uri="$2" '
            tolower($1) == tolower(origin) { print $2; found = 1; exit }
            END { if (!found) print default_uri }'
}

# Sets apt (options of a private apt) for packages of a suite and architecture.
private_apt() { # SUITE[,SUITE...] ARCH
    local state=$cache/apt/$1-$2 debian security one
    debian=$(mirror Debian http://deb.debian.org/debian)
    security=$(mirror Debian http://deb.debian.org/debian-security | sed 's|/debian/*$|/debian-security|')
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/none"
    for one in ${1//,/ }; do
        case $one in
        *-security) echo "deb [signed-by=$KEYRING] $security $one main" ;;
        *) echo "deb [signed-by=$KEYRING] $debian $one main" ;;
        esac
    done >"$state/sources.list"
    : >"$state/status"
    apt=("-oDir::Etc::sourcelist=$state/sources.list" "-oDir::Etc::sourceparts=$state/none"
        -oDir::Etc::preferences=none "-oDir::Etc::preferencesparts=$state/none" "-oDir::State=$state" "-oDir::State::Lists=$state/lists"
        "-oDir::State::status=$state/status" "-oDir::Cache=$state/cache" -oDebug::NoLocking=1
        "-oAPT::Architecture=$2" "-oAPT::Architectures=$2" -oAcquire::Languages=none
        -oAPT::Sandbox::User=)
    # Old lists name packages that the mirror no longer has.
    if [ -z "$(find "$state/fetched" -mmin -720 2>/dev/null)" ] || [ -n "$update" ]; then
        say "fetching the package lists of $1 ($2)"
        # apt-get calls it a success when an archive could not be reached.
        if ! apt-get "${apt[@]}" update >"$state/log" 2>&1 || grep -q '^Err:' "$state/log"; then
            tail -n 3 "$state/log" >&2
            skip "no Debian mirror at hand ($debian): check the network"
        fi
        touch "$state/fetched"
    fi
}

# The packages' files under a directory; apt resolves the names and checks signatures and sums.
download() { # DIRECTORY PACKAGE...
    local work=$1/.download deb
    shift
    mkdir -p "$work"
    (cd "$work" && apt-get "${apt[@]}" download "$@" >log 2>&1) || {
        tail -n 3 "$work/log" >&2
        skip "cannot download $*: try tests/vm/fetch.sh --update"
    }
    for deb in "$work"/*.deb; do
        # shellcheck disable=SC2016  # the variables are those of dpkg-deb
        dpkg-deb --showformat '${Package} ${Version}\n' --show "$deb" >>"$work/../packages"
        dpkg -x "$deb" "$work/.."
    done
    rm -rf "$work"
}

# The packages and all that they depend on: an empty status file says that nothing is installed.
with_dependencies() { # PACKAGE...
    apt-get "${apt[@]}" install --simulate --no-install-recommends "$@" |
        sed -n 's/^Inst \([^ ]*\).*/\1/p' | grep -vE "$CROSS_HAS"
}

# Recent packages are split: the image only depends on linux-binary-* and linux-modules-*. One in <> is no
# longer in the archive.
parts_of() { # PACKAGE
    apt-cache "${apt[@]}" depends "$1" |
        sed -nE 's/^  Depends: (<?linux-(binary|modules)-.*)/\1/p'
}

# Signed images stay in a backports archive longer than their modules.
newest_complete_package() {
    local package
    for package in $(apt-cache "${apt[@]}" search --names-only '^linux-image-' | awk '{ print $1 }' |
        grep -E -- "$pattern" | sort -rV); do
        [[ $(parts_of "$package") == *'<'* ]] || { echo "$package"; return; }
    done
}

fetch_kernel() { # NAME
    local dir package release new same vmlinuz
    read_row "$1"
    dir=$cache/kernels/$name
    [ ! -e "$dir/packages" ] || [ -n "$update" ] || return 0
    private_apt "$suites" "$(deb_arch "$arch")"
    package=$(newest_complete_package)
    [ -n "$package" ] || skip "no complete package in $suites matches $pattern: mend tests/vm/kernels.tsv"
    ! grep -q "^$package " "$dir/packages" 2>/dev/null || return 0
    new=$dir.new.$$
    same=$(grep -l "^$package " "$cache"/kernels/*/packages 2>/dev/null | head -n 1 || true)
    if [ -n "$same" ]; then # of another row
        rm -rf "$dir" "$new" && cp -al "${same%/packages}" "$new" && mv "$new" "$dir"
        return
    fi
    say "fetching $package"
    rm -rf "$new" && mkdir -p "$new"
    # shellcheck disable=SC2046  # package names
    download "$new" "$package" $(parts_of "$package")
    sort -o "$new/packages" "$new/packages"
    release=${package#linux-image-}
    [ ! -d "$new/usr/lib/modules" ] || { mkdir -p "$new/lib" && mv "$new/usr/lib/modules" "$new/lib/"; }
    vmlinuz=$(find "$new/boot" "$new/lib/modules" -name 'vmlinuz*' -print -quit 2>/dev/null || true)
    if [ -z "$vmlinuz" ] || [ ! -d "$new/lib/modules/$release/kernel" ]; then
        paste -sd, "$new/packages" >&2
        die 1 "no kernel or no modules in these: teach parts_of() in tests/vm/fetch.sh"
    fi
    mv "$vmlinuz" "$new/vmlinuz"
    rm -rf "${new:?}/boot" "${new:?}/usr"
    depmod -b "$new" "$release" 2>/dev/null
    echo "$release" >"$new/release"
    rm -rf "$dir" && mv "$new" "$dir"
}

fetch_sysroot() { # ARCH
    local dir codename wanted packages new
    codename=$(sysroot_suite)
    dir=$cache/sysroot/$codename-$1
    wanted=("${NATIVE_PACKAGES[@]}")
    native "$1" || wanted=("${FOREIGN_PACKAGES[@]}")
    [ ! -e "$dir/packages" ] || [ "${wanted[*]}" != "$(cat "$dir/wanted" 2>/dev/null)" ] || return 0
    private_apt "$codename,$codename-security" "$(deb_arch "$1")"
    packages=("${wanted[@]}")
    # shellcheck disable=SC2207  # package names
    native "$1" || packages=($(with_dependencies "${wanted[@]}"))
    say "fetching ${#packages[@]} packages for the guests ($1)"
    new=$dir.new.$$
    rm -rf "$new" && mkdir -p "$new"
    download "$new" "${packages[@]}"
    echo "${wanted[*]}" >"$new/wanted"
    rm -rf "$dir" && mv "$new" "$dir"
}

update=
sysroot=
names=()
for arg; do
    case $arg in
    -h | --help)
        usage
        exit 0
        ;;
    --update) update=1 ;;
    --sysroot) sysroot=1 ;;
    -*)
        usage >&2
        exit 2
        ;;
    *) names+=("$arg") ;;
    esac
done
[ ${#names[@]} -gt 0 ] || {
    usage >&2
    exit 2
}

need_commands apt-get dpkg-deb depmod
[ -e $KEYRING ] || skip "no $KEYRING: install debian-archive-keyring"
mkdir -p "$cache"
# Two matrices at once would fetch twice and move over each other.
exec 9>"$cache/lock"
flock 9
for kernel in "${names[@]}"; do
    if [ -n "$sysroot" ]; then
        fetch_sysroot "$kernel"
        continue
    fi
    fetch_kernel "$kernel"
    fetch_sysroot "$arch"
done
