#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Whole runs: what the kernel counted is what the programs moved, to the byte, in every mode; and what
# a run owes to those who live beside it.

bats_require_minimum_version 1.5.0
load helpers

setup() {
    need_root
    cd "$BATS_TEST_TMPDIR" || return
}

# The report says so itself: as many checks balance as were made.
# All of it, unless datagrams went by reference and tracepoints alone had a look.
ledger_balances() { # DIR
    grep -qiE 'balance.* ([0-9]+) of \1 checks' "$1/report.md" ||
        { grep -q 'Does the ledger balance? Yes' "$1/report.md" &&
            jq -e '[.results[] | select(.mode == "udp-gso-zc" and .pass == "attribution")
                    | .values.server.zerocopy_bytes[0]] | any(. == null)' "$1/results.json"; }
}

# One of each way.
SOME=original,write,sendfile,vmsplice

modes() { # MODES PATH PATTERN OPTION...
    run -0 --separate-stderr copyscope "${SHORT[@]}" --mode "$1" --path "$2" --pattern "$3" --out r "${@:4}"
    is_sound r
    ledger_balances r
}

every_mode() { # PATH PATTERN OPTION...
    modes all,unix "$@"
    [ "$(jq '[.results[].mode] | unique | length' r/results.json)" = \
        "$("$COPYSCOPE" list modes | awk -F'\t' '$4 == "supported"' | wc -l)" ]
}

@test "run: veth, stream: every mode keeps the laws in both passes" {
    every_mode veth stream --size 64K --threads 2
}

@test "run: veth, request-response: each way keeps the laws in both passes" {
    modes $SOME veth rr --size 64K --threads 2
}

@test "run: loopback, stream: each way keeps the laws in both passes" {
    modes $SOME loopback stream --size 64K --threads 2
}

@test "run: local sockets are counted to the byte, whatever the path, by themselves and beside TCP" {
    modes unix,A1 veth stream --size 64K,100001 --threads 1,4 --duration 0.2 --freq 0 --verify
    modes unix loopback rr --size 64K --threads 4 --duration 0.2 --freq 0 --verify
    jq -e '.plan.congestion == null' r/results.json
    grep -qE '^. Payload copies per byte . .*2\.000.* .$' r/report.md
    grep -qF '**Not over the path:** unix: a local socket. Nothing of it goes over loopback' r/report.md
}

@test "run: datagrams are counted to the byte, over IPv4 and IPv6, and answered" {
    modes udp-gso,udp-gso-zc,A1 veth stream --size 64K,3001 --threads 1,4 --duration 0.2 --freq 0 --verify
    modes udp-gso,udp-gso-zc loopback rr --size 100000 --threads 4 --duration 0.2 --freq 0 --verify
    modes udp-gso,udp-gso-zc veth stream -6 --size 64K --threads 2 --duration 0.2 --freq 0 --verify
    run -2 --separate-stderr copyscope "${SHORT[@]}" --mode udp-gso --recv uring --out r
    grep -q -- '--recv uring takes no datagrams' stderr
    run -2 --separate-stderr copyscope "${SHORT[@]}" --mode udp-gso --cc cubic --out r
    grep -q 'only TCP has a congestion control' stderr
}

@test "run: what is nothing to a local socket" {
    run -2 --separate-stderr copyscope "${SHORT[@]}" --mode unix -6 --out r
    grep -q 'a local socket has no address' stderr
    run -2 --separate-stderr copyscope "${SHORT[@]}" --mode unix --cc cubic --out r
    grep -q 'only TCP has a congestion control' stderr
    run -2 --separate-stderr copyscope "${SHORT[@]}" --mode A1,unix --recv trunc --out r
    grep -q 'copies from a local socket all the same' stderr
    # both have cubic, one has reno, too
    run -0 --separate-stderr copyscope "${SHORT[@]}" --mode A1,unix --cc cubic,reno --size 64K --threads 1 --out r
    jq -e '[.results[] | select(.variant)] | all(.mode == "A1") and length == 2' r/results.json
    is_sound r
    # all are those that take the path
    run -0 --separate-stderr copyscope "${SHORT[@]}" --mode all --size 64K --threads 1 --duration 0.05 --out r
    grep -q 'without .*unix (not over the network path: name it to have it)' stderr
    jq -e '[.plan.modes[].name] | index("unix") == null' r/results.json
}

@test "run: loopback, request-response: every mode keeps the laws in both passes" {
    every_mode loopback rr --size 64K --threads 2
}

# The stacks know by which protocol it went. IPv4 may be among them: softirqs do the work of others, too.
over_ipv6() { # DIR
    jq -e '.plan.ipv6 and any(.frames[]; .[0] == "k" and (.[1] | test("^(ip6_xmit|tcp_v6_|inet6_csk_)")))' \
        "$1/results.json"
    grep -q '^| Path, pattern | .* over IPv6, stream |' "$1/report.md"
}

@test "run: -6: the same laws over IPv6, on each path that needs no NIC" {
    [ -e /proc/net/if_inet6 ] || skip "this kernel has no IPv6"
    for path in veth loopback routed; do
        run -0 --separate-stderr copyscope "${SHORT[@]}" -6 --path $path --mode original,sendfile --size 64K \
            --threads 2 --freq 999 --verify --out $path
        is_sound $path
        ledger_balances $path
        over_ipv6 $path
    done
    # of so many samples some hit our own programs, which the kernel's list of functions tells from no other's
    if [ "$(cat /proc/sys/net/core/bpf_jit_enable)" != 0 ]; then
        jq -es 'any(.[].frames[]; .[0] == "k" and .[1] == "[copyscope]")' veth/results.json loopback/results.json \
            routed/results.json
    fi
}

@test "run: --ipv6 on a kernel without: 77, the remedy, and nothing left behind" {
    need strace
    before=$(snapshot)
    run -77 --separate-stderr marked strace -qq -f -o log -e trace=socket -e inject=socket:error=EAFNOSUPPORT \
        "$COPYSCOPE" "${SHORT[@]}" "${CELL[@]}" --ipv6 --out r
    echo "$stderr"
    grep -q 'AF_INET6.*INJECTED' log
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == *"no IPv6: boot it without ipv6.disable=1"*"run without -6" ]]
    [ ! -e r ]
    as_before "$before"
}

@test "run: small, odd and large messages, one thread and several, repeated" {
    modes $SOME veth stream --size 1,4097,1M --threads 1,3 --repeat 2 --duration 0.05 --freq 0
}

@test "run: --verify compares every byte in every mode" {
    every_mode veth stream --verify --size 64K --threads 2
}

@test "run: --recv: however the client receives, the laws hold, and the page says how it did" {
    for way in $(copyscope list receives | awk -F'\t' '$3 == "supported" && NR > 1 { print $1 }'); do
        verify=(--verify)
        [ "$way" != trunc ] || verify=()
        run -0 --separate-stderr copyscope "${SHORT[@]}" --mode A1,A3,sendfile --size 100000 --threads 2 --freq 0 \
            --path loopback --recv "$way" "${verify[@]}" --out "$way"
        is_sound "$way"
        grep -q "^| Received by | $way |" "$way/report.md"
    done
}

@test "run: --recv uring without io_uring: 77 and one line" {
    need strace
    run -77 --separate-stderr marked strace -qq -f -o log -e trace=io_uring_setup -e inject=io_uring_setup:error=ENOSYS \
        "$COPYSCOPE" "${SHORT[@]}" "${CELL[@]}" --recv uring --out r
    [ "$stderr" = "copyscope: --recv uring does not work here: Function not implemented; see \`copyscope list receives\`" ]
    [ ! -e r ]
}

@test "run: --ring bounds what a zero-copy connection may have under way, and the page says who waited" {
    run -0 --separate-stderr copyscope "${SHORT[@]}" --mode A2,A3 --size 256K --threads 1 --ring 1 --out r
    is_sound r
    ledger_balances r
    [ "$(jq .plan.ring r/results.json)" = 1 ]
    # with one buffer no two messages are under way, so no notification is of both
    jq -e '[.results[] | select(.mode == "A3") | .values.server | .zc_notifications[0] >= .messages[0]] | all' \
        r/results.json
    grep -qE '^\| 256 KiB \| A3 \| heap \|.* [0-9.]+.% \|$' r/report.md
    run -2 --separate-stderr copyscope "${SHORT[@]}" --ring 0 --out r2
    grep -q "ring" stderr
}

@test "run: --buffers says where the fields lie, but for a mode that is about that; plan and page tell" {
    run -0 --separate-stderr copyscope "${SHORT[@]}" --mode A3,A3p --size 64K --threads 2 --buffers huge --out r
    is_sound r
    ledger_balances r
    [ "$(jq -c '[.plan.modes[] | .buffers]' r/results.json)" = '["huge","page"]' ]
    grep -qE '^\| 64 KiB \| A3 \| huge \((reserved|transparent|not granted)\) \| 16.0 ' r/report.md
    grep -qE '^\| 64 KiB \| A3p \| page \| 16.0 ' r/report.md
    # adjoining pages of a huge one are one fragment
    jq -e '[.results[] | select(.pass == "attribution") | .values.server
            | select(.thp_bytes[0] > 0 or .hugetlb_bytes[0] > 0) | .frags_per_skb[0] < 8] | all' r/results.json
    run -2 --separate-stderr copyscope "${SHORT[@]}" --mode A3 --buffers stack --out r2
    grep -q "buffers.*stack" stderr
}

@test "run: --batch: linked requests keep the stream's order" {
    for pattern in stream rr; do
        run -0 --separate-stderr copyscope "${SHORT[@]}" --mode uring --size 1M,3000 --threads 2 --batch 8 \
            --pattern $pattern --verify --out $pattern
        is_sound $pattern
        ledger_balances $pattern
        [ "$(jq .plan.batch $pattern/results.json)" = 8 ]
    done
    run -2 --separate-stderr copyscope "${SHORT[@]}" --batch 0 --out r
    grep -q "batch" stderr
}

@test "run: --issue: what threads of io_uring's send is the sender's, and told" {
    for issue in sqpoll iowq; do
        run -0 --separate-stderr copyscope "${SHORT[@]}" --mode uring,uring-zc-fixed --size 64K --threads 2 --issue $issue \
            --verify --out $issue
        is_sound $issue
        ledger_balances $issue
        [ "$(jq -r .plan.issue $issue/results.json)" = $issue ]
        grep -q "sends made by .* io_uring.*, in the sender's own process" $issue/report.md
    done
}

@test "run: sendfile and splice from a file on disk, in pieces, through a larger pipe; nothing stays" {
    files=$(mktemp -d) # where the workload's user comes to, too
    chmod 1777 "$files"
    run -0 --separate-stderr copyscope "${SHORT[@]}" --mode sendfile,splice,vmsplice --size 1M --threads 2 \
        --file-dir "$files" --chunk 48K --pipe 256K --ring 3 --verify --out r
    is_sound r
    ledger_balances r
    [ "$(jq -c '.plan | [.file_dir, .chunk_bytes, .pipe_bytes]' r/results.json)" = "[\"$files\",49152,262144]" ]
    jq -e '[.results[] | .values.server as $s | ($s.app_calls[0] * 1048576 / $s.app_bytes[0]) as $calls
            | if .mode == "vmsplice" then $calls >= 4 else $calls >= 21 end] | all' r/results.json
    rmdir "$files" # which fails if anything is left in it
    run -2 --separate-stderr copyscope "${SHORT[@]}" --mode sendfile --size 64K --threads 1 \
        --file-dir "$files" --out r2
    [ "$(said)" = "copyscope: --file-dir $files: No such file or directory" ]
}

@test "run: sendfile and splice from a file opened O_DIRECT: the same bytes; plan and ledger hold" {
    run --separate-stderr copyscope "${SHORT[@]}" --mode sendfile,splice --size 64K --threads 2 --direct --verify --out r
    [[ $stderr != *"--direct: Invalid argument"* ]] || skip "this kernel's tmpfs takes no O_DIRECT"
    [ "$status" -eq 0 ]
    is_sound r
    ledger_balances r
    jq -e .plan.direct r/results.json
    jq -e 'all(.results[]; .values.client | .verified_bytes[0] > 0 and .verify_errors[0] == 0)' r/results.json
}

@test "run: --mode original is the three modes of the experiment" {
    run -0 --separate-stderr copyscope "${SHORT[@]}" --mode original --size 64K --threads 1 --duration 0.05 --out r
    [ "$(jq -c '[.plan.modes[].name]' r/results.json)" = '["A1","A2","A3"]' ]
}

@test "run: the report says that zero-copy was none here: how many bytes the kernel copied, and why" {
    run -0 --separate-stderr copyscope "${SHORT[@]}" --mode A3 --size 64K --threads 2 --out r
    grep '^- \*\*Zero-copy (A3):' r/report.md
    # what is sent again is copied again: a little more than all, and then inferred; a lower bound may be less
    bound=$(jq -r '.how as $how | .results[] | select(.pass == "attribution")
        | $how[.values.server.copy_ubufs_bytes[1]].bound' r/results.json)
    case $bound in
    null) how_much='' percent='10[0-9]\.[0-9]' ;;
    lower) how_much='at least ' percent='at least [0-9.]+' ;;
    upper) how_much='at most ' percent='at most 10[0-9]\.[0-9]' ;;
    esac
    grep -E "^- .* sent by page reference the kernel copied ${how_much}[0-9.]+ [KMG]iB anyway" r/report.md |
        grep -E "\($percent[^0-9]*%\)\. It was not zero-copy"
    grep -q 'skb_copy_ubufs' r/report.md
    grep -qE 'flagged COPIED \(100\.0[^0-9]*%\)' r/report.md
    ids=$(jq '[.results[].values.server.completion_copied_ids[0] // 0] | add' r/results.json)
    grep -E 'ids flagged COPIED' r/report.md | tr -d , | grep -q "\b$ids of $ids ids"
}

@test "run: the laws can be broken: a result that is off by a byte is caught" {
    run -0 --separate-stderr copyscope "${SHORT[@]}" --mode A3 --size 64K --threads 2 --out r
    is_sound r
    for name in server.sent_bytes server.zerocopy_bytes client.kernel_to_user_bytes client.app_bytes \
        server.completion_ids server.completion_copied_ids client.ctx_voluntary \
        server.proc_ctx_involuntary server.zc_ids_completed; do
        mkdir -p off
        jq ".results[] |= (if .pass == \"attribution\" then .values.$name[0] += 1 else . end)" \
            r/results.json >off/results.json
        run ! keeps_laws off
    done
    jq '.results[0].values.server.app_bytes[0] = null' r/results.json >off/results.json
    run ! keeps_laws off
}

@test "run: two at the same time both succeed, each with its own bytes" {
    copyscope "${SHORT[@]}" "${MODES[@]}" --out first 3>&- &
    run -0 --separate-stderr copyscope "${SHORT[@]}" "${MODES[@]}" --out second
    wait $!
    for dir in first second; do
        is_sound $dir
    done
}

runs_program() { # PID NAME: it has passed its exec
    test "$(basename "$(readlink "/proc/$1/exe")")" = "$2"
}

@test "run: the workload does not run as root, and holds no capability it could use" {
    start_run "${SHORT[@]}" "${CELL[@]}" --duration 2 --quiet --out r
    within 10 run_id "$run_pid" >id
    for role in server client; do
        within 10 role_pids "$(cat id)" $role >"$role.pids"
        for pid in $(cat $role.pids); do
            within 10 runs_program "$pid" $role
            awk '/^[UG]id:/ { for (i = 2; i <= 5; i++) if ($i != 65534) exit 1 }' "/proc/$pid/status"
            # none, or CAP_IPC_LOCK alone where the limit on locked memory could not be lifted
            grep -qE '^CapEff:\s0000000000000000$|^CapEff:\s0000000000004000$' "/proc/$pid/status"
            grep -qE '^Groups:\s*$' "/proc/$pid/status"
        done
    done
    kill -INT "$run_pid"
    wait "$run_pid" || true
}

@test "run: an ordinary user with the capabilities that check names can run it" {
    local caps=+bpf,+perfmon,+net_admin,+sys_admin,+dac_override,+syslog
    mkdir -m 777 parent
    chmod 755 .
    as_user() { setpriv --reuid 12345 --regid 12345 --clear-groups --inh-caps="$1" \
        --ambient-caps="$1" "${@:2}"; }
    # The test's directory may be closed to others; dac_override opens it.
    run -0 --separate-stderr as_user $caps "$COPYSCOPE" run --size 64K --threads 1 --repeat 1 \
        --duration 0.1 --quiet --format json --out parent/r
    is_sound parent/r
    [ "$(stat -c %u parent/r/results.json)" = 12345 ]
    run -77 --separate-stderr as_user +bpf,+dac_override "$COPYSCOPE" run
    [[ $stderr == *"without CAP_PERFMON, CAP_NET_ADMIN, CAP_SYS_ADMIN:"* ]]
}

@test "run: from a directory that only root may enter, as root and as a user with capabilities" {
    local caps=+bpf,+perfmon,+net_admin,+sys_admin,+dac_override,+syslog
    mkdir -m 700 closed
    cp "$OUT/copyscope" "$OUT/server" "$OUT/client" closed/
    mkdir -m 777 parent
    COPYSCOPE=$PWD/closed/copyscope
    run -0 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --quiet --out parent/root
    is_sound parent/root
    run -0 --separate-stderr marked setpriv --reuid 12345 --regid 12345 --clear-groups \
        --inh-caps=$caps --ambient-caps=$caps "$COPYSCOPE" "${SHORT[@]}" "${CELL[@]}" --quiet \
        --out parent/user
    is_sound parent/user
}

@test "run: with sudo the report and the workload are the invoking user's" {
    mkdir parent
    chown 12345:12346 parent
    export SUDO_UID=12345 SUDO_GID=12346
    start_run "${SHORT[@]}" "${CELL[@]}" --quiet --duration 0.5 --format json,md,html,plots --out parent/r
    within 10 run_id "$run_pid" >id
    within 10 role_pids "$(cat id)" client >pids
    awk '/^Uid:/ { exit $2 != 12345 }' "/proc/$(head -n 1 pids)/status"
    # the writer of the report has been that user since the beginning, with no way back
    awk '/^(Uid|Gid):/ && ($2 != $3 || $3 != $4 || $2 < 12345) || /^Cap(Prm|Eff|Amb):/ && $2 !~ /^0+$/ ||
        /^NoNewPrivs:/ && $2 != 1 { print; bad = 1 } END { exit bad }' \
        "/proc/$(awk '{ print $1 }' "/proc/$run_pid/task/$run_pid/children")/status"
    wait "$run_pid"
    [ -z "$(find parent/r ! '(' -uid 12345 -gid 12346 ')')" ]
    [ -n "$(find parent/r -name results.json)" ]
    # others may read, nobody else may write
    [ -z "$(find parent/r -perm /022)" ]
    [ "$(stat -c %a parent/r)" = 755 ]
    # rendered again with sudo it still is
    run -0 --separate-stderr copyscope report parent/r
    [ -z "$(find parent/r ! '(' -uid 12345 -gid 12346 ')')" ]
    # what that user may not read or write, copyscope does not either
    mkdir -m 700 secret
    cp parent/r/results.json secret
    run -1 --separate-stderr copyscope report secret --out parent/x
    grep -q 'Permission denied' stderr
    ln -s "$PWD/secret" parent/link
    run -1 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --out parent/link/r
    grep -q 'Permission denied' stderr
    run -1 --separate-stderr copyscope diff parent/r parent/r --flame secret/x.svg
    [ "$(ls secret)" = results.json ]
}

@test "run: with sudo in a directory that is somebody else's, the report is the owner's" {
    mkdir parent
    chown 12347:12348 parent
    export SUDO_UID=12345 SUDO_GID=12346
    run -0 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --out parent/r
    grep -q 'user 12345 may not write to parent: the report is written as its owner, user 12347' stderr
    [ -z "$(find parent/r ! '(' -uid 12347 -gid 12348 ')')" ]
    # but no link leads there
    ln -s parent link
    run -1 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --out link/r2
    [ ! -e parent/r2 ]
}

@test "run: --out takes an earlier report's place, never that of anything else" {
    mkdir mine
    echo keep >mine/thesis.txt
    run -1 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --out mine
    [ "$(said | wc -l)" -eq 1 ]
    grep -q 'choose another directory$' stderr
    [ "$(ls -A mine)" = thesis.txt ]
    echo file >file
    run -1 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --out file
    [ "$(cat file)" = file ]
    # an earlier report gives way, and a stranger's file in it stays
    run -0 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --out r
    echo keep >r/notes.txt
    run -0 --separate-stderr copyscope "${SHORT[@]}" --mode A2 --size 64K --threads 2 --out r
    [ "$(jq -r '[.results[].mode] | unique[]' r/results.json)" = A2 ]
    [ "$(cat r/notes.txt)" = keep ]
    [ "$(ls -A | grep -c copyscope-tmp)" -eq 0 ]
}

@test "run: without --out a new directory in reports, and reports/latest leads to it" {
    export COPYSCOPE_REPORTS=$PWD/reports
    run -0 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}"
    [[ $output =~ ^$PWD/reports/20[0-9]{6}T[0-9]{6}Z-[^/]+$ ]]
    [ "$(readlink -f reports/latest)" = "$(readlink -f "$output")" ]
    latest=$(readlink reports/latest)
    run -0 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --out reports/20-mine
    [ "$(readlink reports/latest)" = "$latest" ]
    [ "$(ls -A reports | wc -l)" -eq 3 ]
    # a host may be called anything
    run -0 --separate-stderr marked unshare -u sh -c 'printf "../../x y" >/proc/sys/kernel/hostname && exec "$@"' \
        sh "$COPYSCOPE" "${SHORT[@]}" "${CELL[@]}" --quiet
    [[ $output =~ ^$PWD/reports/20[0-9]{6}T[0-9]{6}Z-[a-zA-Z0-9._-]+$ ]]
    [ "$(ls -A reports | wc -l)" -eq 4 ]
}

@test "run: stdout is the report's path and nothing else; --quiet leaves stderr empty" {
    run -0 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --out r
    [ "$output" = r ]
    # not a terminal: one whole line a pass, no control characters
    [ "$(grep -cE '^\[[12]/2\] A1 64K x2 (clean|attribution), repetition 1: [0-9.]+ Gbit/s' stderr)" -eq 2 ]
    said | head -n 1 | grep -qE 'copyscope: 2 passes, about 0 min [0-9]{2} s, in the order of --seed [1-9][0-9]*$'
    # then the verdict
    said | sed -n 4p | grep -q '^Did zero-copy happen? '
    said | grep -qx 'Does the ledger balance? Yes, to the byte'
    [ "$(said | wc -l)" -lt 20 ]
    run ! grep -q $'[\r\033]' stderr
    run -0 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --quiet --out q
    [ "$output" = q ]
    [ ! -s stderr ]
}

@test "run: on a terminal the progress is one line that rewrites itself" {
    need script
    script -qec "$COPYSCOPE ${SHORT[*]} ${CELL[*]} --out r >path" /dev/null </dev/null >terminal
    [ "$(cat path)" = r ]
    [ "$(grep -n -m 1 '^Did zero-copy happen? ' terminal | cut -d : -f 1)" -eq 3 ] # behind what is to come, and this one
    [ "$(grep -o $'\r\[' terminal | wc -l)" -eq 2 ]
    grep -q '0:00 left' terminal
    # the verdict has colours there, unless nobody wants them
    grep -q $'^Does the ledger balance? \033\\[1mYes, to the byte\033\\[0m' terminal
    NO_COLOR=1 script -qec "$COPYSCOPE ${SHORT[*]} ${CELL[*]} --out r >path" /dev/null </dev/null >terminal
    grep -q '^Does the ledger balance? Yes, to the byte' terminal
    run ! grep -q $'\033\\[1' terminal
}

@test "run: what follows from the measurement is in results.json, as a report would compute it" {
    run -0 --separate-stderr copyscope run "${CELL[@]}" --duration 0.1 --repeat 1 --out r
    jq -e '.results | all(.values.cell.cpu_ns_per_byte[0] > 0)' r/results.json
    cp r/results.json before.json
    run -0 --separate-stderr copyscope report r
    cmp before.json r/results.json
}

order() { # REPORT: its passes
    jq -c '[.results[] | [.pass, .repetition, .size_bytes, .mode]]' "$1/results.json"
}

@test "run: modes stand side by side, in an order that the seed tells again" {
    for i in 7,a 7,b 8,c; do
        run -0 --separate-stderr copyscope "${SHORT[@]}" --mode A1,A2,A3 --size 4K,64K --threads 1 \
            --repeat 3 --duration 0.02 --freq 0 --path loopback --seed "${i%,*}" --out "${i#*,}"
    done
    is_valid a
    # blocks of three passes hold one cell of one repetition; each mode once; one attribution pass a cell
    jq -e '.plan.seed == 7 and .plan.attributions == 1 and (.results | length) == 24 and
        ([.results | _nwise(3) | (map([.pass, .repetition, .size_bytes]) | unique | length) == 1 and
                                 (map(.mode) | sort) == ["A1", "A2", "A3"]] | all) and
        ([.results | _nwise(3) | map(.mode)] | unique | length) > 1' a/results.json
    [ "$(order a)" = "$(order b)" ]
    [ "$(order a)" != "$(order c)" ]
    jq -er .command a/results.json | grep -q -- '--seed 7'
}

@test "run: a mode against itself has a label of its own" {
    run -0 --separate-stderr copyscope "${SHORT[@]}" --mode A3,A3 --size 4K --threads 1 --repeat 2 \
        --duration 0.05 --freq 0 --path loopback --out r
    is_valid r
    jq -e '[.plan.modes[].name] == ["A3", "A3#2"] and (.results | map(.status) | unique) == ["ok"] and
        ([.results[] | select(.pass == "attribution") | .values.server.zerocopy_bytes[0] > 0] | all)' \
        r/results.json
}

@test "run: another congestion control and round trips stand beside the matrix, in its blocks" {
    run -0 --separate-stderr copyscope "${SHORT[@]}" --mode A1,A3 --size 4K,64K --threads 1,2 --duration 0.05 \
        --freq 0 --beside cc,rr --seed 7 --format json,csv,md --out r
    is_valid r
    keeps_laws r
    jq -e '.plan | .variants[0].congestion != .congestion and .variants[1].pattern == "rr" and
        .variants[1].congestion == .congestion' r/results.json
    # the cell of 64 KiB x 1 has all three, in one block of each pass
    jq -e '[.results[] | select(.pass == "clean") | [.size_bytes, .threads]] as $cells |
        ($cells | length) == 2 * (4 + 1 + 2) and
        ([$cells[] | select(. == [65536, 1])] | length) == 6 and
        (($cells | index([[65536, 1]])) as $at | $cells[$at:$at + 6] | unique) == [[65536, 1]]' r/results.json
    # each sample is of the matrix or says of what
    [ "$(grep -c ',rr,' r/results.csv)" = 4 ]
    grep -q '^### Beside the matrix' r/report.md
    grep -q '^| 64 KiB | 2 | [0-9.]* / [0-9.]* |' r/report.md
}

@test "run: a congestion control that is root's only, and more than one" {
    local own other
    read -r own </proc/sys/net/ipv4/tcp_congestion_control
    for other in $(cat /proc/sys/net/ipv4/tcp_available_congestion_control); do
        grep -qw "$other" /proc/sys/net/ipv4/tcp_allowed_congestion_control || break
    done
    run -0 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --cc "$own,$other,$own" --freq 0 --out r
    is_valid r
    jq -e --arg own "$own" --arg other "$other" '(.plan | .congestion == $own) and
        (if $own == $other then .plan.variants == null and (.results | length) == 2
         else [.plan.variants[].congestion] == [$other] and (.results | length) == 4 end) and
        (.results | map(.status) | unique) == ["ok"]' r/results.json
}

@test "run: the options land in the plan, and the command can be repeated" {
    run -0 --separate-stderr copyscope "${SHORT[@]}" --mode A1 --size 4K,64K --threads 1 --repeat 2 \
        --attribution 2 --duration 0.05 --freq 0 --cpus 0 --cc reno --tier tracepoint --path loopback --out r
    is_valid r
    jq -e '.plan | .size_bytes == [4096, 65536] and .threads == [1] and .repetitions == 2 and
        .duration_ns == 50000000 and .frequency_hz == 0 and .congestion == "reno" and
        .tier == "tracepoint" and .path == "loopback" and (.verify | not)' r/results.json
    jq -e '.results | length == 8' r/results.json
    # no samples asked for, no stacks of the CPU made up
    jq -e '[.results[].stacks[] | select(.[0] == 0)] == []' r/results.json
    jq -er .command r/results.json | grep -q -- '--size 4K,64K --threads 1 --repeat 2'
    # the attribution passes stand between the clean ones
    [ "$(jq -r '[.results[] | "\(.pass) \(.repetition)"] | join(" ")' r/results.json)" = \
        "clean 1 clean 1 attribution 1 attribution 1 attribution 2 attribution 2 clean 2 clean 2" ]
}

progress() { # PASSES: so many are over
    [ "$(grep -c '^\[' run.err)" -ge "$1" ]
}

has_links() { # COUNT: so many BPF programs of the run are attached; -1: any number but 0
    local links
    links=$(find "/proc/$run_pid/fd" -lname '*bpf[_-]link*' | wc -l)
    [ "$links" -eq "$1" ] || { [ "$1" -lt 0 ] && [ "$links" -gt 0 ]; }
}

@test "run: probes are attached once, for all attribution passes, and gone in every clean one" {
    start_run "${SHORT[@]}" "${CELL[@]}" --duration 1 --repeat 2 --attribution 2 --out r
    within 20 run_id "$run_pid" >id
    within 20 role_pids "$(cat id)" client >pids
    has_links 0
    within 20 progress 1
    within 20 has_links -1
    within 20 progress 3
    within 1 has_links 0
    run ! progress 4
    wait "$run_pid"
    is_sound r
    jq -e '.environment | map({(.[0]): .[1]}) | add | .probes_attached_times == "1" and
        (.attribution_setup_ms | tonumber) < 200' r/results.json
}

@test "run: the profiler tells its own start-up time and memory, which stays below 64 MiB" {
    case $(nm "$COPYSCOPE" 2>/dev/null) in *__asan_init*) skip "measures no sanitizer" ;; esac
    run -0 --separate-stderr copyscope "${SHORT[@]}" "${CELL[@]}" --out r
    jq -c '.environment[]' r/results.json
    jq -e '.environment | map({(.[0]): .[1]}) | add |
        (.first_probe_attached_ms | tonumber) > 0 and
        (.profiler_max_rss_bytes | tonumber) < 64 * 1048576' r/results.json
}
