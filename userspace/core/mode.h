/* SPDX-License-Identifier: GPL-2.0-only */
/* What a send mode promises. Whoever needs to know asks these traits, never the mode's name. */
#ifndef CORE_MODE_H
#define CORE_MODE_H

#include "core/util.h"

/* What the kernel is asked to do with the bytes. */
enum way {
	WAY_COPY,
	WAY_ZEROCOPY, /* reference the sender's pages: MSG_ZEROCOPY */
	WAY_OTHER,    /* a result of a newer copyscope has it */
	WAY_MAX_
};
extern const char *const way_names[WAY_MAX_]; /* "copy", "zerocopy", "other" */

/* Where the sender's fields lie. */
enum buffers {
	BUFFERS_HEAP, /* wherever malloc() puts them */
	BUFFERS_PAGE, /* each begins a page */
	BUFFERS_HUGE, /* one behind the other, all messages in one block of huge pages */
	BUFFERS_OTHER, /* a result of a newer copyscope has it */
	BUFFERS_MAX_
};
extern const char *const buffers_names[BUFFERS_MAX_]; /* "heap", "page", "huge", "other" */

struct mode_traits {
	enum way way;
	enum buffers buffers;
	bool flattens;	      /* the application copies its fields into one buffer first */
	bool takes_ids;	      /* each send that returns bytes takes a zero-copy id */
	bool has_completions; /* and reads the notifications of all of them */
};

#endif
