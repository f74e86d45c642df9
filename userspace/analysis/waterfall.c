// SPDX-License-Identifier: GPL-2.0-only
#include "analysis/waterfall.h"

#include <math.h>

#define ALL CATEGORY_MAX_ /* behind the categories: all of them together */

/* ---- the interval --------------------------------------------------------------------------- */

struct limits {
	double low, high;
};

/* E. B. Wilson's score interval, of a Poisson count. */
static struct limits limits_of(double n, double spread)
{
	const double z = 1.959964; /* 95 % */
	double centre = n / spread + z * z / 2, half = z * sqrt(n / spread + z * z / 4);

	return (struct limits){spread * MAX(centre - half, 0), spread * (centre + half)};
}

/* R. G. Newcombe, Interval estimation for the difference between independent proportions, 1998 (method 10). */
struct cost_change cost_change_of(const double samples[2], const double ns_per_sample[2], const double spread[2])
{
	struct limits a = limits_of(samples[0], spread[0]), b = limits_of(samples[1], spread[1]);
	const double *ns = ns_per_sample;
	struct cost_change c = {
		.samples = {samples[0], samples[1]},
		.ns = {samples[0] * ns[0], samples[1] * ns[1]},
	};

	c.change = c.ns[1] - c.ns[0];
	c.low = c.change - hypot(c.ns[1] - b.low * ns[1], a.high * ns[0] - c.ns[0]);
	c.high = c.change + hypot(b.high * ns[1] - c.ns[1], c.ns[0] - a.low * ns[0]);
	return c;
}

/* ---- the passes ----------------------------------------------------------------------------- */

struct sampled_pass {
	const struct run_result *r;
	unsigned int side;
	size_t cell; /* of the plan */
	double bytes;
	double samples[ALL + 1];
};

struct passes {
	struct sampled_pass *pass;
	size_t cnt, cap, cell_cnt;
};

static size_t cell_of(const struct run_plan *plan, const struct run_key *key)
{
	size_t size = 0, threads = 0;

	while (size < plan->size_cnt && plan->size_bytes[size] != key->size_bytes)
		size++;
	while (threads < plan->thread_cnt && plan->threads[threads] != key->threads)
		threads++;
	return size * (plan->thread_cnt + 1) + threads;
}

static void find_passes(const struct run_set *set, const size_t mode[2], struct passes *all)
{
	size_t i, side;
	double bytes;

	all->cell_cnt = (set->plan.size_cnt + 1) * (set->plan.thread_cnt + 1);
	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i];

		for (side = 0; side < 2; side++) {
			if (r->key.mode != set->plan.mode[mode[side]].name || !sampled_bytes(set, r, &bytes))
				continue;
			array_grow(all->pass, all->cnt, all->cap);
			all->pass[all->cnt++] = (struct sampled_pass){
				.r = r, .side = (unsigned int)side, .cell = cell_of(&set->plan, &r->key), .bytes = bytes};
		}
	}
}

/* A mode that failed in the dear cells would seem cheap. */
static void keep_common_cells(struct passes *all)
{
	_cleanup_free_ unsigned int *sides = xcalloc(all->cell_cnt, sizeof(*sides));
	size_t i, kept = 0;

	for (i = 0; i < all->cnt; i++)
		if (all->pass[i].bytes > 0)
			sides[all->pass[i].cell] |= 1U << all->pass[i].side;
	for (i = 0; i < all->cnt; i++)
		if (sides[all->pass[i].cell] == 3)
			all->pass[kept++] = all->pass[i];
	all->cnt = kept;
}

static void take_samples(struct passes *all, const struct frame_class *classes, struct waterfall *w)
{
	size_t i, j;

	for (i = 0; i < all->cnt; i++) {
		struct sampled_pass *p = &all->pass[i];

		w->bytes[p->side] += p->bytes;
		for (j = 0; j < p->r->stack_cnt; j++) {
			const struct stack *s = &p->r->stack[j];
			struct waterfall_sample sample = {s, p->side, CATEGORY_OTHER};

			if (s->kind != STACK_ONCPU || !s->count)
				continue;
			sample.category = stack_category(s, classes);
			p->samples[sample.category] += (double)s->count;
			p->samples[ALL] += (double)s->count;
			array_grow(w->sample, w->sample_cnt, w->sample_cap);
			w->sample[w->sample_cnt++] = sample;
		}
	}
}

/* How much the cost of a byte varies among the clean passes of a cell: variance over the square of the mean. Negative:
 * there are not two of them.
 */
static double clean_variance(const struct run_set *set, const struct run_key *of)
{
	double n = 0, mean = 0, square = 0, off;
	size_t i;

	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i];
		const struct metric_value *v = &r->v[OWNER_WHOLE][M_CPU_NS_PER_BYTE];

		if (r->status != RESULT_OK || r->key.pass != PASS_CLEAN || r->key.mode != of->mode ||
		    r->key.size_bytes != of->size_bytes || r->key.threads != of->threads || !value_known(v))
			continue;
		off = v->value - mean;
		mean += off / ++n; /* B. P. Welford, 1962 */
		square += off * (v->value - mean);
	}
	return n < 2 || mean <= 0 ? -1 : square / (n - 1) / (mean * mean);
}

/* The passes of a side in a cell. */
struct cell_sum {
	double samples[ALL + 1], bytes, passes;
	double clean; /* clean_variance(); of a lone pass */
};

static size_t sum_at(const struct sampled_pass *p)
{
	return 2 * p->cell + p->side;
}

static struct cell_sum *sum_cells(const struct run_set *set, const struct passes *all)
{
	struct cell_sum *sum = xcalloc(2 * all->cell_cnt, sizeof(*sum));
	size_t i, c;

	for (i = 0; i < all->cnt; i++) {
		struct cell_sum *at = &sum[sum_at(&all->pass[i])];

		for (c = 0; c <= ALL; c++)
			at->samples[c] += all->pass[i].samples[c];
		at->bytes += all->pass[i].bytes;
		at->passes++;
	}
	for (i = 0; i < all->cnt; i++)
		if (sum[sum_at(&all->pass[i])].passes < 2)
			sum[sum_at(&all->pass[i])].clean = clean_variance(set, &all->pass[i].r->key);
	return sum;
}

static enum waterfall_noise noise_of(const struct passes *all, const struct cell_sum *sum)
{
	enum waterfall_noise noise = NOISE_OF_PASSES;
	size_t i;

	for (i = 0; i < all->cnt; i++)
		if (sum[sum_at(&all->pass[i])].passes < 2)
			noise = MAX(noise, sum[sum_at(&all->pass[i])].clean < 0 ? NOISE_UNKNOWN : NOISE_OF_CLEAN_PASSES);
	return noise;
}

/* Pearson's chi-square over its degrees of freedom: how much more the passes of a cell differ than counts of the same
 * rate do. 1 where they differ less, or where there is but one of each.
 */
static double excess_of_passes(const struct passes *all, const struct cell_sum *sum, size_t category)
{
	double square = 0, freedom = 0, expected;
	size_t i;

	for (i = 0; i < all->cnt; i++) {
		const struct cell_sum *at = &sum[sum_at(&all->pass[i])];

		expected = at->bytes > 0 ? at->samples[category] * all->pass[i].bytes / at->bytes : 0;
		if (expected <= 0)
			continue;
		square += pow(all->pass[i].samples[category] - expected, 2) / expected;
		freedom += (at->passes - 1) / at->passes;
	}
	return freedom > 0.5 ? MAX(square / freedom, 1) : 1;
}

/* Variance over mean. A lone pass of a cell is taken to vary as the cell's clean passes do. */
static double spread_of(const struct passes *all, const struct cell_sum *sum, size_t category, unsigned int side)
{
	double excess = excess_of_passes(all, sum, category), variance = 0, samples = 0, n;
	size_t cell;

	for (cell = 0; cell < all->cell_cnt; cell++) {
		const struct cell_sum *at = &sum[2 * cell + side];

		n = at->samples[category];
		samples += n;
		variance += at->passes < 2 ? n + MAX(at->clean, 0) * n * n : excess * n;
	}
	return samples > 0 ? variance / samples : 1;
}

/* ---- bars ----------------------------------------------------------------------------------- */

static void sum_bars(const struct run_set *set, const struct passes *all, struct waterfall *w)
{
	struct cell_sum *sum = sum_cells(set, all);
	double samples[ALL + 1][2] = {{0}};
	unsigned int side;
	size_t i, c;

	w->noise = noise_of(all, sum);
	for (c = 0; c <= ALL; c++) {
		for (i = 0; i < all->cnt; i++)
			samples[c][all->pass[i].side] += all->pass[i].samples[c];
		for (side = 0; side < 2; side++)
			w->spread[c][side] = spread_of(all, sum, c, side);
	}
	free(sum);
	w->total = cost_change_of(samples[ALL], w->ns_per_sample, w->spread[ALL]);
	w->total.change = 0;
	for (c = 0; c < ALL; c++) {
		w->bar[c] = cost_change_of(samples[c], w->ns_per_sample, w->spread[c]);
		w->total.change += w->bar[c].change; /* to the last bit */
	}
}

/* ---- functions ------------------------------------------------------------------------------ */

/* Samples by frame of the set, the last of them for what has none. */
struct by_frame {
	double (*self)[ALL][2], (*total)[2];
	size_t cnt;
};

static unsigned int leaf_of(const struct stack *s, size_t none)
{
	return s->depth ? s->frame[s->depth - 1] : (unsigned int)none;
}

static void count_frames(const struct waterfall *w, struct by_frame *f)
{
	_cleanup_free_ size_t *seen = xcalloc(f->cnt, sizeof(*seen)); /* by the sample of this number */
	size_t i, d;

	for (i = 0; i < w->sample_cnt; i++) {
		const struct waterfall_sample *s = &w->sample[i];
		double count = (double)s->stack->count;

		f->self[leaf_of(s->stack, f->cnt - 1)][s->category][s->side] += count;
		for (d = 0; d < s->stack->depth; d++) {
			unsigned int frame = s->stack->frame[d];

			if (seen[frame] != i + 1)
				f->total[frame][s->side] += count;
			seen[frame] = i + 1;
		}
	}
}

static void add_parts(struct waterfall *w, const struct by_frame *f, size_t frame)
{
	struct waterfall_part part = {.frame = frame + 1 < f->cnt ? (unsigned int)frame : WATERFALL_NO_FRAME};
	size_t c;

	for (c = 0; c < ALL; c++) {
		const double *samples = f->self[frame][c];

		if (samples[0] + samples[1] <= 0)
			continue;
		part.category = (enum category)c;
		part.self = cost_change_of(samples, w->ns_per_sample, w->spread[c]);
		array_grow(w->part, w->part_cnt, w->part_cap);
		w->part[w->part_cnt++] = part;
	}
}

static void add_function(struct waterfall *w, const struct by_frame *f, size_t frame)
{
	struct waterfall_function function = {.frame = (unsigned int)frame, .category = CATEGORY_MAX_};
	double self[2] = {0}, most = 0;
	size_t c;

	for (c = 0; c < ALL; c++) {
		const double *samples = f->self[frame][c];

		self[0] += samples[0];
		self[1] += samples[1];
		if (samples[0] + samples[1] > most) {
			most = samples[0] + samples[1];
			function.category = (enum category)c;
		}
	}
	function.self = cost_change_of(self, w->ns_per_sample, w->spread[function.category]);
	function.total = cost_change_of(f->total[frame], w->ns_per_sample, w->spread[ALL]);
	array_grow(w->function, w->function_cnt, w->function_cap);
	w->function[w->function_cnt++] = function;
}

static int by_change(const struct cost_change *a, const struct cost_change *b)
{
	double x = fabs(a->change), y = fabs(b->change);

	return (x < y) - (x > y);
}

static int by_frame_order(unsigned int a, unsigned int b)
{
	return (a > b) - (a < b);
}

static int by_category(const void *pa, const void *pb)
{
	const struct waterfall_part *a = pa, *b = pb;

	if (a->category != b->category)
		return a->category < b->category ? -1 : 1;
	return by_change(&a->self, &b->self) ?: by_frame_order(a->frame, b->frame);
}

static int by_own_change(const void *pa, const void *pb)
{
	const struct waterfall_function *a = pa, *b = pb;

	return by_change(&a->self, &b->self) ?: by_change(&a->total, &b->total) ?: by_frame_order(a->frame, b->frame);
}

static void sum_functions(const struct run_set *set, struct waterfall *w)
{
	struct by_frame f = {.cnt = set->frame_cnt + 1};
	size_t i;

	f.self = xcalloc(f.cnt, sizeof(*f.self));
	f.total = xcalloc(f.cnt, sizeof(*f.total));
	count_frames(w, &f);
	for (i = 0; i < f.cnt; i++) {
		add_parts(w, &f, i);
		if (f.total[i][0] + f.total[i][1] > 0)
			add_function(w, &f, i);
	}
	free(f.self);
	free(f.total);
	qsort(w->part, w->part_cnt, sizeof(*w->part), by_category);
	if (w->function_cnt)
		qsort(w->function, w->function_cnt, sizeof(*w->function), by_own_change);
}

/* ---- the whole ------------------------------------------------------------------------------ */

static enum waterfall_missing what_is_missing(const struct run_set *set, const struct passes *all)
{
	bool sampled[2] = {false};
	size_t i;

	if (!set->plan.frequency_hz)
		return WATERFALL_NOT_SAMPLED;
	if (!all->cnt)
		return WATERFALL_NO_PASS;
	for (i = 0; i < all->cnt; i++)
		sampled[all->pass[i].side] |= all->pass[i].samples[ALL] > 0;
	return sampled[0] && sampled[1] ? WATERFALL_TOLD : WATERFALL_NO_SAMPLE;
}

struct waterfall waterfall_of(const struct run_set *set, const struct frame_class *classes, size_t from, size_t to)
{
	struct waterfall w = {.missing = WATERFALL_NO_PASS};
	struct passes all = {.cnt = 0};
	size_t side;

	find_passes(set, (const size_t[]){from, to}, &all);
	keep_common_cells(&all);
	take_samples(&all, classes, &w);
	w.missing = what_is_missing(set, &all);
	if (w.missing == WATERFALL_TOLD) {
		for (side = 0; side < 2; side++)
			w.ns_per_sample[side] = 1e9 / set->plan.frequency_hz / w.bytes[side];
		sum_bars(set, &all, &w);
		sum_functions(set, &w);
	}
	free(all.pass);
	return w;
}

void waterfall_free(struct waterfall *w)
{
	free(w->part);
	free(w->function);
	free(w->sample);
	*w = (struct waterfall){0};
}
