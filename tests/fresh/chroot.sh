#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A bare Debian to try the README on, 12 or another: makes a minbase root (debootstrap, kept as a tarball, so
# later runs start in seconds), copies the work tree into it, and runs a command there. The kernel is
# this machine's. Mounts live in a private mount namespace: they go with the command, however it ends.
set -euo pipefail

readonly MARK=.copyscope-fresh
suite=bookworm
top=$(cd "$(dirname "$0")/../.." && pwd)
tree=/src/copyscope owner=0 reuse=

usage() {
    cat <<END
usage: tests/fresh/chroot.sh [--reuse] [--suite NAME] [--at PATH] [--owner UID] DIR -- COMMAND [ARG...]
Runs COMMAND in the tree in a bare Debian root made in DIR (kept afterwards; delete it with rm -rf).
  --reuse      DIR is a root made by an earlier call: go on in it, copy only the tree anew
  --suite NAME the release, by its code name (default $suite)
  --at PATH    where in that root the tree is put (default $tree)
  --owner UID  whose it is (default 0)
  FRESH_CACHE  where the pristine root is kept (default /var/tmp/copyscope-fresh-SUITE.tar)
END
}

die() {
    echo "chroot.sh: $2" >&2
    exit "$1"
}

# The mirror this machine already uses, so that a local one or a proxy is used in the root, too.
# shellcheck disable=SC2016  # the variables are those of apt-get
mirror() {
    apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 2>/dev/null |
        awk -v suite="$suite" '$2 == suite { print $1; found = 1; exit }
            END { if (!found) print "http://deb.debian.org/debian" }'
}

make_cache() {
    command -v debootstrap >/dev/null ||
        die 77 "debootstrap is not installed: scripts/deps.sh package"
    echo "chroot.sh: making the bare root (once) in $cache" >&2
    work=$(mktemp -d "${TMPDIR:-/tmp}/copyscope-fresh.XXXXXX" 2>/dev/null) ||
        die 1 "cannot write in ${TMPDIR:-/tmp}: set TMPDIR to another directory"
    trap 'rm -rf --one-file-system "$work"' EXIT
    local root=$work/$suite
    debootstrap --variant=minbase "$suite" "$root" "$(mirror)" >"$work/log" 2>&1 || {
        tail -n 20 "$work/log" >&2
        die 1 "debootstrap failed: see the lines above"
    }
    rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*_*
    tar -C "$root" --numeric-owner -cf "$cache.new" .
    mv "$cache.new" "$cache"
    rm -rf --one-file-system "$work"
    trap - EXIT
}

make_root() {
    if [ -e "$dir" ]; then
        [ -e "$dir/$MARK" ] || [ -z "$(ls -A "$dir")" ] ||
            die 2 "$dir exists and was not made by this script: name another directory"
        rm -rf --one-file-system "$dir"
    fi
    mkdir -p "$dir"
    tar -C "$dir" --numeric-owner -xf "$cache"
    touch "$dir/$MARK"
    # What a machine gets from its network and its administrator: names, proxy, updates.
    cat /etc/resolv.conf >"$dir/etc/resolv.conf"
    echo "127.0.0.1 localhost" >"$dir/etc/hosts"
    apt-config dump | grep -E '^Acquire::(https?::|Check-)' >"$dir/etc/apt/apt.conf.d/00host" || true
    echo "deb $(mirror) $suite-updates main" >>"$dir/etc/apt/sources.list"
}

copy_tree() {
    rm -rf --one-file-system "${dir:?}${tree:?}"
    mkdir -p "$dir$tree"
    # A file deleted but not yet committed is still listed: skip it. The tree may be another user's.
    git -c safe.directory='*' -C "$top" ls-files -z --cached --others --exclude-standard |
        (cd "$top" && while IFS= read -r -d '' f; do [ ! -e "$f" ] || printf '%s\0' "$f"; done) |
        tar -C "$top" --null --no-recursion -T - --owner=0 --group=0 -cf - |
        tar -C "$dir$tree" -xf -
    chown -R "$owner:$owner" "$dir$tree"
}

# Runs inside the private mount namespace. The root becomes the namespace's real root, not just a
# chroot: `ip netns exec` changes the propagation of /, which must be a mount for that.
# shellcheck disable=SC2016  # the inner bash expands them
enter() {
    mount --bind "$dir" "$dir"
    mount -t proc proc "$dir/proc"
    mount --rbind /sys "$dir/sys"
    mount --rbind /dev "$dir/dev"
    mount -t tmpfs -o mode=755 tmpfs "$dir/run"
    cd "$dir"
    pivot_root . mnt
    exec env -i HOME=/root TERM="${TERM:-dumb}" ${CI:+CI="$CI"} \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        chroot . /bin/bash -c 'umount -l /mnt && cd "$0" && exec "$@"' "$tree" "$@"
}

if [ "${1:-}" = --inside ]; then
    dir=$2 tree=$3
    shift 3
    enter "$@"
fi
while :; do
    case ${1:-} in
    -h | --help)
        usage
        exit 0
        ;;
    --reuse) reuse=1 ;;
    --at | --owner | --suite)
        [ $# -ge 2 ] || die 2 "$1 needs a value: try --help"
        case $1 in
        --at) tree=$2 ;;
        --owner) owner=$2 ;;
        --suite) suite=$2 ;;
        esac
        shift
        ;;
    *) break ;;
    esac
    shift
done
[[ $tree == /?* && $owner =~ ^[0-9]+$ && $suite =~ ^[a-z]+$ ]] ||
    die 2 "--at wants an absolute path that is not /, --owner a number, --suite a code name"
cache=${FRESH_CACHE:-/var/tmp/copyscope-fresh-$suite.tar}
if [ $# -lt 3 ] || [ "$2" != -- ]; then
    usage >&2
    exit 2
fi
[ "$EUID" = 0 ] || die 77 "needs root: sudo tests/fresh/chroot.sh ..."
dir=$(realpath -m "$1")
[ "$dir" != / ] || die 2 "not the root of this machine: name another directory"
shift 2
if [ -n "$reuse" ]; then
    [ -e "$dir/$MARK" ] || die 2 "$dir is no root of an earlier call: leave --reuse out"
else
    [ -s "$cache" ] || make_cache
    make_root
fi
copy_tree
exec unshare --mount --propagation private -- "$0" --inside "$dir" "$tree" "$@"
