/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading results.json in parts: the state the parts share and strictly typed access to JSON values.
 * Private to the reader. Every function prints one line and returns -EINVAL when the value is not
 * what it must be; *out is untouched then.
 */
#ifndef CORE_RESULT_JSON_READER_H
#define CORE_RESULT_JSON_READER_H

#include <jansson.h>

#include "core/result.h"

/* Beyond what any run makes; they bound the memory a small hostile file can ask for. */
#define MAX_FILE_BYTES	 (1 * GIB)
#define MAX_STACK_DEPTH	 512
#define MAX_THREADS	 65536
#define MAX_PLAN_ITEMS	 64 /* modes, sizes, thread counts: reports loop over their product */
#define MAX_RESULTS	 20000
#define MAX_SIZE_BYTES	 (1024 * GIB)
#define MAX_STACK_FRAMES (64 * 1000 * 1000) /* frames of all stacks, unfolded */

struct reader {
	const char *path;
	struct run_set *set;
	char at[128]; /* where in the file, for the message */
	struct metric_value *how;
	size_t how_cnt;
	unsigned int *frame; /* the file's index to the set's */
	size_t frame_cnt;
	unsigned int *node_parent, *node_frame, *node_depth;
	size_t node_cnt;
	size_t frames_unfolded;
};

void at(struct reader *rd, const char *fmt, ...) __printf(2, 3);
int bad(const struct reader *rd, const char *fmt, ...) __printf(2, 3);

/* With optional, a missing member or null gives NULL. The string is interned. */
int as_str(struct reader *rd, const json_t *j, const char *what, bool optional, const char **out);
int as_u64(struct reader *rd, const json_t *j, const char *what, uint64_t min, uint64_t max,
	   uint64_t *out);
int as_uint(struct reader *rd, const json_t *j, const char *what, unsigned int min,
	    unsigned int max, unsigned int *out);
int as_bool(struct reader *rd, const json_t *j, const char *what, bool *out);
/* Index of a string in names. */
int as_name(struct reader *rd, const json_t *j, const char *what, const char *const *names,
	    unsigned int cnt, unsigned int *out);
int get_str(struct reader *rd, const json_t *o, const char *key, bool optional, const char **out);
int get_array(struct reader *rd, const json_t *o, const char *key, json_t **out);
int is_tuple(struct reader *rd, const json_t *j, size_t cnt);

/* result_json_results.c */
int read_results(struct reader *rd, const json_t *root);

#endif
