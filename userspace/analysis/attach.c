// SPDX-License-Identifier: GPL-2.0-only
#include "analysis/attach.h"

#include <math.h>
#include <string.h>

#include "analysis/category.h"

/* E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927. */
struct share share_of(double n, double of)
{
	const double z = 1.959964; /* 95 % */
	double p, centre, half;

	if (of <= 0)
		return (struct share){0};
	p = n / of;
	centre = (p + z * z / (2 * of)) / (1 + z * z / of);
	half = z * sqrt(p * (1 - p) / of + z * z / (4 * of * of)) / (1 + z * z / of);
	return (struct share){n, of, MAX(centre - half, 0), MIN(centre + half, 1)};
}

/* ---- what copying took -------------------------------------------------------------------- */

static bool named(const char *name, const char *const *names)
{
	while (*names && !function_matches(name, *names))
		names++;
	return *names;
}

static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);

	return len >= end_len && !strcmp(name + len - end_len, end);
}

/* Of a function on the way to a copy. */
static enum copy_work work_of_frame(const struct frame *f)
{
	static const char *const sending[] = {
		"tcp_sendmsg_locked", "tcp_sendmsg", "do_tcp_sendpages", "unix_stream_sendmsg", "udp_sendmsg", "udpv6_sendmsg",
		"tls_sw_sendmsg", "skb_copy_ubufs", "skb_segment", NULL};
	static const char *const receiving[] = {
		"tcp_recvmsg", "tcp_recvmsg_locked", "unix_stream_read_generic", "udp_recvmsg", "udpv6_recvmsg",
		"tls_sw_recvmsg", "tcp_read_sock", "tcp_zerocopy_receive", NULL};
	static const char *const files[] = {"filemap_read", "generic_file_read_iter", "copy_splice_read", NULL};

	if (f->kind != FRAME_KERNEL)
		return WORK_ELSEWHERE;
	if (named(f->name, sending))
		return WORK_SENDING;
	if (named(f->name, receiving))
		return WORK_RECEIVING;
	return named(f->name, files) || ends_with(f->name, "_file_read_iter") ? WORK_FILES : WORK_ELSEWHERE;
}

static enum copy_work work_of_stack(const struct run_set *set, const struct stack *s)
{
	enum copy_work work = WORK_ELSEWHERE;
	unsigned int i;

	for (i = s->depth; i-- > 0 && work == WORK_ELSEWHERE;)
		work = work_of_frame(&set->frame[s->frame[i]]);
	return work;
}

static int by_amount(const void *pa, const void *pb)
{
	const struct time_spent *a = pa, *b = pb;

	return a->amount < b->amount ? 1 : a->amount > b->amount ? -1 : strcmp(a->what, b->what);
}

static void find_on_cpu(const double category[CATEGORY_MAX_], struct attach_answer *a)
{
	enum category c;

	for (c = 0; c < CATEGORY_MAX_; c++)
		if (category[c] > 0)
			a->on_cpu[a->on_cpu_cnt++] = (struct time_spent){category_defs[c].title, category[c]};
	qsort(a->on_cpu, a->on_cpu_cnt, sizeof(*a->on_cpu), by_amount);
}

static void find_off_cpu(const struct run_result *r, struct attach_answer *a)
{
	size_t i, j;

	for (i = 0; i < r->wait_cnt; i++) {
		const struct wait_time *w = &r->wait[i];

		if (w->owner != a->owner)
			continue;
		for (j = 0; j < a->off_cpu_cnt && a->off_cpu[j].what != w->reason; j++)
			;
		if (j == a->off_cpu_cnt) {
			array_grow(a->off_cpu, a->off_cpu_cnt, a->off_cpu_cap);
			a->off_cpu[a->off_cpu_cnt++] = (struct time_spent){.what = w->reason};
		}
		a->off_cpu[j].amount += (double)w->ns;
	}
	if (a->off_cpu_cnt)
		qsort(a->off_cpu, a->off_cpu_cnt, sizeof(*a->off_cpu), by_amount);
}

static void find_cost(const struct run_set *set, const struct run_result *r, struct attach_answer *a)
{
	_cleanup_free_ struct frame_class *classes = frame_classes(set);
	double n[WORK_MAX_] = {0}, category[CATEGORY_MAX_] = {0}, of = 0;
	enum category spent_on;
	enum copy_work w;
	size_t i;

	for (i = 0; i < r->stack_cnt; i++) {
		const struct stack *s = &r->stack[i];

		if (s->kind != STACK_ONCPU || s->owner != a->owner)
			continue;
		of += (double)s->count;
		spent_on = stack_category(s, classes);
		category[spent_on] += (double)s->count;
		if (spent_on == CATEGORY_COPY)
			n[work_of_stack(set, s)] += (double)s->count;
	}
	for (w = 0; w < WORK_MAX_; w++)
		a->copying[w] = share_of(n[w], of);
	find_on_cpu(category, a);
	a->copying_at_all = share_of(category[CATEGORY_COPY], of);
	a->ceiling = a->copying[WORK_SENDING];
	a->with_files = share_of(n[WORK_SENDING] + n[WORK_FILES], of);
}

/* ---- what was sent, and how --------------------------------------------------------------- */

struct attach_moved attach_moved(const struct run_result *r, unsigned int owner)
{
	const struct metric_value *v = r->v[owner];

	return (struct attach_moved){
		.sent = value_or_0(&v[M_SENT_BYTES]),
		.sends = value_or_0(&v[M_SENT_CALLS]),
		.by_reference = value_or_0(&v[M_ZEROCOPY_BYTES]) + value_or_0(&v[M_SPLICED_BYTES]),
		.received = value_or_0(&v[M_RECEIVED_BYTES]),
		.receives = value_or_0(&v[M_RECEIVED_CALLS]),
		.sent_known = value_known(&v[M_SENT_BYTES]),
		.received_known = value_known(&v[M_RECEIVED_BYTES]),
	};
}

void attach_ways(const struct run_result *r, unsigned int owner, struct call_sum way[CALL_WAY_MAX_])
{
	size_t i;

	memset(way, 0, CALL_WAY_MAX_ * sizeof(*way));
	for (i = 0; i < r->call_cnt; i++) {
		const struct call_size *c = &r->call[i];

		if (c->owner != owner)
			continue;
		way[c->way].calls += (double)c->calls;
		way[c->way].bytes += (double)c->bytes;
	}
}

static void sum_calls(const struct run_result *r, struct attach_answer *a)
{
	size_t i;

	attach_ways(r, a->owner, a->way);
	for (i = 0; i < r->call_cnt; i++) {
		const struct call_size *c = &r->call[i];

		if (c->owner != a->owner ||
		    (c->way != CALL_WAY_SEND && c->way != CALL_WAY_URING && c->way != CALL_WAY_ZEROCOPY_UNSET))
			continue;
		a->copied += (double)c->bytes;
		if (c->from_bytes >= LARGE_SEND_BYTES)
			a->copied_large += (double)c->bytes;
	}
}

static double over_veth(const struct run_result *r, unsigned int owner)
{
	double bytes = 0;
	size_t i;

	for (i = 0; i < r->socket_cnt; i++)
		if (r->socket[i].owner == owner && r->socket[i].device && !strcmp(r->socket[i].device, "veth"))
			bytes += (double)r->socket[i].sent_bytes;
	return bytes;
}

/* What is known of a + b. */
static struct metric_value sum_of(const struct metric_value *a, const struct metric_value *b)
{
	struct metric_value sum = *a;

	if (!value_known(a) || !value_known(b))
		return value_known(a) ? *b : *a;
	sum.value += b->value;
	value_inherit(&sum, b);
	return sum;
}

static double of_kind(const struct attach_answer *a, enum flow flow, enum call_kind kind)
{
	enum call_way way;
	double bytes = 0;

	for (way = 0; way < CALL_WAY_MAX_; way++)
		if (call_way_defs[way].flow == flow && call_way_defs[way].kind == kind)
			bytes += a->way[way].bytes;
	return bytes;
}

static void judge_happening(const struct metric_value *v, struct attach_answer *a)
{
	double sent = v[M_SENT_BYTES].value, kept;

	a->by_reference = sum_of(&v[M_ZEROCOPY_BYTES], &v[M_SPLICED_BYTES]);
	a->undone = v[M_COPY_UBUFS_BYTES];
	if (!value_known(&v[M_SENT_BYTES]) || sent <= 0) {
		a->did = value_known(&v[M_SENT_BYTES]) ? DID_NOTHING_SENT : DID_UNSEEN;
		return;
	}
	if (!value_known(&a->by_reference) || of_kind(a, FLOW_SENDS, CALL_UNSEEN) >= sent) {
		a->did = DID_UNSEEN;
		return;
	}
	kept = a->by_reference.value - MIN(value_or_0(&a->undone), v[M_ZEROCOPY_BYTES].value);
	a->did = kept <= 0 ? DID_NO : kept >= 0.995 * sent ? DID_YES : DID_IN_PART;
}

/* ---- why not ------------------------------------------------------------------------------ */

static void add_why(struct attach_answer *a, const struct why_copied *why)
{
	size_t i;

	for (i = 0; i < a->why_cnt; i++) {
		if (a->why[i].why == why->why && a->why[i].detail == why->detail) {
			a->why[i].bytes += why->bytes;
			return;
		}
	}
	array_grow(a->why, a->why_cnt, a->why_cap);
	a->why[a->why_cnt++] = *why;
}

static int by_bytes(const void *pa, const void *pb)
{
	const struct why_copied *a = pa, *b = pb;

	return a->bytes < b->bytes ? 1 : a->bytes > b->bytes ? -1 : strcmp(a->why, b->why);
}

static void find_reasons(const struct run_result *r, struct attach_answer *a)
{
	const struct metric_value *v = r->v[a->owner];
	enum call_way way;
	size_t i;

	for (way = 0; way < CALL_WAY_MAX_; way++) {
		const struct call_way_def *def = &call_way_defs[way];

		if (def->flow == FLOW_SENDS && def->kind == CALL_COPIES && a->way[way].bytes > 0)
			add_why(a, &(struct why_copied){.why = def->title, .remedy = def->remedy, .way = way,
							.bytes = a->way[way].bytes, .bound = v[M_SENT_BYTES].bound});
	}
	for (i = 0; i < r->copy_cnt; i++) {
		const struct path_copy *c = &r->copy[i];

		if (c->owner == a->owner && stage_counts(c->stage) && stage_defs[c->stage].direction != DIRECTION_RECEIVE && c->bytes)
			add_why(a, &(struct why_copied){.why = copy_reason_defs[c->reason].name,
							.remedy = copy_reason_defs[c->reason].remedy, .detail = c->detail,
							.way = CALL_WAY_MAX_, .bytes = (double)c->bytes,
							.bound = v[stage_defs[c->stage].bytes].bound});
	}
	if (a->why_cnt)
		qsort(a->why, a->why_cnt, sizeof(*a->why), by_bytes);
}

/* ---- would it pay ------------------------------------------------------------------------- */

static enum would_pay judge_pay(const struct run_set *set, const struct metric_value *v, const struct attach_answer *a)
{
	double margin = (set->plan.margin_percent ?: MARGIN_PERCENT) / 100.;

	if (a->did == DID_UNSEEN)
		return PAYS_UNSEEN;
	if (a->did == DID_NO && v[M_ZEROCOPY_BYTES].value > 0 && v[M_ZEROCOPY_BYTES].value >= a->copied)
		return PAYS_UNDONE;
	if (a->copied <= 0 || a->copied < margin * v[M_SENT_BYTES].value)
		return PAYS_NOTHING_COPIED;
	if (a->copied_large < margin * v[M_SENT_BYTES].value)
		return PAYS_NOT_LARGE;
	if (a->ceiling.of <= 0)
		return PAYS_NOT_SAMPLED;
	if (a->with_files.high < margin)
		return PAYS_NOT_MUCH;
	return a->copied - a->loopback < margin * v[M_SENT_BYTES].value && a->with_files.n <= a->ceiling.n ? PAYS_NOT_LOCAL :
		PAYS_UP_TO;
}

struct attach_answer attach_answer(const struct run_set *set, const struct run_result *r, unsigned int owner)
{
	struct attach_answer a = {.owner = owner};
	const struct metric_value *v = r->v[owner];

	sum_calls(r, &a);
	a.loopback = value_or_0(&v[M_SENT_LOOPBACK_BYTES]);
	a.veth = over_veth(r, owner);
	judge_happening(v, &a);
	find_reasons(r, &a);
	find_cost(set, r, &a);
	find_off_cpu(r, &a);
	a.pays = judge_pay(set, v, &a);
	return a;
}

void attach_answer_free(struct attach_answer *a)
{
	free(a->why);
	free(a->off_cpu);
	*a = (struct attach_answer){0};
}
