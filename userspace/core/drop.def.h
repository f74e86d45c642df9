/* SPDX-License-Identifier: GPL-2.0-only */
/* What the probes saw and could not account, one row each:
 *
 *   DROP(id, name, text, effect)
 *
 * name is the key in results.json. text may hold one %s for the detail; effect says what lacks it. Those
 * up to ZC_SEND are counted by the BPF programs, in the order of enum cs_drop. Included several times,
 * so it has no include guard.
 */
DROP(STACK, "stack", "stack traces (table full or colliding)", STACKS)
DROP(SAMPLE, "sample", "CPU samples (table full)", STACKS)
DROP(OFFCPU, "offcpu", "off-CPU spans (table full)", OFFCPU)
DROP(TASK_STORAGE, "task_storage", "task states (no memory)", COUNTS)
DROP(UNCLASSIFIED, "unclassified", "sends whose way was not seen", COUNTS)
DROP(ORPHAN, "orphan", "zero-copy skbs received whose owner is unknown", COUNTS)
DROP(PATH, "path", "places of copies inside the path (table full or colliding)", COUNTS)
DROP(OFFCPU_OPEN, "offcpu_open", "off-CPU spans whose end was not seen", OFFCPU)
DROP(ZC_SEND, "zc_send", "zero-copy ids whose send time was lost (table full)", LATENCY)

DROP(SKIPPED_RUNS, "skipped_runs", "runs of %s skipped as nested", COUNTS)
DROP(DISAGREEMENT, "tiers_disagree", "%s", DISAGREEMENT)
DROP(OTHER, "other", "%s", COUNTS)
