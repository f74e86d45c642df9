// SPDX-License-Identifier: GPL-2.0-only
#include "report/attach_by.h"

#include "report/attach_table.h"

const char *const attach_by_names[] = {
	[BY_ANSWERS] = "answers", [BY_PROCESS] = "process", [BY_CGROUP] = "cgroup", [BY_WAY] = "way", [BY_SOCKET] = "socket",
	[BY_REASON] = "reason",
};
static_assert_complete(attach_by_names, BY_MAX_);

#define ROWS 20 /* by default */

/* What is put into the order of an amount: a way of an owner, a reason ... */
struct line {
	unsigned int owner;
	double amount, calls;
	const char *what;
	enum bound bound;
};

struct lines {
	struct line *line; /* owned */
	size_t cnt, cap;
};

static void add_line(struct lines *l, const struct line *line)
{
	if (line->amount <= 0)
		return;
	array_grow(l->line, l->cnt, l->cap);
	l->line[l->cnt++] = *line;
}

static int most_first(const void *pa, const void *pb)
{
	const struct line *a = pa, *b = pb;

	if (a->amount != b->amount)
		return a->amount < b->amount ? 1 : -1;
	return a < b ? -1 : 1;
}

static size_t order(struct lines *l, unsigned int most)
{
	if (l->cnt)
		qsort(l->line, l->cnt, sizeof(*l->line), most_first);
	return MIN(l->cnt, (size_t)most);
}

/* Of so many lines there is a table. Frees them. */
static void end_lines(struct doc *d, struct lines *l, size_t shown, const char *what)
{
	if (shown)
		doc_table_end(d);
	if (l->cnt > shown)
		SENTENCE(d, "%zu %s more: --number %zu.", l->cnt - shown, what, l->cnt);
	free(l->line);
}

/* ---- tables ------------------------------------------------------------------------------- */

static void put_owners(struct doc *d, const struct run_set *set, const struct run_result *r, unsigned int most)
{
	unsigned int in_order[OWNERS_MAX];
	size_t cnt = order_owners(set, r, in_order);

	if (!cnt)
		SENTENCE(d, "Nothing was sent or received.");
	else
		put_overview(d, set, r, in_order, MIN(cnt, (size_t)most));
	if (cnt > most)
		SENTENCE(d, "%zu more: --number %zu.", cnt - most, cnt);
}

static void put_by_way(struct doc *d, const struct run_set *set, const struct run_result *r, unsigned int most)
{
	struct call_sum sum[CALL_WAY_MAX_];
	struct lines l = {0};
	enum call_way way;
	unsigned int o;
	size_t cnt, i;

	for (o = 1; o + 1 < set->owner_cnt; o++) {
		attach_ways(r, o, sum);
		for (way = 0; way < CALL_WAY_MAX_; way++)
			add_line(&l, &(struct line){o, sum[way].bytes, sum[way].calls, call_way_defs[way].name, BOUND_NONE});
	}
	cnt = order(&l, most);
	if (!cnt) {
		SENTENCE(d, "Nothing was sent or received.");
	} else {
		doc_table(d, "Calls by way");
		doc_columns(d, COLUMN_NUMBER, "bytes", "calls", "bytes a call");
		doc_columns(d, COLUMN_TEXT, "program", "way");
	}
	for (i = 0; i < cnt; i++) {
		const struct line *at = &l.line[i];

		doc_cells(d, TONE_PLAIN, EXACT(at->amount), EXACT(at->calls), EXACT(at->amount / at->calls),
			  set->owner[at->owner].label, at->what);
	}
	end_lines(d, &l, cnt, "ways");
}

static void put_by_socket(struct doc *d, const struct run_set *set, const struct run_result *r, unsigned int most)
{
	double sent = 0, received = 0;
	unsigned int o;
	size_t i;

	for (o = 1; o + 1 < set->owner_cnt; o++) {
		sent += value_or_0(&r->v[o][M_SENT_BYTES]);
		received += value_or_0(&r->v[o][M_RECEIVED_BYTES]);
	}
	doc_table(d, "Sockets over which most moved");
	doc_columns(d, COLUMN_NUMBER, "sent", "received");
	doc_columns(d, COLUMN_TEXT, "program", "socket");
	for (i = 0; i < MIN(r->socket_cnt, (size_t)most); i++) {
		const struct socket_use *s = &r->socket[i];

		doc_cells(d, TONE_PLAIN, BYTES((double)s->sent_bytes), BYTES((double)s->received_bytes), set->owner[s->owner].label);
		put_socket(d, s);
		sent -= (double)s->sent_bytes;
		received -= (double)s->received_bytes;
	}
	if (!i || sent > 0 || received > 0)
		doc_cells(d, TONE_PLAIN, BYTES(MAX(sent, 0)), BYTES(MAX(received, 0)), "", OTHER_SOCKETS);
	doc_table_end(d);
}

static void put_copies(struct doc *d, const struct run_set *set, const struct run_result *r, unsigned int most)
{
	struct lines l = {0};
	unsigned int o;
	size_t cnt, i;

	for (o = 1; o + 1 < set->owner_cnt; o++) {
		struct attach_answer a = attach_answer(set, r, o);

		for (i = 0; i < a.why_cnt; i++)
			add_line(&l, &(struct line){o, a.why[i].bytes, 0, a.why[i].why, a.why[i].bound});
		attach_answer_free(&a);
	}
	cnt = order(&l, most);
	if (!cnt) {
		SENTENCE(d, "No copy of what was sent was seen.");
	} else {
		doc_table(d, "Why bytes were copied");
		doc_columns(d, COLUMN_NUMBER, "copied", "of what it sent");
		doc_columns(d, COLUMN_TEXT, "program", "because");
	}
	for (i = 0; i < cnt; i++) {
		const struct line *at = &l.line[i];

		doc_cell(d, TONE_PLAIN, "%s%s", bound_words(at->bound), BYTES(at->amount));
		doc_cells(d, TONE_PLAIN, PERCENT(at->amount, r->v[at->owner][M_SENT_BYTES].value), set->owner[at->owner].label,
			  at->what);
	}
	end_lines(d, &l, cnt, "reasons");
}

/* Of all threads of an owner together. */
static void put_waits(struct doc *d, const struct run_set *set, const struct run_result *r, unsigned int most)
{
	struct lines l = {0};
	size_t cnt, i;

	for (i = 0; i < r->wait_cnt; i++)
		if (r->wait[i].owner && r->wait[i].owner + 1 < set->owner_cnt)
			add_line(&l, &(struct line){r->wait[i].owner, (double)r->wait[i].ns, (double)r->wait[i].count,
						    r->wait[i].reason, BOUND_NONE});
	cnt = order(&l, most);
	if (cnt) {
		doc_table(d, "Why threads waited");
		doc_columns(d, COLUMN_NUMBER, "waited");
		doc_columns(d, COLUMN_TEXT, "program", "for");
	}
	for (i = 0; i < cnt; i++) {
		const struct line *at = &l.line[i];

		doc_cell(d, TONE_PLAIN, "%.3f s", at->amount / NSEC_PER_SEC);
		doc_cells(d, TONE_PLAIN, set->owner[at->owner].label, at->what);
	}
	end_lines(d, &l, cnt, "waits");
}

static void put_by_reason(struct doc *d, const struct run_set *set, const struct run_result *r, unsigned int most)
{
	put_copies(d, set, r, most);
	put_waits(d, set, r, most);
}

static const struct {
	void (*put)(struct doc *d, const struct run_set *set, const struct run_result *r, unsigned int most);
	bool of_interval;
} tables[] = {
	[BY_PROCESS] = {put_owners, true}, [BY_CGROUP] = {put_owners, true}, [BY_WAY] = {put_by_way, true},
	[BY_SOCKET] = {put_by_socket, false}, [BY_REASON] = {put_by_reason, false},
};
static_assert_complete(tables, BY_MAX_);

bool attach_by_interval(enum attach_by by)
{
	return by == BY_ANSWERS || tables[by].of_interval;
}

void attach_by(FILE *out, const struct run_set *set, enum attach_by by, unsigned int most)
{
	_cleanup_free_ char *title = xasprintf("by %s, %.1f s", attach_by_names[by],
					       (double)set->plan.duration_ns / NSEC_PER_SEC);
	struct doc d = {.ops = &doc_text, .out = out, .blank = true};
	size_t i;

	doc_heading(&d, 2, NULL, title);
	for (i = 0; i < set->result_cnt; i++) {
		tables[by].put(&d, set, &set->result[i], most ?: ROWS);
		put_drops(&d, &set->result[i]);
	}
	doc_end(&d);
	fflush(out);
}
