# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Completion of copyscope for bash, written by scripts/man.sh.

_copyscope_commands='run attach report diff check list'

_copyscope_options() { # COMMAND
    case $1 in
    run) echo "-m --mode -s --size -t --threads -d --duration --warmup -r --repeat --attribution --margin --seed --path -6 --ipv6 --pattern --buffers --ring --recv --file-dir --direct --chunk --pipe --batch --issue --tier --level --cc --beside --cpus --freq -o --out --format --cross-check --verify --versus -q --quiet -v --verbose -h --help" ;;
    attach) echo "-p --pid --cgroup --container -a --all -d --duration -i --interval --top -f --format -o --out --report --prometheus --prometheus-textfile --pprof --by -n --number --freq --margin --tier --remote -q --quiet -v --verbose -h --help" ;;
    report) echo "-f --format -o --out --margin --versus --by -v --verbose -h --help" ;;
    diff) echo "-m --modes --metric -f --format --flame --fail-if -h --help" ;;
    check) echo "--json --tier -h --help" ;;
    list) echo "--json -h --help" ;;
    esac
}

# What an option takes, or a command besides (@): a kind, and words.
_copyscope_argument() { # COMMAND OPTION
    case "$1 $2" in
    "run -m" | "run --mode") echo "many all original A1 A2 A3 A3p write writev sendfile splice vmsplice uring uring-zc uring-zc-fixed ktls ktls-sendfile udp-gso udp-gso-zc unix" ;;
    "run --path") echo "one veth loopback routed nic: ssh:" ;;
    "run --pattern") echo "one stream rr" ;;
    "run --buffers") echo "one heap page flat huge" ;;
    "run --recv") echo "one copy trunc splice mmap uring zcrx" ;;
    "run --file-dir") echo "dir" ;;
    "run --issue") echo "one caller sqpoll iowq" ;;
    "run --tier") echo "one auto fentry kprobe tracepoint" ;;
    "run --level") echo "one light full" ;;
    "run --beside") echo "many cc rr none" ;;
    "run -o" | "run --out") echo "dir" ;;
    "run --format") echo "many json csv folded flame flame-diff speedscope pprof openmetrics plots md html" ;;
    "run --versus") echo "many A1 A2 A3 A3p write writev sendfile splice vmsplice uring uring-zc uring-zc-fixed ktls ktls-sendfile udp-gso udp-gso-zc unix" ;;
    "attach -p" | "attach --pid") echo "pid" ;;
    "attach -f" | "attach --format") echo "one text json jsonl csv" ;;
    "attach -o" | "attach --out") echo "file" ;;
    "attach --report") echo "dir" ;;
    "attach --prometheus-textfile") echo "file" ;;
    "attach --pprof") echo "file" ;;
    "attach --by") echo "one answers process cgroup way socket reason" ;;
    "attach --tier") echo "one auto fentry kprobe tracepoint" ;;
    "attach @") echo "pid" ;;
    "report -f" | "report --format") echo "many json csv folded flame flame-diff speedscope pprof openmetrics plots md html" ;;
    "report -o" | "report --out") echo "dir" ;;
    "report --versus") echo "many A1 A2 A3 A3p write writev sendfile splice vmsplice uring uring-zc uring-zc-fixed ktls ktls-sendfile udp-gso udp-gso-zc unix" ;;
    "report --by") echo "one answers process cgroup way socket reason" ;;
    "report @") echo "dir" ;;
    "diff -m" | "diff --modes") echo "many A1 A2 A3 A3p write writev sendfile splice vmsplice uring uring-zc uring-zc-fixed ktls ktls-sendfile udp-gso udp-gso-zc unix" ;;
    "diff --metric") echo "many throughput_gbps latency_avg_us latency_p50_us latency_p90_us latency_p99_us latency_p999_us latency_max_us elapsed_ns app_bytes app_reverse_bytes app_calls warmup_bytes messages flatten_bytes partial_sends tcp_retransmit_bytes enobufs_waits completion_waits zc_ids_issued zc_ids_completed zc_ids_copied zc_notifications field_pages least_pages hugetlb_bytes thp_bytes verified_bytes verify_errors user_cpu_ns system_cpu_ns proc_ctx_voluntary proc_ctx_involuntary busy_cpu_ns kernel_cpu_ns other_cpu_ns steal_ns max_rss_bytes cycles instructions l1d_load_misses llc_misses context_switches cpu_migrations page_faults task_clock_ns sent_calls sent_bytes sent_by_iowq_calls sent_by_iowq_bytes sent_by_sqpoll_calls sent_by_sqpoll_bytes sent_loopback_calls sent_loopback_bytes user_to_kernel_copies user_to_kernel_bytes splice_reads splice_read_bytes zerocopy_sends zerocopy_bytes zerocopy_misaligned_sends zerocopy_misaligned_bytes zerocopy_ns spliced_bytes encrypted_bytes encrypted_copy_bytes tls_records tls_framing_bytes tls_pushed_bytes page_refs zc_ids_allocated copy_ubufs_skbs copy_ubufs_bytes zerocopy_skbs zerocopy_frags zerocopy_skbs_full path_copies path_copy_bytes copy_ubufs_ns gso_copy_bytes head_copies head_copy_bytes other_copy_bytes retransmit_segments retransmit_bytes completion_ranges completion_ids completion_copied_ids uring_notifications uring_notifications_copied completion_latency_ns received_calls received_bytes kernel_to_user_copies kernel_to_user_bytes kernel_to_user_ns mapped_bytes spliced_to_pipe_bytes zcrx_bytes zcrx_copies zcrx_copied_bytes discarded_bytes decrypted_bytes processes_followed sockets_used ctx_voluntary ctx_involuntary offcpu_ns cpu_samples cycles_per_byte cpu_ns_per_byte idle_irq_cpu_ns instructions_per_cycle copies_per_byte copied_ids_ratio zcrx_referenced_bytes tls_overhead_bytes page_refs_ratio calls_per_message bytes_per_skb frags_per_skb full_skbs_ratio observer_overhead" ;;
    "diff -f" | "diff --format") echo "one text md json" ;;
    "diff --flame") echo "file" ;;
    "diff @") echo "file" ;;
    "check --tier") echo "one auto fentry kprobe tracepoint" ;;
    "list @") echo "one modes receives probes formats metrics paths reasons" ;;
    "run -s" | "run --size" | "run -t" | "run --threads" | "run -d" | "run --duration" | "run --warmup" | "run -r" | "run --repeat" | "run --attribution" | "run --margin" | "run --seed" | "run --ring" | "run --chunk" | "run --pipe" | "run --batch" | "run --cc" | "run --cpus" | "run --freq" | "attach --cgroup" | "attach --container" | "attach -d" | "attach --duration" | "attach -i" | "attach --interval" | "attach --prometheus" | "attach -n" | "attach --number" | "attach --freq" | "attach --margin" | "report --margin" | "diff --fail-if") echo any ;;
    esac
}

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
