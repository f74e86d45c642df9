/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RENDERED_H
#define RENDERED_H

#include "report/report.h"

/* A file of the report of set; the caller frees. */
static char *rendered(struct run_set *set, const char *format, const char *file)
{
	char base[] = "/tmp/copyscope-rendered-XXXXXX", *text = NULL;
	_cleanup_free_ char *dir = NULL, *path = NULL, *command = NULL;
	size_t len = 0;
	FILE *f;

	assert_non_null(mkdtemp(base));
	dir = xasprintf("%s/r", base);
	path = xasprintf("%s/%s", dir, file);
	command = xasprintf("rm -r %s", base);
	run_set_derive(set);
	assert_int_equal(report_write(set, dir, format, NULL), 0);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_true(getdelim(&text, &len, '\0', f) > 0);
	fclose(f);
	assert_int_equal(system(command), 0);
	return text;
}

#endif
