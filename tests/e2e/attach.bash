# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# copyscope attached in the background, and what it wrote to attach.json. Loaded after programs, by files
# whose tests are of attach.

setup() {
    need_root
    need python3
    cd "$BATS_TEST_TMPDIR" || return
}

attach_teardown() {
    [ -z "${attach_pid:-}" ] || kill -9 "$attach_pid" 2>/dev/null || true
    stop_programs
    [ -z "${group:-}" ] || [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} +
}

teardown() {
    attach_teardown
}

# attach OPTION...: in the background; returns once it counts.
attach() {
    rm -f attach.json
    (become_marked "$COPYSCOPE" attach --format json -o attach.json "$@" >attach.out 2>attach.err 3>&-) &
    attach_pid=$!
    within 20 attached_or_over
    grep '^copyscope: attached' attach.err || { cat attach.err; return 1; }
}

attached_or_over() {
    grep -q '^copyscope: attached' attach.err || ! kill -0 "$attach_pid"
} 2>/dev/null

attach_to() { # PID[,PID] [OPTION...]
    owner="$(<"/proc/${1%%,*}/comm") (${1%%,*})"
    attach -p "$@"
}

attach_ended() {
    local status=0
    wait "$attach_pid" || status=$?
    attach_pid=
    [ $status = 0 ] || { echo "exit status $status" && cat attach.err; return 1; }
}

# The held program, then attach by itself, then those.
over() { # PEER...
    local peer
    ended
    attach_ended
    for peer; do peer_ended "$peer"; done
}

detach() {
    kill -INT "$attach_pid"
    attach_ended
}

# What all rows obey, and the totals, which are their sums; prints what does not.
faults() {
    jq -r '
    def sum(column): map(.[column]) | add // 0;
    .results[0] as $r
    | ($r.calls[] | . as [$_, $way, $from, $calls, $bytes]
        | select($calls < 1 or $bytes < $from * $calls or $bytes >= ([2 * $from, 1] | max) * $calls
            or ($from > 0 and ($from | log2 | . != floor)))
        | "there are no such calls: \(.)"),
      ($r.calls | group_by(.[0])[] | $r.values[.[0][0]] as $values
        | map(select(.[1] | startswith("recv"))) as $in | (. - $in) as $out
        | {sent_bytes: $out | sum(4), sent_calls: $out | sum(3), received_bytes: $in | sum(4)}
        | to_entries[] | select(($values[.key][0] // 0) != .value and
            (.key != "received_bytes" or $values[.key][0] != null)) # some may be unseen
        | "\(.key) is \($values[.key]), its rows have \(.value)")' attach.json
}

# counts_are WAY=BYTES...: these and no others, of one owner; but for ways that match $besides.
counts_are() {
    printf "$owner\t%s\n" "$@" | rows_are
}

# The same of several, as lines: OWNER, a tab, WAY=BYTES.
rows_are() {
    local broken rows
    broken=$(faults) || return
    [ -z "$broken" ] || { echo "$broken"; return 1; }
    rows=$(jq -r '.results[0].calls | group_by(.[:2])[] | "\(.[0][0])\t\(.[0][1])=\(map(.[4]) | add)"' \
        attach.json)
    diff <(grep -v '=0$' | sort) \
        <(grep -vE "$(printf '\t(%s)=|=0$' "${besides:-none}")" <<<"$rows" | sort) ||
        { jq -c '.results[0].drops[]' attach.json && return 1; }
}

# FROM CALLS BYTES of a way, a line each.
sizes_of() { # WAY
    jq -r --arg way "$1" '.results[0].calls | map(select(.[1] == $way)) | sort[] | "\(.[2]) \(.[3]) \(.[4])"' \
        attach.json
}

# The owner's label, where the test does not say it.
owner_is_the_one() {
    owner=$(jq -r '.results[0].calls | map(.[0]) | unique
        | if length == 1 then .[0] else error("\(.)") end' attach.json)
}
