#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Keeps in the documentation what can be taken from its source: excerpts of real reports, the
# options, modes, paths, formats and probes as the program lists them. Each stands between two marker
# comments, <!-- NAME: begin ... --> and <!-- NAME: end -->; what is between them is written over.
set -euo pipefail
program=readme-excerpt.sh
top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=scripts/common.sh
. "$top/scripts/common.sh"
cd "$top"
copyscope=${OUT:-build}/copyscope
files=(README.md docs/running.md docs/reading.md docs/how-it-works.md docs/attach.md)
# Documents whose links, anchors and paths must lead somewhere.
all_docs=(README.md CONTRIBUTING.md SECURITY.md docs/*.md */README.md)

usage() {
    cat <<END
usage: scripts/readme-excerpt.sh [--check] [REPORT]
Writes the generated parts of ${files[*]}; the excerpt is of REPORT, default reports/sample.
  --check  change nothing; one line for each part that is out of date, each link, anchor or path that
           leads nowhere, each heading of the report that it has not, and the picture if it is missing;
           exit 1 if any
END
}

check=
report=
for arg; do
    case $arg in
    -h | --help)
        usage
        exit 0
        ;;
    --check) check=1 ;;
    -*)
        usage >&2
        exit 2
        ;;
    *) report=$arg ;;
    esac
done
report=${report:-reports/sample}
picture=reports/sample/overview.png
work=$(temporary -d)
trap 'rm -rf "$work"' EXIT

# ---- the parts ----------------------------------------------------------------------------------

# The cards of the verdict (a question and its answer) and the copies per byte, with the notes of what is
# absent, as a quotation.
part_excerpt() {
    awk '
    /^## 1\. / { on = 1; next }
    on == 1 && /^- \*\*[A-Z][^*]*\? [^*]*\*\*/ { print "> " $0 }
    /^\*Per byte received/ { on = 2; n = 0; print ">" }
    on < 2 { next }
    on == 2 && /^- / { notes = 1 }
    on == 2 && notes && !/^- / { exit }
    # The document writer leaves two empty lines before a table.
    /^$/ { empty = 1; next }
    { if (empty && n) print ">"; empty = 0; n++; print "> " $0 }' "$report/report.md"
}

# The headings of the report, in their order.
part_headings() {
    # but for those of two modes, which are other ones in another report
    sed -nE '/^### [^ ]+ to [^ ]+$/d; s/^## (.*)$/- \1/p; s/^### (.*)$/  - \1/p' "$report/report.md"
}

# What Markdown would take for itself.
readonly ESCAPE='function escape(s) { gsub(/[*_<|]/, "\\\\&", s); return s }'

options_of() { # COMMAND
    echo "| option | what |"
    echo "|---|---|"
    "$copyscope" "$1" --help | options_in_help | awk -F'\t' "$ESCAPE"'{
        option = ($1 == "-" ? "" : "-" $1 ", ") $2 ($3 == "-" ? "" : " " $3)
        gsub(/\|/, "\\|", option)
        printf "| `%s` | %s |\n", option, escape($4)
    }'
}

part_options() { options_of run; }
part_attachoptions() { options_of attach; }

# Of the same the answers, without the tables below them.
part_attachshort() {
    part_attach | sed '/^ *way  .*calls/,$d' | sed '$d'
}

# What the golden test of `copyscope report` says it prints.
part_attach() {
    sed 's/^/    /; s/ *$//' tests/golden/attach-text/nginx-write.txt
}

table_of() { # HEADER WORD: `copyscope list WORD`, the first column as code
    printf '| %s |\n|%s|\n' "${1//,/ | }" "$(sed 's/[^,]*/---/g; s/,/|/g' <<<"$1")"
    "$copyscope" list "$2" | awk -F'\t' -v n="$(awk -F, '{ print NF }' <<<"$1")" "$ESCAPE"'{
        printf "| `%s` |", $1
        for (i = 2; i <= n; i++) printf " %s |", escape($i)
        print ""
    }'
}

part_modes() { table_of "mode,name,how the bytes are handed over" modes; }
part_paths() { table_of "path,what" paths; }
part_reasons() { table_of "reason,counted as,guest test,what changes it" reasons; }
part_formats() { table_of "format,file,what" formats; }

# With privileges `list probes` tells what this kernel allows, without them the table we want.
probe_table() {
    if [ "$EUID" = 0 ]; then
        setpriv --bounding-set=-all --inh-caps=-all "$copyscope" list probes 2>/dev/null
    else
        "$copyscope" list probes 2>/dev/null
    fi
}

# fentry and kprobe attach to the same functions: one column.
part_probes() {
    echo "| quantity | counts | fentry or kprobe on | tracepoint |"
    echo "|---|---|---|---|"
    probe_table | awk -F'\t' "$ESCAPE"'{
        function_tier = tracepoint = "-"
        n = split($3, way, "; ")
        for (i = 1; i <= n; i++) {
            at = index(way[i], ":")
            tier = substr(way[i], 1, at - 1)
            if (tier == "fentry" || tier == "kprobe") {
                via = substr(way[i], at + 1)
                if (!seen[$1, via]++)
                    function_tier = (function_tier == "-" ? "" : function_tier " or ") via
            }
            else if (tier == "tracepoint") tracepoint = substr(way[i], at + 1)
            else { tracepoint = way[i]; sub(/:/, ", ", tracepoint) }
        }
        printf "| `%s` | %s | %s | %s |\n", $1, escape($2), escape(function_tier), escape(tracepoint)
    }'
}

# ---- putting them in, or comparing ---------------------------------------------------------------

parts_of() { # FILE...
    sed -n 's/^<!-- \([a-z]*\): begin.*-->$/\1/p' "$@" | grep . ||
        die 1 "no marker comments in $*"
}

# FILE with each part anew, on stdout.
fill_in() {
    awk -v work="$work" '
    /^<!-- [a-z]+: end -->$/ { skip = 0 }
    !skip { print }
    /^<!-- [a-z]+: begin.*-->$/ {
        name = $2
        sub(/:/, "", name)
        while ((getline line < (work "/" name)) > 0) print line
        close(work "/" name)
        skip = 1
    }' "$1"
}

make_parts() {
    local name
    [ -x "$copyscope" ] || die 77 "$copyscope is not built: run make, or set OUT"
    [ -e "$report/report.md" ] || die 1 "there is no $report/report.md: name a report's directory"
    for name in $(parts_of "${files[@]}"); do
        declare -F "part_$name" >/dev/null || die 1 "nobody makes the part '$name': see $0"
        "part_$name" >"$work/$name"
        [ "$(wc -l <"$work/$name")" -gt 2 ] || die 1 "part '$name' came out empty: see $0"
    done
}

stale_parts() {
    local file
    for file in "${files[@]}"; do
        fill_in "$file" | cmp -s - "$file" ||
            echo "$file: a generated part is out of date: run scripts/readme-excerpt.sh"
    done
    [ -s "$picture" ] || echo "README.md: there is no $picture"
}

# The anchors that a Markdown file has, as GitHub makes them of its headings.
anchors_of() { # FILE
    sed -nE 's/^#+ (.*)$/\1/p' "$1" | tr '[:upper:]' '[:lower:]' | sed 's/[^a-z0-9 _-]//g; s/ /-/g'
}

# LINK is FILE, FILE#ANCHOR or #ANCHOR.
dead_link() { # DOC LINK
    local file=$1 folder=
    [[ $1 != */* ]] || folder=${1%/*}/
    [[ $2 == "#"* ]] || file=$folder${2%%#*}
    if [ ! -e "$file" ]; then
        echo "$1: link to ${2%%#*}, which is not there"
    elif [[ $2 == *"#"* ]] && ! anchors_of "$file" | grep -qx -- "${2#*#}"; then
        echo "$1: link to $2, and there is no such heading"
    fi
}

# Links, and paths in backquotes that name one file of the tree (no placeholder, no glob).
dead_paths() {
    local doc path
    for doc in "${all_docs[@]}"; do
        while read -r path; do
            dead_link "$doc" "$path"
        done < <(grep -oE '\]\([^)]+' "$doc" | sed 's/^](//' | grep -vE '^https?:')
        # shellcheck disable=SC2016  # the backquotes are Markdown's
        while read -r path; do
            [ -e "$path" ] || echo "$doc: names $path, which is not there"
        done < <(grep -oE '`(\./)?(bpf|docs|scripts|tests|userspace|vmlinux)/[a-z0-9_./-]+[` ]' "$doc" |
            tr -d '\` ' | sort -u)
    done
}

# What a document quotes as a question of the report ("Like this?") is a heading of it, or a card.
dead_headings() {
    local doc heading
    for doc in "${all_docs[@]}"; do
        while read -r heading; do
            grep -qxF -e "## $heading" -e "### $heading" "$report/report.md" ||
                grep -qF -e "- **$heading " "$report/report.md" ||
                echo "$doc: the report does not ask '$heading'"
        done < <(grep -oE '"[A-Z][A-Za-z, -]+\?"' "$doc" | tr -d '"' | sort -u)
    done
}

make_parts
if [ -n "$check" ]; then
    { stale_parts; dead_paths; dead_headings; } >"$work/findings"
    cat "$work/findings"
    [ ! -s "$work/findings" ]
    exit
fi
for file in "${files[@]}"; do
    fill_in "$file" >"$work/new"
    cmp -s "$work/new" "$file" || cat "$work/new" >"$file"
done
