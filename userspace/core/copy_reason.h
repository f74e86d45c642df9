/* SPDX-License-Identifier: GPL-2.0-only */
/* Why the kernel copied inside its path, where that is counted and what would change it. */
#ifndef CORE_COPY_REASON_H
#define CORE_COPY_REASON_H

#include "core/stage.h"

#define COPY_REASON(id, name, stage, test, remedy) COPY_REASON_##id,
enum copy_reason {
#include "core/copy_reason.def.h"
	COPY_REASON_MAX_
};
#undef COPY_REASON

struct copy_reason_def {
	const char *name;
	enum stage stage;
	const char *test;   /* NULL: none makes it happen */
	const char *remedy; /* NULL: none is known */
};

extern const struct copy_reason_def copy_reason_defs[COPY_REASON_MAX_];

/* COPY_REASON_MAX_ if there is no such name. */
enum copy_reason copy_reason_by_name(const char *name);

/* The stage of a copy: some functions copy only headers, or undo zero-copy, whatever for. */
enum stage copy_stage(const char *function, enum copy_reason reason);

/* "local delivery", "unknown: some frames"; the caller frees. */
char *copy_reason_text(enum copy_reason reason, const char *detail);

#endif
