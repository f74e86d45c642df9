/* SPDX-License-Identifier: GPL-2.0-only */
/* What the intervals need of probability. */
#ifndef ANALYSIS_DISTRIBUTION_H
#define ANALYSIS_DISTRIBUTION_H

/* What Student's t with df exceeds, up or down, with this probability. */
double student_quantile(double probability, double df);
/* Of x > 0. The inverse is 1e6 where that would be more. */
double digamma(double x);
double trigamma(double x);
double trigamma_inverse(double y);

#endif
