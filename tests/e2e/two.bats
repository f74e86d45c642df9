#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Two hosts: the other one is a network namespace with a real sshd in it, of its own configuration and keys. What
# lives there has $there in its environment, and puts its temporary files into $far.

bats_require_minimum_version 1.5.0
load helpers

setup() {
    need_root
    need sshd ssh ssh-keygen nsenter
    cd "$BATS_TEST_TMPDIR" || return
    far=$BATS_TEST_TMPDIR/far net=two-$$ here=10.77.0.1 there_ip=10.77.0.2
    there=COPYSCOPE_TEST_THERE=$BATS_TEST_TMPDIR
    mkdir "$far" bin home installed
    install_there 'echo copyscope 0.0' # nothing that is installed on this machine
    [ -d /run/sshd ] || { mkdir /run/sshd && made_place=yes; }
    join_hosts
    make_keys
    start_sshd
    ways=(run --path ssh:other --duration 0.1 --warmup 0.05 --repeat 1 --size 64K --threads 2 --format json,md -q)
    PATH=$PWD/bin:$PATH
    before=$(snapshot)
}

teardown() {
    [ -z "${run_pid:-}" ] || kill -9 "$run_pid" 2>/dev/null || true
    [ -z "${net:-}" ] || ip netns pids "$net" | xargs -r kill -9 2>/dev/null
    # The namespace goes some time later, and with it the link, whose address the next test has, too.
    [ -z "${net:-}" ] || ip link delete "cs2-$$"
    [ -z "${net:-}" ] || ip netns delete "$net"
    [ -z "${made_place:-}" ] || rmdir /run/sshd
    ! mountpoint -q "${far:-/nowhere}" || umount -l "$far"
}

join_hosts() {
    ip netns add "$net"
    ip link add "cs2-$$" type veth peer name eth0 netns "$net"
    ip address add $here/24 dev "cs2-$$"
    ip link set "cs2-$$" up
    ip -n "$net" address add $there_ip/24 dev eth0
    ip -n "$net" link set lo up
    ip -n "$net" link set eth0 up
}

# The user's ssh has a configuration; here it is not that of whoever runs the tests.
make_keys() {
    ssh-keygen -q -t ed25519 -N '' -f hostkey
    ssh-keygen -q -t ed25519 -N '' -f userkey
    echo "$there_ip $(cut -d' ' -f1,2 hostkey.pub)" >known
    printf '%s\n' 'Host other' "HostName $there_ip" 'User root' "IdentityFile $PWD/userkey" 'IdentitiesOnly yes' \
        "UserKnownHostsFile $PWD/known" 'GlobalKnownHostsFile /dev/null' >config
    # shellcheck disable=SC2016  # for that shell
    printf '#!/bin/sh\nexec %s -F %s "$@"\n' "$(command -v ssh)" "$PWD/config" >bin/ssh
    chmod +x bin/ssh
}

start_sshd() { # [NAME=VALUE]...: of the environment there
    printf '%s\n' "ListenAddress $there_ip" "HostKey $PWD/hostkey" "AuthorizedKeysFile $PWD/userkey.pub" \
        'PermitRootLogin prohibit-password' 'StrictModes no' 'UsePAM no' "PidFile $PWD/sshd.pid" \
        "SetEnv $there TMPDIR=$far HOME=$PWD/home PATH=$PWD/installed:/usr/sbin:/usr/bin:/sbin:/bin $*" >sshd_config # and nobody's .bashrc
    nsenter --net="/run/netns/$net" /usr/sbin/sshd -f "$PWD/sshd_config" 3>&-
    within 10 test -s sshd.pid
}

# Before all else in PATH there.
install_there() { # COMMAND [NAME]: default copyscope
    printf '#!/bin/sh\n%s\n' "$1" >"installed/${2:-copyscope}"
    chmod +x "installed/${2:-copyscope}"
}

# grep's status is that of an error, too, when any process ends meanwhile.
of_us_there() { grep -lsz "^$there\$" /proc/[0-9]*/environ || true; }
lives_there() { [ -n "$(of_us_there)" ]; }
nothing_there() { [ -z "$(of_us_there; ls -A "$far")" ]; }

show_there() {
    local of
    for of in $(of_us_there); do
        of=${of%/environ}
        echo "${of#/proc/} $(tr '\0' ' ' <"$of/cmdline") parent $(grep PPid "$of/status")"
    done
    ls -lA "$far"
}

# nothing_left: of all runs so far, on either side; what a kill left here is the next run's to remove.
nothing_left() {
    within 5 nothing_there || { show_there; return 1; }
    as_before "$before"
}

normal_run() {
    rm -rf r
    run -0 --separate-stderr copyscope "${ways[@]}" --mode A1 --out r
    keeps_laws r
    nothing_left
}

refused() { # WORDS COMMAND...: fails with one line that has these words, and leaves nothing
    local words=$1
    shift
    run ! --separate-stderr copyscope "$@" --out r
    echo "$(said)"
    [[ "$(said)" == *"$words"* ]]
    [ "$(said | wc -l)" = 1 ]
    nothing_left
}

@test "two hosts: every mode is sent and counted, and what only the other kernel knows is absent for that reason" {
    run -0 --separate-stderr copyscope "${ways[@]}" --mode all --out r
    is_sound r
    [ "$(jq -r '[.results[].status] | unique[]' r/results.json)" = ok ]
    # the receiver's copies are not 0 but unknown
    jq -e '.how as $how | [.results[] | select(.pass == "attribution") | .values.client.kernel_to_user_bytes]
        | length > 3 and all(.[0] == null and ($how[.[1]].reasons[0] | index("other_host")))' r/results.json
    # its CPU time and switches are its own words
    jq -e '[.results[].values.client | .task_clock_ns[0], .proc_ctx_voluntary[0]] | all(. > 0)' r/results.json
    jq -e '[.results[].values.cell.busy_cpu_ns[0]] | all(. > 0)' r/results.json
    # both ends of the link
    for fact in 'Server NIC' 'Client NIC' 'Client kernel' 'Server TSO' 'Client scatter-gather' 'Client MTU'; do
        jq -e --arg fact "$fact" 'any(.environment[]; .[0] == $fact and .[1] != "")' r/results.json
    done
    run -1 grep 'Server scatter-gather:\*\* off' r/report.md
    # a veth has no wire, whatever speed it tells
    run -1 grep '\*\*Link:' r/report.md
    nothing_left
}

@test "two hosts: where the same copyscope is installed and may be root, the receiver's kernel is asked, too" {
    install_there "exec $COPYSCOPE \"\$@\""
    run -0 --separate-stderr copyscope "${ways[@]}" --mode A1,A3,sendfile --out r
    is_sound r
    jq -e '[.results[] | select(.pass == "attribution") | .values
        | .client.received_bytes[0] == .client.app_bytes[0] and .client.kernel_to_user_bytes[0] == .client.app_bytes[0]
            and .server.sent_bytes[0] == .server.app_bytes[0]] | length == 3 and all' r/results.json
    jq -e '.owners as $o | any(.results[]; .pass == "attribution" and any(.waits[]; .[0] == "client"))' r/results.json
    nothing_left
    # as root by sudo, or not at all
    install_there 'echo 1000' id
    install_there 'shift; exec "$@"' sudo
    run -0 --separate-stderr copyscope "${ways[@]}" --mode A1 --out by-sudo
    is_sound by-sudo
    jq -e 'any(.results[].values.client; .received_bytes[0] != null and .received_bytes[0] == .app_bytes[0])' by-sudo/results.json
    install_there 'exit 1' sudo
    run -0 --separate-stderr copyscope "${ways[@]}" --mode A1 --out denied
    jq -e 'any(.how[]; any(.reasons[]?; index("we may not be root there")))' denied/results.json
    rm installed/id installed/sudo
    # it fails there, and here all goes on
    install_there "[ \"\$1\" != attach ] || { echo 'copyscope: no BPF here' >&2; exit 77; }; exec $COPYSCOPE \"\$@\""
    run -0 --separate-stderr copyscope "${ways[@]}" --mode A1 --out r2
    is_sound r2
    jq -e 'any(.how[]; any(.reasons[]?; index("copyscope: no BPF here")))' r2/results.json
    nothing_left
}

@test "two hosts: a NIC that takes no packet in pieces is told, with what it means" {
    need ethtool
    ethtool -K "cs2-$$" sg off
    run -0 --separate-stderr copyscope "${ways[@]}" --mode A3 --out r
    keeps_laws r
    grep 'Server scatter-gather:\*\* off: the NIC takes no packet in pieces' r/report.md
    # some ids are flagged; where functions are visible, the bytes tell, too
    grep -E 'Did zero-copy happen\? (Only in part|No, all was copied)\.\*\*' r/report.md
}

@test "two hosts: behind sudo it is the user's ssh, with their rights" {
    chmod 711 "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR" bin
    chown $NOBODY userkey
    mkdir -m 777 open
    sed -i "2i { id -u; grep CapEff /proc/self/status; } >>$PWD/open/who" bin/ssh
    SUDO_UID=$NOBODY SUDO_GID=$NOBODY run -0 --separate-stderr copyscope "${ways[@]}" --mode A1 --out open/r
    [ "$(sort -u open/who)" = $'65534\nCapEff:\t0000000000000000' ]
    keeps_laws open/r
    nothing_left
}

@test "two hosts: round trips, verified bytes, and an address that is given" {
    run -0 --separate-stderr copyscope "${ways[@]}" --mode A1,A3 --pattern rr --out rr
    is_sound rr
    run -0 --separate-stderr copyscope "${ways[@]}" --path "ssh:other,$here" --mode A1,sendfile --verify --out verify
    is_sound verify
    nothing_left
}

@test "two hosts: over IPv6" {
    ip address add fd77::1/64 dev "cs2-$$" nodad
    ip -n "$net" address add fd77::2/64 dev eth0 nodad
    run -0 --separate-stderr copyscope "${ways[@]}" -6 --path ssh:other,fd77::1 --mode A1 --out r
    is_sound r
    refused "is no IPv6 address of this host" "${ways[@]}" -6 --mode A1
}

@test "two hosts: what cannot be is told before anything is begun" {
    for bad in ssh: ssh:-oProxyCommand=x ssh:,$here; do
        run ! --separate-stderr copyscope "${ways[@]}" --path "$bad" --mode A1 --out r
        [ "$(said | wc -l)" = 1 ]
    done
    refused "is no IPv4 address of this host" "${ways[@]}" --path ssh:other,192.0.2.1 --mode A1
    refused "leads to no other host" "${ways[@]}" --mode unix
}

@test "two hosts: no such host, key refused, user refused, nobody listens: one line with the remedy" {
    refused "check the name" "${ways[@]}" --path ssh:nowhere.invalid --mode A1
    mv known unknown
    refused "connect once by hand and look at its key: ssh other" "${ways[@]}" --mode A1
    mv unknown known
    mv userkey.pub otherkey.pub
    refused "ssh-copy-id other" "${ways[@]}" --mode A1
    mv otherkey.pub userkey.pub
    echo "Port 1" >>config
    refused "start sshd there" "${ways[@]}" --mode A1
}

@test "two hosts: no space, no right to run programs, another architecture, a shell that talks: one line" {
    mount -t tmpfs -o size=16k none "$far"
    refused "No space left on device: make room" "${ways[@]}" --mode A1
    umount "$far"
    mount -t tmpfs -o noexec none "$far"
    refused "ermission denied: make room in /tmp there, where programs may be run" "${ways[@]}" --mode A1
    umount "$far"
    install_there '[ "$1" = -s ] && echo Linux || echo pdp11' uname
    refused "is Linux/pdp11 and not $(uname -s)/$(uname -m), as this host: install copyscope" "${ways[@]}" --mode A1
    install_there 'echo Welcome' sh
    refused 'prints "Welcome"' "${ways[@]}" --mode A1
}

@test "two hosts: a client that cannot reach us says at which address and port" {
    # a gateway that swallows everything, as a firewall does
    ip address add 10.78.0.1/32 dev "cs2-$$"
    ip -n "$net" neighbour add 10.77.0.9 lladdr 02:00:00:00:00:09 dev eth0 nud permanent
    ip -n "$net" route add 10.78.0.1 via 10.77.0.9
    run ! --separate-stderr copyscope "${ways[@]}" --path ssh:other,10.78.0.1 --mode A1,A2,A3 --out r
    echo "$(said)"
    # not for each pass of the run
    [ "$(said | wc -l)" = 3 ]
    [[ "$(said)" == *"--path ssh:other,10.78.0.1: two passes in a row"* ]]
    [[ "$(said)" == *"no answer from 10.78.0.1 port 9711: check the address, the link and the firewall"* ]]
    nothing_left
}

# The run's ssh processes: the first is the master.
ssh_of_run() { pgrep -x -P "$run_pid" ssh; }

@test "two hosts: ssh killed at ten moments: nothing stays on either side, and the next run is as ever" {
    local i victims
    for i in {1..10}; do
        start_run "${ways[@]}" --mode A1,A3 --out "r$i"
        sleep "$((i / 4)).$((i % 4 * 25))"
        mapfile -t victims < <(ssh_of_run)
        ((${#victims[@]} == 0)) || kill -9 "${victims[i % ${#victims[@]}]}" 2>/dev/null || true
        status=0
        wait "$run_pid" || status=$?
        cat run.err
        # it connects again, or ends because it could not connect the first time
        [ "$status" = 0 ] || [ "$status" = 1 ]
        [ "$status" = 0 ] || [ -s run.err ]
        within 5 nothing_there
        as_before "$before"
    done
    normal_run
}

@test "two hosts: what of us is killed there ends a pass, not the run" {
    local victim i
    for i in 1 2 3; do
        rm -rf r
        start_run "${ways[@]}" --duration 1 --mode A1 --out r
        within 10 lives_there
        sleep "0.$((i * 3))"
        victim=$(of_us_there | head -n "$i" | tail -n 1)
        victim=${victim#/proc/}
        kill -9 "${victim%/environ}" 2>/dev/null || true
        status=0
        wait "$run_pid" || status=$?
        cat run.err
        [ "$status" = 0 ] || [ "$status" = 1 ]
        nothing_left
    done
    normal_run
}

@test "two hosts: Ctrl-C, SIGTERM and kill -9 of copyscope leave nothing there, and the next run cleans up here" {
    local signal i
    for signal in INT TERM KILL; do
        for i in 1 2 3; do
            start_run "${ways[@]}" --duration 2 --mode A1 --out "r-$signal-$i"
            sleep "$((i / 2)).$((i % 2 * 4))"
            kill -"$signal" "$run_pid"
            wait "$run_pid" || true
            within 5 nothing_there || { echo "$signal $i"; show_there; return 1; }
            [ "$signal" = KILL ] || as_before "$before"
        done
    done
    rm -rf r-*
    normal_run
}

@test "two hosts: the link is lost in a pass: the run ends, and nothing stays" {
    start_run "${ways[@]}" --duration 1 --mode A1,A3 --out r
    within 10 lives_there
    sleep 0.5
    kill "$(<sshd.pid)"
    ip netns pids "$net" | xargs -r kill -9 2>/dev/null || true
    status=0
    wait "$run_pid" || status=$?
    cat run.err
    [ "$status" = 1 ]
    [[ "$(<run.err)" == *"ssh other: "* ]]
    [ "$(wc -l <run.err)" -le 2 ]
    nothing_left
}
