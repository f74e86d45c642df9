#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Keeps the manual pages and the shells' completions at what the program itself says: options from each
# --help, tables from `copyscope list`, the values of an option from how it refuses a wrong one.
#   man/*.8.scd    between "; NAME: begin" and "; NAME: end" lines; the rest is written by hand
#   man/*.8        what scdoc makes of them, committed so that nobody needs scdoc to install
#   completions/*  wholly
set -euo pipefail
# shellcheck disable=SC2034  # read by common.sh
program=man.sh
top=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=scripts/common.sh
. "$top/scripts/common.sh"
cd "$top"
copyscope=${OUT:-build}/copyscope
# The date in the pages is that of the newest release in CHANGELOG.md; of none yet, this one.
readonly NO_RELEASE=2026-12-01

usage() {
    cat <<END
usage: scripts/man.sh [--check]
Writes the generated parts of man/*.8.scd, man/*.8 (where scdoc is installed) and completions/*.
  --check  change nothing; one line for each that is out of date; exit 1 if any
END
}

check=
case $#,${1:-} in
0,) ;;
1,-h | 1,--help)
    usage
    exit 0
    ;;
1,--check) check=1 ;;
*)
    usage >&2
    exit 2
    ;;
esac
[ -x "$copyscope" ] || die 77 "$copyscope is not built: run make, or set OUT"
work=$(temporary -d)
trap 'rm -rf "$work"' EXIT

# ---- what the program says -----------------------------------------------------------------------

# COMMAND <tab> what it does
commands_of_help() {
    "$copyscope" --help | sed -nE 's/^  ([a-z]+) +([^ ].*)$/\1\t\2/p'
}

# The arguments of `Usage:`, one a line.
positionals_of() { # COMMAND
    sed -n '1s/.*\[OPTION\.\.\.\] *//p' "$work/help.$1" | tr ' ' '\n' | sed '/^Usage/d; /^$/d'
}

# What the program would have instead of a wrong value: "choose one of light, full", "cc, rr, or none",
# @TABLE of "see `copyscope list TABLE`"; nothing where it is no list of words. The second option, which
# there is not, keeps it from running.
values_of() { # COMMAND --OPTION
    { "$copyscope" "$1" "$2" '?' --no-such-option 2>&1 || true; } | awk '
    match($0, /copyscope list [a-z]+/) { print "@" substr($0, RSTART + 15, RLENGTH - 15); exit }
    {
        sub(/.*(: |choose one of |choose | are )/, "")
        gsub(/,? or /, ", ")
        n = split($0, word, ", ")
        for (i = 1; i <= n; i++) if (word[i] !~ /^[A-Za-z0-9-]+$/) exit
        if (n > 1) for (i = 1; i <= n; i++) printf "%s%s", word[i], i < n ? " " : "\n"
    }'
}

# The first column of `copyscope list TABLE`; of nic:IF1,IF2 what never changes.
table_words() { # TABLE
    "$copyscope" list "$1" | cut -f1 | sed 's/:.*/:/' | paste -sd' '
}

# KIND <tab> WORDS: one or many (with commas) of the words, dir, file, pid, or any; flag takes none.
kind_of() { # COMMAND --OPTION ARGUMENT
    local words
    case $3 in
    -) printf 'flag\t-\n' && return ;;
    DIR) printf 'dir\t-\n' && return ;;
    FILE*) printf 'file\t-\n' && return ;;
    PID*) printf 'pid\t-\n' && return ;;
    N | BYTES | SECONDS | PERCENT | HZ) printf 'any\t-\n' && return ;;
    MODE,MODE | A1,A3) words=@modes ;;
    *) words=$(values_of "$1" "$2") ;;
    esac
    [[ $words != @* ]] || words=$(table_words "${words#@}")
    case $words,$3 in
    ,*) printf 'any\t-\n' ;;
    *,*LIST | *,*,*) printf 'many\t%s\n' "$words" ;;
    *) printf 'one\t%s\n' "$words" ;;
    esac
}

positional_kind() { # COMMAND NAME
    case $2 in
    DIR) printf 'dir\t-\n' ;;
    *TABLE*) printf 'one\t%s\n' "$(sed -n '/^TABLE is/,$s/^  \([a-z]*\) .*/\1/p' "$work/help.list" | paste -sd' ')" ;;
    *PID*) printf 'pid\t-\n' ;;
    *) printf 'file\t-\n' ;;
    esac
}

# COMMAND LETTER LONG ARGUMENT TEXT KIND WORDS, with tabs; LONG is @ for what is no option.
everything() {
    local command letter long argument text
    while IFS=$'\t' read -r command _; do
        "$copyscope" "$command" --help >"$work/help.$command"
        while IFS=$'\t' read -r letter long argument text; do
            printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$command" "$letter" "$long" "$argument" "$text" \
                "$(kind_of "$command" "$long" "$argument")"
        done < <(options_in_help <"$work/help.$command")
        argument=$(positionals_of "$command" | head -n 1)
        [ -z "$argument" ] || printf '%s\t-\t@\t%s\t-\t%s\n' "$command" "$argument" \
            "$(positional_kind "$command" "$argument")"
    done <"$work/commands"
}

# ---- manual pages --------------------------------------------------------------------------------

# What scdoc would take for itself; the help's backquotes become bold.
readonly SCD='function scd(s) {
    gsub(/[\\_*~]/, "\\\\&", s)
    while (match(s, /`[^`]*`/)) s = substr(s, 1, RSTART - 1) "*" substr(s, RSTART + 1, RLENGTH - 2) "*" substr(s, RSTART + RLENGTH)
    return s
}'

part_options() { # COMMAND
    awk -F'\t' -v command="$1" "$SCD"'
    $1 == command && $3 != "@" {
        printf "%s*%s*%s\n\t%s\n\n", $2 == "-" ? "" : "*-" $2 "*, ", $3, \
            $4 == "-" ? "" : " _" scd($4) "_", scd($5)
    }' "$work/everything"
}

# A row of `copyscope list` is a head and a text.
part_of_table() { # TABLE COLUMN
    "$copyscope" list "$1" | awk -F'\t' -v column="$2" "$SCD"'{ printf "*%s*\n\t%s\n\n", scd($1), scd($column) }'
}

part_modes() { part_of_table modes 3; }
part_receives() { part_of_table receives 2; }
part_paths() { part_of_table paths 2; }
part_formats() {
    "$copyscope" list formats | awk -F'\t' "$SCD"'{ printf "*%s* (%s)\n\t%s\n\n", $1, scd($2), scd($3) }'
}

part_commands() {
    awk -F'\t' "$SCD"'{ printf "*copyscope-%s*(8)\n\t%s\n\n", $1, scd($2) }' "$work/commands"
}

part_tables() {
    sed -n '/^TABLE is/,$p' "$work/help.list" | awk "$SCD"'/^  [a-z]/ {
        name = $1; sub(/^ +[a-z]+ +/, ""); printf "*%s*\n\t%s\n\n", name, scd($0) }'
}

# PAGE with each part anew, on stdout.
fill_in() { # PAGE.8.scd
    local line name page=${1##*/}
    page=${page%.8.scd}
    while IFS= read -r line; do
        [[ $line != "; "*": end" ]] || name=
        [ -n "${name:-}" ] || printf '%s\n' "$line"
        [[ $line == "; "*": begin"* ]] || continue
        name=${line#; }
        name=${name%%:*}
        declare -F "part_$name" >/dev/null || die 1 "$1: nobody makes the part '$name'"
        "part_$name" "${page#copyscope-}" >"$work/part"
        [ -s "$work/part" ] || die 1 "$1: part '$name' came out empty"
        sed '$d' "$work/part"
    done <"$1"
}

release_day() {
    sed -nE 's/^## \[[0-9.]+\] - ([0-9]{4}-[0-9]{2}-[0-9]{2})$/\1/p' CHANGELOG.md | head -n 1 | grep . || echo "$NO_RELEASE"
}

roff() { # PAGE.8.scd
    SOURCE_DATE_EPOCH=$(date -u -d "$(release_day)" +%s) scdoc <"$1"
}

# ---- completions ---------------------------------------------------------------------------------

# The first clause of a text, or so much of it as a terminal shows.
readonly BRIEF='function brief(s) {
    sub(/(; |\. ).*/, "", s)
    if (s ~ /\([^)]*$/) sub(/ *\([^)]*$/, "", s)
    if (length(s) > 76) { s = substr(s, 1, 73); sub(/,? [^ ]*$/, "...", s) }
    return s
}'

completion_bash() {
    echo "# SPDX-License-Identifier: GPL-2.0-only"
    echo "# shellcheck shell=bash"
    echo "# Completion of copyscope for bash, written by scripts/man.sh."
    echo
    echo "_copyscope_commands='$(cut -f1 "$work/commands" | paste -sd' ')'"
    echo
    awk -F'\t' '
    BEGIN { print "_copyscope_options() { # COMMAND\n    case $1 in" }
    $1 != last { if (last) print "\" ;;"; printf "    %s) echo \"", last = $1; blank = "" }
    $3 != "@" { printf "%s%s%s", blank, $2 == "-" ? "" : "-" $2 " ", $3; blank = " " }
    END { print "\" ;;\n    esac\n}\n" }' "$work/everything"
    awk -F'\t' '
    BEGIN { print "# What an option takes, or a command besides (@): a kind, and words.\n_copyscope_argument() { # COMMAND OPTION\n    case \"$1 $2\" in" }
    $6 != "flag" && $6 != "any" {
        printf "    %s\"%s %s\") echo \"%s%s\" ;;\n", $2 == "-" ? "" : "\"" $1 " -" $2 "\" | ", $1, $3, $6, $7 == "-" ? "" : " " $7
    }
    $6 == "any" { any = any (any ? " | " : "") ($2 == "-" ? "" : "\"" $1 " -" $2 "\" | ") "\"" $1 " " $3 "\"" }
    END { printf "    %s) echo any ;;\n    esac\n}\n\n", any }' "$work/everything"
    cat <<'END'
_copyscope_values() { # KIND WORDS CUR
    case $1 in
    one) compgen -W "$2" -- "$3" ;;
    many) compgen -P "${3%"${3##*,}"}" -W "$2" -- "${3##*,}" ;;
    pid) (cd /proc && compgen -G "$3*" | grep -x '[0-9]*') ;;
    dir) compgen -d -- "$3" ;;
    file) compgen -f -- "$3" ;;
    esac
}

_copyscope() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
    local kind words i
    COMPREPLY=()
    if [ "$COMP_CWORD" = 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$_copyscope_commands help --help --version" -- "$cur")
        return
    elif [ "$command" = help ]; then
        [ "$COMP_CWORD" != 2 ] || mapfile -t COMPREPLY < <(compgen -W "$_copyscope_commands" -- "$cur")
        return
    fi
    # behind -- stands somebody else's command
    for ((i = 2; i < COMP_CWORD; i++)); do
        [ "${COMP_WORDS[i]}" = -- ] || continue
        [ "$prev" != -- ] || mapfile -t COMPREPLY < <(compgen -c -- "$cur")
        [ "$prev" = -- ] || mapfile -t COMPREPLY < <(compgen -f -- "$cur")
        return
    done
    # --tier=k comes as three words
    if [ "$cur" = = ]; then
        cur=
    elif [ "$prev" = = ]; then
        prev=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    read -r kind words < <(_copyscope_argument "$command" "$prev")
    if [ -z "$kind" ] && [[ $cur == -* ]]; then
        kind=one words=$(_copyscope_options "$command")
    elif [ -z "$kind" ]; then
        read -r kind words < <(_copyscope_argument "$command" @)
    fi
    [[ $kind != dir && $kind != file ]] || compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(_copyscope_values "$kind" "$words" "$cur")
}
complete -F _copyscope copyscope
END
}

completion_zsh() {
    echo "#compdef copyscope"
    echo "# SPDX-License-Identifier: GPL-2.0-only"
    echo "# Completion of copyscope for zsh, written by scripts/man.sh."
    echo
    # not "commands", which is zsh's own
    echo "local -a subcommands=("
    awk -F'\t' -v q="'" '{ gsub(q, q "\\" q q, $2); gsub(/:/, "\\:", $2); print "    " q $1 ":" $2 q }' "$work/commands"
    cat <<'END'
)

if ((CURRENT == 2)); then
    _describe -t commands command subcommands -- '(help)'
    _arguments '(- *)'{-h,--help}'[this text]' '(- *)'{-V,--version}'[print the version]'
    return
fi
# behind -- stands somebody else's command
local -i dashes=${words[(i)--]}
if ((dashes < CURRENT)); then
    shift $dashes words
    ((CURRENT -= dashes))
    _normal
    return
fi
local command=$words[2]
shift words
((CURRENT--))

case $command in
help) ((CURRENT == 2)) && _describe -t commands command subcommands ;;
END
    awk -F'\t' -v q="'" "$BRIEF"'
    function quoted(s) { gsub(q, q "\\" q q, s); return s }
    function action() {
        if ($6 == "one") return "(" $7 ")"
        if ($6 == "many") return "_sequence compadd - " $7
        if ($6 == "dir") return "_files -/"
        if ($6 == "file") return "_files"
        if ($6 == "pid") return "_pids"
        return " "
    }
    $1 != last { if (last) print " ;;"; printf "%s) _arguments -S", last = $1 }
    {
        message = $4
        gsub(/:/, "\\:", message)
        gsub(/\[|\]/, "", message)
        printf " \\\n    "
        if ($3 == "@") { printf "%s%s:%s:%s%s", q, last ~ /diff|attach/ ? "*" : "1", message, action(), q; next }
        text = brief($5)
        gsub(/[:\\\[\]]/, "\\\\&", text)
        takes = $6 == "flag" ? "" : ":" message ":" action()
        repeated = $5 ~ /once more|Repeatable/ ? "*" : ""
        if ($2 == "-") printf "%s%s%s%s[%s]%s%s", q, repeated, $3, takes ? "=" : "", quoted(text), takes, q
        else if (repeated) printf "%s*%s{-%s%s,%s%s}%s[%s]%s%s", q, q, $2, takes ? "+" : "", $3, takes ? "=" : "", q, quoted(text), takes, q
        else printf "%s(-%s %s)%s{-%s%s,%s%s}%s[%s]%s%s", q, $2, $3, q, $2, takes ? "+" : "", $3, takes ? "=" : "", q, quoted(text), takes, q
    }
    END { print " ;;\nesac" }' "$work/everything"
}

completion_fish() {
    cat <<'END'
# SPDX-License-Identifier: GPL-2.0-only
# Completion of copyscope for fish, written by scripts/man.sh.

function __copyscope_needs_command
    test (count (commandline -opc)) = 1
end

# Behind -- stands somebody else's command.
function __copyscope_is
    set -l words (commandline -opc)
    test "$words[2]" = $argv[1]; and not contains -- -- $words
end

function __copyscope_behind
    set -l words (commandline -opc) (commandline -ct)
    set -e words[1..(contains -i -- -- $words)]
    complete -C "$words"
end

complete -c copyscope -f
complete -c copyscope -n __copyscope_needs_command -s h -l help -d 'this text'
complete -c copyscope -n __copyscope_needs_command -s V -l version -d 'print the version'
complete -c copyscope -n '__copyscope_is attach' -a '--' -d 'a command to be started'
complete -c copyscope -n 'contains -- -- (commandline -opc)' -a '(__copyscope_behind)'
END
    awk -F'\t' -v q="'" '{ gsub(q, "\\" q, $2); printf "complete -c copyscope -n __copyscope_needs_command -a %s -d %s%s%s\n", $1, q, $2, q }' "$work/commands"
    echo "complete -c copyscope -n '__copyscope_is help' -a '$(cut -f1 "$work/commands" | paste -sd' ')'"
    awk -F'\t' -v q="'" "$BRIEF"'
    function quoted(s) { gsub(/\\/, "\\\\", s); gsub(q, "\\" q, s); return q s q }
    function words() {
        if ($6 == "one") return " -a " quoted($7)
        if ($6 == "many") return " -a " quoted("(__fish_append , " $7 ")")
        if ($6 == "dir") return " -a " quoted("(__fish_complete_directories)")
        if ($6 == "pid") return " -a " quoted("(__fish_complete_pids)")
        return ""
    }
    $1 != last { printf "\n"; last = $1 }
    {
        printf "complete -c copyscope -n %s__copyscope_is %s%s", q, $1, q
        if ($3 == "@") { printf "%s%s\n", $6 == "file" ? " -F" : "", words(); next }
        if ($2 != "-") printf " -s %s", $2
        printf " -l %s%s%s -d %s\n", substr($3, 3), $6 == "flag" ? "" : $6 == "file" ? " -rF" : " -x", words(), quoted(brief($5))
    }' "$work/everything"
}

# ---- writing them, or comparing ------------------------------------------------------------------

# FILE becomes what stands in NEW, or is told to be another.
renew() { # FILE NEW
    cmp -s "$1" "$2" && return
    if [ -n "$check" ]; then
        echo "$1 is out of date: run scripts/man.sh"
        stale=1
    else
        cat "$2" >"$1"
    fi
}

# The first line names the version of scdoc, and another one may write other macros: when we only
# compare, such pages are not held against each other.
made_alike() { # NEW FILE
    [ -z "$check" ] || [ ! -e "$2" ] || [ "$(head -n 1 "$1")" = "$(head -n 1 "$2")" ]
}

commands_of_help >"$work/commands"
everything >"$work/everything"
[ "$(wc -l <"$work/everything")" -gt 40 ] || die 1 "the options of --help were not understood: see $0"
stale=
for page in man/*.8.scd; do
    fill_in "$page" >"$work/scd"
    renew "$page" "$work/scd" || true
    if command -v scdoc >/dev/null; then
        roff "$work/scd" >"$work/roff" || die 1 "$page: scdoc refuses it"
        made_alike "$work/roff" "${page%.scd}" && renew "${page%.scd}" "$work/roff" || true
    fi
done
command -v scdoc >/dev/null || say "scdoc is not installed (scripts/deps.sh test): man/*.8 were left as they are"
completion_bash >"$work/bash"
completion_zsh >"$work/zsh"
completion_fish >"$work/fish"
renew completions/copyscope.bash "$work/bash"
renew completions/_copyscope "$work/zsh"
renew completions/copyscope.fish "$work/fish"
[ -z "$stale" ]
