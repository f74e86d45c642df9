/* SPDX-License-Identifier: GPL-2.0-only */
/* Losses: what kind, and which numbers lack it. */
#ifndef CORE_DROP_H
#define CORE_DROP_H

#include "core/util.h"

enum drop_effect {
	DROP_EFFECT_STACKS,	  /* flamegraphs, CPU categories and waits lack something, no count does */
	DROP_EFFECT_OFFCPU,	  /* off-CPU times lack something */
	DROP_EFFECT_LATENCY,	  /* times from send to completion lack something */
	DROP_EFFECT_COUNTS,	  /* counts are lower bounds */
	DROP_EFFECT_DISAGREEMENT, /* not a loss: two ways of observing gave different numbers */
	DROP_EFFECT_MAX_
};

#define DROP(id, name, text, effect) DROP_##id,
enum drop_kind {
#include "core/drop.def.h"
	DROP_MAX_
};
#undef DROP

struct drop_def {
	const char *name, *text;
	enum drop_effect effect;
};

extern const struct drop_def drop_defs[DROP_MAX_];

struct drop {
	enum drop_kind kind;
	const char *detail; /* pool; what stands for the %s of the text; NULL if there is none */
	uint64_t count;
};

/* DROP_MAX_ if there is no such name. */
enum drop_kind drop_by_name(const char *name);
/* "sends whose way was not seen"; the caller frees. */
char *drop_text(enum drop_kind kind, const char *detail);

#endif
