/* SPDX-License-Identifier: GPL-2.0-only */
/* Timer events for CPU profiling, one an online CPU: a BPF program of type perf_event is attached
 * to each and takes the stack. Hardware cycles where every CPU has them, else the cpu-clock timer.
 */
#ifndef PERF_SAMPLER_H
#define PERF_SAMPLER_H

#include "core/util.h"

struct perf_sampler;

/* Opens the events disabled: attaching a program (bpf_program__attach_perf_event) enables them. hz
 * is capped to kernel.perf_event_max_sample_rate, with a warning. Returns 0, -EINVAL (hz is 0) or
 * -errno after one line (-EACCES and -EPERM: missing CAP_PERFMON). The caller closes.
 */
int perf_sampler_open(unsigned int hz, struct perf_sampler **out);

size_t perf_sampler_cnt(const struct perf_sampler *s);
int perf_sampler_fd(const struct perf_sampler *s, size_t i);  /* stays the sampler's */
unsigned int perf_sampler_hz(const struct perf_sampler *s);   /* after capping */
const char *perf_sampler_event(const struct perf_sampler *s); /* "cycles" or "cpu-clock"; static */

void perf_sampler_close(struct perf_sampler **s);

#endif
