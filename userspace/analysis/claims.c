// SPDX-License-Identifier: GPL-2.0-only
#include "analysis/claims.h"

#include <math.h>

#define ZEROCOPY {WAY_ZEROCOPY, false}
#define TWO_COPY {WAY_COPY, true}
#define ONE_COPY {WAY_COPY, false}

#define AGAINST(...)                        \
	.against = {__VA_ARGS__},           \
	.against_cnt = sizeof((struct mode_pick[]){__VA_ARGS__}) / sizeof(struct mode_pick)
#define CLAIM(text_, measure_, top_, ...) \
	{.text = (text_), .measure = MEASURE_##measure_, .top = top_, ##__VA_ARGS__}
#define WITHIN(low_, high_) .low = (low_), .high = (high_)

const struct claim_def claim_defs[] = {
	CLAIM("Zero-copy (%s) is DMA, without copying by the CPU", COPIED, ZEROCOPY),
	CLAIM("Zero-copy (%s) loses about 30 % to completions and pinning", THROUGHPUT, ZEROCOPY,
	      AGAINST(TWO_COPY), WITHIN(0.6, 0.8)),
	CLAIM("Zero-copy (%s) has the most context switches", SWITCHES, ZEROCOPY,
	      AGAINST(TWO_COPY, ONE_COPY), WITHIN(1, INFINITY)),
	CLAIM("Zero-copy (%s) wins at 8 threads", THROUGHPUT, ZEROCOPY,
	      AGAINST(TWO_COPY, ONE_COPY), WITHIN(1, INFINITY), .threads = 8),
	CLAIM("Two-copy and one-copy (%s, %s) are equal from 64 KiB upwards", THROUGHPUT, TWO_COPY,
	      AGAINST(ONE_COPY), WITHIN(0.95, 1.05), .least_bytes = 64 * KIB),
};
const size_t claim_cnt = ARRAY_SIZE(claim_defs);

const char *const claim_state_names[] = {
	[CLAIM_UNTESTED] = "not tested",
	[CLAIM_UNDECIDED] = "undecided",
	[CLAIM_CONFIRMED] = "confirmed",
	[CLAIM_REFUTED] = "refuted",
};
static_assert_complete(claim_state_names, CLAIM_STATE_MAX_);

static bool throughput(const struct run_set *set, const struct run_result *r, double *out)
{
	struct metric_value v = run_result_sum(set, r, FLOW_RECEIVES, M_THROUGHPUT_GBPS);

	*out = v.value;
	return value_known(&v) && v.value > 0;
}

/* Both ends, for each byte that arrived. */
static bool switches(const struct run_set *set, const struct run_result *r, double *out)
{
	struct metric_value v = run_result_sum(set, r, FLOW_BOTH, M_CONTEXT_SWITCHES);
	struct metric_value bytes = run_result_payload(set, r, FLOW_RECEIVES);

	if (!value_known(&v) || !value_known(&bytes) || bytes.value <= 0)
		return false;
	*out = v.value / bytes.value;
	return *out > 0;
}

static bool (*const measures[])(const struct run_set *set, const struct run_result *r, double *out) = {
	[MEASURE_COPIED] = NULL,
	[MEASURE_THROUGHPUT] = throughput,
	[MEASURE_SWITCHES] = switches,
};
static_assert_complete(measures, MEASURE_MAX_);

/* Top over bottom in each cell and repetition of the clean passes, all pooled. */
static struct ratio compare(const struct run_set *set, const struct claim_def *def, const char *top,
			    const char *bottom)
{
	double ratios[MAX_SAMPLES], a, b;
	size_t i, n = 0;

	for (i = 0; i < set->result_cnt && n < MAX_SAMPLES; i++) {
		const struct run_result *r = &set->result[i], *other;
		struct run_key key = r->key;

		if (r->key.mode != top || r->key.pass != PASS_CLEAN || r->status != RESULT_OK ||
		    r->key.size_bytes < def->least_bytes ||
		    (def->threads && r->key.threads != def->threads) ||
		    !measures[def->measure](set, r, &a))
			continue;
		key.mode = bottom;
		other = run_set_find(set, &key);
		if (other && other->status == RESULT_OK && measures[def->measure](set, other, &b))
			ratios[n++] = a / b;
	}
	return ratio_bootstrap(ratios, n);
}

static enum claim_state judge_ratio(const struct claim_def *def, const struct ratio *r)
{
	if (!r->n)
		return CLAIM_UNTESTED;
	if (!r->has_interval)
		return CLAIM_UNDECIDED;
	if (isinf(def->high) ? r->low > def->low : r->low >= def->low && r->high <= def->high)
		return CLAIM_CONFIRMED;
	return r->high < def->low || r->low > def->high ? CLAIM_REFUTED : CLAIM_UNDECIDED;
}

static enum claim_state judge_ratios(const struct run_set *set, struct claim_finding *f)
{
	size_t by[CLAIM_STATE_MAX_] = {0}, i;

	for (i = 0; i < f->def->against_cnt; i++) {
		f->ratio[i] = compare(set, f->def, f->top, f->against[i]);
		by[judge_ratio(f->def, &f->ratio[i])]++;
	}
	if (by[CLAIM_UNTESTED])
		return CLAIM_UNTESTED;
	if (by[CLAIM_REFUTED])
		return CLAIM_REFUTED;
	return by[CLAIM_UNDECIDED] ? CLAIM_UNDECIDED : CLAIM_CONFIRMED;
}

static enum claim_state judge_copied(const struct run_set *set, const struct verdict *v,
				     struct claim_finding *f)
{
	size_t i;

	for (i = 0; i < v->zerocopy_cnt; i++)
		if (set->plan.mode[v->zerocopy[i].mode].name == f->top)
			f->truth = &v->zerocopy[i];
	if (!f->truth)
		return CLAIM_UNTESTED;
	if (f->truth->state == ZC_REAL)
		return CLAIM_CONFIRMED;
	/* a stray byte is no refutation of the claim */
	if (f->truth->state == ZC_COPIED || zerocopy_copied_over(f->truth, 0.01))
		return CLAIM_REFUTED;
	return CLAIM_UNDECIDED;
}

static const char *find_mode(const struct run_set *set, const struct mode_pick *pick)
{
	size_t i;

	for (i = 0; i < set->plan.mode_cnt; i++)
		if (set->plan.mode[i].traits.way == pick->way &&
		    set->plan.mode[i].traits.flattens == pick->flattens)
			return set->plan.mode[i].name;
	return NULL;
}

static bool find_modes(const struct run_set *set, struct claim_finding *f)
{
	size_t i;

	f->top = find_mode(set, &f->def->top);
	for (i = 0; i < f->def->against_cnt; i++) {
		f->against[i] = find_mode(set, &f->def->against[i]);
		if (!f->against[i])
			return false;
	}
	return f->top;
}

struct claim_finding *claims_test(const struct run_set *set, const struct verdict *v)
{
	struct claim_finding *all = xcalloc(claim_cnt, sizeof(*all));
	size_t i;

	for (i = 0; i < claim_cnt; i++) {
		struct claim_finding *f = &all[i];

		f->def = &claim_defs[i];
		if (!find_modes(set, f)) {
			free(all);
			return NULL;
		}
		f->state = f->def->measure == MEASURE_COPIED ? judge_copied(set, v, f) :
							       judge_ratios(set, f);
	}
	return all;
}
