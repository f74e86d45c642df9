/* SPDX-License-Identifier: GPL-2.0-only */
/* What a CPU sample was spent on, from the functions on its stack. */
#ifndef ANALYSIS_CATEGORY_H
#define ANALYSIS_CATEGORY_H

#include "core/result.h"

enum category {
	CATEGORY_COPY,
	CATEGORY_PIN,
	CATEGORY_SKB,
	CATEGORY_TCP,
	CATEGORY_DEVICE,
	CATEGORY_MEMORY,
	CATEGORY_LOCK,
	CATEGORY_SCHED,
	CATEGORY_SYSCALL,
	CATEGORY_USER,
	CATEGORY_OBSERVER, /* what the attribution pass adds: BPF programs and tracepoints */
	CATEGORY_OTHER,	   /* no function of the stack is in the table */
	CATEGORY_MAX_
};

struct category_def {
	const char *title;
	const char *help;
};

extern const struct category_def category_defs[CATEGORY_MAX_];

/* What the table says of one function. */
struct frame_class {
	unsigned char category;	 /* CATEGORY_MAX_: nothing, its caller decides */
	bool leaf_only;		 /* means something only where the time itself was spent */
	bool accompanied;	 /* means something only where it works for another of its category; else as transparent */
	bool transparent;	 /* known, but works for its caller */
};

/* Whether a function is of this name, whatever a compiler put behind it (.isra.0); a '*' at the pattern's end is anything. */
bool function_matches(const char *name, const char *pattern);

struct frame_class frame_classify(const struct frame *f);

/* The class of each frame of the set; the caller frees. */
struct frame_class *frame_classes(const struct run_set *set);

/* The frame nearest to the leaf that is in the table decides. */
enum category stack_category(const struct stack *s, const struct frame_class *classes);

/* Whether the samples of a result count, and for how many bytes received. */
bool sampled_bytes(const struct run_set *set, const struct run_result *r, double *bytes);

/* CPU samples of one mode's attribution passes. */
struct cpu_profile {
	double samples[CATEGORY_MAX_], total;
	double ns_per_byte; /* of one sample: period / bytes received; 0 when unknown */
};

/* One entry for each mode; the caller frees. NULL when the run has no samples. */
struct cpu_profile *cpu_profiles(const struct run_set *set);

#endif
