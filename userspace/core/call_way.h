/* SPDX-License-Identifier: GPL-2.0-only */
/* The ways of calls, as a program makes them: what it asked for, and what its socket and route granted. */
#ifndef CORE_CALL_WAY_H
#define CORE_CALL_WAY_H

#include "core/metric.h"

#define CALL_WAY(id, ...) CALL_WAY_##id,
enum call_way {
#include "core/call_way.def.h"
	CALL_WAY_MAX_
};
#undef CALL_WAY

/* What a call itself does with the bytes. */
enum call_kind { CALL_COPIES, CALL_REFERS, CALL_ENCRYPTS, CALL_DISCARDS, CALL_UNSEEN };

struct call_way_def {
	const char *name, *title;
	enum flow flow; /* FLOW_SENDS or FLOW_RECEIVES */
	enum call_kind kind;
	const char *remedy; /* NULL: none */
};

extern const struct call_way_def call_way_defs[CALL_WAY_MAX_];

/* CALL_WAY_MAX_ if there is no such name. */
enum call_way call_way_by_name(const char *name);

/* Calls of one way that moved from_bytes to 2 * from_bytes - 1 bytes each; from_bytes is a power of two. */
struct call_size {
	unsigned int owner;
	enum call_way way;
	uint64_t from_bytes;
	uint64_t calls, bytes;
};

#endif
