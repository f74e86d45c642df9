/* SPDX-License-Identifier: GPL-2.0-only */
/* Interned strings: equal text, equal pointer, freed all at once. */
#ifndef CORE_STRPOOL_H
#define CORE_STRPOOL_H

struct strpool {
	void *root; /* tsearch(3) tree */
};

/* The pool's copy of s; lives until strpool_free(). NULL gives NULL. */
const char *strpool_add(struct strpool *pool, const char *s);
void strpool_free(struct strpool *pool);

#endif
