// SPDX-License-Identifier: GPL-2.0-only
#include "analysis/claims.h"

#include <string.h>

const struct claim_def claim_defs[] = {
	[CLAIM_NO_COPY] = {"Zero-copy (A3) is DMA, without copying by the CPU",
			   "refuted by copied bytes, confirmed when no place could hide one"},
	[CLAIM_LOSES] = {"Zero-copy (A3) loses about 30 % to completions and pinning",
			 "throughput of A3 over A1 within 0.6 to 0.8"},
	[CLAIM_SWITCHES] = {"Zero-copy (A3) has the most context switches",
			    "switches per byte of A3 over A1 and over A2 above 1"},
	[CLAIM_THREADS] = {"Zero-copy (A3) wins at 8 threads",
			   "throughput of A3 over A1 and over A2 above 1, cells with 8 threads"},
	[CLAIM_EQUAL] = {"Two-copy and one-copy (A1, A2) are equal from 64 KiB upwards",
			 "throughput of A1 over A2 within 0.95 to 1.05, sizes from 64 KiB"},
};
static_assert_complete(claim_defs, CLAIM_MAX_);

const char *const claim_state_names[] = {
	[CLAIM_UNTESTED] = "not tested",
	[CLAIM_UNDECIDED] = "undecided",
	[CLAIM_CONFIRMED] = "confirmed",
	[CLAIM_REFUTED] = "refuted",
};
static_assert_complete(claim_state_names, CLAIM_STATE_MAX_);

/* Which cells a claim is about. */
struct scope {
	uint64_t least_bytes;
	unsigned int threads; /* 0: any */
};

static bool throughput(const struct run_result *r, double *out)
{
	const struct metric_value *v = &r->v[ROLE_CLIENT][M_THROUGHPUT_GBPS];

	*out = v->value;
	return value_known(v) && v->value > 0;
}

/* Both ends, for each byte that arrived. */
static bool switches(const struct run_result *r, double *out)
{
	const struct metric_value *s = &r->v[ROLE_SERVER][M_CONTEXT_SWITCHES];
	const struct metric_value *c = &r->v[ROLE_CLIENT][M_CONTEXT_SWITCHES];
	const struct metric_value *bytes = &r->v[ROLE_CLIENT][M_APP_BYTES];

	if (!value_known(s) || !value_known(c) || !value_known(bytes) || bytes->value <= 0)
		return false;
	*out = (s->value + c->value) / bytes->value;
	return *out > 0;
}

/* Top over bottom in each cell and repetition of the clean passes, all pooled. */
static struct ratio compare(const struct run_set *set, const char *top, const char *bottom,
			    const struct scope *scope,
			    bool (*value)(const struct run_result *r, double *out))
{
	double ratios[MAX_SAMPLES], a, b;
	size_t i, n = 0;

	for (i = 0; i < set->result_cnt && n < MAX_SAMPLES; i++) {
		const struct run_result *r = &set->result[i], *other;
		struct run_key key = r->key;

		if (r->key.mode != top || r->key.pass != PASS_CLEAN || r->status != RESULT_OK ||
		    r->key.size_bytes < scope->least_bytes ||
		    (scope->threads && r->key.threads != scope->threads) || !value(r, &a))
			continue;
		key.mode = bottom;
		other = run_set_find(set, &key);
		if (other && other->status == RESULT_OK && value(other, &b))
			ratios[n++] = a / b;
	}
	return ratio_bootstrap(ratios, n);
}

static enum claim_state within(const struct ratio *r, double low, double high)
{
	if (!r->n)
		return CLAIM_UNTESTED;
	if (!r->has_interval)
		return CLAIM_UNDECIDED;
	if (r->low >= low && r->high <= high)
		return CLAIM_CONFIRMED;
	return r->high < low || r->low > high ? CLAIM_REFUTED : CLAIM_UNDECIDED;
}

/* Above 1 against both; below 1 against either refutes. */
static enum claim_state above_both(const struct ratio against[2])
{
	if (!against[0].n || !against[1].n)
		return CLAIM_UNTESTED;
	if (!against[0].has_interval || !against[1].has_interval)
		return CLAIM_UNDECIDED;
	if (against[0].low > 1 && against[1].low > 1)
		return CLAIM_CONFIRMED;
	return against[0].high < 1 || against[1].high < 1 ? CLAIM_REFUTED : CLAIM_UNDECIDED;
}

static enum claim_state no_copy(const struct run_set *set, const struct verdict *v,
				const char *zerocopy)
{
	size_t i;

	for (i = 0; i < v->zerocopy_cnt; i++) {
		const struct zerocopy_truth *z = &v->zerocopy[i];

		if (set->plan.mode[z->mode].name != zerocopy)
			continue;
		/* a stray byte is no refutation of the claim */
		if (z->state == ZC_REAL)
			return CLAIM_CONFIRMED;
		return z->copied_bytes > 0.01 * z->asked_bytes ? CLAIM_REFUTED : CLAIM_UNDECIDED;
	}
	return CLAIM_UNTESTED;
}

static const char *find_mode(const struct run_set *set, const char *name)
{
	size_t i;

	for (i = 0; i < set->plan.mode_cnt; i++)
		if (!strcmp(set->plan.mode[i].name, name))
			return set->plan.mode[i].name;
	return NULL;
}

bool claims_test(const struct run_set *set, const struct verdict *v,
		 struct claim_finding f[CLAIM_MAX_])
{
	static const struct scope all = {0, 0}, eight = {0, 8}, large = {64 * KIB, 0};
	const char *a1 = find_mode(set, "A1"), *a2 = find_mode(set, "A2"), *a3 = find_mode(set, "A3");

	if (!a1 || !a2 || !a3)
		return false;
	memset(f, 0, CLAIM_MAX_ * sizeof(*f));
	f[CLAIM_NO_COPY].state = no_copy(set, v, a3);
	f[CLAIM_LOSES].against[0] = compare(set, a3, a1, &all, throughput);
	f[CLAIM_LOSES].state = within(&f[CLAIM_LOSES].against[0], 0.6, 0.8);
	f[CLAIM_SWITCHES].against[0] = compare(set, a3, a1, &all, switches);
	f[CLAIM_SWITCHES].against[1] = compare(set, a3, a2, &all, switches);
	f[CLAIM_SWITCHES].state = above_both(f[CLAIM_SWITCHES].against);
	f[CLAIM_THREADS].against[0] = compare(set, a3, a1, &eight, throughput);
	f[CLAIM_THREADS].against[1] = compare(set, a3, a2, &eight, throughput);
	f[CLAIM_THREADS].state = above_both(f[CLAIM_THREADS].against);
	f[CLAIM_EQUAL].against[0] = compare(set, a1, a2, &large, throughput);
	f[CLAIM_EQUAL].state = within(&f[CLAIM_EQUAL].against[0], 0.95, 1.05);
	return true;
}
