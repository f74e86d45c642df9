#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The page as a reader has it: renders a committed results.json, then a browser, tidy and xmllint look at
# it. TAP on stdout; what is not installed is skipped aloud.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$(dirname "$here")")
OUT=$(realpath -m "${OUT:-$top/build}")
# shellcheck disable=SC2034  # read by common.sh
program=browser
# shellcheck source=scripts/common.sh
. "$top/scripts/common.sh"
work=$(temporary -d) || exit
trap 'rm -rf "$work"' EXIT
number=0 failed=0
exec 3>&1 >"$work/tap" # the plan comes first, and nobody knows it yet

ok() { # NAME
    number=$((number + 1))
    echo "ok $number - $1"
}

not_ok() { # NAME, detail on stdin
    number=$((number + 1)) failed=1
    echo "not ok $number - $1"
    head -n 20 | sed 's/^/# /'
}

skip() { # NAME REASON
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
}

# one_input NAME: everything about the page of one results.json
one_input() {
    local dir=$work/$1
    if ! "$OUT/copyscope" report "$top/tests/golden/$1.json" --out "$dir" >/dev/null 2>"$work/words"; then
        not_ok "$1 renders" <"$work/words"
        return
    fi
    if [ -s "$work/words" ]; then
        not_ok "$1 renders without a word" <"$work/words"
    else
        ok "$1 renders without a word"
    fi
    if ! command -v tidy >/dev/null; then
        skip "$1 is valid HTML" "tidy is not installed: scripts/deps.sh browser"
    elif tidy -quiet -errors --show-warnings yes --drop-empty-elements no "$dir/index.html" \
        >"$work/tidy" 2>&1; then
        ok "$1 is valid HTML"
    else
        not_ok "$1 is valid HTML" <"$work/tidy"
    fi
    if ! command -v xmllint >/dev/null; then
        skip "SVG of $1 is well-formed" "xmllint is not installed: scripts/deps.sh test"
    elif find "$dir" -name '*.svg' -exec xmllint --noout {} + 2>"$work/words"; then
        ok "SVG of $1 is well-formed"
    else
        not_ok "SVG of $1 is well-formed" <"$work/words"
    fi
}

# The browser's own report, renumbered.
browse() { # NAME
    local line complete=
    while IFS= read -r line; do
        case $line in
        "ok "* | "not ok "*)
            number=$((number + 1))
            [[ $line == ok* ]] || failed=1
            sed -E "s/^((not )?ok) [0-9]+ - /\1 $number - $1: /" <<<"$line"
            ;;
        "#"*) echo "$line" ;;
        1..*) complete=1 ;;
        esac
    done < <(node "$here/page.mjs" "$browser" "$work/$1" 2>&1)
    [ -n "$complete" ] || not_ok "$1: the browser came to the end" <<<"it did not"
}

browser=
for name in chromium chromium-browser google-chrome; do
    [ -n "$browser" ] || browser=$(command -v "$name")
done

for input in normal one-repetition no-pmu no-stacks partial hostile; do one_input "$input"; done
if [ -z "$browser" ] || ! command -v node >/dev/null; then
    skip "the page in a browser" "chromium or node is not installed: scripts/deps.sh browser"
else
    for input in normal hostile; do browse "$input"; done
fi
exec >&3
echo "1..$number"
cat "$work/tap"
exit "$failed"
