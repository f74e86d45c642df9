// SPDX-License-Identifier: GPL-2.0-only
/* Drawn over the last frame from the upper left corner, each line cleared to its end: nothing flickers. */
#include "report/attach_top.h"

#include <string.h>

#include "report/attach_table.h"
#include "report/escape.h"

#define HOME	   "\033[H"
#define LINE_END   "\033[K\r\n"
#define CLEAR_REST "\033[J"
#define INVERSE	   "\033[7m"
#define PLAIN	   "\033[0m"

const char *const top_sort_names[] = {[TOP_SENT] = "sent", [TOP_RECEIVED] = "received", [TOP_CPU] = "CPU"};
static_assert_complete(top_sort_names, TOP_SORT_MAX_);

struct row {
	unsigned int owner;
	const char *way; /* NULL: of all */
	double sent, by_reference, received, sends, receives, cpu; /* a second */
	double all; /* bytes so far */
	bool sent_known, received_known;
};

struct screen {
	FILE *out;
	const struct top_frame *f;
	unsigned int left; /* lines */
};

static double interval_s(const struct top_frame *f)
{
	return (double)f->interval->plan.duration_ns / NSEC_PER_SEC;
}

/* One line, cut at the right border. Takes text. */
static void put_line(struct screen *s, const char *style, char *text)
{
	_cleanup_free_ char *plain = plain_text(text);

	free(text);
	if (!s->left)
		return;
	s->left--;
	fprintf(s->out, "%s%.*s%s" LINE_END, style, (int)s->f->columns, plain, *style ? PLAIN : "");
}

static struct row row_of(const struct top_frame *f, unsigned int owner)
{
	const struct run_result *r = &f->interval->result[0];
	struct attach_moved m = attach_moved(r, owner), all = attach_moved(&f->now->result[0], owner);
	unsigned int hz = f->interval->plan.frequency_hz;
	double s = interval_s(f);

	return (struct row){
		.owner = owner,
		.sent = m.sent / s,
		.sends = m.sends / s,
		.by_reference = m.by_reference / s,
		.received = m.received / s,
		.receives = m.receives / s,
		.cpu = hz ? value_or_0(&r->v[owner][M_CPU_SAMPLES]) / s / hz : 0,
		.all = all.sent + all.received,
		.sent_known = m.sent_known, .received_known = m.received_known,
	};
}

static struct row row_of_way(const struct top_frame *f, unsigned int owner, enum call_way way, const struct call_sum *sum)
{
	const struct call_way_def *def = &call_way_defs[way];
	double bytes = sum->bytes / interval_s(f), calls = sum->calls / interval_s(f);
	struct row r = {.owner = owner, .way = def->name, .sent_known = true, .received_known = true, .all = sum->bytes};

	if (def->flow == FLOW_SENDS) {
		r.sent = bytes;
		r.sends = calls;
		r.by_reference = def->kind == CALL_REFERS ? bytes : 0;
	} else {
		r.received = bytes;
		r.receives = calls;
	}
	return r;
}

static double key_of(const struct row *r, enum top_sort sort)
{
	return sort == TOP_SENT ? r->sent : sort == TOP_RECEIVED ? r->received : r->cpu;
}

#define ROWS_MAX (OWNERS_MAX * CALL_WAY_MAX_)

static void add_row(struct row *rows, size_t *cnt, const struct row *r, enum top_sort sort)
{
	size_t at;

	for (at = (*cnt)++; at && key_of(&rows[at - 1], sort) < key_of(r, sort); at--)
		rows[at] = rows[at - 1];
	rows[at] = *r;
}

static void add_rows(const struct top_frame *f, unsigned int owner, struct row rows[ROWS_MAX], size_t *cnt)
{
	struct row r = row_of(f, owner);
	struct call_sum sum[CALL_WAY_MAX_];
	enum call_way way;

	if (!f->by_way) {
		if (r.all > 0 || f->now->owner_cnt <= 3) /* of many none that did not move a byte yet */
			add_row(rows, cnt, &r, f->sort);
		return;
	}
	attach_ways(&f->interval->result[0], owner, sum);
	for (way = 0; way < CALL_WAY_MAX_; way++) {
		if (sum[way].calls <= 0)
			continue;
		r = row_of_way(f, owner, way, &sum[way]);
		add_row(rows, cnt, &r, f->sort);
	}
}

static size_t sorted_rows(const struct top_frame *f, struct row rows[ROWS_MAX])
{
	unsigned int o;
	size_t cnt = 0;

	for (o = 1; o + 1 < f->now->owner_cnt; o++)
		add_rows(f, o, rows, &cnt);
	return cnt;
}

static void put_ways_of(struct screen *s, unsigned int owner)
{
	const struct run_result *r = &s->f->interval->result[0];
	struct call_sum sum[CALL_WAY_MAX_];
	enum call_way way;

	attach_ways(r, owner, sum);
	for (way = 0; way < CALL_WAY_MAX_; way++)
		if (sum[way].calls > 0) /* in this interval */
			put_line(s, "", xasprintf("  %-16s %11s/s in %10s calls/s  %s", call_way_defs[way].name,
						  BYTES(sum[way].bytes / interval_s(s->f)),
						  EXACT(sum[way].calls / interval_s(s->f)), call_way_defs[way].title));
}

static void put_row(struct screen *s, const struct row *r)
{
	_cleanup_free_ char *cpus = r->way ? xasprintf("   %s", r->way) : xasprintf("%6.2f", r->cpu);

	put_line(s, "", xasprintf("%-18.18s %11s %8s %11s %10s %10s %s", s->f->now->owner[r->owner].label,
				  AMOUNT(r->sent_known, r->sent), PERCENT(r->by_reference, r->sent),
				  AMOUNT(r->received_known, r->received), EXACT(r->sends), EXACT(r->receives), cpus));
}

void attach_top(FILE *out, const struct top_frame *f)
{
	struct screen s = {.out = out, .f = f, .left = f->rows ? f->rows - 1 : 0};
	struct row rows[ROWS_MAX];
	size_t cnt = sorted_rows(f, rows), i;

	fputs(HOME, out);
	put_line(&s, "", xasprintf("copyscope attach, %.0f s   q: end   p: pause   s: sort by (%s)",
				   (double)f->interval->elapsed_ns / NSEC_PER_SEC, top_sort_names[f->sort]));
	put_line(&s, INVERSE, xasprintf("%-18s %11s %8s %11s %10s %10s %6s", "program", "sent/s", "by ref.", "received/s",
					"sends/s", "receives/s", f->by_way ? "way" : "CPUs"));
	for (i = 0; i < cnt; i++) {
		put_row(&s, &rows[i]);
		if (!i && !f->by_way && s.left > cnt)
			put_ways_of(&s, rows[i].owner);
	}
	fputs(CLEAR_REST, out);
}
