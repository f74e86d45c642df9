// SPDX-License-Identifier: GPL-2.0-only
/* The table of formats, and the list of them that a user names. */
#include <errno.h>
#include <string.h>

#include "core/log.h"
#include "report/flame.h"
#include "report/report_ctx.h"

/* mode: NULL = any. */
static bool is_sampled(const struct run_set *set, const char *mode, enum stack_kind kind)
{
	size_t i;

	for (i = 0; i < set->result_cnt; i++)
		if ((!mode || set->result[i].key.mode == mode) &&
		    result_sampled(&set->result[i], kind))
			return true;
	return false;
}

static bool if_sampled(const struct report_part *part)
{
	return is_sampled(part->ctx->set, mode_name(part->ctx, part->mode), part->kind);
}

static bool if_mode_sampled(const struct report_part *part)
{
	const char *mode = mode_name(part->ctx, part->mode);

	return is_sampled(part->ctx->set, mode, STACK_ONCPU) ||
	       is_sampled(part->ctx->set, mode, STACK_OFFCPU);
}

static bool if_any_sampled(const struct report_part *part)
{
	return is_sampled(part->ctx->set, NULL, STACK_ONCPU) ||
	       is_sampled(part->ctx->set, NULL, STACK_OFFCPU);
}

const struct report_format report_formats[] = {
#define FORMAT(name_, file_, help_, fill_, ...) \
	{.name = (name_), .file = (file_), .help = (help_), .fill = (fill_), ##__VA_ARGS__},
#define FORMAT_WITHOUT_FILE(name_, file_, help_, ...) \
	{.name = (name_), .file = (file_), .help = (help_), ##__VA_ARGS__},
#include "report/format.def.h"
#undef FORMAT
#undef FORMAT_WITHOUT_FILE
};
const size_t report_formats_cnt = ARRAY_SIZE(report_formats);

const struct report_format *report_format_named(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(report_formats); i++)
		if (!strcmp(name, report_formats[i].name))
			return &report_formats[i];
	return NULL;
}

static int check_format(const char *item, void *unused)
{
	const char *names[ARRAY_SIZE(report_formats)], *near;
	size_t i;

	(void)unused;
	if (report_format_named(item))
		return 0;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		names[i] = report_formats[i].name;
	near = nearest_name(item, names, ARRAY_SIZE(names));
	return fail_r(-EINVAL, "unknown format '%s'%s%s%s: see `copyscope list formats`", item,
		      near ? ", did you mean '" : "", near ? near : "", near ? "'" : "");
}

static int check_observation_format(const char *item, void *unused)
{
	const struct report_format *format = report_format_named(item);
	_cleanup_free_ char *names = NULL;
	size_t i;

	if (!format || format->of_observation)
		return check_format(item, unused);
	for (i = 0; i < ARRAY_SIZE(report_formats); i++)
		if (report_formats[i].of_observation)
			xappend(&names, ", ", "%s", report_formats[i].name);
	return fail_r(-EINVAL, "there is no %s of `copyscope attach`: there are %s, or none for the text", item, names);
}

int report_check_observation_formats(const char *list)
{
	return list ? parse_list(list, check_observation_format, NULL, NULL) : 0;
}

int report_check_formats(const char *list)
{
	if (!list)
		return 0;
	if (!*list)
		return fail_r(-EINVAL, "no format given: see `copyscope list formats`");
	return parse_list(list, check_format, NULL, NULL);
}
