// SPDX-License-Identifier: GPL-2.0-only
/* The DERIVED metrics: ratios of what was measured. A ratio whose inputs are missing is absent with
 * the reason of the input; a ratio that lacks a stage is a bound and says so.
 */
#include "core/result.h"

static const char via_derived[] = "derived";

/* The first of the two that is not known explains why the ratio is not. */
static struct metric_value absent_because(struct run_set *set, const struct metric_value *v,
					  enum metric_id m)
{
	return value_unsupported(run_set_reason(set, &(struct reason){.code = REASON_INPUT_ABSENT,
								      .detail = metric_defs[m].title,
								      .next = v->reason}));
}

/* What is bounded from neither side is no number to keep. */
static struct metric_value bounded(struct metric_value v)
{
	return v.bound == BOUND_BOTH ? value_unsupported(v.reason) : v;
}

/* top / bottom; both are required. */
static struct metric_value ratio(struct run_set *set, const struct metric_value *top,
				 enum metric_id top_id, const struct metric_value *bottom,
				 enum metric_id bottom_id)
{
	static const struct reason nothing = {.code = REASON_NOTHING_TO_DIVIDE_BY};
	struct metric_value out, inverse = *bottom;

	if (!value_known(top))
		return absent_because(set, top, top_id);
	if (!value_known(bottom))
		return absent_because(set, bottom, bottom_id);
	if (bottom->value <= 0)
		return value_unsupported(&nothing);
	out = value_ok(top->value / bottom->value, via_derived);
	value_inherit(&out, top);
	inverse.bound = bound_inverse(bottom->bound);
	value_inherit(&out, &inverse);
	return bounded(out);
}

/* Beyond these shares of both ends' time it matters whom the kernel worked for elsewhere: other programs ran so
 * much, and there is so much to be shared between them.
 */
#define OTHERS_MATTER	  0.1
#define ELSEWHERE_MATTERS 0.03

/* The share of it that other programs took; NULL: so little that nothing can be theirs. */
static char *others_share(const struct metric_value *other, double tasks_ns, double elsewhere_ns)
{
	if (elsewhere_ns <= ELSEWHERE_MATTERS * tasks_ns)
		return NULL;
	if (!value_known(other))
		return xstrdup("an unknown part");
	return other->value > OTHERS_MATTER * tasks_ns ? xasprintf("%.0f %%", 100 * other->value / tasks_ns) : NULL;
}

/* Both ends' tasks, and what the kernel did for them elsewhere; a lower bound where nobody can tell. Of that the
 * idle clock tells how much it is, and not the run time of the kernel's threads: that and the task clocks are
 * measured differently, and together came to 101.1 % of what the kernel's trace tells (probably because the
 * scheduler charges a thread with what ran since it last looked at its clock, rq_clock_skip_update()).
 */
static struct metric_value whole_cost(struct run_set *set, struct run_result *r)
{
	struct metric_value *w = r->v[OWNER_WHOLE], cost = run_result_sum(set, r, FLOW_BOTH, M_TASK_CLOCK_NS);
	struct reason why = {.code = REASON_ELSEWHERE_UNSEEN};
	double tasks_ns = cost.value, elsewhere_ns;
	_cleanup_free_ char *share = NULL;

	w[M_IDLE_IRQ_CPU_NS] = (struct metric_value){0};
	if (!value_known(&cost) || tasks_ns <= 0)
		return cost;
	if (!value_known(&w[M_BUSY_CPU_NS])) {
		value_make_bound(&cost, cost.bound | BOUND_LOWER, run_set_reason(set, &why));
		return cost;
	}
	elsewhere_ns = w[M_BUSY_CPU_NS].value - tasks_ns;
	elsewhere_ns -= value_known(&w[M_OTHER_CPU_NS]) ? w[M_OTHER_CPU_NS].value : 0;
	elsewhere_ns = MAX(elsewhere_ns, 0);
	w[M_IDLE_IRQ_CPU_NS] = value_ok(MAX(elsewhere_ns - w[M_KERNEL_CPU_NS].value, 0), via_derived);
	cost.value += elsewhere_ns;
	share = others_share(&w[M_OTHER_CPU_NS], tasks_ns, elsewhere_ns);
	why = (struct reason){.code = REASON_OTHERS_RAN, .detail = share};
	if (share)
		value_make_bound(&cost, cost.bound | BOUND_UPPER, run_set_reason(set, &why));
	return cost;
}

/* For each owner, and of all owners together for the whole where the metric is kept for that. */
static void derive_ratios(struct run_set *set, struct run_result *r)
{
	static const struct {
		enum metric_id out, top, bottom;
	} rows[] = {
		{M_CYCLES_PER_BYTE, M_CYCLES, M_APP_BYTES},
		{M_CPU_NS_PER_BYTE, M_TASK_CLOCK_NS, M_APP_BYTES},
		{M_IPC, M_INSTRUCTIONS, M_CYCLES},
	};
	struct metric_value sum, payload = run_result_payload(set, r, FLOW_RECEIVES);
	unsigned int o;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (o = 1; o < r->owner_cnt; o++)
			if (set->owner[o].flow & FLOW_BOTH)
				r->v[o][rows[i].out] = ratio(set, &r->v[o][rows[i].top], rows[i].top,
							     &r->v[o][rows[i].bottom], rows[i].bottom);
		if (!(metric_defs[rows[i].out].flow & FLOW_WHOLE))
			continue;
		sum = rows[i].out == M_CPU_NS_PER_BYTE ? whole_cost(set, r) :
							 run_result_sum(set, r, FLOW_BOTH, rows[i].top);
		r->v[OWNER_WHOLE][rows[i].out] =
			ratio(set, &sum, rows[i].top, &payload, rows[i].bottom);
	}
}

/* The kernel's count of completions where there is one, else the application's. Who sends without
 * zero-copy completions has no such ratio: it stays absent without a complaint.
 */
static void derive_copied_ids(struct run_set *set, struct metric_value v[METRIC_MAX_])
{
	static const struct {
		enum metric_id copied, completed;
	} sources[] = {
		{ M_COMPLETION_COPIED_IDS, M_COMPLETION_IDS },
		{ M_ZC_IDS_COPIED, M_ZC_IDS_COMPLETED },
	};
	struct metric_value *out = &v[M_COPIED_IDS_RATIO];
	size_t i;

	*out = (struct metric_value){0};
	for (i = 0; i < ARRAY_SIZE(sources) && !value_known(out); i++) {
		const struct metric_value *ids = &v[sources[i].completed];

		if (value_known(ids) && ids->value > 0)
			*out = ratio(set, &v[sources[i].copied], sources[i].copied, ids,
				     sources[i].completed);
	}
}

/* What zero-copy costs in pages, skbs and calls. Who does not send so has no such ratio, as above. The kernel
 * counts references where a probe sees them; else the addresses tell.
 */
static void derive_buffers(struct run_set *set, struct metric_value v[METRIC_MAX_])
{
	static const struct {
		enum metric_id out, top, bottom;
		bool of_seen; /* however many were not */
	} rows[] = {
		{M_PAGE_REFS_RATIO, M_PAGE_REFS, M_LEAST_PAGES, false},
		{M_PAGE_REFS_RATIO, M_FIELD_PAGES, M_LEAST_PAGES, false},
		{M_CALLS_PER_MESSAGE, M_APP_CALLS, M_MESSAGES, false},
		{M_SKB_BYTES, M_COPY_UBUFS_BYTES, M_COPY_UBUFS_SKBS, true},
		{M_FRAGS_PER_SKB, M_ZC_FRAGS, M_ZC_SKBS, true},
		{M_FULL_SKBS_RATIO, M_ZC_SKBS_FULL, M_ZC_SKBS, true},
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		v[rows[i].out] = (struct metric_value){0};
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct metric_value top = v[rows[i].top], bottom = v[rows[i].bottom];

		if (value_known(&v[rows[i].out]) || !value_known(&top) || !value_known(&bottom) || bottom.value <= 0)
			continue;
		if (rows[i].of_seen)
			top.bound = bottom.bound = BOUND_NONE;
		v[rows[i].out] = ratio(set, &top, rows[i].top, &bottom, rows[i].bottom);
	}
}

/* whole - part, of what is known. */
static struct metric_value rest(const struct metric_value *whole, const struct metric_value *part)
{
	struct metric_value out = *whole, less = *part;

	if (!value_known(whole) || !value_known(part))
		return (struct metric_value){0};
	out.value -= part->value;
	out.via = via_derived;
	less.bound = bound_inverse(part->bound);
	value_inherit(&out, &less);
	if (out.bound && out.value < 0) /* of the two the whole was seen worse */
		out.value = 0;
	return bounded(out);
}

/* Of who sends no TLS record there is no overhead. */
static void derive_rests(struct metric_value v[METRIC_MAX_])
{
	v[M_TLS_OVERHEAD_BYTES] = v[M_TLS_PUSHED_BYTES].value > 0 ?
		rest(&v[M_TLS_PUSHED_BYTES], &v[M_SENT_BYTES]) : (struct metric_value){0};
	v[M_ZCRX_REFERENCED_BYTES] = rest(&v[M_ZCRX_BYTES], &v[M_ZCRX_COPIED_BYTES]);
}

/* The stages that were not seen, or the reason why one that was seen is a bound. */
static const struct reason *why_bound(struct run_set *set, const struct stage_sum sum[STAGE_MAX_],
				      const struct metric_value *payload)
{
	_cleanup_free_ char *missing = xstrdup("");
	const struct reason *bound = payload->reason;
	enum stage s;

	for (s = 0; s < STAGE_MAX_; s++) {
		if (!stage_counts(s) || stage_exact(&sum[s]))
			continue;
		if (sum[s].known_cells) {
			bound = bound ?: sum[s].reason;
			continue;
		}
		xappend(&missing, ", ", "%s", metric_defs[stage_defs[s].bytes].title);
	}
	if (!*missing)
		return bound;
	return run_set_reason(set,
			      &(struct reason){.code = REASON_STAGES_UNSEEN, .detail = missing});
}

/* Bounded from both sides: no number to keep. But what was inferred to be copied, and dropped instead, TCP sent
 * again, so it is too much by no more than that.
 */
static void settle_for_less(const struct run_set *set, const struct run_result *r,
			    const struct metric_value *payload, const struct stage_sum sum[STAGE_MAX_],
			    struct copies_per_byte *copies)
{
	struct metric_value again = run_result_sum(set, r, FLOW_SENDS, M_TCP_RETRANSMIT_BYTES);
	enum stage s;

	for (s = 0; s < STAGE_MAX_; s++)
		if (stage_counts(s) && sum[s].bound & BOUND_UPPER && !(stage_defs[s].traits & STAGE_USER_PAGES))
			return;
	if (copies->bound != BOUND_BOTH || payload->bound || !value_known(&again))
		return;
	copies->value -= again.value / payload->value;
	copies->bound = BOUND_LOWER;
}

static void derive_copies(struct run_set *set, struct run_result *r)
{
	struct metric_value *out = &r->v[OWNER_WHOLE][M_COPIES_PER_BYTE];
	struct stage_sum sum[STAGE_MAX_] = {{0}};
	struct copies_per_byte copies;
	struct metric_value payload = run_result_payload(set, r, FLOW_RECEIVES);
	enum stage s;

	*out = (struct metric_value){0};
	if (r->key.pass != PASS_ATTRIBUTION)
		return;
	for (s = 0; s < STAGE_MAX_; s++)
		stage_sum_add(&sum[s], s, set, r);
	copies = stages_copies_per_byte(sum);
	if (copies.must_see != STAGE_MAX_) {
		enum metric_id m = stage_defs[copies.must_see].bytes;
		struct metric_value v = run_result_sum(set, r, stage_flow(copies.must_see), m);

		*out = absent_because(set, &v, m);
	} else if (!value_known(&payload) || payload.value <= 0) {
		*out = absent_because(set, &payload, M_APP_BYTES);
	} else {
		settle_for_less(set, r, &payload, sum, &copies);
		*out = value_ok(copies.value, via_derived);
		if (copies.bound)
			value_make_bound(out, copies.bound, why_bound(set, sum, &payload));
		*out = bounded(*out);
	}
}

/* Of the clean passes of r's cell, whose number differs from that of its attribution passes. Absent, with the
 * reason of the first, where none has a value.
 */
static struct metric_value clean_median(struct run_set *set, const struct run_result *r, enum metric_id m)
{
	static const struct reason no_clean = {.code = REASON_NO_CLEAN_PASS};
	struct metric_value out = value_unsupported(&no_clean), median = value_ok(0, via_derived);
	_cleanup_free_ double *v = xcalloc(set->result_cnt, sizeof(*v));
	size_t i, n = 0;

	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *c = &set->result[i];

		if (c->status != RESULT_OK || c->key.pass != PASS_CLEAN || c->key.mode != r->key.mode ||
		    c->key.size_bytes != r->key.size_bytes || c->key.threads != r->key.threads ||
		    c->key.variant != r->key.variant)
			continue;
		if (value_known(&c->v[OWNER_WHOLE][m]) && c->v[OWNER_WHOLE][m].value > 0) {
			v[n++] = c->v[OWNER_WHOLE][m].value;
			value_inherit(&median, &c->v[OWNER_WHOLE][m]);
		} else if (out.reason == &no_clean) {
			out = absent_because(set, &c->v[OWNER_WHOLE][m], m);
		}
	}
	if (n)
		median.value = median_of(v, n);
	return n ? median : out;
}

static void derive_overhead(struct run_set *set, struct run_result *r)
{
	struct metric_value *out = &r->v[OWNER_WHOLE][M_OBSERVER_OVERHEAD], without;
	const struct metric_value *with = &r->v[OWNER_WHOLE][M_CPU_NS_PER_BYTE];

	*out = (struct metric_value){0};
	if (r->key.pass != PASS_ATTRIBUTION || r->status != RESULT_OK)
		return;
	without = clean_median(set, r, M_CPU_NS_PER_BYTE);
	*out = value_known(with) && !value_known(&without) ? without :
		ratio(set, with, M_CPU_NS_PER_BYTE, &without, M_CPU_NS_PER_BYTE);
}

void run_set_derive(struct run_set *set)
{
	unsigned int o;
	size_t i;

	for (i = 0; i < set->result_cnt; i++) {
		struct run_result *r = &set->result[i];

		if (r->status != RESULT_OK)
			continue;
		if (!set->plan.attached)
			derive_ratios(set, r);
		for (o = 1; o < r->owner_cnt; o++)
			if (set->owner[o].flow & FLOW_SENDS) {
				derive_copied_ids(set, r->v[o]);
				derive_buffers(set, r->v[o]);
			}
		for (o = 1; o < r->owner_cnt; o++)
			if (set->owner[o].flow & FLOW_BOTH)
				derive_rests(r->v[o]);
		if (!set->plan.attached)
			derive_copies(set, r);
	}
	/* needs both passes' ratios */
	for (i = 0; i < set->result_cnt && !set->plan.attached; i++)
		derive_overhead(set, &set->result[i]);
}
