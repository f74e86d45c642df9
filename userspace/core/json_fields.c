// SPDX-License-Identifier: GPL-2.0-only
#include "core/json_fields.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "core/log.h"
#include "core/utf8.h"

/* ---- writing ------------------------------------------------------------------------------ */

void put_json_text(FILE *out, const char *s, size_t max)
{
	static const char more[] = "...";
	/* a byte that is none of UTF-8 becomes three */
	bool cut = s && strlen(s) > max / 3 && utf8_length(s) > max;
	size_t len = 0, most = cut ? max - strlen(more) : max;
	char utf8[5];
	uint32_t c;

	if (!s) {
		fputs("null", out);
		return;
	}
	fputc('"', out);
	while (*s) {
		s += utf8_decode(s, &c);
		len += utf8_put(c, utf8);
		if (len > most)
			break;
		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", (int)c);
		else if (c < 0x20 || c == 0x7f)
			fprintf(out, "\\u%04x", c);
		else
			fputs(utf8, out);
	}
	fprintf(out, "%s\"", cut ? more : "");
}

void put_json_u64(FILE *out, uint64_t v)
{
	fprintf(out, "%" PRIu64, MIN(v, (uint64_t)INT64_MAX));
}

void put_double(FILE *out, double v)
{
	char buf[40];
	int digits;

	for (digits = 6; digits <= 17; digits++) {
		snprintf(buf, sizeof(buf), "%.*g", digits, v);
		if (strtod(buf, NULL) == v)
			break;
	}
	fputs(buf, out);
}

static void put_field(FILE *out, const struct run_set *set, const struct field *f, const void *from)
{
	const void *at = (const char *)from + f->offset;

	switch (f->type) {
	case FIELD_STR:
	case FIELD_TEXT:
		put_json_text(out, *(const char *const *)at, f->max);
		break;
	case FIELD_U64:
		put_json_u64(out, *(const uint64_t *)at);
		break;
	case FIELD_UINT:
		fprintf(out, "%u", *(const unsigned int *)at);
		break;
	case FIELD_BOOL:
		fputs(*(const bool *)at ? "true" : "false", out);
		break;
	case FIELD_NAME:
		put_json_text(out, f->names[*(const unsigned int *)at], SIZE_MAX);
		break;
	case FIELD_OWNER:
		put_json_text(out, set->owner[*(const unsigned int *)at].label, SIZE_MAX);
		break;
	}
}

static bool left_out(const struct field *f, const void *from)
{
	const void *at = (const char *)from + f->offset;

	switch (f->type) {
	case FIELD_STR:
	case FIELD_TEXT:
		return f->optional && !*(const char *const *)at;
	case FIELD_U64:
		return f->optional && !*(const uint64_t *)at;
	case FIELD_BOOL:
		return f->optional && !*(const bool *)at;
	default:
		return f->optional && !*(const unsigned int *)at;
	}
}

static void put_fields(FILE *out, const struct run_set *set, const struct fields *fields,
		       const void *from, bool named)
{
	size_t i;

	for (i = 0; i < fields->cnt; i++) {
		if (left_out(&fields->field[i], from))
			continue;
		fputs(i ? ", " : "", out);
		if (named)
			fprintf(out, "\"%s\": ", fields->field[i].name);
		put_field(out, set, &fields->field[i], from);
	}
}

void put_tuple(FILE *out, const struct run_set *set, const struct fields *fields, const void *from)
{
	fputc('[', out);
	put_fields(out, set, fields, from, false);
	fputc(']', out);
}

void put_members(FILE *out, const struct run_set *set, const struct fields *fields, const void *from)
{
	put_fields(out, set, fields, from, true);
}

/* ---- reading ------------------------------------------------------------------------------ */

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

int get_array(struct reader *rd, const json_t *o, const char *key, json_t **out)
{
	json_t *a = json_object_get(o, key);

	if (!json_is_array(a))
		return bad(rd, "%s is not an array", key);
	*out = a;
	return 0;
}

int read_u64(struct reader *rd, const json_t *j, const char *what, uint64_t min, uint64_t max,
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

static int read_string(struct reader *rd, const json_t *j, const struct field *f, const char **out)
{
	if (f->type == FIELD_TEXT && (!j || json_is_null(j))) {
		*out = NULL;
		return 0;
	}
	if (!json_is_string(j))
		return bad(rd, "%s is not a string", f->name);
	if (json_string_length(j) > f->max)
		return bad(rd, "%s is a text of %zu bytes, more than %llu", f->name,
			   json_string_length(j), (unsigned long long)f->max);
	*out = run_set_str(rd->set, json_string_value(j));
	return 0;
}

static int read_name(struct reader *rd, const json_t *j, const struct field *f, unsigned int *out)
{
	const char *name = json_string_value(j);
	unsigned int i;

	if (!json_is_string(j) && !json_is_null(j))
		return bad(rd, "%s is not a string", f->name);
	for (i = 0; i <= f->max; i++) {
		if (name && f->names[i] ? !strcmp(f->names[i], name) : !name && !f->names[i]) {
			*out = i;
			return 0;
		}
	}
	*out = (unsigned int)f->min;
	return name && f->min ? 0 : bad(rd, "%s is none of the known names", f->name);
}

static int read_owner(struct reader *rd, const json_t *j, const struct field *f, unsigned int *out)
{
	if (!json_is_string(j))
		return bad(rd, "%s is not a string", f->name);
	*out = run_set_owner_by_label(rd->set, json_string_value(j));
	return *out < rd->set->owner_cnt ? 0 : bad(rd, "%s is none of the owners", f->name);
}

static int read_field(struct reader *rd, const json_t *j, const struct field *f, void *to)
{
	void *at = (char *)to + f->offset;
	uint64_t v = 0;
	int err;

	if (f->optional && !j)
		return 0;
	switch (f->type) {
	case FIELD_STR:
	case FIELD_TEXT:
		return read_string(rd, j, f, at);
	case FIELD_U64:
		return read_u64(rd, j, f->name, f->min, f->max ?: INT64_MAX, at);
	case FIELD_UINT:
		err = read_u64(rd, j, f->name, f->min, f->max ?: UINT32_MAX, &v);
		*(unsigned int *)at = (unsigned int)v;
		return err;
	case FIELD_BOOL:
		*(bool *)at = json_is_true(j);
		return json_is_boolean(j) ? 0 : bad(rd, "%s is not true or false", f->name);
	case FIELD_NAME:
		return read_name(rd, j, f, at);
	case FIELD_OWNER:
		return read_owner(rd, j, f, at);
	}
	return -EINVAL;
}

int read_members(struct reader *rd, const json_t *o, const struct fields *fields, void *to)
{
	size_t i;
	int err = json_is_object(o) ? 0 : bad(rd, "not an object");

	for (i = 0; !err && i < fields->cnt; i++)
		err = read_field(rd, json_object_get(o, fields->field[i].name), &fields->field[i],
				 to);
	return err;
}

int read_tuple(struct reader *rd, const json_t *j, const struct fields *fields, void *to)
{
	size_t i, least = fields->cnt;
	int err = 0;

	while (least && fields->field[least - 1].optional)
		least--;
	if (!json_is_array(j) || json_array_size(j) < least || json_array_size(j) > fields->cnt)
		return bad(rd, "not an array of %zu", fields->cnt);
	for (i = 0; !err && i < fields->cnt; i++)
		err = read_field(rd, json_array_get(j, i), &fields->field[i], to);
	return err;
}

int read_list(struct reader *rd, const json_t *o, const char *key, bool tuples,
	      const struct fields *fields, int (*add)(struct reader *rd, void *entry, void *ctx),
	      void *ctx)
{
	_cleanup_free_ void *entry = xcalloc(1, fields->size);
	_cleanup_free_ char *where = xstrdup(rd->at);
	json_t *list = NULL, *j;
	size_t i;
	int err = get_array(rd, o, key, &list);

	if (json_array_size(list) > fields->most)
		return bad(rd, "more than %zu %s", fields->most, key);
	json_array_foreach(list, i, j) {
		at(rd, "%s%s%s[%zu]", where, *where ? "." : "", key, i);
		memset(entry, 0, fields->size);
		err = tuples ? read_tuple(rd, j, fields, entry) : read_members(rd, j, fields, entry);
		err = err ?: add(rd, entry, ctx);
		if (err)
			return err;
	}
	at(rd, "%s", where);
	return err;
}
