// SPDX-License-Identifier: GPL-2.0-only
#include "analysis/distribution.h"

#include <math.h>

/* The continued fraction of the incomplete beta function with a, b at x, by Lentz. */
static double beta_fraction(double a, double b, double x)
{
	double c = 1, d = 1 / (1 - (a + b) * x / (a + 1)), h = d, term, step;
	int m;

	for (m = 1; m < 1000; m++) {
		term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		d = 1 / (1 + term * d);
		c = 1 + term / c;
		h *= d * c;
		term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		d = 1 / (1 + term * d);
		c = 1 + term / c;
		step = d * c;
		h *= step;
		if (fabs(step - 1) < 1e-12)
			break;
	}
	return h;
}

/* The probability that Student's t strays further than this, up or down. */
static double student_tails(double t, double df)
{
	double x = df / (df + t * t), a = df / 2, b = 0.5;
	double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));

	if (x < (a + 1) / (a + b + 2))
		return front * beta_fraction(a, b, x) / a;
	return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double student_quantile(double probability, double df)
{
	double low = 0, high = 1e6, middle;
	int i;

	for (i = 0; i < 60; i++) {
		middle = (low + high) / 2;
		if (student_tails(middle, df) > probability)
			low = middle;
		else
			high = middle;
	}
	return high;
}

double digamma(double x)
{
	double y, below = 0;

	for (; x < 6; x++)
		below += 1 / x;
	y = 1 / (x * x);
	return log(x) - 0.5 / x - y * (1.0 / 12 - y * (1.0 / 120 - y / 252)) - below;
}

double trigamma(double x)
{
	double y, below = 0;

	for (; x < 6; x++)
		below += 1 / (x * x);
	y = 1 / (x * x);
	return below + 1 / x + y / 2 + y / x * (1.0 / 6 - y * (1.0 / 30 - y / 42));
}

double trigamma_inverse(double y)
{
	double low = 1e-3, high = 1e6, middle;
	int i;

	for (i = 0; i < 60; i++) {
		middle = sqrt(low * high);
		if (trigamma(middle) > y)
			low = middle;
		else
			high = middle;
	}
	return high;
}
