/* SPDX-License-Identifier: GPL-2.0-only */
/* The members of results.json, for its writer and its reader. Private to them. */
#ifndef CORE_RESULT_JSON_FIELDS_H
#define CORE_RESULT_JSON_FIELDS_H

#include "core/json_fields.h"

/* Beyond what any run makes; they bound the memory a small hostile file can ask for. */
#define MAX_FILE_BYTES	 (1 * GIB)
#define MAX_STACK_DEPTH	 512
#define MAX_THREADS	 65536
#define MAX_SIZE_BYTES	 (1024 * GIB)
#define MAX_STACK_FRAMES (64 * 1000 * 1000) /* frames of all stacks, unfolded */
#define MAX_REASONS	 16
#define MAX_LIST	 (64 * 1024)	/* entries of those lists that do not grow with the run */
#define MAX_NAME	 256		/* bytes: of a mode, a fact, a quantity, a time */
#define MAX_SYMBOL	 (4 * KIB)	/* of a function, module, or owner, which may be a path */
#define MAX_TEXT	 (16 * KIB)	/* sentences: notes, reasons, facts */
#define MAX_COMMAND	 (128 * KIB)

/* As they are in the file: kinds by name, so that a reader can keep those it does not know. */
struct reason_entry {
	const char *code;
	enum tier tier;
	const char *detail;
};

struct copy_entry {
	unsigned int owner;
	const char *stage, *function, *reason, *detail;
	uint64_t count, bytes;
};

struct call_entry {
	unsigned int owner;
	const char *way;
	uint64_t from_bytes, calls, bytes;
};

struct drop_entry {
	const char *kind, *detail;
	uint64_t count;
};

struct stack_entry {
	uint64_t count, ns;
	unsigned int kind, owner, node;
};

/* What the results refer to. */
struct tables {
	struct metric_value *how;
	size_t how_cnt;
	unsigned int *frame; /* the file's index to the set's */
	size_t frame_cnt;
	unsigned int *node_parent, *node_frame, *node_depth;
	size_t node_cnt;
	size_t frames_unfolded;
	struct run_result *r; /* being read */
};

/* result_json_results.c */
int read_results(struct reader *rd, const json_t *root, struct tables *tables);

extern const struct fields head_fields, plan_fields, variant_fields, mode_fields, owner_fields, env_fields, probe_fields,
	note_fields, frame_fields, how_fields, reason_fields;
extern const struct fields key_fields, result_fields, wait_fields, copy_fields, call_fields, socket_fields, drop_fields, stack_fields;

#endif
