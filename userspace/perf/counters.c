// SPDX-License-Identifier: GPL-2.0-only
/* perf_event_open(2) per role. Events are opened one by one, not in a group: a group cannot be read
 * together with `inherit` on the kernels we support, and would be refused as a whole.
 */
#include "perf/counters.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "core/log.h"
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

static const struct perf_event_def perf_events[] = {
	{M_CYCLES, PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, "cycles"},
	{M_INSTRUCTIONS, PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, "instructions"},
	{M_L1D_MISSES, PERF_TYPE_HW_CACHE, L1D_READ_MISS, "L1-dcache-load-misses"},
	{M_LLC_MISSES, PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES, "cache-misses"},
	{M_CONTEXT_SWITCHES, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES,
	 "context-switches"},
	{M_CPU_MIGRATIONS, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS, "cpu-migrations"},
	{M_PAGE_FAULTS, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS, "page-faults"},
	{M_TASK_CLOCK_NS, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK, "task-clock"},
};

/* One event: a descriptor a PMU, or the -errno that explains why there is none. */
struct counter {
	int *fd; /* owned */
	size_t cnt;
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

static int open_event(const struct perf_event_def *def, uint64_t config, pid_t pid)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = def->type,
		.config = config,
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
		.disabled = 1,
		.inherit = 1,
	};

	return perf_event_fd(&attr, pid, -1);
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

	to->cnt = bind ? c->pmus.cnt : 1;
	to->fd = xcalloc(to->cnt, sizeof(*to->fd));
	for (i = 0; i < to->cnt; i++) {
		config = bind ? pmu_bound_config(c->pmus.pmu[i].type, def->config) : def->config;
		to->fd[i] = open_event(def, config, pid);
		if (is_hardware(def) && to->fd[i] >= 0)
			c->have_pmu = true;
	}
}

int perf_counters_open(pid_t pid, const char *sysfs, struct perf_counters **out)
{
	struct perf_counters *c = xcalloc(1, sizeof(*c));
	size_t row;

	core_pmus_find(sysfs, &c->pmus);
	for (row = 0; row < ARRAY_SIZE(perf_events); row++)
		open_counter(c, row, pid);
	for (row = 0; row < ARRAY_SIZE(perf_events); row++) {
		if (c->counter[row].fd[0] == -ESRCH) {
			perf_counters_close(&c);
			return fail_r(-ESRCH, "process %d ended before it could be counted: see "
					      "its own messages", (int)pid);
		}
	}
	*out = c;
	return 0;
}

/* The kernel does so for the inherited events, too: _perf_ioctl(), perf_event_for_each_child(). */
void perf_counters_start(struct perf_counters *c)
{
	size_t row, i;

	for (row = 0; row < ARRAY_SIZE(perf_events); row++)
		for (i = 0; i < c->counter[row].cnt; i++)
			if (c->counter[row].fd[i] >= 0)
				ioctl(c->counter[row].fd[i], PERF_EVENT_IOC_ENABLE, 0);
}

void perf_counters_close(struct perf_counters **pc)
{
	struct perf_counters *c = take_ptr(*pc);
	size_t row, i;

	if (!c)
		return;
	for (row = 0; row < ARRAY_SIZE(perf_events); row++) {
		for (i = 0; i < c->counter[row].cnt; i++)
			cleanup_close(&c->counter[row].fd[i]);
		free(c->counter[row].fd);
	}
	core_pmus_free(&c->pmus);
	free(c);
}

struct reason perf_open_reason(int err, bool have_pmu, const char *paranoid)
{
	static const struct {
		int err;
		enum reason_code code;
	} rows[] = {
		{EOPNOTSUPP, REASON_NO_EVENT},	 {EINVAL, REASON_NO_EVENT},
		{EACCES, REASON_PERF_PARANOID},	 {EPERM, REASON_PERF_PARANOID},
		{EMFILE, REASON_TOO_MANY_FILES}, {ENFILE, REASON_TOO_MANY_FILES},
		{ENOSYS, REASON_NO_PERF},	 {EBUSY, REASON_PMU_BUSY},
	};
	size_t i;

	if (err == ENOENT)
		return (struct reason){.code = have_pmu ? REASON_NO_EVENT : REASON_NO_PMU};
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].err == err)
			return (struct reason){
				.code = rows[i].code,
				.detail = rows[i].code == REASON_PERF_PARANOID ? paranoid : NULL,
			};
	return (struct reason){.code = REASON_PERF_ERROR, .detail = strerror(err)};
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

	for (i = from->cnt; i-- > 0;) {
		struct reason why;

		if (from->fd[i] >= 0)
			continue;
		why = perf_open_reason(-from->fd[i], c->have_pmu || c->pmus.cnt, paranoid);
		why.next = list;
		list = run_set_reason(set, &why);
		if (from->cnt > 1)
			list = run_set_reason(set, &(struct reason){.code = REASON_NOT_ON_PMU,
								    .detail = c->pmus.pmu[i].name,
								    .next = list});
	}
	return list;
}

/* "perf:cycles", or "perf:cpu_atom/cycles/cpu_core/cycles/": what was really counted. */
static const char *provenance(const struct perf_counters *c, size_t row, struct run_set *strings)
{
	const struct counter *from = &c->counter[row];
	const char *name = perf_events[row].name;
	_cleanup_free_ char *via = xasprintf("perf:%s", from->cnt == 1 ? name : "");
	size_t i;

	for (i = 0; i < from->cnt && from->cnt > 1; i++) {
		_cleanup_free_ char *before = NULL;

		if (from->fd[i] < 0)
			continue;
		before = take_ptr(via);
		via = xasprintf("%s%s/%s/", before, c->pmus.pmu[i].name, name);
	}
	return run_set_str(strings, via);
}

static struct metric_value read_counter(const struct perf_counters *c, size_t row,
					struct run_set *strings)
{
	const struct counter *from = &c->counter[row];
	_cleanup_free_ struct perf_count *count = xcalloc(from->cnt, sizeof(*count));
	const struct reason *missing = missing_reason(c, row, strings);
	static const struct reason unreadable = {.code = REASON_UNREADABLE};
	struct metric_value v;
	size_t i, n = 0;

	for (i = 0; i < from->cnt; i++) {
		if (from->fd[i] < 0)
			continue;
		/* Short: the event is in an error state, for example pinned out of the PMU. */
		if (read(from->fd[i], &count[n], sizeof(*count)) != sizeof(*count))
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
