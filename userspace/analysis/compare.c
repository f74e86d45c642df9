// SPDX-License-Identifier: GPL-2.0-only
#include "analysis/compare.h"

#include <math.h>

#include "analysis/distribution.h"
#include "analysis/passes.h"

#define PRIOR_DF_MAX 1e6 /* the cells differ by no more than chance makes of them */

/* ---- one pair of modes -------------------------------------------------------------------- */

/* How many of n values lie on either side of an interval that holds their median with 95 %: as many as a fair
 * coin has heads, or fewer, in 2.5 % of n throws.
 */
static size_t outside(size_t n)
{
	double chance = pow(0.5, (double)n), sum = 0;
	size_t k;

	for (k = 0; k < n / 2; k++) {
		sum += chance;
		if (sum > 0.025)
			break;
		chance *= (double)(n - k) / (double)(k + 1);
	}
	return k;
}

static size_t trimmed(size_t n)
{
	return n / 5;
}

/* Sorts v. Yuen's: the trimmed mean, and of what that varies, the variance of the winsorised values. */
static void reduce(double *v, size_t n, struct comparison *c)
{
	size_t trim = trimmed(n), k = outside(n), i;
	double mean = 0, square = 0;

	qsort(v, n, sizeof(*v), compare_double);
	c->n = n;
	c->used = n - 2 * trim;
	for (i = 0; i < n; i++)
		c->above += v[i] > 0;
	for (i = trim; i < n - trim; i++)
		c->center += v[i] / (double)c->used;
	c->low = k ? v[k - 1] : -INFINITY;
	c->high = k ? v[n - k] : INFINITY;
	for (i = 0; i < n; i++) {
		v[i] = i < trim ? v[trim] : i >= n - trim ? v[n - trim - 1] : v[i];
		mean += v[i] / (double)n;
	}
	for (i = 0; i < n; i++)
		square += (v[i] - mean) * (v[i] - mean);
	/* identical passes are none that never vary */
	c->variance = c->used > 1 ? MAX(square / (double)(c->used - 1), 1e-10) : 0;
}

/* Returns how many. */
static size_t pair(const struct passes *p, size_t a, size_t b, bool exact, double *v, enum bound *bound)
{
	size_t i, n = 0;

	for (i = 0, *bound = BOUND_NONE; i < p->repetitions; i++) {
		size_t top = a * p->repetitions + i, bottom = b * p->repetitions + i;
		enum bound both = p->bound[top] | bound_inverse(p->bound[bottom]);

		if (isnan(p->log[top]) || isnan(p->log[bottom]) || (exact && both))
			continue;
		v[n++] = p->log[top] - p->log[bottom];
		*bound |= both;
	}
	return n;
}

/* Pairs with a bound are left out where there are enough without: what other programs do has nothing to do with the
 * mode that a pass was drawn to have.
 */
static void compare_modes(const struct passes *p, size_t a, size_t b, double *v, struct comparison *c)
{
	size_t n = pair(p, a, b, true, v, &c->bound);

	if (n < PAIRS_MIN)
		n = pair(p, a, b, false, v, &c->bound);
	if (n)
		reduce(v, n, c);
}

static size_t pair_cnt(size_t mode_cnt)
{
	return mode_cnt * (mode_cnt - 1) / 2;
}

/* a < b */
static size_t pair_at(size_t mode_cnt, size_t a, size_t b)
{
	return a * (2 * mode_cnt - a - 1) / 2 + b - a - 1;
}

static struct comparison *compare_cell(const struct passes *p, double *v)
{
	struct comparison *pair;
	size_t a, b, measured = 0;

	for (a = 0; a < p->mode_cnt; a++)
		measured += p->known[a] > 0;
	if (measured < 2)
		return NULL;
	pair = xcalloc(pair_cnt(p->mode_cnt), sizeof(*pair));
	for (a = 0; a < p->mode_cnt; a++)
		for (b = a + 1; b < p->mode_cnt; b++)
			compare_modes(p, a, b, v, &pair[pair_at(p->mode_cnt, a, b)]);
	return pair;
}

/* ---- what cells share --------------------------------------------------------------------- */

/* The next pair that has an interval; NULL behind the last. *at begins with 0. */
static struct comparison *next_judged(const struct comparisons *all, size_t *at)
{
	size_t pairs = pair_cnt(all->mode_cnt);

	while (*at < all->cell_cnt * pairs) {
		struct comparison *cell = all->cell[*at / pairs], *c = cell ? &cell[*at % pairs] : NULL;

		if (!c)
			*at += pairs - 1;
		++*at;
		if (c && c->n >= PAIRS_MIN)
			return c;
	}
	return NULL;
}

/* Smyth's moderation: variances of few pairs are poor, so each is drawn towards what all have, the more the less
 * they differ beyond what chance makes of them.
 */
static void find_prior(struct comparisons *all)
{
	double sum = 0, square = 0, chance = 0, e, spread, mean;
	const struct comparison *c;
	size_t at = 0;

	for (all->family = 0; (c = next_judged(all, &at)); all->family++) {
		double half_df = (double)(c->used - 1) / 2;

		e = log(c->variance) - digamma(half_df) + log(half_df);
		sum += e;
		square += e * e;
		chance += trigamma(half_df);
	}
	if (!all->family)
		return;
	mean = sum / (double)all->family;
	spread = all->family > 1 ? (square - sum * mean) / (double)(all->family - 1) : 0;
	spread -= chance / (double)all->family;
	all->df = spread > 0 ? 2 * trigamma_inverse(spread) : PRIOR_DF_MAX;
	all->df = MIN(all->df, PRIOR_DF_MAX);
	all->variance = exp(mean + digamma(all->df / 2) - log(all->df / 2));
}

static double moderated(const struct comparisons *all, const struct comparison *c)
{
	double df = (double)(c->used - 1);

	return (all->df * all->variance + df * c->variance) / (all->df + df);
}

/* How many standard errors a center may stray by chance: Bonferroni's share of the measure's error. */
static double critical(const struct comparisons *all, size_t used)
{
	if (!all->critical[used])
		all->critical[used] = student_quantile(measure_error[all->measure] / (double)all->family,
						       all->df + (double)(used - 1));
	return all->critical[used];
}

/* Never narrower than what the cell's own passes hold, for a disturbed cell is unlike the others. */
static void set_intervals(struct comparisons *all)
{
	struct comparison *c;
	size_t at = 0;
	double reach;

	while ((c = next_judged(all, &at))) {
		reach = critical(all, c->used) * sqrt(moderated(all, c) / (double)c->used);
		c->low = c->bound & BOUND_UPPER ? -INFINITY : MIN(c->low, c->center - reach);
		c->high = c->bound & BOUND_LOWER ? INFINITY : MAX(c->high, c->center + reach);
	}
}

/* Odd repetitions of a mode against even ones. */
static void add_floor(const struct passes *p, double *v, double *floor, size_t *cnt)
{
	size_t mode, i, n;

	for (mode = 0; mode < p->mode_cnt; mode++) {
		const double *log = &p->log[mode * p->repetitions];
		struct comparison c = {0};

		for (i = 0, n = 0; i + 1 < p->repetitions; i += 2)
			if (!isnan(log[i]) && !isnan(log[i + 1]))
				v[n++] = log[i] - log[i + 1];
		if (n < PAIRS_MIN / 2)
			continue;
		reduce(v, n, &c);
		floor[(*cnt)++] = fabs(c.center);
	}
}

static void set_floor(struct comparisons *all, double *floor, size_t n)
{
	all->floor.n = n;
	if (!n)
		return;
	all->floor.median = exp(median_of(floor, n));
	all->floor.most = exp(floor[(n - 1) * 95 / 100]);
}

static void compare_cells(struct comparisons *all, const struct sample *sample, size_t cnt, size_t repetitions)
{
	size_t modes = all->mode_cnt, cell, floors = 0;
	_cleanup_free_ double *log = xcalloc(modes * repetitions + 1, sizeof(*log));
	_cleanup_free_ enum bound *bound = xcalloc(modes * repetitions + 1, sizeof(*bound));
	_cleanup_free_ size_t *known = xcalloc(modes + 1, sizeof(*known));
	_cleanup_free_ double *v = xcalloc(repetitions + 1, sizeof(*v));
	_cleanup_free_ double *floor = xcalloc(all->cell_cnt * modes + 1, sizeof(*floor));
	struct passes p = {modes, repetitions, log, bound, known};

	for (cell = 0; cell < all->cell_cnt; cell++) {
		read_cell(sample, cnt, cell, &p);
		all->cell[cell] = compare_cell(&p, v);
		add_floor(&p, v, floor, &floors);
	}
	set_floor(all, floor, floors);
}

void compare_build(const struct run_set *set, enum measure measure, struct comparisons *all)
{
	size_t cnt, i, repetitions = 0;
	_cleanup_free_ struct sample *sample = read_samples(set, measure, &cnt);

	*all = (struct comparisons){.measure = measure, .mode_cnt = set->plan.mode_cnt,
				    .cell_cnt = set->plan.size_cnt * set->plan.thread_cnt};
	all->cell = xcalloc(all->cell_cnt + 1, sizeof(*all->cell));
	all->critical = xcalloc(MAX(MAX_SAMPLES, NEED_MAX) + 1, sizeof(*all->critical));
	for (i = 0; i < cnt; i++)
		repetitions = MAX(repetitions, sample[i].repetition + 1);
	compare_cells(all, sample, cnt, repetitions);
	find_prior(all);
	set_intervals(all);
}

void compare_free(struct comparisons *all)
{
	size_t i;

	for (i = 0; i < all->cell_cnt; i++)
		free(all->cell[i]);
	free(all->cell);
	free(all->critical);
	*all = (struct comparisons){0};
}

/* ---- asking ------------------------------------------------------------------------------- */

static const struct comparison *pair_of(const struct comparisons *all, size_t cell, size_t a, size_t b)
{
	static const struct comparison none = {0};

	if (!all->cell[cell] || a == b)
		return &none;
	return &all->cell[cell][pair_at(all->mode_cnt, MIN(a, b), MAX(a, b))];
}

struct ratio compare_ratio(const struct comparisons *all, size_t cell, size_t a, size_t b)
{
	const struct comparison *c = pair_of(all, cell, a, b);
	struct ratio out = {.n = c->n, .has_interval = c->n >= PAIRS_MIN};
	double sign = a < b ? 1 : -1;

	if (!c->n)
		return out;
	out.ratio = exp(sign * c->center);
	out.above = a < b ? c->above : c->n - c->above;
	out.low = exp(a < b ? c->low : -c->high);
	out.high = exp(a < b ? c->high : -c->low);
	return out;
}

struct ratio ratio_of_logs(const double *logs, size_t n, double error)
{
	struct ratio out = {.n = n, .has_interval = n >= CELLS_MIN};
	double mean = 0, square = 0, reach;
	size_t i;

	for (i = 0; i < n; i++) {
		mean += logs[i] / (double)n;
		out.above += logs[i] > 0;
	}
	out.ratio = exp(mean);
	if (!out.has_interval)
		return out;
	for (i = 0; i < n; i++)
		square += (logs[i] - mean) * (logs[i] - mean);
	reach = student_quantile(error, (double)(n - 1)) * sqrt(square / (double)(n - 1) / (double)n);
	out.low = exp(mean - reach);
	out.high = exp(mean + reach);
	return out;
}

struct ratio compare_over(const struct comparisons *all, const bool *wanted, size_t a, size_t b, double error)
{
	_cleanup_free_ double *logs = xcalloc(all->cell_cnt + 1, sizeof(*logs));
	enum bound bound = BOUND_NONE;
	struct ratio out;
	size_t i, n = 0;

	for (i = 0; i < all->cell_cnt; i++) {
		const struct comparison *c = pair_of(all, i, a, b);

		if (!c->n || (wanted && !wanted[i]))
			continue;
		logs[n++] = a < b ? c->center : -c->center;
		bound |= a < b ? c->bound : bound_inverse(c->bound);
	}
	out = ratio_of_logs(logs, n, error);
	/* a bound of any cell is one of the mean */
	if (bound & BOUND_UPPER)
		out.low = 0;
	if (bound & BOUND_LOWER)
		out.high = INFINITY;
	return out;
}

double over_cells_error(size_t mode_cnt)
{
	return OVER_CELLS_ERROR / (double)(2 * pair_cnt(mode_cnt) + OVER_CELLS_CLAIMS);
}

/* ---- what would decide -------------------------------------------------------------------- */

#define POWER_ONE_SIDE 0.84 /* standard errors: 80 % */
#define POWER_TWO_SIDES 1.28

/* Whether n pairs with this variance tell what lies this far from the margin, by both parts of an interval. */
static bool is_enough(const struct comparisons *all, double variance, double gap, double power, size_t n)
{
	size_t used = n - 2 * trimmed(n);
	double error = sqrt(variance / (double)used), p, sign;

	if (gap < (critical(all, used) + power) * error)
		return false;
	p = 0.5 * erfc(-gap / sqrt(2 * variance)); /* of one pair, to lie on the right side */
	sign = (double)n - 2 * (double)outside(n);  /* twice what of n/2 must be exceeded */
	return (2 * p - 1) * (double)n >= sign + 2 * power * sqrt(p * (1 - p) * (double)n);
}

static unsigned int need(const struct comparisons *all, double variance, double gap, double power)
{
	unsigned int low = PAIRS_MIN - 1, high = NEED_MAX, middle;

	while (high - low > 1) {
		middle = (low + high) / 2;
		if (is_enough(all, variance, gap, power, middle))
			high = middle;
		else
			low = middle;
	}
	return high;
}

unsigned int compare_need(const struct comparisons *all, size_t cell, size_t a, size_t b, double margin)
{
	const struct comparison *c = pair_of(all, cell, a, b);
	double gap = fabs(c->center) - log(margin);

	if (c->bound) /* more of them decide nothing */
		return 0;
	if (c->n < PAIRS_MIN)
		return c->n ? PAIRS_MIN : 0;
	return need(all, moderated(all, c), fabs(gap), gap > 0 ? POWER_ONE_SIDE : POWER_TWO_SIDES);
}

unsigned int compare_need_tenth(const struct comparisons *all, double margin)
{
	_cleanup_free_ double *variance = xcalloc(all->family + 1, sizeof(*variance));
	const struct comparison *c;
	size_t at = 0, n = 0;

	if (!all->family || margin >= 1.1)
		return 0;
	while ((c = next_judged(all, &at)))
		variance[n++] = moderated(all, c);
	qsort(variance, n, sizeof(*variance), compare_double);
	return need(all, variance[n * 4 / 5], log(1.1 / margin), POWER_ONE_SIDE);
}
