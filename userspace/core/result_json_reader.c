// SPDX-License-Identifier: GPL-2.0-only
#include "core/result_json_reader.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "core/log.h"

int bad(const struct reader *rd, const char *fmt, ...)
{
	_cleanup_free_ char *what = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&what, fmt, ap) < 0)
		what = NULL;
	va_end(ap);
	return fail_r(-EINVAL, "%s: %s%s%s; the file is damaged, use the one copyscope run wrote",
		      rd->path, rd->at, *rd->at ? ": " : "", what ? what : "malformed");
}

void at(struct reader *rd, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(rd->at, sizeof(rd->at), fmt, ap);
	va_end(ap);
}

int as_str(struct reader *rd, const json_t *j, const char *what, bool optional,
		  const char **out)
{
	if (optional && (!j || json_is_null(j))) {
		*out = NULL;
		return 0;
	}
	if (!json_is_string(j))
		return bad(rd, "%s is not a string", what);
	*out = run_set_str(rd->set, json_string_value(j));
	return 0;
}

int as_u64(struct reader *rd, const json_t *j, const char *what, uint64_t min, uint64_t max,
		  uint64_t *out)
{
	json_int_t v;

	if (!json_is_integer(j))
		return bad(rd, "%s is not an integer", what);
	v = json_integer_value(j);
	if (v < 0 || (uint64_t)v < min || (uint64_t)v > max)
		return bad(rd, "%s is %lld, outside %llu..%llu", what, (long long)v,
			   (unsigned long long)min, (unsigned long long)max);
	*out = (uint64_t)v;
	return 0;
}

int as_uint(struct reader *rd, const json_t *j, const char *what, unsigned int min,
		   unsigned int max, unsigned int *out)
{
	uint64_t v = 0;
	int err = as_u64(rd, j, what, min, max, &v);

	if (!err)
		*out = (unsigned int)v;
	return err;
}

int as_bool(struct reader *rd, const json_t *j, const char *what, bool *out)
{
	if (!json_is_boolean(j))
		return bad(rd, "%s is not true or false", what);
	*out = json_is_true(j);
	return 0;
}

int as_name(struct reader *rd, const json_t *j, const char *what, const char *const *names,
		   unsigned int cnt, unsigned int *out)
{
	unsigned int i;

	if (!json_is_string(j))
		return bad(rd, "%s is not a string", what);
	for (i = 0; i < cnt; i++) {
		if (!strcmp(names[i], json_string_value(j))) {
			*out = i;
			return 0;
		}
	}
	return bad(rd, "%s is none of the known names", what);
}

int get_str(struct reader *rd, const json_t *o, const char *key, bool optional,
		   const char **out)
{
	return as_str(rd, json_object_get(o, key), key, optional, out);
}

int get_array(struct reader *rd, const json_t *o, const char *key, json_t **out)
{
	json_t *a = json_object_get(o, key);

	if (!json_is_array(a))
		return bad(rd, "%s is not an array", key);
	*out = a;
	return 0;
}

int is_tuple(struct reader *rd, const json_t *j, size_t cnt)
{
	if (!json_is_array(j) || json_array_size(j) != cnt)
		return bad(rd, "not an array of %zu", cnt);
	return 0;
}
