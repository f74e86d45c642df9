// SPDX-License-Identifier: GPL-2.0-only
#include "core/util.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>
#include <time.h>

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * NSEC_PER_SEC + (uint64_t)ts.tv_nsec;
}

uint64_t monotonic_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

uint64_t monotonic_tick_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC_COARSE);
}

int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double median_of(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), compare_double);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

/* Digits at s up to the first non-digit; -EINVAL without a digit, -ERANGE on overflow. */
static int scan_u64(const char *s, uint64_t *out, const char **end)
{
	uint64_t v = 0;

	if (!isdigit((unsigned char)*s))
		return -EINVAL;
	for (; isdigit((unsigned char)*s); s++) {
		if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v))
			return -ERANGE;
	}
	*out = v;
	*end = s;
	return 0;
}

int parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out)
{
	const char *end;
	uint64_t v;
	int err = scan_u64(s, &v, &end);

	if (err)
		return err;
	if (*end)
		return -EINVAL;
	if (v < min || v > max)
		return -ERANGE;
	*out = v;
	return 0;
}

int parse_size(const char *s, uint64_t min, uint64_t max, uint64_t *bytes)
{
	static const char suffixes[] = "KMG";
	const char *end, *suffix;
	uint64_t v;
	int err = scan_u64(s, &v, &end);

	if (err)
		return err;
	if (*end) {
		suffix = strchr(suffixes, toupper((unsigned char)*end));
		if (!suffix || (end[1] && strcasecmp(end + 1, "iB") && strcasecmp(end + 1, "B")))
			return -EINVAL;
		if (__builtin_mul_overflow(v, KIB << (10 * (suffix - suffixes)), &v))
			return -ERANGE;
	}
	if (v < min || v > max)
		return -ERANGE;
	*bytes = v;
	return 0;
}

int parse_seconds(const char *s, uint64_t min_ns, uint64_t max_ns, uint64_t *ns)
{
	uint64_t v, scale = NSEC_PER_SEC;
	const char *end;
	int err = scan_u64(s, &v, &end);

	if (err)
		return err;
	if (__builtin_mul_overflow(v, NSEC_PER_SEC, &v))
		return -ERANGE;
	if (*end == '.') {
		for (end++; isdigit((unsigned char)*end); end++) {
			scale /= 10;
			v += (uint64_t)(*end - '0') * scale;
		}
	}
	if (*end)
		return -EINVAL;
	if (v < min_ns || v > max_ns)
		return -ERANGE;
	*ns = v;
	return 0;
}

int parse_list(const char *s, int (*fn)(const char *item, void *ctx), void *ctx, size_t *bad)
{
	_cleanup_free_ char *copy = xstrdup(s);
	char *item = copy, *comma;
	int err;

	for (;;) {
		comma = strchr(item, ',');
		if (comma)
			*comma = '\0';
		err = *item ? fn(item, ctx) : -EINVAL;
		if (err < 0) {
			if (bad)
				*bad = (size_t)(item - copy);
			return err;
		}
		if (!comma)
			return 0;
		item = comma + 1;
	}
}

static size_t edit_distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b), i, j;
	_cleanup_free_ size_t *row = xcalloc(lb + 1, sizeof(*row));

	for (j = 0; j <= lb; j++)
		row[j] = j;
	for (i = 1; i <= la; i++) {
		size_t diag = row[0], up;

		row[0] = i;
		for (j = 1; j <= lb; j++) {
			up = row[j];
			row[j] = MIN(MIN(row[j] + 1, row[j - 1] + 1),
				     diag + (tolower((unsigned char)a[i - 1]) !=
					     tolower((unsigned char)b[j - 1])));
			diag = up;
		}
	}
	return row[lb];
}

const char *nearest_name(const char *word, const char *const *names, size_t n)
{
	size_t best_distance = MAX(strlen(word) / 2, (size_t)1) + 1, i;
	const char *best = NULL;

	if (strlen(word) > 64)
		return NULL;
	for (i = 0; i < n; i++) {
		size_t d = edit_distance(word, names[i]);

		if (d < best_distance) {
			best_distance = d;
			best = names[i];
		}
	}
	return best;
}

char *format_size(uint64_t bytes, char *buf)
{
	static const char suffixes[] = "GMK";
	int shift = 30, i;

	for (i = 0; suffixes[i]; i++, shift -= 10) {
		if (bytes && bytes % (1ULL << shift) == 0) {
			snprintf(buf, 24, "%llu%c", (unsigned long long)(bytes >> shift),
				 suffixes[i]);
			return buf;
		}
	}
	snprintf(buf, 24, "%llu", (unsigned long long)bytes);
	return buf;
}

static void *or_die(void *p)
{
	if (!p) {
		fputs("out of memory\n", stderr);
		exit(EXIT_FAILED);
	}
	return p;
}

void *xmalloc(size_t size)
{
	return or_die(malloc(size ? size : 1));
}

void *xcalloc(size_t n, size_t size)
{
	return or_die(calloc(n ? n : 1, size ? size : 1));
}

void *xreallocarray(void *p, size_t n, size_t size)
{
	return or_die(reallocarray(p, n ? n : 1, size));
}

char *xstrdup(const char *s)
{
	return or_die(strdup(s));
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s = NULL;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	va_end(ap);
	return or_die(s);
}

size_t rows_find(const void *rows, size_t cnt, size_t size, const char *name)
{
	size_t i;

	for (i = 0; i < cnt; i++)
		if (!strcmp(*(const char *const *)((const char *)rows + i * size), name))
			break;
	return i;
}

char *text_with(const char *text, const char *detail)
{
	const char *hole = strstr(text, "%s");

	if (!hole)
		return xstrdup(text);
	return xasprintf("%.*s%s%s", (int)(hole - text), text, detail ?: "?", hole + 2);
}

void xappend(char **text, const char *separator, const char *fmt, ...)
{
	_cleanup_free_ char *before = *text, *more = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&more, fmt, ap) < 0)
		more = NULL;
	va_end(ap);
	*text = xasprintf("%s%s%s", before ?: "", before && *before ? separator : "",
			  (char *)or_die(more));
}

void put_wrapped(FILE *out, const char *text, int indent, int width)
{
	int column = indent, word;

	for (; *text; text += strspn(text, " ")) {
		word = (int)strcspn(text, " ");
		if (column > indent && column + 1 + word > width) {
			fprintf(out, "\n%*s", indent, "");
			column = indent;
		}
		column += fprintf(out, "%s%.*s", column > indent ? " " : "", word, text);
		text += word;
	}
	fputc('\n', out);
}
