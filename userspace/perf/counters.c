// SPDX-License-Identifier: GPL-2.0-only
/* perf_event_open(2) per role. Events are opened one by one, not in a group: a group cannot be read
 * together with `inherit` on the kernels we support, and would be refused as a whole.
 */
#include "perf/counters.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>

#include "core/log.h"
#include "perf/open.h"
#include "perf/pmu.h"

struct perf_event_def {
	enum metric_id metric;
	uint32_t type;
	uint64_t config;
	const char *name; /* as `perf list` has it */
};

#define L1D_READ_MISS                                                 \
	(PERF_COUNT_HW_CACHE_L1D | PERF_COUNT_HW_CACHE_OP_READ << 8 | \
	 PERF_COUNT_HW_CACHE_RESULT_MISS << 16)

#define HARDWARE(id, event, perf_name)                                                         \
	{                                                                                      \
		.metric = M_##id, .type = PERF_TYPE_HARDWARE, .config = PERF_COUNT_HW_##event, \
		.name = perf_name                                                              \
	}
#define SOFTWARE(id, event, perf_name)                                                         \
	{                                                                                      \
		.metric = M_##id, .type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_##event, \
		.name = perf_name                                                              \
	}

static const struct perf_event_def perf_events[] = {
	HARDWARE(CYCLES, CPU_CYCLES, "cycles"),
	HARDWARE(INSTRUCTIONS, INSTRUCTIONS, "instructions"),
	{.metric = M_L1D_MISSES,
	 .type = PERF_TYPE_HW_CACHE,
	 .config = L1D_READ_MISS,
	 .name = "L1-dcache-load-misses"},
	HARDWARE(LLC_MISSES, CACHE_MISSES, "cache-misses"),
	SOFTWARE(CONTEXT_SWITCHES, CONTEXT_SWITCHES, "context-switches"),
	SOFTWARE(CPU_MIGRATIONS, CPU_MIGRATIONS, "cpu-migrations"),
	SOFTWARE(PAGE_FAULTS, PAGE_FAULTS, "page-faults"),
	SOFTWARE(TASK_CLOCK_NS, TASK_CLOCK, "task-clock"),
};

/* One event on one PMU: a descriptor, or the errno that explains why there is none. */
struct slot {
	int fd;
	int err; /* positive errno; meaningful while fd < 0 */
};

struct counter {
	struct slot *slot; /* one a PMU; owned */
	size_t slot_cnt;
};

struct perf_counters {
	struct core_pmu_list pmus;
	struct counter counter[ARRAY_SIZE(perf_events)];
	bool have_pmu; /* some hardware event opened */
};

static bool is_hardware(const struct perf_event_def *def)
{
	return def->type != PERF_TYPE_SOFTWARE;
}

static struct slot open_slot(const struct perf_event_def *def, uint64_t config, pid_t pid)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = def->type,
		.config = config,
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
		.disabled = 1,
		.inherit = 1,
		.enable_on_exec = 1,
	};
	int fd = perf_event_fd(&attr, pid, -1);

	return (struct slot){.fd = fd < 0 ? -1 : fd, .err = fd < 0 ? -fd : 0};
}

static void open_counter(struct perf_counters *c, size_t row, pid_t pid)
{
	const struct perf_event_def *def = &perf_events[row];
	/* With a single core PMU the plain event is the same, and works on kernels that cannot bind
	 * a generic event to a PMU.
	 */
	bool bind = is_hardware(def) && c->pmus.cnt > 1;
	struct counter *to = &c->counter[row];
	uint64_t config;
	size_t i;

	to->slot_cnt = bind ? c->pmus.cnt : 1;
	to->slot = xcalloc(to->slot_cnt, sizeof(*to->slot));
	for (i = 0; i < to->slot_cnt; i++) {
		config = bind ? pmu_bound_config(c->pmus.pmu[i].type, def->config) : def->config;
		to->slot[i] = open_slot(def, config, pid);
		if (is_hardware(def) && to->slot[i].fd >= 0)
			c->have_pmu = true;
	}
}

int perf_counters_open_sysfs(pid_t pid, const char *sysfs, struct perf_counters **out)
{
	struct perf_counters *c = xcalloc(1, sizeof(*c));
	size_t row;

	core_pmus_find(sysfs, &c->pmus);
	for (row = 0; row < ARRAY_SIZE(perf_events); row++)
		open_counter(c, row, pid);
	for (row = 0; row < ARRAY_SIZE(perf_events); row++) {
		if (c->counter[row].slot[0].err == ESRCH) {
			perf_counters_close(&c);
			return fail_r(-ESRCH,
				      "process %d ended before it could be counted: see its "
				      "own messages",
				      (int)pid);
		}
	}
	*out = c;
	return 0;
}

int perf_counters_open(pid_t pid, struct perf_counters **out)
{
	return perf_counters_open_sysfs(pid, SYSFS_ROOT, out);
}

void perf_counters_close(struct perf_counters **pc)
{
	struct perf_counters *c = *pc;
	size_t row, i;

	if (!c)
		return;
	for (row = 0; row < ARRAY_SIZE(perf_events); row++) {
		for (i = 0; i < c->counter[row].slot_cnt; i++)
			cleanup_close(&c->counter[row].slot[i].fd);
		free(c->counter[row].slot);
	}
	core_pmus_free(&c->pmus);
	free(c);
	*pc = NULL;
}

static enum reason_code open_reason_code(int err, bool have_pmu)
{
	switch (err) {
	case ENOENT:
		return have_pmu ? REASON_NO_EVENT : REASON_NO_PMU;
	case EOPNOTSUPP:
	case EINVAL:
		return REASON_NO_EVENT;
	case EACCES:
	case EPERM:
		return REASON_PERF_PARANOID;
	case ENOSYS:
		return REASON_NO_PERF;
	case EBUSY:
		return REASON_PMU_BUSY;
	case EMFILE:
	case ENFILE:
		return REASON_TOO_MANY_FILES;
	default:
		return REASON_PERF_ERROR;
	}
}

struct reason perf_open_reason(int err, bool have_pmu, const char *paranoid)
{
	struct reason why = {.code = open_reason_code(err, have_pmu)};

	if (why.code == REASON_PERF_PARANOID)
		why.detail = paranoid;
	if (why.code == REASON_PERF_ERROR)
		why.detail = strerror(err);
	return why;
}

struct metric_value perf_counts_to_value(const struct perf_count *count, size_t n)
{
	static const struct reason never_enabled = {.code = REASON_NEVER_ENABLED},
				   never_scheduled = {.code = REASON_NEVER_SCHEDULED},
				   shared = {.code = REASON_SHARED_PMUS};
	struct metric_value v = {.status = VALUE_OK, .coverage = 1};
	uint64_t value = 0, running_ns = 0, enabled_ns = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		value += count[i].value;
		running_ns += count[i].running_ns;
		enabled_ns = MAX(enabled_ns, count[i].enabled_ns);
	}
	if (!enabled_ns)
		return value_unsupported(&never_enabled);
	if (!running_ns)
		return value_unsupported(&never_scheduled);
	v.value = (double)value;
	if (running_ns >= enabled_ns)
		return v;
	v.coverage = (float)((double)running_ns / (double)enabled_ns);
	if (n > 1) {
		value_make_bound(&v, BOUND_LOWER, &shared);
	} else {
		v.status = VALUE_SCALED;
		v.value *= (double)enabled_ns / (double)running_ns;
	}
	return v;
}

/* Why an event could not be opened, of each PMU where it could not; NULL if it was on all. */
static const struct reason *missing_reason(const struct perf_counters *c, size_t row, struct run_set *set)
{
	_cleanup_free_ char *paranoid = read_first_line("/proc/sys/kernel/perf_event_paranoid");
	const struct counter *from = &c->counter[row];
	const struct reason *list = NULL;
	size_t i;

	for (i = from->slot_cnt; i-- > 0;) {
		struct reason why;

		if (from->slot[i].fd >= 0)
			continue;
		why = perf_open_reason(from->slot[i].err, c->have_pmu || c->pmus.cnt, paranoid);
		why.next = list;
		list = run_set_reason(set, &why);
		if (from->slot_cnt > 1)
			list = run_set_reason(set, &(struct reason){.code = REASON_NOT_ON_PMU,
								    .detail = c->pmus.pmu[i].name,
								    .next = list});
	}
	return list;
}

/* "perf:cycles", or "perf:cpu_atom/cycles/+cpu_core/cycles/": what was really counted. */
static const char *provenance(const struct perf_counters *c, size_t row, struct run_set *strings)
{
	const struct counter *from = &c->counter[row];
	_cleanup_free_ char *via = NULL;
	size_t i;

	if (from->slot_cnt == 1)
		via = xasprintf("perf:%s", perf_events[row].name);
	for (i = 0; i < from->slot_cnt && from->slot_cnt > 1; i++) {
		_cleanup_free_ char *before = NULL;

		if (from->slot[i].fd < 0)
			continue;
		before = take_ptr(via);
		via = xasprintf("%s%s/%s/", before ? before : "perf:", c->pmus.pmu[i].name,
				perf_events[row].name);
	}
	return run_set_str(strings, via);
}

static struct metric_value read_counter(const struct perf_counters *c, size_t row,
					struct run_set *strings)
{
	const struct counter *from = &c->counter[row];
	_cleanup_free_ struct perf_count *count = xcalloc(from->slot_cnt, sizeof(*count));
	const struct reason *missing = missing_reason(c, row, strings);
	static const struct reason unreadable = {.code = REASON_UNREADABLE};
	struct metric_value v;
	size_t i, n = 0;

	for (i = 0; i < from->slot_cnt; i++) {
		if (from->slot[i].fd < 0)
			continue;
		/* Short: the event is in an error state, for example pinned out of the PMU. */
		if (read(from->slot[i].fd, &count[n], sizeof(*count)) != sizeof(*count))
			return (struct metric_value){.status = VALUE_FAILED, .reason = &unreadable};
		n++;
	}
	if (!n)
		return value_unsupported(missing);
	v = perf_counts_to_value(count, n);
	v.via = provenance(c, row, strings);
	if (missing && value_known(&v))
		value_make_bound(&v, BOUND_LOWER, missing);
	return v;
}

void perf_counters_read(struct perf_counters *c, struct run_set *strings,
			struct metric_value v[METRIC_MAX_])
{
	size_t row;

	for (row = 0; row < ARRAY_SIZE(perf_events); row++)
		v[perf_events[row].metric] = read_counter(c, row, strings);
}
