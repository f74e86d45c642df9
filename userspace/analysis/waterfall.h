/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the CPU time of a byte goes in one mode and not in another: by category, by function, and from whom a function
 * has it. From the samples of the attribution passes, in the cells that both modes were sampled in.
 */
#ifndef ANALYSIS_WATERFALL_H
#define ANALYSIS_WATERFALL_H

#include "analysis/category.h"

/* Samples of both modes as ns of CPU per byte received. low and high: 95 % interval of the change, of two Poisson counts
 * by their score intervals (Wilson) and the square-and-add rule (Newcombe 1998), wider by as much as the passes of a cell
 * differ more than counts do by chance (enum waterfall_noise). It spans 0: undecided.
 */
struct cost_change {
	double samples[2];
	double ns[2];	/* per byte */
	double change;	/* ns[1] - ns[0] */
	double low, high;
};

static inline bool change_decided(const struct cost_change *c)
{
	return c->low > 0 || c->high < 0;
}

/* spread: variance over mean of each count, 1 where only chance made it. */
struct cost_change cost_change_of(const double samples[2], const double ns_per_sample[2], const double spread[2]);

/* A category's samples with this function at the leaf. */
struct waterfall_part {
	unsigned int frame; /* of the set; WATERFALL_NO_FRAME: there was no stack */
	enum category category;
	struct cost_change self;
};

struct waterfall_function {
	unsigned int frame;
	enum category category; /* that most of its own time is counted under; CATEGORY_MAX_: it has none */
	struct cost_change self, total; /* total: a stack counts once, however often the function is on it */
};

#define WATERFALL_NO_FRAME (~0U)

enum waterfall_missing {
	WATERFALL_TOLD,
	WATERFALL_NOT_SAMPLED, /* the run samples no CPU */
	WATERFALL_NO_PASS,     /* no cell in which a pass of both was observed and moved bytes */
	WATERFALL_NO_SAMPLE,   /* passes, but not one sample in those of a mode */
	WATERFALL_MISSING_MAX_
};

/* How it is known by what passes of a cell differ. */
enum waterfall_noise {
	NOISE_OF_PASSES,       /* several of each were observed */
	NOISE_OF_CLEAN_PASSES, /* some were observed once: by their clean passes, for all categories alike */
	NOISE_UNKNOWN,	       /* and of some there are no two clean ones: it is not in the intervals */
	NOISE_MAX_
};

struct waterfall_sample {
	const struct stack *stack;
	unsigned int side; /* 0: of the first mode */
	enum category category;
};

struct waterfall {
	enum waterfall_missing missing; /* if so, nothing below is known */
	enum waterfall_noise noise;
	double bytes[2];		/* received */
	double ns_per_sample[2];	/* per byte */
	struct cost_change total;	/* its change is the sum of the bars' */
	struct cost_change bar[CATEGORY_MAX_];
	struct waterfall_part *part; /* by category; in it the largest change first */
	size_t part_cnt, part_cap;
	struct waterfall_function *function; /* the largest change of own time first */
	size_t function_cnt, function_cap;
	struct waterfall_sample *sample; /* private: all of them, for waterfall_sandwich() */
	size_t sample_cnt, sample_cap;
	double spread[CATEGORY_MAX_ + 1][2]; /* of counts, by category and side; the last: of all */
};

/* Of two modes of the plan, from the first to the second; classes: of the set's frames. To be freed in any case. */
struct waterfall waterfall_of(const struct run_set *set, const struct frame_class *classes, size_t from, size_t to);
void waterfall_free(struct waterfall *w);

/* Who called a function and whom it called, by time, most first. A stack that holds the function more than once counts
 * once: its caller is that of the first, what it called that of the last. Callers add up to its total, and so do those
 * called together with its own time.
 */
struct neighbour {
	unsigned int frame; /* WATERFALL_NO_FRAME: no caller; of those called: its own time */
	struct cost_change time;
};

struct sandwich {
	struct neighbour *caller, *called;
	size_t caller_cnt, called_cnt;
};

struct sandwich waterfall_sandwich(const struct waterfall *w, const struct run_set *set, unsigned int frame);
void sandwich_free(struct sandwich *s);

#endif
