// SPDX-License-Identifier: GPL-2.0-only
/* Adding accounts up and carrying them over: one table says which member exists for whom and which
 * metric it becomes, for the writer and the reader.
 */
#include "workload/account.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "core/hist_json.h"
#include "core/log.h"
#include "workload/sock.h"

#define VIA VIA_WORKLOAD

enum applies { ALWAYS, IF_COMPLETIONS, IF_TOLD, IF_IDS, IF_PINNED, IF_HUGE, IF_REVERSE, IF_TCP, IF_VERIFY };

static const struct member {
	const char *name;
	size_t offset; /* in struct account */
	unsigned int roles;
	enum applies applies;
	enum metric_id metric;
} members[] = {
#define MEMBER(field, roles, applies, metric)                                   \
	{                                                                       \
#field, offsetof(struct account, field), roles, applies, metric \
	}
	MEMBER(bytes, ROLES_BOTH, ALWAYS, M_APP_BYTES),
	MEMBER(reverse_bytes, ROLES_BOTH, IF_REVERSE, M_APP_REVERSE_BYTES),
	MEMBER(messages, ROLES_BOTH, ALWAYS, M_MESSAGES),
	MEMBER(calls, ROLES_BOTH, ALWAYS, M_APP_CALLS),
	MEMBER(warmup_bytes, ROLES_BOTH, ALWAYS, M_WARMUP_BYTES),
	MEMBER(flatten_bytes, ROLES_SERVER, ALWAYS, M_FLATTEN_BYTES),
	MEMBER(partial_sends, ROLES_SERVER, ALWAYS, M_PARTIAL_SENDS),
	MEMBER(tcp_retransmit_bytes, ROLES_SERVER, IF_TCP, M_TCP_RETRANSMIT_BYTES),
	MEMBER(enobufs_waits, ROLES_SERVER, IF_COMPLETIONS, M_ENOBUFS_WAITS),
	MEMBER(completion_waits, ROLES_SERVER, IF_COMPLETIONS, M_COMPLETION_WAITS),
	MEMBER(zc_ids_issued, ROLES_SERVER, IF_COMPLETIONS, M_ZC_IDS_ISSUED),
	MEMBER(zc_ids_completed, ROLES_SERVER, IF_COMPLETIONS, M_ZC_IDS_COMPLETED),
	MEMBER(zc_ids_copied, ROLES_SERVER, IF_TOLD, M_ZC_IDS_COPIED),
	MEMBER(zc_notifications, ROLES_SERVER, IF_IDS, M_ZC_NOTIFICATIONS),
	MEMBER(field_pages, ROLES_SERVER, IF_PINNED, M_FIELD_PAGES),
	MEMBER(least_pages, ROLES_SERVER, IF_PINNED, M_LEAST_PAGES),
	MEMBER(hugetlb_bytes, ROLES_SERVER, IF_HUGE, M_HUGETLB_BYTES),
	MEMBER(thp_bytes, ROLES_SERVER, IF_HUGE, M_THP_BYTES),
	MEMBER(verified_bytes, ROLES_CLIENT, IF_VERIFY, M_VERIFIED_BYTES),
	MEMBER(verify_errors, ROLES_CLIENT, IF_VERIFY, M_VERIFY_ERRORS),
#undef MEMBER
};

/* Members that are not plain counters of struct account, but plain numbers all the same. */
static const struct {
	const char *name;
	enum metric_id metric;
} process_members[] = {
	{"elapsed_ns", M_ELAPSED_NS},
	{"user_cpu_ns", M_USER_CPU_NS},
	{"system_cpu_ns", M_SYSTEM_CPU_NS},
	{"max_rss_bytes", M_MAX_RSS_BYTES},
	{"task_clock_ns", M_TASK_CLOCK_NS},
	{"voluntary_switches", M_PROC_CTX_VOLUNTARY},
	{"involuntary_switches", M_PROC_CTX_INVOLUNTARY},
	{"host_busy_cpu_ns", M_BUSY_CPU_NS},
	{"host_kernel_cpu_ns", M_KERNEL_CPU_NS},
	{"host_other_cpu_ns", M_OTHER_CPU_NS},
	{"host_steal_ns", M_STEAL_NS},
};

static uint64_t *counter(struct account *a, const struct member *m)
{
	return (uint64_t *)((char *)a + m->offset);
}

void account_add(struct account *to, const struct account *from)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(members); i++)
		*counter(to, &members[i]) += *counter((struct account *)from, &members[i]);
	to->zc_ids_untold += from->zc_ids_untold;
	if (from->start_ns && (!to->start_ns || from->start_ns < to->start_ns))
		to->start_ns = from->start_ns;
	to->end_ns = MAX(to->end_ns, from->end_ns);
	to->sndbuf_bytes = MAX(to->sndbuf_bytes, from->sndbuf_bytes);
	to->rcvbuf_bytes = MAX(to->rcvbuf_bytes, from->rcvbuf_bytes);
	if (!to->congestion_control[0])
		memcpy(to->congestion_control, from->congestion_control,
		       sizeof(to->congestion_control));
	hist_add(&to->latency, &from->latency);
	to->timeline.kind = from->timeline.kind;
	timeline_merge(&to->timeline, &from->timeline);
}

void account_restart(struct account *a, int fd)
{
	*a = (struct account){.warmup_bytes = a->bytes,
			      .retransmitted_before_bytes = sock_bytes_retransmitted(fd)};
}

void account_socket(struct account *a, int fd)
{
	socklen_t len = sizeof(a->congestion_control) - 1;
	int bytes;

	getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, a->congestion_control, &len);
	len = sizeof(bytes);
	if (!getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, &len))
		a->sndbuf_bytes = (uint64_t)bytes;
	len = sizeof(bytes);
	if (!getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, &len))
		a->rcvbuf_bytes = (uint64_t)bytes;
}

static uint64_t since(uint64_t window_ns, uint64_t now_ns)
{
	return now_ns > window_ns ? now_ns - window_ns : 0; /* the last tick may have been before it */
}

void account_received(struct account *a, uint64_t window_ns, size_t bytes)
{
	a->bytes += bytes;
	if (window_ns)
		timeline_put(&a->timeline, since(window_ns, monotonic_tick_ns()), bytes);
}

void account_retransmits(struct account *a, int fd, uint64_t window_ns, bool end)
{
	uint64_t now_ns = monotonic_tick_ns(), bytes;

	if (!window_ns || (now_ns < a->look_again_ns && !end))
		return;
	a->look_again_ns = now_ns + TIMELINE_BIN_NS;
	bytes = sock_bytes_retransmitted(fd) - a->retransmitted_before_bytes;
	a->timeline.kind = TIMELINE_RETRANSMITTED;
	timeline_put(&a->timeline, since(window_ns, now_ns), bytes - a->tcp_retransmit_bytes);
	a->tcp_retransmit_bytes = bytes;
}

static void set_u64(json_t *o, const char *name, uint64_t value)
{
	json_object_set_new(o, name, json_integer((json_int_t)value));
}

static uint64_t timeval_ns(const struct timeval *tv)
{
	return (uint64_t)tv->tv_sec * NSEC_PER_SEC + (uint64_t)tv->tv_usec * NSEC_PER_USEC;
}

static void set_process(json_t *o, const struct rusage *before)
{
	struct rusage ru;

	if (getrusage(RUSAGE_SELF, &ru))
		return;
	set_u64(o, "user_cpu_ns", timeval_ns(&ru.ru_utime) - timeval_ns(&before->ru_utime));
	set_u64(o, "system_cpu_ns", timeval_ns(&ru.ru_stime) - timeval_ns(&before->ru_stime));
	set_u64(o, "max_rss_bytes", (uint64_t)ru.ru_maxrss * KIB);
}

/* All that an orchestrator on the same host reads in /proc. */
static void set_host(json_t *o, const struct result_info *info)
{
	_cleanup_free_ struct metric_value *v = xcalloc(METRIC_MAX_, sizeof(*v));
	struct rusage ru;
	size_t i;

	machine_end(info->host, v);
	for (i = 0; i < ARRAY_SIZE(process_members); i++)
		if (value_known(&v[process_members[i].metric]))
			set_u64(o, process_members[i].name, (uint64_t)v[process_members[i].metric].value);
	if (getrusage(RUSAGE_SELF, &ru))
		return;
	set_u64(o, "task_clock_ns", timeval_ns(&ru.ru_utime) + timeval_ns(&ru.ru_stime) -
				    timeval_ns(&info->before->ru_utime) - timeval_ns(&info->before->ru_stime));
	set_u64(o, "voluntary_switches", (uint64_t)(ru.ru_nvcsw - info->before->ru_nvcsw));
	set_u64(o, "involuntary_switches", (uint64_t)(ru.ru_nivcsw - info->before->ru_nivcsw));
}

static bool member_applies(const struct member *m, const struct account *a, const struct result_info *info)
{
	if (!(m->roles & (1u << info->role)))
		return false;
	switch (m->applies) {
	case IF_COMPLETIONS:
		return info->mode && info->mode->traits.has_completions;
	case IF_TOLD:
		return info->mode && info->mode->traits.has_completions && !a->zc_ids_untold;
	case IF_IDS:
		return info->mode && info->mode->traits.takes_ids;
	case IF_PINNED:
		return info->mode && mode_pins_pages(&info->mode->traits);
	case IF_HUGE:
		return info->buffers == BUFFERS_HUGE;
	case IF_REVERSE:
		return info->common->pattern == PATTERN_RR || info->datagrams;
	case IF_TCP:
		return info->mode && info->mode->traits.transport == TRANSPORT_TCP;
	case IF_VERIFY:
		return info->common->verify;
	case ALWAYS:
		break;
	}
	return true;
}

json_t *account_to_json(const struct account *a, const struct result_info *info)
{
	json_t *o = json_pack("{s:s, s:s*, s:s, s:I, s:i, s:s*}",
			      "role", role_names[info->role],
			      "mode", info->mode ? info->mode->name : NULL,
			      "pattern", pattern_names[info->common->pattern],
			      "size_bytes", (json_int_t)info->common->size_bytes,
			      "threads", (int)info->threads, "congestion_control",
			      a->congestion_control[0] ? a->congestion_control : NULL);
	size_t i;

	if (a->sndbuf_bytes)
		set_u64(o, "sndbuf_bytes", a->sndbuf_bytes);
	if (a->rcvbuf_bytes)
		set_u64(o, "rcvbuf_bytes", a->rcvbuf_bytes);
	if (a->start_ns && a->end_ns > a->start_ns) {
		set_u64(o, "start_ns", a->start_ns);
		set_u64(o, "end_ns", a->end_ns);
		set_u64(o, "elapsed_ns", a->end_ns - a->start_ns);
	}
	for (i = 0; i < ARRAY_SIZE(members); i++) {
		if (member_applies(&members[i], a, info))
			set_u64(o, members[i].name, *counter((struct account *)a, &members[i]));
	}
	set_process(o, info->before);
	if (info->host)
		set_host(o, info);
	if (info->role == ROLE_CLIENT)
		json_object_set_new(o, "latency", hist_to_json(&a->latency));
	if (a->timeline.cnt)
		json_object_set_new(o, timeline_defs[a->timeline.kind].name, timeline_to_json(&a->timeline));
	json_object_set_new(o, "error", info->error ? json_string(info->error) : json_null());
	return o;
}

static int read_number(const json_t *o, const char *name, enum metric_id metric,
		       struct metric_value v[METRIC_MAX_])
{
	const json_t *value = json_object_get(o, name);

	if (!value)
		return 0;
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return fail_r(-EINVAL, "workload result: \"%s\" is not a count", name);
	v[metric] = value_ok((double)json_integer_value(value), VIA);
	return 0;
}

static void derive_latency(const struct hist *h, struct metric_value v[METRIC_MAX_])
{
	static const struct {
		enum metric_id metric;
		double percentile;
	} rows[] = {
		{M_LATENCY_P50_US, 50},
		{M_LATENCY_P90_US, 90},
		{M_LATENCY_P99_US, 99},
		{M_LATENCY_P999_US, 99.9},
	};
	size_t i;

	if (!h->total)
		return;
	v[M_LATENCY_AVG_US] = value_ok((double)h->sum / (double)h->total / NSEC_PER_USEC, VIA);
	v[M_LATENCY_MAX_US] = value_ok((double)h->max / NSEC_PER_USEC, VIA);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		v[rows[i].metric] = value_ok(
			(double)hist_percentile(h, rows[i].percentile) / NSEC_PER_USEC, VIA);
}

static int read_numbers(const json_t *o, enum role role, struct metric_value v[METRIC_MAX_])
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < ARRAY_SIZE(members); i++) {
		if (members[i].roles & (1u << role))
			err = read_number(o, members[i].name, members[i].metric, v);
	}
	for (i = 0; !err && i < ARRAY_SIZE(process_members); i++)
		err = read_number(o, process_members[i].name, process_members[i].metric, v);
	if (!err && !value_known(&v[M_APP_BYTES]))
		err = fail_r(-EINVAL, "workload result: \"bytes\" is missing");
	if (!err && value_known(&v[M_ELAPSED_NS]) && v[M_ELAPSED_NS].value > 0)
		v[M_THROUGHPUT_GBPS] =
			value_ok(v[M_APP_BYTES].value * 8 / v[M_ELAPSED_NS].value, VIA);
	return err;
}

int workload_result_read(const json_t *result, enum role role, struct metric_value v[METRIC_MAX_],
			 struct hist **latency, char **error)
{
	_cleanup_free_ struct metric_value *read = xcalloc(METRIC_MAX_, sizeof(*read));
	const json_t *text = json_object_get(result, "error"), *json;
	const char *of = json_string_value(json_object_get(result, "role"));
	_cleanup_free_ struct hist *h = NULL;
	size_t i;

	if (!of || role_by_name(of) != role)
		return fail_r(-EINVAL, "workload result: not of the %s", role_names[role]);
	if (read_numbers(result, role, read))
		return -EINVAL;
	json = json_object_get(result, "latency");
	if (json && hist_from_json(json, &h))
		return fail_r(-EINVAL, "workload result: \"latency\" is malformed");
	if (text && !json_is_string(text) && !json_is_null(text))
		return fail_r(-EINVAL, "workload result: \"error\" is neither text nor null");
	if (h)
		derive_latency(h, read);
	for (i = 0; i < METRIC_MAX_; i++) {
		if (value_known(&read[i]))
			v[i] = read[i];
	}
	*latency = take_ptr(h);
	*error = json_is_string(text) ? xstrdup(json_string_value(text)) : NULL;
	return 0;
}

int workload_timelines_read(const json_t *result, struct timeline *timeline[TIMELINE_MAX_])
{
	enum timeline_kind kind;

	for (kind = 0; kind < TIMELINE_MAX_; kind++) {
		const json_t *json = json_object_get(result, timeline_defs[kind].name);
		struct timeline *read;

		if (!json)
			continue;
		if (timeline_from_json(json, kind, &read))
			return fail_r(-EINVAL, "workload result: \"%s\" is malformed", timeline_defs[kind].name);
		free(timeline[kind]);
		timeline[kind] = read;
	}
	return 0;
}
