// SPDX-License-Identifier: GPL-2.0-only
#include "report/number.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

struct number number_exact(double v)
{
	char digits[48];
	struct number number;
	size_t len, i, n = 0;

	snprintf(digits, sizeof(digits), "%.0f", fabs(v));
	len = MIN(strlen(digits), (size_t)40);
	if (v < 0)
		number.text[n++] = '-';
	for (i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			number.text[n++] = ',';
		number.text[n++] = digits[i];
	}
	number.text[n] = '\0';
	return number;
}

/* Three significant digits, without an exponent for anything a report holds. */
static struct number three_digits(double v, const char *suffix)
{
	double a = fabs(v);
	int decimals = a == 0 || a >= 99.95 ? 0 : a >= 9.995 ? 1 : a >= 0.9995 ? 2 : 3;
	struct number number;

	if (a > 0 && a < 0.001)
		snprintf(number.text, sizeof(number.text), "%.2g%s", v, suffix);
	else
		snprintf(number.text, sizeof(number.text), "%.*f%s", decimals, v, suffix);
	return number;
}

static struct number scaled(double v, double base, const char *const *suffix, size_t cnt)
{
	size_t i = 0;

	while (i + 1 < cnt && fabs(v) >= base * 0.9995) {
		v /= base;
		i++;
	}
	return three_digits(v, suffix[i]);
}

struct number number_bytes(double v)
{
	static const char *const suffix[] = {" B", " KiB", " MiB", " GiB", " TiB", " PiB"};

	return scaled(v, 1024, suffix, ARRAY_SIZE(suffix));
}

struct number number_short(double v)
{
	static const char *const suffix[] = {"", " k", " M", " G", " T"};

	return fabs(v) < 10000 ? three_digits(v, "") : scaled(v, 1000, suffix, ARRAY_SIZE(suffix));
}

struct number number_size(uint64_t v)
{
	struct number number;
	char exact[24];
	size_t last = strlen(format_size(v, exact)) - 1;

	if (isdigit((unsigned char)exact[last]))
		snprintf(number.text, sizeof(number.text), "%s B", exact);
	else /* "64K" */
		snprintf(number.text, sizeof(number.text), "%.*s %ciB", (int)last, exact,
			 exact[last]);
	return number;
}

struct number number_ratio(double v)
{
	double off = fabs(v - 1);
	int decimals = v >= 99.5 ? 0 : v >= 9.95 ? 1 : 2;
	struct number number;

	if (v < 0.0995 || (off && off < 0.0995))
		decimals = 3;
	if (off && off < 0.00095)
		decimals = 4;
	if (isinf(v))
		snprintf(number.text, sizeof(number.text), "\u221e");
	else
		snprintf(number.text, sizeof(number.text), "%.*f", decimals, v);
	return number;
}

struct number number_metric(double v, enum metric_unit unit)
{
	struct number number;

	switch (unit) {
	case UNIT_BYTES:
		return number_bytes(v);
	case UNIT_RATIO:
	case UNIT_PER_BYTE:
	case UNIT_NS_PER_BYTE:
		snprintf(number.text, sizeof(number.text), fabs(v) < 0.1 ? "%.4f" : "%.3f", v);
		return number;
	default:
		return number_short(v);
	}
}
