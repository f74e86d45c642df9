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

static int read_seconds(const char *what, const char *arg, uint64_t min_ns, uint64_t max_ns,
			uint64_t *ns)
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

static int read_choice(const char *what, const char *arg, const char *const *names, size_t n,
		       unsigned int *out)
{
	_cleanup_free_ char *list = xstrdup("");
	const char *near;
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (!strcmp(arg, names[i])) {
			*out = i;
			return 0;
		}
		xappend(&list, ", ", "%s", names[i]);
	}
	near = nearest_name(arg, names, n);
	if (near)
		return fail_r(-EINVAL, "%s '%s': did you mean %s? Choose one of %s", what, arg,
			      near, list);
	return fail_r(-EINVAL, "%s '%s': choose one of %s", what, arg, list);
}

int cli_list(const char *what, const char *arg, int (*set)(void *ctx, const char *item), void *ctx)
{
	_cleanup_free_ char *copy = xstrdup(arg);
	char *rest = copy, *item;
	int err = 0;

	if (!*arg || *arg == ',' || strstr(arg, ",,") || arg[strlen(arg) - 1] == ',')
		return fail_r(-EINVAL, "%s '%s': an item of the list is empty", what, arg);
	while (!err && (item = strsep(&rest, ",")))
		err = set(ctx, item);
	return err;
}

static int say_want(const struct cli_option *o, const char *what, const char *arg)
{
	return o->want ? fail_r(-EINVAL, "%s '%s': give %s", what, arg, o->want) : -EINVAL;
}

int cli_set(const struct cli_option *o, const char *what, const char *arg, void *ctx)
{
	void *at = (char *)ctx + o->offset;
	uint64_t number;

	switch (o->type) {
	case CLI_TYPE_CALL:
		return o->set(ctx, arg);
	case CLI_TYPE_LIST:
		return cli_list(what, arg, o->set, ctx);
	case CLI_TYPE_FLAG:
		*(bool *)at = true;
		return 0;
	case CLI_TYPE_TEXT:
		if (o->check && o->check(arg))
			return say_want(o, what, arg);
		*(const char **)at = arg;
		return 0;
	case CLI_TYPE_UINT:
		if (o->want && parse_u64(arg, o->min, o->max, &number))
			return say_want(o, what, arg);
		return cli_uint(what, arg, (unsigned int)o->min, (unsigned int)o->max, at);
	case CLI_TYPE_SIZE:
		return cli_size(what, arg, o->max, at);
	case CLI_TYPE_SECONDS:
		return read_seconds(what, arg, o->min, o->max, at);
	case CLI_TYPE_CHOICE:
		return read_choice(what, arg, o->names, o->max, at);
	}
	return -EINVAL;
}
