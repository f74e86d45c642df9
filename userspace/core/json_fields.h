/* SPDX-License-Identifier: GPL-2.0-only */
/* Structures as JSON, told once: a table of fields serves the writer and the reader. A structure is an
 * object of its fields by name, or a tuple (an array of them in order).
 *
 * The reader trusts nothing: what is not as the table says is told in one line, with its place in the
 * file, and returns -EINVAL.
 */
#ifndef CORE_JSON_FIELDS_H
#define CORE_JSON_FIELDS_H

#include <jansson.h>

#include "core/result.h"

enum field_type {
	FIELD_STR,   /* const char *, interned, of up to max bytes; the writer cuts what is longer */
	FIELD_TEXT,  /* the same, or null or missing: NULL */
	FIELD_U64,   /* uint64_t in min..max */
	FIELD_UINT,  /* unsigned int in min..max */
	FIELD_BOOL,
	FIELD_NAME,  /* an enum, by its name in names[0..max]; NULL there stands for null; min is what a
		      * name stands for that is not there, 0: none may be
		      */
	FIELD_OWNER, /* unsigned int, by the label of an owner of the set */
};

struct field {
	const char *name;
	size_t offset;
	enum field_type type;
	uint64_t min, max;
	const char *const *names;
	bool optional; /* missing is 0, false or NULL, and that is left out; of a tuple: behind all others */
};

#define FIELD(structure, member, type_, ...) \
	{.name = #member, .offset = offsetof(structure, member), .type = FIELD_##type_, __VA_ARGS__}

struct fields {
	const struct field *field;
	size_t cnt;
	size_t size; /* of the structure */
	size_t most; /* entries of a list of them */
};

#define FIELDS(structure, table, most) {(table), ARRAY_SIZE(table), sizeof(structure), (most)}

/* ---- writing ------------------------------------------------------------------------------ */

/* NULL: null; what is not UTF-8 becomes U+FFFD. Of more than max bytes the beginning, and "...". */
void put_json_text(FILE *out, const char *s, size_t max);
void put_json_u64(FILE *out, uint64_t v);    /* JSON numbers here are signed 64 bit */
void put_double(FILE *out, double v);	     /* the shortest decimal that reads back as the same */
void put_tuple(FILE *out, const struct run_set *set, const struct fields *fields, const void *from);
/* "a": 1, "b": 2, without braces */
void put_members(FILE *out, const struct run_set *set, const struct fields *fields, const void *from);

/* ---- reading ------------------------------------------------------------------------------ */

struct reader {
	const char *path;
	struct run_set *set; /* interns strings, and has the owners */
	char at[128];	     /* where in the file, for the message */
	uint64_t memory;     /* bytes taken so far, or somewhat less */
};

void at(struct reader *rd, const char *fmt, ...) __printf(2, 3);
int bad(const struct reader *rd, const char *fmt, ...) __printf(2, 3);

/* Before bytes more are taken: what is beyond all limits is refused with -EFBIG and one line. */
int take_memory(struct reader *rd, uint64_t bytes);

/* The whole of a file as JSON. 0 or -errno, after one line. */
int load_json(struct reader *rd, FILE *in, json_t **root);

/* *out is untouched on failure. */
int get_array(struct reader *rd, const json_t *o, const char *key, json_t **out);
int read_u64(struct reader *rd, const json_t *j, const char *what, uint64_t min, uint64_t max,
	     uint64_t *out);
int read_members(struct reader *rd, const json_t *o, const struct fields *fields, void *to);
int read_tuple(struct reader *rd, const json_t *j, const struct fields *fields, void *to);

/* Calls add for each entry of an array of structures; stops when it fails. */
int read_list(struct reader *rd, const json_t *o, const char *key, bool tuples,
	      const struct fields *fields, int (*add)(struct reader *rd, void *entry, void *ctx),
	      void *ctx);

#endif
