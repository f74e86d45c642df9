// SPDX-License-Identifier: GPL-2.0-only
/* The values of options and arguments: parsed strictly, refused with what would be right. */
#include "core/cli.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

#include "core/log.h"

int cli_uint(const char *what, const char *arg, unsigned int min, unsigned int max,
	     unsigned int *out)
{
	uint64_t value;

	if (parse_u64(arg, min, max, &value))
		return fail_r(-EINVAL, "%s '%s': give a whole number from %u to %u", what, arg, min,
			      max);
	*out = (unsigned int)value;
	return 0;
}

int cli_size(const char *what, const char *arg, uint64_t max, uint64_t *bytes)
{
	char limit[24];

	if (parse_size(arg, 1, max, bytes))
		return fail_r(-EINVAL, "%s '%s': give bytes from 1 to %s; 64K, 1M are understood",
			      what, arg, format_size(max, limit));
	return 0;
}

int cli_seconds(const char *what, const char *arg, uint64_t min_ns, uint64_t max_ns, uint64_t *ns)
{
	if (parse_seconds(arg, min_ns, max_ns, ns))
		return fail_r(-EINVAL,
			      "%s '%s': give seconds from %g to %g; fractions such as 0.5 are "
			      "understood",
			      what, arg, (double)min_ns / NSEC_PER_SEC,
			      (double)max_ns / NSEC_PER_SEC);
	return 0;
}

int cli_cpu(const char *what, const char *arg, unsigned int *cpu)
{
	cpu_set_t allowed;
	uint64_t value;

	if (parse_u64(arg, 0, CPU_SETSIZE - 1, &value))
		return fail_r(-EINVAL, "%s '%s': give CPU numbers, for example 0,2,3", what, arg);
	if (!sched_getaffinity(0, sizeof(allowed), &allowed) && !CPU_ISSET(value, &allowed))
		return fail_r(-EINVAL,
			      "%s '%s': that CPU may not be used here: see `taskset -pc $$`", what,
			      arg);
	*cpu = (unsigned int)value;
	return 0;
}

/* "stream, rr"; the caller frees it. */
static char *enumerate(const char *const *names, size_t n)
{
	char *list = xstrdup(""), *longer;
	size_t i;

	for (i = 0; i < n; i++) {
		longer = xasprintf("%s%s%s", list, i ? ", " : "", names[i]);
		free(list);
		list = longer;
	}
	return list;
}

int cli_choice(const char *what, const char *arg, const char *const *names, size_t n, size_t *out)
{
	_cleanup_free_ char *list = NULL;
	const char *near;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!strcmp(arg, names[i])) {
			*out = i;
			return 0;
		}
	}
	list = enumerate(names, n);
	near = nearest_name(arg, names, n);
	if (near)
		return fail_r(-EINVAL, "%s '%s': did you mean %s? Choose one of %s", what, arg,
			      near, list);
	return fail_r(-EINVAL, "%s '%s': choose one of %s", what, arg, list);
}

int cli_list(const char *what, const char *arg, int (*item)(const char *item, void *ctx), void *ctx)
{
	if (!*arg || *arg == ',' || strstr(arg, ",,") || arg[strlen(arg) - 1] == ',')
		return fail_r(-EINVAL, "%s '%s': an item of the list is empty", what, arg);
	return parse_list(arg, item, ctx, NULL);
}
