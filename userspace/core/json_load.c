// SPDX-License-Identifier: GPL-2.0-only
/* A file as JSON, in bounded memory: a parsed value takes up to a hundred times the bytes of its text, so
 * what the text so far will take is added up while it is read, and too much is refused before it is there.
 */
#include <errno.h>
#include <string.h>

#include "core/json_fields.h"
#include "core/log.h"

/* What all results of the longest run take, and their text: 20000 passes at 200 KiB. */
#define MAX_MEMORY_BYTES (4 * GIB)

/* What jansson 2.14 with glibc takes at most for what begins or goes on with this character: the value
 * itself, its place in what holds it, the growth of that. Measured: test_result_json.c.
 */
static const unsigned short taken_by[256] = {
	['{'] = 240, ['['] = 136, [','] = 48, [':'] = 96, ['"'] = 56,
};
#define TAKEN_BY_BYTE_OF_STRING 3

struct meter {
	struct reader *rd;
	FILE *in;
	bool in_string, escaped;
	int err;
};

int take_memory(struct reader *rd, uint64_t bytes)
{
	rd->memory += bytes;
	if (rd->memory <= MAX_MEMORY_BYTES)
		return 0;
	return fail_r(-EFBIG, "%s: %s%stakes more than %llu GiB of memory: not a results.json of ours",
		      rd->path, rd->at, *rd->at ? ": " : "", MAX_MEMORY_BYTES / GIB);
}

static unsigned int weigh(struct meter *m, unsigned char c)
{
	if (!m->in_string) {
		m->in_string = c == '"';
		return taken_by[c];
	}
	if (m->escaped)
		m->escaped = false;
	else if (c == '\\')
		m->escaped = true;
	else
		m->in_string = c != '"';
	return TAKEN_BY_BYTE_OF_STRING;
}

/* (size_t)-1 ends the parsing. */
static size_t read_piece(void *buf, size_t len, void *ctx)
{
	struct meter *m = ctx;
	const unsigned char *text = buf;
	uint64_t taken = 0;
	size_t n, i;

	errno = 0;
	n = fread(buf, 1, len, m->in);
	if (!n && ferror(m->in))
		m->err = err_r(errno ? -errno : -EIO, "read %s", m->rd->path);
	for (i = 0; i < n; i++)
		taken += weigh(m, text[i]);
	m->err = m->err ?: take_memory(m->rd, taken);
	return m->err ? (size_t)-1 : n;
}

int load_json(struct reader *rd, FILE *in, json_t **root)
{
	struct meter m = {.rd = rd, .in = in};
	json_error_t where;
	json_t *read = json_load_callback(read_piece, &m, JSON_REJECT_DUPLICATES, &where);

	if (!read && m.err)
		return m.err;
	if (!read)
		return fail_r(-EINVAL, "%s:%d:%d: not JSON: %s; use the file copyscope run wrote",
			      rd->path, where.line, where.column, where.text);
	*root = read;
	return 0;
}
