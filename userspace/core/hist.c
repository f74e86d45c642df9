// SPDX-License-Identifier: GPL-2.0-only
#include "core/hist.h"

#include <math.h>

unsigned int hist_index(uint64_t value)
{
	unsigned int exponent;

	if (value < HIST_SUB)
		return (unsigned int)value;
	/* exponent of the leading bit, counted from the first power of two that is subdivided */
	exponent = 63u - (unsigned int)__builtin_clzll(value) - HIST_SUB_BITS;
	return (exponent + 1) * HIST_SUB + (unsigned int)((value >> exponent) - HIST_SUB);
}

uint64_t hist_bucket_low(unsigned int index)
{
	unsigned int group = index / HIST_SUB, sub = index % HIST_SUB;

	return group ? (uint64_t)(HIST_SUB + sub) << (group - 1) : sub;
}

uint64_t hist_bucket_high(unsigned int index)
{
	unsigned int group = index / HIST_SUB;

	return hist_bucket_low(index) + (group ? (1ULL << (group - 1)) - 1 : 0);
}

void hist_record(struct hist *h, uint64_t value)
{
	hist_record_n(h, value, 1);
}

void hist_record_n(struct hist *h, uint64_t value, uint64_t n)
{
	if (!n)
		return;
	h->count[hist_index(value)] += n;
	h->min = h->total ? MIN(h->min, value) : value;
	h->max = MAX(h->max, value);
	h->sum += value * n;
	h->total += n;
}

void hist_add(struct hist *to, const struct hist *from)
{
	unsigned int i;

	if (!from->total)
		return;
	to->min = to->total ? MIN(to->min, from->min) : from->min;
	to->max = MAX(to->max, from->max);
	to->sum += from->sum;
	to->total += from->total;
	for (i = 0; i < HIST_BUCKETS; i++)
		to->count[i] += from->count[i];
}

uint64_t hist_percentile(const struct hist *h, double p)
{
	uint64_t rank, seen = 0;
	unsigned int i;

	if (!h->total)
		return 0;
	rank = (uint64_t)ceil(p / 100.0 * (double)h->total);
	rank = MAX(rank, (uint64_t)1);
	for (i = 0; i < HIST_BUCKETS; i++) {
		seen += h->count[i];
		if (seen >= rank)
			return MIN(hist_bucket_high(i), h->max);
	}
	return h->max;
}
