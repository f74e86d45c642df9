/* SPDX-License-Identifier: GPL-2.0-only */
/* Log-linear histogram of non-negative integers (ns). Each power of two is divided into 64 linear
 * buckets, so a recorded value is known to within 1/64 (1.6 %) of itself; values below 64 are exact.
 * The layout is HdrHistogram's idea with a fixed precision, which makes histograms addable and the
 * sparse JSON form (index, count) stable. Not thread-safe: one a thread, then hist_add().
 */
#ifndef CORE_HIST_H
#define CORE_HIST_H

#include "core/util.h"

#define HIST_SUB_BITS 6
#define HIST_SUB      (1u << HIST_SUB_BITS)
#define HIST_BUCKETS  ((64u - HIST_SUB_BITS + 1u) * HIST_SUB)

struct hist {
	uint64_t total; /* number of values */
	uint64_t sum;
	uint64_t min, max; /* exact; meaningless while total is 0 */
	uint64_t count[HIST_BUCKETS];
};

/* Bucket of a value; always < HIST_BUCKETS. */
unsigned int hist_index(uint64_t value);
/* Smallest and largest value of a bucket. */
uint64_t hist_bucket_low(unsigned int index);
uint64_t hist_bucket_high(unsigned int index);

void hist_record(struct hist *h, uint64_t value);
/* n times the same value; nothing for n = 0. */
void hist_record_n(struct hist *h, uint64_t value, uint64_t n);
void hist_add(struct hist *to, const struct hist *from);

/* Value at percentile p (0 < p <= 100): the upper edge of the bucket that holds it, never above the
 * exact maximum. 0 when the histogram is empty: ask h->total first.
 */
uint64_t hist_percentile(const struct hist *h, double p);

#endif
