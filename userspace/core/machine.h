/* SPDX-License-Identifier: GPL-2.0-only */
/* What the CPUs of the whole machine did in a window, without any probe: a task clock tells nothing of softirqs
 * that ran while a CPU was idle, nor of ksoftirqd and other threads of the kernel.
 *
 * Busy is what was not idle, by the kernel's idle clock (fs/proc/stat.c: get_idle_time(), nanoseconds where
 * ticks stop, printed in units of 1/sysconf(_SC_CLK_TCK)). Of the busy time the kernel's threads have their run
 * time to the nanosecond (/proc/PID/schedstat), other programs in those units (/proc/PID/stat). What then is
 * left beside the processes observed is the work of interrupts in idle context, what no task clock tells of the
 * switches between tasks (in an emulated machine some percent), and programs that ended meanwhile and were not
 * waited for.
 */
#ifndef CORE_MACHINE_H
#define CORE_MACHINE_H

#include "core/metric.h"
#include "core/timeline.h"

struct machine;

/* The window begins. mine: processes that are counted otherwise; the caller, unless it is one of them, is another
 * program. proc: "/proc".
 */
struct machine *machine_begin(const char *proc, const pid_t *mine, size_t mine_cnt);

/* It ends: busy, the kernel's threads, other programs, and what the hypervisor took, into v. What cannot be read
 * stays absent.
 */
void machine_end(struct machine *m, struct metric_value v[METRIC_MAX_]);

/* How many threads run or wait for a CPU now, but for this one, at_ns after the window began. *runnable is made with
 * the first; free() it.
 */
void machine_look(const struct machine *m, uint64_t at_ns, struct timeline **runnable);

/* Safe on NULL. */
void machine_free(struct machine **m);

#endif
