#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The README where people try it: in root's home, which is closed to others, in a user's home with
# sudo, in a path with a blank, in a checkout of another user. In each the one command makes a report
# and the workload runs by hand; what sudo's user owns stays theirs, and the programs are the same,
# byte by byte. Half a minute of building a place; after `--` another command, such as ./scripts/test.sh.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

usage() {
    cat <<END
usage: tests/fresh/places.sh DIR [-- COMMAND [ARG...]]
Runs the README's commands, or COMMAND, in several places of a bare root in DIR (see chroot.sh).
END
}

# owner, mode of the directory above, who calls (root, or owner with sudo), the tree
places() {
    cat <<END
0 700 root $(printf %s /root)/copyscope
1000 700 sudo /srv/ann/copyscope
0 755 root /srv/a tree/copy scope
4321 755 root /srv/foreign/copyscope
END
}

# Run inside, in the tree, by root.
readme() {
    ./profile.sh --mode A3 --size 64K --threads 2 --duration 0.1 --repeat 1 --quiet
    [ -s reports/latest/index.html ]
    ./server 2 65536 2 2>/dev/null &
    ./client 127.0.0.1 65536 4 1 | grep -E '^[1-9][0-9]*,[0-9.]+$'
    wait
    [ -z "${SUDO_UID:-}" ] || [ -z "$(find . ! -uid "$SUDO_UID")" ]
    sha256sum build/copyscope build/copyscope.bpf.o build/server build/client >"/sums.$place"
    cmp /sums.1 "/sums.$place"
}

case ${1:-} in
-h | --help)
    usage
    exit 0
    ;;
'' | -*)
    usage >&2
    exit 2
    ;;
esac
dir=$1
shift
[ "${1:-}" != -- ] || shift
[ $# -gt 0 ] || set -- readme

failed=0 place=0
reuse=()
[ ! -e "$dir/.copyscope-fresh" ] || reuse=(--reuse)
while read -r owner mode caller tree <&3; do
    place=$((place + 1))
    sudo=()
    [ "$caller" = root ] || sudo=("SUDO_UID=$owner" "SUDO_GID=$owner")
    echo "== $tree (of $owner, in a directory of mode $mode), as $caller"
    timeout 1800 "$here/chroot.sh" "${reuse[@]}" --at "$tree" --owner "$owner" "$dir" -- \
        env "place=$place" "${sudo[@]}" bash -c "set -e; $(declare -f readme)
            chown $owner .. && chmod $mode .."'; "$@"' bash "$@" 3<&- || failed=1
    [ $failed = 0 ] || echo "places.sh: failed in $tree" >&2
    reuse=(--reuse)
done 3< <(places)
exit $failed
