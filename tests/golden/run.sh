#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Renders each committed results.json and compares with what is committed beside it:
#   tests/golden/INPUT.json -> tests/golden/INPUT/{results.csv,report.md,*.folded,*.svg}
# BLESS=1 replaces the expected files instead. Needs gnuplot (report.md names the plots) and xmllint.
# Exit: 0 same, 1 different, 77 a tool is missing.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$(dirname "$here")")
copyscope=${COPYSCOPE:-$top/${OUT:-build}/copyscope}
case ${OUT:-} in /*) copyscope=${COPYSCOPE:-$OUT/copyscope} ;; esac
export COPYSCOPE_DATADIR="$top/scripts/plots"

for tool in gnuplot xmllint; do
	command -v "$tool" >/dev/null || {
		echo "golden: $tool is missing: see scripts/deps.sh" >&2
		exit 77
	}
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# What is compared: the page and the plots depend on gnuplot's version and are only checked for form.
keep() {
	(cd "$1" && find . -maxdepth 1 -type f \( -name '*.csv' -o -name '*.md' -o -name '*.folded' \
		-o -name '*.svg' \) | sort)
}

for input in "$here"/*.json; do
	name=$(basename "$input" .json)
	out=$work/$name
	"$copyscope" report "$input" --out "$out" >/dev/null
	cmp "$input" "$out/results.json" || failed=1
	find "$out" -name '*.svg' -exec xmllint --noout {} + || failed=1
	# the same page is XML but for its void elements and the doctype
	grep -q '</html>' "$out/index.html" || failed=1
	if [ "${BLESS:-}" = 1 ]; then
		rm -rf "${here:?}/$name"
		mkdir "$here/$name"
		keep "$out" | while read -r file; do cp "$out/$file" "$here/$name/$file"; done
		echo "golden: $name renewed"
		continue
	fi
	mkdir "$work/$name.kept"
	keep "$out" | while read -r file; do cp "$out/$file" "$work/$name.kept/$file"; done
	if diff -r "$here/$name" "$work/$name.kept" >"$work/diff"; then
		echo "golden: $name ok"
	else
		head -n 40 "$work/diff"
		echo "golden: $name differs: look, then BLESS=1 $0" >&2
		failed=1
	fi
done
exit "$failed"
