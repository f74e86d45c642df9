// SPDX-License-Identifier: GPL-2.0-only
#include "analysis/pace.h"

#include <math.h>

bool pace_concerns(const struct run_result *r, const char *mode, uint64_t size_bytes, unsigned int threads)
{
	return r->key.pass == PASS_CLEAN && r->status == RESULT_OK && r->key.mode == mode &&
	       r->key.size_bytes == size_bytes && r->key.threads == threads;
}

static double gbps(double bytes, double ns)
{
	return bytes * 8 / ns;
}

/* The window ends within the last bin. Of less than half of one the rate is noise: it is the one before's then. */
static void rates(const struct timeline *t, double elapsed_ns, struct pace_curve *c)
{
	size_t last = t->cnt - 1, i;
	double rest_ns = MIN(MAX(elapsed_ns - (double)last * c->bin_ns, 1), c->bin_ns);

	for (i = 0; i < t->cnt; i++)
		c->value[i] = gbps((double)t->bin[i], i == last ? rest_ns : c->bin_ns);
	c->cnt = t->cnt;
	if (!last || rest_ns >= c->bin_ns / 2)
		return;
	c->cnt = last;
	c->value[last - 1] = gbps((double)t->bin[last - 1] + (double)t->bin[last], c->bin_ns + rest_ns);
}

static void samples(const struct timeline *t, struct pace_curve *c)
{
	for (; c->cnt < t->cnt; c->cnt++)
		c->value[c->cnt] = t->bin[c->cnt] == TIMELINE_NONE ? NAN : (double)t->bin[c->cnt];
}

void pace_curve(const struct run_set *set, const struct run_result *r, enum timeline_kind kind, size_t most_bins,
		struct pace_curve *curve)
{
	const struct metric_value *elapsed = &r->v[run_set_owner(set, FLOW_RECEIVES)][M_ELAPSED_NS];
	_cleanup_free_ struct timeline *t = NULL;

	curve->cnt = 0;
	if (!r->timeline[kind] || !value_known(elapsed))
		return;
	t = xmalloc(sizeof(*t));
	*t = *r->timeline[kind];
	while (t->cnt > most_bins)
		timeline_widen(t);
	curve->bin_ns = (double)t->bin_ns;
	if (timeline_defs[kind].samples)
		samples(t, curve);
	else
		rates(t, elapsed->value, curve);
}

/* All bins of some curves. */
struct values {
	double *v;
	size_t cnt, cap;
};

static void add(struct values *values, double value)
{
	array_grow(values->v, values->cnt, values->cap);
	values->v[values->cnt++] = value;
}

static void add_curve(struct values *values, const struct pace_curve *c)
{
	size_t i;

	for (i = 0; i < c->cnt; i++)
		if (!isnan(c->value[i]))
			add(values, c->value[i]);
}

static struct spread spread_and_free(struct values *values)
{
	struct spread s = spread_from(values->v, values->cnt);

	free(values->v);
	return s;
}

struct pace pace_of(const struct run_set *set, const char *mode, uint64_t size_bytes, unsigned int threads)
{
	_cleanup_free_ struct pace_curve *c = xmalloc(sizeof(*c));
	struct values all[TIMELINE_MAX_] = {0}, first = {0};
	struct pace p = {0};
	enum timeline_kind kind;
	size_t i;

	for (i = 0; i < set->result_cnt; i++) {
		if (!pace_concerns(&set->result[i], mode, size_bytes, threads))
			continue;
		for (kind = 0; kind < TIMELINE_MAX_; kind++) {
			pace_curve(set, &set->result[i], kind, TIMELINE_BINS, c);
			add_curve(&all[kind], c);
			if (kind != TIMELINE_RECEIVED || !c->cnt)
				continue;
			p.passes++;
			add(&first, c->value[0]);
		}
	}
	for (i = 0; i < all[TIMELINE_RETRANSMITTED].cnt; i++)
		p.again_bins += all[TIMELINE_RETRANSMITTED].v[i] > 0;
	p.gbps = spread_and_free(&all[TIMELINE_RECEIVED]);
	p.again = spread_and_free(&all[TIMELINE_RETRANSMITTED]);
	p.runnable = spread_and_free(&all[TIMELINE_RUNNABLE]);
	p.first_gbps = spread_and_free(&first).median;
	return p;
}
