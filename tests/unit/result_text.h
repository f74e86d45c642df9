/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef RESULT_TEXT_H
#define RESULT_TEXT_H

#include "core/result_json.h"

/* A run_set as results.json; the caller frees. */
static char *to_text(const struct run_set *set)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(run_set_write_json(set, out), 0);
	fclose(out);
	return text;
}

#endif
