// SPDX-License-Identifier: GPL-2.0-only
/* One sampling event an online CPU. All CPUs use the same event: a profile that mixes cycles and
 * time could not be read.
 */
#include "perf/sampler.h"

#include <errno.h>
#include <limits.h>

#include "core/log.h"
#include "perf/counters.h"
#include "perf/pmu.h"

#define MAX_CPUS 8192 /* the kernel's largest CONFIG_NR_CPUS; ids may have gaps */

struct perf_sampler {
	const char *event;
	unsigned int hz;
	int *fd; /* owned */
	size_t cnt, cap;
};

static const struct sample_event {
	const char *name;
	uint32_t type;
	uint64_t config;
} sample_events[] = {
	/* in order of preference */
	{.name = "cycles", .type = PERF_TYPE_HARDWARE, .config = PERF_COUNT_HW_CPU_CYCLES},
	{.name = "cpu-clock", .type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_CPU_CLOCK},
};

static void close_all(struct perf_sampler *s)
{
	while (s->cnt)
		close(s->fd[--s->cnt]);
}

/* A generic hardware event on a hybrid machine must be bound to the PMU of that CPU. */
static uint64_t config_for_cpu(const struct sample_event *e, const struct core_pmu_list *pmus,
			       unsigned int cpu)
{
	size_t i;

	if (e->type != PERF_TYPE_HARDWARE || pmus->cnt < 2)
		return e->config;
	for (i = 0; i < pmus->cnt; i++)
		if (cpulist_has(pmus->pmu[i].cpus, cpu))
			return pmu_bound_config(pmus->pmu[i].type, e->config);
	return e->config;
}

static int open_on_cpus(struct perf_sampler *s, const struct sample_event *e,
			const struct core_pmu_list *pmus, const char *online)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = e->type,
		.sample_freq = s->hz,
		.freq = 1,
		.disabled = 1,
	};
	unsigned int cpu;
	int fd;

	for (cpu = 0; cpu < MAX_CPUS; cpu++) {
		if (!cpulist_has(online, cpu))
			continue;
		attr.config = config_for_cpu(e, pmus, cpu);
		fd = perf_event_fd(&attr, -1, (int)cpu);
		if (fd == -ENODEV)
			continue; /* went offline meanwhile */
		if (fd < 0) {
			close_all(s);
			return fd;
		}
		array_grow(s->fd, s->cnt, s->cap);
		s->fd[s->cnt++] = fd;
	}
	s->event = e->name;
	return s->cnt ? 0 : -ENODEV;
}

static unsigned int capped_hz(unsigned int hz)
{
	_cleanup_free_ char *line = read_first_line("/proc/sys/kernel/perf_event_max_sample_rate");
	uint64_t max;

	if (!line || parse_u64(line, 1, UINT_MAX, &max) || hz <= max)
		return hz;
	log_warn("sampling at %u Hz instead of %u: the kernel's limit; raise it with sysctl "
		 "kernel.perf_event_max_sample_rate=%u",
		 (unsigned int)max, hz, hz);
	return (unsigned int)max;
}

static int no_sampling_r(int err)
{
	_cleanup_free_ char *paranoid = read_first_line("/proc/sys/kernel/perf_event_paranoid");
	struct reason refusal = perf_open_reason(-err, true, paranoid);
	_cleanup_free_ char *why = reason_text(&refusal);

	return fail_r(err, "no CPU sampling: %s", why);
}

int perf_sampler_open(unsigned int hz, struct perf_sampler **out)
{
	_cleanup_free_ char *online = read_first_line("/sys/devices/system/cpu/online");
	struct core_pmu_list pmus;
	struct perf_sampler *s;
	int err = -ENOENT;
	size_t i;

	if (!hz)
		return fail_r(-EINVAL, "sampling frequency 0: use 1 or more");
	if (!online)
		return fail_r(-ENOTSUP, "cannot read /sys/devices/system/cpu/online: mount sysfs");
	s = xcalloc(1, sizeof(*s));
	s->hz = capped_hz(hz);
	core_pmus_find("/sys", &pmus);
	for (i = 0; i < ARRAY_SIZE(sample_events) && err; i++)
		err = open_on_cpus(s, &sample_events[i], &pmus, online);
	core_pmus_free(&pmus);
	if (err) {
		perf_sampler_close(&s);
		return no_sampling_r(err);
	}
	*out = s;
	return 0;
}

size_t perf_sampler_cnt(const struct perf_sampler *s)
{
	return s->cnt;
}

int perf_sampler_fd(const struct perf_sampler *s, size_t i)
{
	return s->fd[i];
}

unsigned int perf_sampler_hz(const struct perf_sampler *s)
{
	return s->hz;
}

const char *perf_sampler_event(const struct perf_sampler *s)
{
	return s->event;
}

void perf_sampler_close(struct perf_sampler **ps)
{
	struct perf_sampler *s = take_ptr(*ps);

	if (!s)
		return;
	close_all(s);
	free(s->fd);
	free(s);
}
