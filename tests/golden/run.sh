#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Renders each committed results.json and compares with what is committed beside it:
#   tests/golden/INPUT.json -> tests/golden/INPUT/{results.csv,report.md,*.folded,*.svg,...}
# what attach wrote as text, attach/*.json -> attach-text/*.txt;
# those of schema version 1 in v1/ with the same files, and comparisons of them, tests/golden/diff/*.
# The inputs come from make_inputs.c. BLESS=1 (make bless) replaces the expected files instead.
# Needs gnuplot (report.md names the plots) and xmllint.
# Exit: 0 same, 1 different, 77 a tool is missing.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$(dirname "$here")")
copyscope=${COPYSCOPE:-$top/${OUT:-build}/copyscope}
case ${OUT:-} in /*) copyscope=${COPYSCOPE:-$OUT/copyscope} ;; esac
# shellcheck disable=SC2034  # read by common.sh
program=golden
# shellcheck source=scripts/common.sh
. "$top/scripts/common.sh"

command -v gnuplot >/dev/null || die 77 "gnuplot is not installed: scripts/deps.sh run"
command -v xmllint >/dev/null || die 77 "xmllint is not installed: scripts/deps.sh test"
work=$(temporary -d)
trap 'rm -rf "$work"' EXIT
failed=0

# What is compared: the page and the plots depend on gnuplot's version and are only checked for form;
# a profile is compared unpacked, for zlib packs as it likes; metrics.om is long, so that of the short
# runs must do.
keep() {
	for file in "$1"/*.pb.gz; do
		[ ! -e "$file" ] || gzip -dc "$file" >"${file%.gz}"
	done
	(cd "$1" && find . -maxdepth 1 -type f \( -name '*.csv' -o -name '*.md' -o -name '*.folded' \
		-o -name '*.svg' -o -name '*.pb' -o -name speedscope.json -o -name '*.txt' \
		-o -name 'diff*.json' -o -name '*.om' -size -200k \) | sort)
}

# $1: a directory; what is in it is compared with, or becomes, the expected files of that name.
check() {
	name=$(basename "$1")
	if [ "${BLESS:-}" = 1 ]; then
		rm -rf "${here:?}/$name"
		mkdir "$here/$name"
		keep "$1" | while read -r file; do cp "$1/$file" "$here/$name/$file"; done
		echo "golden: $name renewed"
		return
	fi
	mkdir "$work/$name.kept"
	keep "$1" | while read -r file; do cp "$1/$file" "$work/$name.kept/$file"; done
	if diff -r "$here/$name" "$work/$name.kept" >"$work/diff"; then
		echo "golden: $name ok"
	else
		head -n 40 "$work/diff"
		echo "golden: $name differs: look, then make bless" >&2
		failed=1
	fi
}

for input in "$here"/*.json; do
	name=$(basename "$input" .json)
	out=$work/$name
	"$copyscope" report "$input" --out "$out" >/dev/null
	cmp "$input" "$out/results.json" || failed=1
	find "$out" -name '*.svg' -exec xmllint --noout {} + || failed=1
	# the same page is XML but for its void elements and the doctype
	grep -q '</html>' "$out/index.html" || failed=1
	check "$out"
done

# Files of schema version 1: what is made from them is what is made from today's, but for results.json.
mkdir "$work/v1"
for input in "$here"/v1/*.json; do
	name=$(basename "$input" .json)
	[ "${BLESS:-}" != 1 ] || break
	"$copyscope" report "$input" --out "$work/v1/$name" >/dev/null
	rm -rf "$work/$name.kept"
	check "$work/v1/$name"
done

# What `copyscope attach` wrote, told again.
mkdir "$work/attach-text"
for input in "$here"/attach/*.json; do
	"$copyscope" report "$input" >"$work/attach-text/$(basename "$input" .json).txt"
done
for name in nginx-write zerocopy hostile; do
	for by in process way socket reason; do
		"$copyscope" report --by $by "$here/attach/$name.json"
	done >"$work/attach-text/$name-by.txt"
	"$copyscope" report -f csv -o "$work/csv-$name" "$here/attach/$name.json" >"$work/report.out"
	mv "$work/csv-$name/results.csv" "$work/attach-text/$name.csv"
done
for pair in "nginx-write nginx-sendfile" "zerocopy hostile"; do
	"$copyscope" diff "$here/attach/${pair% *}.json" "$here/attach/${pair#* }.json" >"$work/attach-text/${pair% *}-diff.txt"
done
check "$work/attach-text"

# Two modes of a run (paired), and two runs; the labels are the paths as given.
mkdir "$work/comparison" "$work/comparison/diff"
cd "$here"
for format in text md json; do
	suffix=$(echo "$format" | sed 's/text/txt/')
	"$copyscope" diff normal.json --modes A1,A3 --format "$format" \
		>"$work/comparison/diff/diff-modes.$suffix"
	"$copyscope" diff normal.json no-pmu.json --format "$format" \
		--flame "$work/comparison/diff/diff-runs.svg" >"$work/comparison/diff/diff-runs.$suffix"
	"$copyscope" diff hostile.json partial.json --format "$format" \
		>"$work/comparison/diff/diff-hostile.$suffix"
done
xmllint --noout "$work/comparison/diff/diff-runs.svg" || failed=1
check "$work/comparison/diff"
exit "$failed"
