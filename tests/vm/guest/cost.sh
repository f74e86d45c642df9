# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The whole cost of a pass against an observer that has nothing to do with it: the kernel's trace tells when
# each CPU halted, what came before and after, and when copyscope read /proc/stat, which is its window. The
# host adds up: ../check_cost.sh. By hand, TESTS=cost: it is about times, which a loaded host stretches. Holds on
# 6.1 and 6.12; on 7.3 the idle clock lacks a tenth of what the trace tells of one thread, for a reason not found.
# timeout: 300
tracing=/sys/kernel/tracing

# x86 tells its interrupts apart by vector, arm64 has IPIs. What comes while tasks run is of no interest.
trace_idle() {
    echo mono >$tracing/trace_clock
    echo 16384 >$tracing/buffer_size_kb
    echo 0 >$tracing/options/irq-info
    echo p:window show_stat >$tracing/kprobe_events || return 1
    echo 'prev_pid == 0 || next_pid == 0' >$tracing/events/sched/sched_switch/filter
    for event in irq irq_vectors ipi; do
        [ ! -e $tracing/events/$event ] || echo 'common_pid == 0' >$tracing/events/$event/filter
    done
    for event in kprobes/window power/cpu_idle sched/sched_switch irq irq_vectors ipi; do
        [ ! -e $tracing/events/$event ] || echo 1 >$tracing/events/$event/enable || return 1
    done
}

leave_trace() {
    echo 0 >$tracing/events/enable
    cat $tracing/trace >trace
    for event in sched irq irq_vectors ipi; do
        [ ! -e $tracing/events/$event ] || echo 0 >$tracing/events/$event/filter
    done
    echo >$tracing/kprobe_events
    echo 1 >$tracing/options/irq-info
    echo 1408 >$tracing/buffer_size_kb
}

ok "the kernel traces when its CPUs halt" trace_idle
# One tier: a pass that is taken again by another would be a window more.
ok "run, for the whole cost" copyscope run --mode A1,A3 --size 64K --threads 1,4 --duration 3 --repeat 3 \
    --freq 0 --tier tracepoint --path veth --format json --out cost
ok "the trace is kept" leave_trace
