// SPDX-License-Identifier: GPL-2.0-only
#include "core/strpool.h"
#include "core/util.h"

#include <search.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

const char *strpool_add(struct strpool *pool, const char *s)
{
	void **node;
	char *copy;

	if (!s)
		return NULL;
	node = tfind(s, &pool->root, compare);
	if (node)
		return *node;
	copy = xstrdup(s);
	if (!tsearch(copy, &pool->root, compare))
		abort();
	return copy;
}

void strpool_free(struct strpool *pool)
{
	tdestroy(pool->root, free);
	pool->root = NULL;
}
