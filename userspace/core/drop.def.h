/* SPDX-License-Identifier: GPL-2.0-only */
/* What the probes saw and could not account, one row each:
 *
 *   DROP(id, name, text, effect)
 *
 * name is the key in results.json. text may hold one %s for the detail; effect says what lacks it.
 * BPF_DROP() rows are counted by the BPF programs and come first, in the order of enum cs_drop, which
 * probe/collect.c asserts. Included several times, so it has no include guard.
 */
#ifndef BPF_DROP
#define BPF_DROP DROP
#endif
BPF_DROP(STACK, "stack", "stack traces (table full or colliding)", STACKS)
BPF_DROP(SAMPLE, "sample", "CPU samples (table full)", STACKS)
BPF_DROP(OFFCPU, "offcpu", "off-CPU samples (table full)", STACKS)
BPF_DROP(TASK_STORAGE, "task_storage", "task states (no memory)", COUNTS)
BPF_DROP(UNCLASSIFIED, "unclassified", "sends whose way was not seen", COUNTS)
BPF_DROP(ORPHAN, "orphan", "zero-copy skbs received whose owner is unknown", COUNTS)
BPF_DROP(PATH, "path", "places of copies inside the path (table full or colliding)", COUNTS)
BPF_DROP(OFFCPU_OPEN, "offcpu_open", "off-CPU spans of which one end was not seen", OFFCPU)
BPF_DROP(ZC_SEND, "zc_send", "zero-copy ids whose send time was lost (table full)", LATENCY)
BPF_DROP(PROCESS, "process", "processes not followed (table full)", COUNTS)
BPF_DROP(SOCKET, "socket", "sockets not remembered (table full)", COUNTS)

DROP(SKIPPED_RUNS, "skipped_runs", "runs of %s skipped: a probe was running, or preempted, on that CPU", COUNTS)
DROP(MISSED_RETURNS, "missed_returns", "runs of %s skipped: more calls at a time than a kretprobe watches", COUNTS)
DROP(DISAGREEMENT, "tiers_disagree", "%s", DISAGREEMENT)
DROP(OTHER, "other", "%s", COUNTS)

#undef BPF_DROP
