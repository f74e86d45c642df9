/* SPDX-License-Identifier: GPL-2.0-only */
/* Why a value is absent or only a bound, one row each:
 *
 *   REASON(id, name, text, remedy)
 *
 * name is the key in results.json. text may hold one %s for what was found in that place; remedy (or
 * NULL) is what the reader can do. Included several times, so it has no include guard.
 */

/* ---- anything else: the text is what was found ------------------------------------------- */
REASON(OTHER, "other", "%s", NULL)

/* ---- probes that were not chosen, or not accepted ---------------------------------------- */
REASON(EXCLUDED, "excluded_by_tier", "excluded by --tier", NULL)
REASON(NOT_MIXED, "not_mixed", "not beside the other function tier, which shows more", NULL)
REASON(LEVEL, "level", "not observed with --level light", "use --level full")
REASON(STANDS_IN, "stands_in", "not needed: what it stands in for is seen itself", NULL)
REASON(NO_TARGET, "no_target", "this kernel has no %s", NULL)
REASON(LOAD_REFUSED, "load_refused", "refused at load (%s)", NULL)
REASON(ATTACH_REFUSED, "attach_refused", "refused at attach (%s)", NULL)
REASON(NOT_CONFIGURED, "not_configured", "not in this kernel (%s)", NULL)
REASON(DOES_NOT_LOAD, "does_not_load", "does not load: %s", NULL)
REASON(DOES_NOT_ATTACH, "does_not_attach", "does not attach to %s", NULL)
REASON(PREEMPTED, "preempted", "preempted, so that %s runs were skipped", NULL)
REASON(NO_TRACEPOINT, "no_tracepoint", "none shows %s", NULL)

/* ---- counts that are bounds -------------------------------------------------------------- */
REASON(SEND_TURNS, "send_turns", "turns of the send loop, each copies at most once", NULL)
REASON(COPIES_INFERRED, "copies_inferred",
       "inferred from what was received with user pages, which the kernel copies before it delivers it; "
       "what was dropped in between was not copied", NULL)
REASON(MERGED_RANGES, "merged_ranges",
       "as the application read them, after the error queue merged neighbouring ranges", NULL)
REASON(WAYS_UNSEEN, "ways_unseen", "no tracepoint shows %s", NULL)
REASON(SKIPPED_RUNS, "skipped_runs", "the kernel skipped %s runs of its probes", NULL)
REASON(LOST_STATES, "lost_states", "the kernel had no memory to follow %s calls", NULL)
REASON(UNCLASSIFIED, "unclassified", "the way of %s sends was not seen", NULL)
REASON(COPIES_UNSEEN, "copies_unseen",
       "every id came back COPIED, yet fewer bytes were seen being copied than were sent and sent again: "
       "probes did not run in some context", NULL)
REASON(COPIES_UNSEEN_OR_LOST, "copies_unseen_or_lost",
       "every id came back COPIED, yet fewer bytes were seen being copied than were sent and sent again: "
       "probes did not run in some context, or packets were lost on the way", NULL)
REASON(RETRANSMITS_UNSEEN, "retransmits_unseen",
       "TCP itself counted more: probes did not run in some context", NULL)
REASON(ELSEWHERE_UNSEEN, "elsewhere_unseen",
       "what ksoftirqd, kworkers and interrupts did outside of both ends was not measured", NULL)
REASON(OTHERS_RAN, "others_ran",
       "other programs took %s of the CPU time that both ends took, and some of what the kernel's threads and "
       "interrupts did may have been for them", "stop them, or use a machine without any")
REASON(STAGES_UNSEEN, "stages_unseen", "%s not visible", NULL)

REASON(THREADS_ENDED, "threads_ended", "threads of the process ended in the window, and with them their counts", NULL)

/* ---- two hosts ---------------------------------------------------------------------------- */
REASON(OTHER_HOST, "other_host", "the receiver is on another host, whose kernel was not asked: %s",
       "install this copyscope there, and let us be root there by ssh or by sudo without a password")

/* ---- what a transport has not ------------------------------------------------------------- */
REASON(NOT_TCP, "not_tcp", "not by TCP: nothing is sent again", NULL)

/* ---- derived values: the reasons of the input follow ------------------------------------- */
REASON(INPUT_ABSENT, "input_absent", "%s was not measured", NULL)
REASON(NOTHING_TO_DIVIDE_BY, "nothing_to_divide_by",
       "nothing to divide by: no bytes or no events", NULL)
REASON(NO_CLEAN_PASS, "no_clean_pass", "no clean pass of this cell", NULL)

/* ---- perf_event_open --------------------------------------------------------------------- */
REASON(NO_PMU, "no_pmu", "no hardware PMU on this machine (virtual machine without vPMU?)",
       "run on bare metal or give the guest a vPMU")
REASON(NO_EVENT, "no_event", "the PMU of this CPU does not offer this event", NULL)
REASON(PERF_PARANOID, "perf_paranoid", "perf_event_paranoid=%s",
       "run as root, or sysctl kernel.perf_event_paranoid=1 / CAP_PERFMON")
REASON(NO_PERF, "no_perf", "this kernel has no perf_event_open",
       "use one built with CONFIG_PERF_EVENTS")
REASON(PMU_BUSY, "pmu_busy", "the PMU is held by another user", "stop other profilers")
REASON(TOO_MANY_FILES, "too_many_files", "too many open files", "raise ulimit -n")
REASON(PERF_ERROR, "perf_error", "perf_event_open: %s", NULL)
REASON(NEVER_ENABLED, "never_enabled", "never enabled: the process did not get to its exec", NULL)
REASON(NEVER_SCHEDULED, "never_scheduled",
       "never scheduled: all counters of the PMU are taken (other profilers, or sysctl "
       "kernel.nmi_watchdog=0)", NULL)
REASON(UNREADABLE, "unreadable", "the counter could not be read", "run again")
REASON(NOT_ON_PMU, "not_on_pmu", "not counted on %s", NULL)
REASON(SHARED_PMUS, "shared_pmus",
       "the counters were off for a part of the time, and nothing tells on which type of core: nothing is "
       "extrapolated", "count fewer events, or stop other profilers")
REASON(NOT_FINITE, "not_finite", "not a finite number", NULL)
