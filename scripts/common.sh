# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Sourced by profile.sh and the scripts: words on stderr, and building without leaving root-owned
# files in the tree of the user who called sudo. The caller sets $program and $top (the tree).

say() {
    printf '%s: %s\n' "${program:?}" "$*" >&2
}

# die EXIT_CODE WORDS: 1 failed, 2 usage, 77 cannot run here.
die() {
    local code=$1
    shift
    say "$@"
    exit "$code"
}

# temporary [-d]: a new temporary file, or directory.
temporary() {
    mktemp "$@" 2>/dev/null || die 1 "cannot write in ${TMPDIR:-/tmp}: free some space there, or set" \
        "TMPDIR to another directory"
}

# Run a command as the owner of the tree when that is the user behind sudo and nothing in build/ is
# somebody else's (an earlier build as root could not be overwritten); else as we are.
as_owner() {
    local uid gid home
    uid=$(stat -c %u "${top:?}")
    gid=$(stat -c %g "$top")
    if [ "$EUID" != 0 ] || [ "$uid" = 0 ] || [ "${SUDO_UID:-0}" != "$uid" ] ||
        [ -n "$(find "$top"/build* ! -uid "$uid" -print -quit 2>/dev/null)" ]; then
        "$@"
        return
    fi
    home=$(getent passwd "$uid" | cut -d: -f6)
    HOME=${home:-/} setpriv --reuid="$uid" --regid="$gid" --clear-groups -- "$@"
}

# build LOG [MAKE ARGUMENT...]: make, with its words kept in LOG and their end shown on failure.
build() {
    local log=$1
    shift
    # Two callers at once must not build into the same directory. Root may always write the log.
    if ! (flock 9 && as_owner make -C "$top" --no-print-directory -j"$(nproc)" "$@" 9<&-) \
        9<"$top/Makefile" >"$log" 2>&1; then
        # Without the progress lines of what was built beside the culprit.
        grep -vE '^  [A-Z-]+ +[^ ]+$' "$log" | tail -n 20 >&2
        return 1
    fi
}

# LETTER <tab> LONG <tab> ARGUMENT <tab> text; "-" for what there is not. An option's text begins in
# column 27, of a head that reaches so far in the next line.
# A --help on stdin.
options_in_help() {
    awk '
    function row() {
        if (long) print letter "\t" long "\t" (argument == "" ? "-" : argument) "\t" text
        long = ""
    }
    /^  (-.,|   ) --/ {
        row()
        letter = substr($0, 4, 1) == " " ? "-" : substr($0, 4, 1)
        head = substr($0, 7)
        # a text in this line stands behind two blanks or begins in its column
        text = substr($0, 26, 1) == " " ? substr($0, 27) : ""
        if (text != "") head = substr($0, 7, 19)
        sub(/ +$/, "", head)
        long = argument = head
        sub(/ .*/, "", long)
        if (!sub(/^[^ ]* /, "", argument)) argument = ""
        next
    }
    long && /^                          [^ ]/ { sub(/^ +/, ""); text = text (text == "" ? "" : " ") $0; next }
    { row() }
    END { row() }'
}
