#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The Debian package, in bare roots of each release (chroot.sh): built without a network, twice, in two
# directories, to the same bytes; lintian; in a second root, in which nothing was built, installed, run
# and purged, after which no file is there that was not before. By hand: it needs a mirror and minutes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
# shellcheck disable=SC2034  # read by common.sh
program=package.sh
# shellcheck source=scripts/common.sh
. "$top/scripts/common.sh"
readonly DEBS=/srv/debs
failed=0

usage() {
    cat <<END
usage: tests/fresh/package.sh [--nocheck] DIR [RELEASE...]
Builds, checks, installs and purges the package in roots made in DIR; releases: bookworm trixie.
  --nocheck  build without the unit tests, in a fraction of the time
The packages stay in DIR/RELEASE-build$DEBS. Needs root, debootstrap and a Debian mirror.
END
}

# step NAME COMMAND...: its words only if it fails, and the next step is taken all the same.
step() {
    local name=$1 start=$SECONDS status
    shift
    set +e # not `|| status=$?`, in which no command of a function would end it
    (set -e && "$@") >/tmp/step.log 2>&1
    status=$?
    set -e
    if [ $status = 0 ]; then
        printf 'ok      %-52s %4d s\n' "$name" $((SECONDS - start))
    else
        printf 'FAILED  %-52s exit status %d\n' "$name" $status
        tail -n 40 /tmp/step.log | sed 's/^/  | /'
        failed=1
    fi
}

# Roots that are thrown away need no fsync().
prepare() { # PACKAGE...
    export DEBIAN_FRONTEND=noninteractive
    echo force-unsafe-io >/etc/dpkg/dpkg.cfg.d/unsafe-io
    apt-get update
    [ $# = 0 ] || apt-get install -y --no-install-recommends "$@"
}

build_dependencies() {
    prepare build-essential iproute2 lintian
    apt-get build-dep -y --no-install-recommends ./
}

# build_in DIR: the package of a copy of the tree, without a network.
build_in() {
    mkdir -p "$1/copyscope"
    cp -r . "$1/copyscope/"
    cd "$1/copyscope"
    unshare --net sh -c 'ip link set lo up && exec dpkg-buildpackage -us -uc -b'
}

same_bytes() {
    local deb
    mkdir -p $DEBS
    cp /srv/one/*.deb $DEBS/
    [ "$(ls $DEBS)" = "$(cd /srv/two/places && ls -- *.deb)" ]
    for deb in "$DEBS"/*.deb; do cmp "$deb" "/srv/two/places/${deb##*/}"; done
}

inside_build() {
    step "build dependencies" build_dependencies
    step "dpkg-buildpackage, offline${DEB_BUILD_OPTIONS:+, $DEB_BUILD_OPTIONS}" build_in /srv/one
    step "again, elsewhere, with other settings" env DEB_BUILD_OPTIONS=nocheck TZ=Asia/Tokyo LC_ALL=C.UTF-8 \
        bash -c "set -e; umask 027; $(declare -f build_in); build_in /srv/two/places"
    step "the same bytes" same_bytes
    step lintian lintian --allow-root --fail-on error,warning /srv/one/copyscope_*.changes
}

installed_files() {
    find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /src -o -path /srv \
        -o -path /var/cache -o -path /var/log -o -path /var/lib/apt -o -name '*-old' \) -prune -o -print | sort
}

runs() {
    local status=0
    debian/tests/smoke
    copyscope check || status=$?
    [ $status = 0 ] || [ $status = 77 ]
    status=0
    debian/tests/attach || status=$?
    [ $status = 0 ] || [ $status = 77 ]
    [ -z "$(find /etc/systemd -name 'copyscope*')" ] # installed, and not enabled
}

inside_install() {
    step "package lists" prepare jq
    installed_files >/tmp/before
    step install apt-get install -y --no-install-recommends $DEBS/copyscope_*.deb
    installed_files >/tmp/installed
    step "it runs" runs
    step purge apt-get purge -y --autoremove copyscope
    installed_files >/tmp/after
    step "nothing is left" diff /tmp/before /tmp/after
    say "$(comm -13 /tmp/before /tmp/installed | grep -c copyscope) files and directories of the package while it was there"
}

one_release() { # RELEASE
    local install=$dir/$1-install
    echo "== $1"
    "$here/chroot.sh" --suite "$1" "$dir/$1-build" -- \
        env ${nocheck:+DEB_BUILD_OPTIONS=nocheck} tests/fresh/package.sh --inside-build || failed=1
    "$here/chroot.sh" --suite "$1" "$install" -- true
    mkdir -p "$install$DEBS"
    cp "$dir/$1-build$DEBS"/*.deb "$install$DEBS/" || failed=1
    "$here/chroot.sh" --reuse --suite "$1" "$install" -- tests/fresh/package.sh --inside-install || failed=1
}

nocheck=
if [ "${1:-}" = --nocheck ]; then
    nocheck=1
    shift
fi
case ${1:-} in
-h | --help)
    usage
    exit 0
    ;;
--inside-build | --inside-install)
    "inside_${1#--inside-}"
    exit $failed
    ;;
'' | -*)
    usage >&2
    exit 2
    ;;
esac
dir=$1
shift
[ $# -gt 0 ] || set -- bookworm trixie
for release; do one_release "$release"; done
exit $failed
