#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What `copyscope attach` costs whom it observes, and whether what it says holds:
#   overhead      CPU of nginx per request, attached / alone, in interleaved windows; and with empty programs on
#                 the same tracepoints, which is what no observer on them can go below
#   advice        what it says sendfile() would save nginx, MSG_ZEROCOPY a sender of large messages, and
#                 what the change to it does save
#   cycles [N]    N times attach and detach under load: nobody notices, nothing is left
#   many          thousands of sockets, ten thousand connections a second: its memory, and what it lost
# The load is wrk's, with nginx on one CPU and wrk on another. CPU is what the scheduler gave the observed
# processes, by /proc/PID/task/TID/schedstat.
set -euo pipefail
program=attach.sh
# shellcheck source=tests/bench/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=tests/bench/attach_load.sh
. "$top/tests/bench/attach_load.sh"

what=${1:-}
[ $# = 0 ] || shift
count=1000
[[ $what != cycles || ! ${1:-} =~ ^[1-9][0-9]*$ ]] || { count=$1 && shift; }
rounds=15 duration=2 size=64K connections=16 pause=6 freq=99,0 others=5 observe=5 message=1M sockets=5000 rate=10000 seed=$RANDOM
case $what in
overhead) options "rounds duration size connections pause freq others seed" "$@" ;;
advice) options "rounds duration size connections observe message others seed" "$@" ;;
cycles) options "size connections" "$@" ;;
many)
    duration=60
    options "duration sockets rate" "$@"
    ;;
*) die 2 "'$what' is none of overhead, advice, cycles [N], many" ;;
esac
for name in rounds duration connections pause observe sockets rate; do
    [[ ${!name} =~ ^[1-9][0-9]*$ ]] || die 2 "--$name '${!name}' is no whole number above 0"
done
need_root
need_programs copyscope server client
need_commands jq numfmt ss ip wrk nginx bpftool taskset cc
bytes=$(numfmt --from=iec "$size") || die 2 "--size '$size' is no size: e.g. 64K"
message=$(numfmt --from=iec "$message") || die 2 "--message is no size: e.g. 1M"
[ "$(nproc)" -ge 2 ] || die 77 "needs two CPUs: one for the load"

work=$(temporary -d)
chmod 755 "$work" # nginx's workers are nobody's
started=()
declare -A pid port # of each nginx
ns_srv=cs-bench-srv-$$ ns_cli=cs-bench-cli-$$

cleanup() {
    [ "${#started[@]}" = 0 ] || kill "${started[@]}" 2>/dev/null || true
    [ "${#started[@]}" = 0 ] || wait "${started[@]}" 2>/dev/null || true
    ip netns del "$ns_srv" 2>/dev/null || true # takes the veth pair with it
    ip netns del "$ns_cli" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

within() { # SECONDS COMMAND...
    local i
    for ((i = 0; i < 50 * $1; i++)); do
        ! "${@:2}" 2>/dev/null || return 0
        sleep 0.02
    done
    return 1
}

# ---- the observer ---------------------------------------------------------------------------

attached_or_over() {
    grep -q '^copyscope: attached' "$work/attach.err" || ! kill -0 "$attach_pid"
}

attach_failed() {
    tail -n 10 "$work/attach.err" >&2
    die 1 "copyscope attach failed: see the lines above"
}

# attach OPTION...: returns once it counts; sets attach_pid.
attach() {
    rm -f "$work/attach.json"
    "$OUT/copyscope" attach -o "$work/attach.json" "$@" >/dev/null 2>"$work/attach.err" &
    attach_pid=$!
    within 20 attached_or_over
    kill -0 "$attach_pid" 2>/dev/null || attach_failed
}

detach() {
    kill -INT "$attach_pid"
    wait "$attach_pid" || attach_failed
}

# ---- overhead -------------------------------------------------------------------------------

start_observer() { # WHO
    case $1 in
    floor) start_floor ;;
    freq-*) attach -p "${pid[nginx]}" -f json --freq "${1#freq-}" ;;
    esac
}

end_observer() { # WHO
    case $1 in
    floor) kill "$floor_pid" && wait "$floor_pid" ;;
    freq-*) detach ;;
    esac
}

start_floor() {
    "$work/attach_all" "$work/floor.bpf.o" >"$work/floor" &
    floor_pid=$!
    within 20 grep -q '^Attaching done' "$work/floor"
}

observed_window() { # PAUSE WHO
    start_observer "$2"
    result=$(window "${pid[nginx]}" "${port[nginx]}" "$duration" "$1")
    end_observer "$2"
}

overhead_of() { # ROUND LOAD PAUSE WHO
    quietly observed_window "$3" "$4"
    echo "$1 $2 $4 $result" >>"$work/samples"
}

# The rounds side by side, then the ratios.
overhead_table() { # LOAD WHO...
    local load=$1 who
    shift
    printf '%-6s%-9s%10s%10s' round load 'alone us' 'alone/s'
    for who; do [ "$who" = alone ] || printf '%12s%9s' "$who us" ratio; done
    echo
    awk -v load="$load" -v names="$*" '
        $2 == load { ns[$1, $3] = $4; rate[$1, $3] = $5; rounds = $1 }
        END {
            n = split(names, name, " ")
            for (i = 0; i <= rounds; i++) {
                printf "%-6d%-9s%10.2f%10.0f", i, load, ns[i, "alone"] / 1000, rate[i, "alone"]
                for (k = 1; k <= n; k++)
                    if (name[k] != "alone")
                        printf "%12.2f%9.3f", ns[i, name[k]] / 1000, ns[i, name[k]] / ns[i, "alone"]
                print ""
            }
        }' "$work/samples"
    for who; do
        [ "$who" != alone ] || continue
        awk -v load="$load" -v who="$who" '
            $2 == load { ns[$1, $3] = $4; rounds = $1 }
            END { for (i = 0; i <= rounds; i++) print ns[i, who] / ns[i, "alone"] }' "$work/samples" >"$work/ratios"
        echo "# $load, $who: attached / alone $(interval %.4f <"$work/ratios")"
    done
}

overhead() {
    local who=(alone floor) order f i kind
    build_floor "$work" -DATTACH
    for f in ${freq//,/ }; do who+=("freq-$f"); done
    start_nginx nginx "sendfile on;"
    window "${pid[nginx]}" "${port[nginx]}" 1 >/dev/null # what is read once, and grows once
    for ((i = 0; i < rounds; i++)); do
        for kind in "full 0" "paced $pause"; do
            mapfile -t order < <(shuffled "$i" "${who[@]}")
            for f in "${order[@]}"; do
                # shellcheck disable=SC2086  # two words
                overhead_of "$i" $kind "$f"
            done
        done
    done
    echo "# nginx, sendfile on, $size files, $connections connections, $rounds rounds of $duration s, --seed $seed:"
    echo "# CPU per request; full: as much as it can; paced: each connection rests $pause ms. Median [interval]"
    overhead_table full "${who[@]}"
    overhead_table paced "${who[@]}"
    noise
}

# ---- advice ---------------------------------------------------------------------------------

# What it tells the user, in one line.
advice_text() { # PID
    "$OUT/copyscope" attach -q -p "$1" -d "$observe" -o "$work/advice" -f text 2>"$work/attach.err" || attach_failed
    tr -s '\n ' ' ' <"$work/advice"
}

up_to() { # WORDS: the first share that follows them, "up to N % [LOW, HIGH]"
    sed -nE "s/.*$1 save (up to [0-9.]+ % \[[^]]*\]).*/\1/p" "$work/told" | grep . || echo nothing
}

told() { # TITLE; of the text in $work/told
    echo "# $1"
    sed -nE 's/.*What did copying cost\? (.*) Would it pay\? (.*) way calls bytes .*/# it said: \1\n# it said: \2/p' \
        "$work/told" | fold -s -w 110 | sed 's/^\([^#]\)/#   \1/'
    echo
}

# Of a file of rounds, "round name value": 1 - second / first
saving() { # FIRST SECOND
    awk -v first="$1" -v second="$2" '
        { of[$1, $2] = $3; rounds = $1 }
        END { for (i = 0; i <= rounds; i++) print 100 * (1 - of[i, second] / of[i, first]) }' "$work/samples" |
        interval %.1f
}

pairs() { # FIRST SECOND UNIT
    awk -v first="$1" -v second="$2" -v unit="$3" '
        BEGIN { printf "%-6s%18s%18s%10s\n", "round", first " " unit, second " " unit, "saved %" }
        { of[$1, $2] = $3; rounds = $1 }
        END {
            for (i = 0; i <= rounds; i++)
                printf "%-6d%18.3f%18.3f%10.1f\n", i, of[i, first], of[i, second], 100 * (1 - of[i, second] / of[i, first])
        }' "$work/samples"
}

plain_window() { # NAME
    result=$(window "${pid[$1]}" "${port[$1]}" "$duration")
}

advise_nginx() {
    local i name under
    start_nginx off "sendfile off;"
    start_nginx on "sendfile on;"
    load "${port[off]}" $((observe + 3)) >/dev/null &
    under=$!
    sleep 1
    advice_text "${pid[off]}" >"$work/told"
    wait $under
    : >"$work/samples"
    for ((i = 0; i < rounds; i++)); do
        for name in $(shuffled "$i" off on); do
            quietly plain_window "$name"
            echo "$i $name $(awk '{ print $1 / 1000 }' <<<"$result")" >>"$work/samples"
        done
    done
    told "nginx, sendfile off, $size files"
    pairs off on us/request
    echo "# nginx: sendfile() was to save $(up_to 'sendfile\(\) could'); saved: $(saving off on)"
}

advise_sender() { # PATH
    local i mode
    start_sender "$1" write $((observe + 3))
    sleep 1
    advice_text "$(sender_pid)" >"$work/told"
    sender_over
    : >"$work/samples"
    for ((i = 0; i < rounds; i++)); do
        for mode in $(shuffled "$i" write A3p); do
            quietly sender_window "$1" "$mode"
            echo "$i $mode ${result%% *}" >>"$work/samples"
        done
    done
    told "write() of $message B over $1"
    pairs write A3p ns/B
    echo "# $1: MSG_ZEROCOPY was to save $(up_to 'IORING_OP_SEND_ZC could'); saved: $(saving write A3p)"
}

advice() {
    echo "# $rounds rounds of $duration s, --seed $seed; saved: 1 - second / first, median [interval]"
    advise_nginx
    make_testbed
    advise_sender veth
    advise_sender loopback
    noise
}

# ---- cycles ---------------------------------------------------------------------------------

objects() {
    local kind
    for kind in prog map link; do
        bpftool -j "$kind" show | jq -r --arg kind $kind '.[] | "\($kind) \(.id) \(.name // .type)"'
    done | sort
}

rate_of() { # "counted ..."
    awk '{
        printf "%.0f/s (errors %d, not 2xx %d; more than 2 s %d, longest %.3f s)", $2 / $5, $3, $4, $6, $7
    }' <<<"$1"
}

cycles() {
    local before after during under i begun status=0
    start_nginx nginx "sendfile on;"
    objects >"$work/before"
    before=$(load "${port[nginx]}" 10)
    load "${port[nginx]}" 24h >"$work/during" &
    under=$!
    sleep 0.5
    begun=$EPOCHREALTIME
    for ((i = 0; i < count; i++)); do
        "$OUT/copyscope" attach -q -p "${pid[nginx]}" -d 0.1 -f json -o "$work/attach.json" 2>"$work/attach.err" || {
            say "the ${i}th failed: $(tail -n 3 "$work/attach.err")"
            status=1
            break
        }
        jq -e '.results[0].values' "$work/attach.json" >/dev/null || status=1
        jq -c '.results[0].drops[] | select(.[0] != "offcpu_open")' "$work/attach.json" >>"$work/drops"
    done
    echo "attached and detached $i times, $(awk -v from="$begun" -v to="$EPOCHREALTIME" -v n="$i" '
        BEGIN { printf "%.3f s each, of which 0.1 s observed", (to - from) / n }')"
    sort "$work/drops" | uniq -c | sed 's/^/drops, times: /' # a send that had begun before has no way
    ! grep -v '"unclassified"' "$work/drops" || status=1
    kill -INT "$(pgrep -P "$under" -x wrk)"
    wait $under
    during=$(cat "$work/during")
    after=$(load "${port[nginx]}" 10)
    printf 'wrk: before %s\n     during %s\n     after  %s\n' "$(rate_of "$before")" "$(rate_of "$during")" \
        "$(rate_of "$after")"
    awk '$3 || $4 { bad = 1 } END { exit bad }' <<<"$before"$'\n'"$during"$'\n'"$after" || status=1
    within 10 nothing_left || { echo "left: $(paste -sd, <"$work/left")" && status=1; }
    ! pgrep -af "^$OUT/copyscope attach" || { echo "left: the processes above" && status=1; }
    [ $status != 0 ] || echo "nothing is left: no program, map, link or process"
    return $status
}

# Maps of what was unloaded go a little later; what others load meanwhile goes, too.
nothing_left() {
    objects >"$work/after"
    [ -e "$work/left" ] || comm -13 "$work/before" "$work/after" >"$work/left"
    comm -12 "$work/left" "$work/after" >"$work/still"
    mv "$work/still" "$work/left"
    [ ! -s "$work/left" ]
}

# ---- many -----------------------------------------------------------------------------------

many_said() { # WHAT
    awk -v what="$1" '$1 == what { print $2 }' "$work/served"
}

# Of all maps it holds: each once, though several descriptors may be of one.
map_memory() { # PID
    cat /proc/"$1"/fdinfo/* 2>/dev/null | awk '
        $1 == "pos:" { lock = "" }
        $1 == "memlock:" { lock = $2 }
        $1 == "map_id:" && !seen[$2]++ { sum += lock; n++ }
        END { printf "%d maps, %.1f MiB", n, sum / 2 ^ 20 }'
}

many() {
    local server clients status=0 memory
    cc -D_GNU_SOURCE -O2 "$top/tests/bench/many.c" -o "$work/many"
    "$work/many" serve >"$work/served" &
    server=$!
    started+=("$server")
    within 5 grep -q '^port' "$work/served"
    mkfifo "$work/go"
    "$work/many" load "$(many_said port)" "$duration" "$sockets" "$rate" <"$work/go" >"$work/loaded" &
    clients=$!
    started+=("$clients")
    exec 4>"$work/go"
    within 20 grep -q '^open' "$work/loaded"
    attach -p $server -f json
    memory=$(map_memory "$attach_pid")
    echo go >&4
    wait $clients || { say "the clients failed" && status=1; }
    exec 4>&-
    memory="$memory at first, $(map_memory "$attach_pid") at the end, with $sockets sockets open"
    awk '/^VmHWM/ { printf "copyscope: at most %.1f MiB resident", $2 / 1024 }' "/proc/$attach_pid/status"
    echo ", and $(cpu_ns "$attach_pid" | awk '{ printf "%.1f", $1 / 1e9 }') s of CPU; $memory"
    detach
    kill $server && wait $server
    echo "clients: $(awk '/^rate/ { print $2 }' "$work/loaded") connections a second, $(many_said connections) in all"
    jq -r --argjson sent "$(many_said sent)" --argjson sends "$(many_said sends)" \
        --argjson received "$(many_said received)" --argjson receives "$(many_said receives)" '
        def say($ok; $text): (if $ok then "ok: " else "NOT: " end) + $text;
        .results[0] as $r | .owners[1][0] as $owner | $r.values[$owner] as $v
        | ($r.calls | map(select(.[0] == $owner))) as $rows
        | ($rows | map(select(.[1] | startswith("recv")))) as $in | ($rows - $in) as $out
        | say($v.sent_bytes[0] == $sent and $v.sent_calls[0] == $sends;
              "sent: \($v.sent_bytes[0]) B in \($v.sent_calls[0]) calls; the server says \($sent) in \($sends)"),
          say($v.received_bytes[0] == $received;
              "received: \($v.received_bytes[0]) B in \($v.received_calls[0]) calls; the server says \($received) in \($receives)"),
          say(($out | map(.[4]) | add) == $v.sent_bytes[0] and ($in | map(.[4]) | add) == $v.received_bytes[0];
              "the ways and sizes add up"),
          say(($r.drops | map(select(.[0] != "offcpu_open"))) == []; "no drops: \($r.drops)"),
          "sockets used: \($v.sockets_used[0])"' "$work/attach.json" | tee "$work/verdict"
    ! grep -q '^NOT' "$work/verdict" || status=1
    return $status
}

"$what"
