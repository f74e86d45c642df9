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
complete -c copyscope -n __copyscope_needs_command -a run -d 'run the send modes and report what the kernel did with each byte'
complete -c copyscope -n __copyscope_needs_command -a attach -d 'the same questions about programs that run, or one to be started'
complete -c copyscope -n __copyscope_needs_command -a report -d 'render a report again from its results.json'
complete -c copyscope -n __copyscope_needs_command -a diff -d 'compare two runs, or two modes of one; fail a build on a regression'
complete -c copyscope -n __copyscope_needs_command -a check -d 'what can be observed on this kernel, and what to do about the rest'
complete -c copyscope -n __copyscope_needs_command -a list -d 'list modes, probes, formats, metrics or paths'
complete -c copyscope -n '__copyscope_is help' -a 'run attach report diff check list'

complete -c copyscope -n '__copyscope_is run' -s m -l mode -x -a '(__fish_append , all original A1 A2 A3 A3p write writev sendfile splice vmsplice uring uring-zc uring-zc-fixed ktls ktls-sendfile udp-gso udp-gso-zc unix)' -d 'send modes'
complete -c copyscope -n '__copyscope_is run' -s s -l size -x -d 'message sizes, with K, M or G'
complete -c copyscope -n '__copyscope_is run' -s t -l threads -x -d 'connections, a thread each at both ends'
complete -c copyscope -n '__copyscope_is run' -s d -l duration -x -d 'length of one pass'
complete -c copyscope -n '__copyscope_is run' -l warmup -x -d 'the same traffic before each pass, off the record'
complete -c copyscope -n '__copyscope_is run' -s r -l repeat -x -d 'clean passes of each cell'
complete -c copyscope -n '__copyscope_is run' -l attribution -x -d 'attribution passes of each cell'
complete -c copyscope -n '__copyscope_is run' -l margin -x -d 'what is no difference to speak of'
complete -c copyscope -n '__copyscope_is run' -l seed -x -d 'the order of passes, to be had again'
complete -c copyscope -n '__copyscope_is run' -l path -x -a 'veth loopback routed nic: ssh:' -d 'veth (default), loopback, routed, nic:IF1,IF2 or...'
complete -c copyscope -n '__copyscope_is run' -s 6 -l ipv6 -d 'IPv6 over that path, not IPv4'
complete -c copyscope -n '__copyscope_is run' -l pattern -x -a 'stream rr' -d 'stream (default), or rr: a message for each request'
complete -c copyscope -n '__copyscope_is run' -l buffers -x -a 'heap page flat huge' -d 'where the 8 fields of a message lie: heap (default)'
complete -c copyscope -n '__copyscope_is run' -l ring -x -d 'messages that a connection sends from by reference: zero-copy has to...'
complete -c copyscope -n '__copyscope_is run' -l recv -x -a 'copy trunc splice mmap uring zcrx' -d 'how to receive: copy (default), trunc, splice, mmap, uring or zcrx, see...'
complete -c copyscope -n '__copyscope_is run' -l file-dir -x -a '(__fish_complete_directories)' -d 'sendfile, splice: send from an unnamed file in DIR, not from memory (memfd)'
complete -c copyscope -n '__copyscope_is run' -l direct -d 'sendfile, splice: open the file O_DIRECT: each send reads it into fresh...'
complete -c copyscope -n '__copyscope_is run' -l chunk -x -d 'sendfile, splice, ktls: bytes a call'
complete -c copyscope -n '__copyscope_is run' -l pipe -x -d 'splice, vmsplice, --recv splice: size of the pipe'
complete -c copyscope -n '__copyscope_is run' -l batch -x -d 'uring: messages a submission, each linked to the one before'
complete -c copyscope -n '__copyscope_is run' -l issue -x -a 'caller sqpoll iowq' -d 'uring, uring-zc, uring-zc-fixed: who sends what the ring is asked for:...'
complete -c copyscope -n '__copyscope_is run' -l tier -x -a 'auto fentry kprobe tracepoint' -d 'how to observe: auto (default, the best that works for each quantity)...'
complete -c copyscope -n '__copyscope_is run' -l level -x -a 'light full' -d 'full adds user stacks of threads off the CPU, and the time spent inside...'
complete -c copyscope -n '__copyscope_is run' -l cc -x -d 'TCP congestion control of the sender'
complete -c copyscope -n '__copyscope_is run' -l beside -x -a '(__fish_append , cc rr none)' -d 'beside the matrix: cc, one cell of it with another congestion control'
complete -c copyscope -n '__copyscope_is run' -l cpus -x -d 'pin thread i of either end to the CPU at place i modulo length (0,2,3)'
complete -c copyscope -n '__copyscope_is run' -l freq -x -d 'stack samples per second on a CPU, and a fifth of that of waiting'
complete -c copyscope -n '__copyscope_is run' -s o -l out -x -a '(__fish_complete_directories)' -d 'write the report here'
complete -c copyscope -n '__copyscope_is run' -l format -x -a '(__fish_append , json csv folded flame flame-diff speedscope pprof openmetrics plots md html)' -d 'report formats'
complete -c copyscope -n '__copyscope_is run' -l cross-check -d 'observe by a second tier as well, where there is one, and report where...'
complete -c copyscope -n '__copyscope_is run' -l verify -d 'check the content of every byte'
complete -c copyscope -n '__copyscope_is run' -l versus -x -a '(__fish_append , A1 A2 A3 A3p write writev sendfile splice vmsplice uring uring-zc uring-zc-fixed ktls ktls-sendfile udp-gso udp-gso-zc unix)' -d 'tell from which size on one of these two is better than the other'
complete -c copyscope -n '__copyscope_is run' -s q -l quiet -d 'no progress, only the report\'s path'
complete -c copyscope -n '__copyscope_is run' -s v -l verbose -d 'tell what is loaded, attached and why not'
complete -c copyscope -n '__copyscope_is run' -s h -l help -d 'this text'

complete -c copyscope -n '__copyscope_is attach' -s p -l pid -x -a '(__fish_complete_pids)' -d 'these processes, all their threads and the children they have or get'
complete -c copyscope -n '__copyscope_is attach' -l cgroup -x -d 'all below this cgroup (v2), by its path below /sys/fs/cgroup:...'
complete -c copyscope -n '__copyscope_is attach' -l container -x -d 'a container of docker, containerd, CRI-O or podman, by its id or the...'
complete -c copyscope -n '__copyscope_is attach' -s a -l all -d 'every program that sends or receives, by its name'
complete -c copyscope -n '__copyscope_is attach' -s d -l duration -x -d 'for so long'
complete -c copyscope -n '__copyscope_is attach' -s i -l interval -x -d 'a line of what was moved each time so long has gone by'
complete -c copyscope -n '__copyscope_is attach' -l top -d 'a live screen instead of lines, of a terminal'
complete -c copyscope -n '__copyscope_is attach' -s f -l format -x -a 'text json jsonl csv' -d 'text'
complete -c copyscope -n '__copyscope_is attach' -s o -l out -rF -d 'write there, as the user behind sudo'
complete -c copyscope -n '__copyscope_is attach' -l report -x -a '(__fish_complete_directories)' -d 'write a report there, too: the answers and flamegraphs as a page, stacks...'
complete -c copyscope -n '__copyscope_is attach' -l prometheus -x -d 'answer scrapes of http://ADDR:PORT/metrics meanwhile'
complete -c copyscope -n '__copyscope_is attach' -l prometheus-textfile -rF -d 'write the same there for node_exporter, each interval or at the end, in...'
complete -c copyscope -n '__copyscope_is attach' -l pprof -rF -d 'write the stacks so far there for pprof, each interval and at the end...'
complete -c copyscope -n '__copyscope_is attach' -l by -x -a 'answers process cgroup way socket reason' -d 'text: instead of the answers one table of all: process, cgroup, way...'
complete -c copyscope -n '__copyscope_is attach' -s n -l number -x -d 'text: the answers, or rows, of so many, those that moved most bytes'
complete -c copyscope -n '__copyscope_is attach' -l freq -x -d 'CPU samples a second and CPU, at most'
complete -c copyscope -n '__copyscope_is attach' -l margin -x -d 'what is not worth speaking of'
complete -c copyscope -n '__copyscope_is attach' -l tier -x -a 'auto fentry kprobe tracepoint' -d 'observe by this kind of probe only: fentry, kprobe, tracepoint'
complete -c copyscope -n '__copyscope_is attach' -l remote -d 'copyscope runs on another host: obey it on standard input, answer on...'
complete -c copyscope -n '__copyscope_is attach' -s q -l quiet -d 'no words but the result'
complete -c copyscope -n '__copyscope_is attach' -s v -l verbose -d 'say more'
complete -c copyscope -n '__copyscope_is attach' -s h -l help -d 'this text'
complete -c copyscope -n '__copyscope_is attach' -a '(__fish_complete_pids)'

complete -c copyscope -n '__copyscope_is report' -s f -l format -x -a '(__fish_append , json csv folded flame flame-diff speedscope pprof openmetrics plots md html)' -d 'formats to write'
complete -c copyscope -n '__copyscope_is report' -s o -l out -x -a '(__fish_complete_directories)' -d 'write there, not into the report itself'
complete -c copyscope -n '__copyscope_is report' -l margin -x -d 'what is no difference to speak of'
complete -c copyscope -n '__copyscope_is report' -l versus -x -a '(__fish_append , A1 A2 A3 A3p write writev sendfile splice vmsplice uring uring-zc uring-zc-fixed ktls ktls-sendfile udp-gso udp-gso-zc unix)' -d 'tell from which size on one of these two is better than the other'
complete -c copyscope -n '__copyscope_is report' -l by -x -a 'answers process cgroup way socket reason' -d 'of an observation: instead of its answers one table: process, cgroup...'
complete -c copyscope -n '__copyscope_is report' -s v -l verbose -d 'say more'
complete -c copyscope -n '__copyscope_is report' -s h -l help -d 'this text'
complete -c copyscope -n '__copyscope_is report' -a '(__fish_complete_directories)'

complete -c copyscope -n '__copyscope_is diff' -s m -l modes -x -a '(__fish_append , A1 A2 A3 A3p write writev sendfile splice vmsplice uring uring-zc uring-zc-fixed ktls ktls-sendfile udp-gso udp-gso-zc unix)' -d 'compare these two modes, of one run or the first of A and the second of...'
complete -c copyscope -n '__copyscope_is diff' -l metric -x -a '(__fish_append , throughput_gbps latency_avg_us latency_p50_us latency_p90_us latency_p99_us latency_p999_us latency_max_us elapsed_ns app_bytes app_reverse_bytes app_calls warmup_bytes messages flatten_bytes partial_sends tcp_retransmit_bytes enobufs_waits completion_waits zc_ids_issued zc_ids_completed zc_ids_copied zc_notifications field_pages least_pages hugetlb_bytes thp_bytes verified_bytes verify_errors user_cpu_ns system_cpu_ns proc_ctx_voluntary proc_ctx_involuntary busy_cpu_ns kernel_cpu_ns other_cpu_ns steal_ns max_rss_bytes cycles instructions l1d_load_misses llc_misses context_switches cpu_migrations page_faults task_clock_ns sent_calls sent_bytes sent_by_iowq_calls sent_by_iowq_bytes sent_by_sqpoll_calls sent_by_sqpoll_bytes sent_loopback_calls sent_loopback_bytes user_to_kernel_copies user_to_kernel_bytes splice_reads splice_read_bytes zerocopy_sends zerocopy_bytes zerocopy_misaligned_sends zerocopy_misaligned_bytes zerocopy_ns spliced_bytes encrypted_bytes encrypted_copy_bytes tls_records tls_framing_bytes tls_pushed_bytes page_refs zc_ids_allocated copy_ubufs_skbs copy_ubufs_bytes zerocopy_skbs zerocopy_frags zerocopy_skbs_full path_copies path_copy_bytes copy_ubufs_ns gso_copy_bytes head_copies head_copy_bytes other_copy_bytes retransmit_segments retransmit_bytes completion_ranges completion_ids completion_copied_ids uring_notifications uring_notifications_copied completion_latency_ns received_calls received_bytes kernel_to_user_copies kernel_to_user_bytes kernel_to_user_ns mapped_bytes spliced_to_pipe_bytes zcrx_bytes zcrx_copies zcrx_copied_bytes discarded_bytes decrypted_bytes processes_followed sockets_used ctx_voluntary ctx_involuntary offcpu_ns cpu_samples cycles_per_byte cpu_ns_per_byte idle_irq_cpu_ns instructions_per_cycle copies_per_byte copied_ids_ratio zcrx_referenced_bytes tls_overhead_bytes page_refs_ratio calls_per_message bytes_per_skb frags_per_skb full_skbs_ratio observer_overhead)' -d 'compare these, METRIC[@OWNER], or all (default: one for each question of...'
complete -c copyscope -n '__copyscope_is diff' -s f -l format -x -a 'text md json' -d 'text (default), md or json'
complete -c copyscope -n '__copyscope_is diff' -l flame -rF -d 'also write the differential flamegraph there: CPU time per byte sent...'
complete -c copyscope -n '__copyscope_is diff' -l fail-if -x -d 'METRIC[@OWNER]>RATIO, or >= < <=, as \'cpu_ns_per_byte>1.05\': exit with 3...'
complete -c copyscope -n '__copyscope_is diff' -s h -l help -d 'this text'
complete -c copyscope -n '__copyscope_is diff' -F

complete -c copyscope -n '__copyscope_is check' -l json -d 'as a JSON object'
complete -c copyscope -n '__copyscope_is check' -l tier -x -a 'auto fentry kprobe tracepoint' -d 'as if `copyscope run` were given this --tier'
complete -c copyscope -n '__copyscope_is check' -s h -l help -d 'this text'

complete -c copyscope -n '__copyscope_is list' -l json -d 'probes: as a JSON array'
complete -c copyscope -n '__copyscope_is list' -s h -l help -d 'this text'
complete -c copyscope -n '__copyscope_is list' -a 'modes receives probes formats metrics paths reasons'
