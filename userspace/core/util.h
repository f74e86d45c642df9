/* SPDX-License-Identifier: GPL-2.0-only */
/* Small things every folder needs: ownership helpers, strict number parsing, time, exit codes.
 * Nothing here knows what copyscope measures.
 */
#ifndef CORE_UTIL_H
#define CORE_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What a process of ours may exit with. 77 is the automake/liburing convention for "skipped". */
enum exit_code {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_CANNOT_RUN = 77, /* this kernel, machine or privilege cannot do it */
};

#define ARRAY_SIZE(a)	 (sizeof(a) / sizeof((a)[0]))
#define NSEC_PER_SEC	 1000000000ULL
#define NSEC_PER_MSEC	 1000000ULL
#define NSEC_PER_USEC	 1000ULL
#define KIB		 1024ULL
#define MIB		 (1024ULL * KIB)
#define GIB		 (1024ULL * MIB)
#define MIN(a, b)	 ((a) < (b) ? (a) : (b))
#define MAX(a, b)	 ((a) > (b) ? (a) : (b))
#define __printf(fmt, va) __attribute__((format(printf, fmt, va)))

/* A table indexed by an enum has a row for each value: the compiler says so. */
#define static_assert_complete(table, max) \
	_Static_assert(ARRAY_SIZE(table) == (max), #table " lacks rows for " #max)

/* Scope-bound ownership: a local with one of these is released when it leaves scope; hand it
 * on with take_ptr()/take_fd(), which leave the local empty.
 */
static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_fclose(FILE **f)
{
	if (*f)
		fclose(*f);
}

#define _cleanup_free_	 __attribute__((cleanup(cleanup_free)))
#define _cleanup_close_	 __attribute__((cleanup(cleanup_close)))
#define _cleanup_fclose_ __attribute__((cleanup(cleanup_fclose)))

#define take_ptr(p)                        \
	({                                 \
		__typeof__(p) __p = (p);   \
		(p) = NULL;                \
		__p;                       \
	})

static inline int take_fd(int *fd)
{
	int v = *fd;

	*fd = -1;
	return v;
}

/* CLOCK_MONOTONIC, ns. Comparable between processes of one machine. */
uint64_t monotonic_ns(void);
/* The same as of the last tick, 1 to 10 ms ago: for a fifth of the price. */
uint64_t monotonic_tick_ns(void);

/* Strict parsing: the whole string, no sign, no blank, no silent overflow.
 * Returns 0, -EINVAL (not a number) or -ERANGE (outside [min, max]); *out is untouched on failure.
 */
int parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out);

/* As parse_u64, with an optional IEC suffix K, M, G (KiB, MiB, GiB; "KiB" is taken too). */
int parse_size(const char *s, uint64_t min, uint64_t max, uint64_t *bytes);

/* Decimal seconds, fractions allowed ("0.25"); result in ns. Exponents, inf and nan are refused. */
int parse_seconds(const char *s, uint64_t min_ns, uint64_t max_ns, uint64_t *ns);

/* Split a comma separated list and call fn for each item (no empty items: -EINVAL).
 * Stops at the first negative return and hands it back. *bad, if given, receives the index of the
 * offending item's first byte in s.
 */
int parse_list(const char *s, int (*fn)(const char *item, void *ctx), void *ctx, size_t *bad);

/* For qsort() of double. */
int compare_double(const void *a, const void *b);
/* Sorts v. n > 0. */
double median_of(double *v, size_t n);

/* xorshift64*: the same numbers from the same *state, which is not 0, on every machine. */
uint64_t next_random(uint64_t *state);

/* The entry of names[0..n) nearest to `word` by edit distance, or NULL if none is near. */
const char *nearest_name(const char *word, const char *const *names, size_t n);

/* "16K", "1M", "100" : the shortest exact IEC form; buf holds at least 24 bytes. Returns buf. */
char *format_size(uint64_t bytes, char *buf);

/* Allocation that ends the process with one line when memory is out: there is no sane way on. */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xasprintf(const char *fmt, ...) __printf(1, 2);

/* Which row begins with this name, a const char *; ARRAY_SIZE(rows) if none does. */
#define row_by_name(rows, name) rows_find((rows), ARRAY_SIZE(rows), sizeof((rows)[0]), (name))
size_t rows_find(const void *rows, size_t cnt, size_t size, const char *name);

/* text with detail in the place of its one %s, if it has any: for tables of words. The caller frees. */
char *text_with(const char *text, const char *detail);

/* Words of a text, from column indent on, in lines of no more than width that begin there; ends the last. */
void put_wrapped(FILE *out, const char *text, int indent, int width);

/* Adds to *text (allocated; NULL or "": nothing yet) what fmt makes, behind the separator unless it
 * is the first.
 */
void xappend(char **text, const char *separator, const char *fmt, ...) __printf(3, 4);

/* Append-only growth for arrays kept as (ptr, count, capacity). */
#define array_grow(ptr, count, cap)                                              \
	do {                                                                     \
		if ((count) == (cap)) {                                          \
			(cap) = (cap) ? (cap) * 2 : 16;                          \
			(ptr) = xreallocarray((ptr), (cap), sizeof(*(ptr)));     \
		}                                                                \
	} while (0)

#endif
