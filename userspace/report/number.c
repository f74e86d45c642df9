// SPDX-License-Identifier: GPL-2.0-only
#include "report/number.h"

#include <math.h>
#include <string.h>

char *number_exact(double v, char *buf)
{
	char digits[48];
	size_t len, i, n = 0;

	snprintf(digits, sizeof(digits), "%.0f", fabs(v));
	len = MIN(strlen(digits), (size_t)40);
	if (v < 0)
		buf[n++] = '-';
	for (i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			buf[n++] = ',';
		buf[n++] = digits[i];
	}
	buf[n] = '\0';
	return buf;
}

/* Three significant digits, without an exponent for anything a report holds. */
static void three_digits(double v, const char *suffix, char *buf)
{
	double a = fabs(v);
	int decimals = a == 0 || a >= 99.95 ? 0 : a >= 9.995 ? 1 : a >= 0.9995 ? 2 : 3;

	if (a > 0 && a < 0.001)
		snprintf(buf, NUMBER_LEN, "%.2g%s", v, suffix);
	else
		snprintf(buf, NUMBER_LEN, "%.*f%s", decimals, v, suffix);
}

static char *scaled(double v, double base, const char *const *suffix, size_t cnt, char *buf)
{
	size_t i = 0;

	while (i + 1 < cnt && fabs(v) >= base * 0.9995) {
		v /= base;
		i++;
	}
	three_digits(v, suffix[i], buf);
	return buf;
}

char *number_bytes(double v, char *buf)
{
	static const char *const suffix[] = {" B", " KiB", " MiB", " GiB", " TiB", " PiB"};

	return scaled(v, 1024, suffix, ARRAY_SIZE(suffix), buf);
}

char *number_short(double v, char *buf)
{
	static const char *const suffix[] = {"", " k", " M", " G", " T"};

	if (fabs(v) < 10000) {
		three_digits(v, "", buf);
		return buf;
	}
	return scaled(v, 1000, suffix, ARRAY_SIZE(suffix), buf);
}

char *number_size(uint64_t v, char *buf)
{
	format_size(v, buf);
	strcat(buf, v && v % KIB == 0 ? "iB" : " B");
	/* "64KiB" -> "64 KiB" */
	if (v && v % KIB == 0) {
		size_t len = strlen(buf);

		memmove(buf + len - 2, buf + len - 3, 4);
		buf[len - 3] = ' ';
	}
	return buf;
}

char *number_metric(double v, enum metric_unit unit, char *buf)
{
	switch (unit) {
	case UNIT_BYTES:
		return number_bytes(v, buf);
	case UNIT_RATIO:
	case UNIT_PER_BYTE:
	case UNIT_NS_PER_BYTE:
		snprintf(buf, NUMBER_LEN, fabs(v) < 0.1 ? "%.4f" : "%.3f", v);
		return buf;
	default:
		return number_short(v, buf);
	}
}
