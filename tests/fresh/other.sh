#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What a release of Debian decides, on the one of 12 and 13 that this machine is not, in a bare root (chroot.sh):
# that its packages are found, its compilers content, its libraries linked; unit and golden tests; reports by its gnuplot.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck disable=SC2034  # read by common.sh
program=other.sh
# shellcheck source=scripts/common.sh
. "$here/../../scripts/common.sh"

inside() {
    echo force-unsafe-io >/etc/dpkg/dpkg.cfg.d/unsafe-io # it is thrown away
    scripts/deps.sh build run test
    make -s -j"$(nproc)" OUT=build WERROR=1 all tests
    OUT=build tests/run.sh unit golden
    OUT=build tests/run.sh cli build
    OUT=build tests/run.sh cli report
}

case ${1:-} in
--inside)
    inside
    exit
    ;;
'') ;;
*)
    echo "usage: tests/fresh/other.sh: builds and tests on the other Debian; needs root, debootstrap and a mirror"
    [ "$1" = --help ] || exit 2
    exit
    ;;
esac
[ "$EUID" = 0 ] || die 77 "needs root: sudo tests/fresh/other.sh"
suite=trixie
! grep -q '^VERSION_CODENAME=trixie' /etc/os-release || suite=bookworm
root=$(TMPDIR=/var/tmp temporary -d) || exit # some 1.5 GB: too much for a /tmp in memory
trap 'rm -rf --one-file-system "$root"' EXIT
trap 'exit 130' INT TERM
say "Debian $suite"
"$here/chroot.sh" --suite "$suite" "$root" -- tests/fresh/other.sh --inside
