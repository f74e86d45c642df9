#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The source as a tarball: what git tracks or, without git, what .gitignore does not name. From the same files the
# same bytes, whoever makes it, from a checkout or from such a tarball: names in order, owner root, modes and
# the date of debian/changelog.
set -euo pipefail
# shellcheck disable=SC2034  # read by common.sh
program=dist.sh
top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=scripts/common.sh
. "$top/scripts/common.sh"

out=${1:?usage: scripts/dist.sh DIR/NAME.tar.gz}
out=$(realpath -m "$out")
name=$(basename "$out" .tar.gz)
cd "$top"

# The tree may be another user's; a file that is deleted but not yet committed is still listed.
files() {
    if [ -e .git ]; then
        git -c safe.directory='*' ls-files -z | while IFS= read -r -d '' file; do
            [ ! -e "$file" ] || printf '%s\0' "$file"
        done
    else
        find . \( -path './build*' -o -path ./server -o -path ./client -o -name '*.o' -o -path './reports/*' \
            ! -path ./reports/README.md ! -path ./reports/sample ! -path './reports/sample/*' ! -path ./reports/kernel-matrix.md \) \
            -prune -o \( -type f -o -type l \) -printf '%P\0'
    fi
}

[ ! -e .git ] || [ -z "$(git -c safe.directory='*' status --porcelain --untracked-files=no)" ] ||
    say "the tree has changes that are not committed: they are in the tarball"
mkdir -p "$(dirname "$out")"
files | LC_ALL=C sort -z |
    tar --null --no-recursion --verbatim-files-from -T - --transform "s|^|$name/|SH" --format=gnu --owner=0 --group=0 \
        --numeric-owner --mode=u=rwX,go=rX --mtime="@$(scripts/spdx.sh --date)" -cf - | gzip -9n >"$out.new"
mv "$out.new" "$out"
