// SPDX-License-Identifier: GPL-2.0-only
/* The numbers that the answers are made of, as tables, and lines of intervals. */
#include "report/attach_table.h"

#include <string.h>

#include "report/attach_text.h"
#include "report/escape.h"

/* ---- words -------------------------------------------------------------------------------- */

const char *percent(double part, double whole, char buf[static 16])
{
	double p = whole > 0 ? 100 * part / whole : 0;

	if (p > 0 && p < 0.05)
		snprintf(buf, 16, "< 0.1 %%");
	else if (p < 100 && p >= 99.95)
		snprintf(buf, 16, "> 99.9 %%");
	else
		snprintf(buf, 16, "%.*f %%", p >= 99.95 || p == 0 ? 0 : 1, p);
	return buf;
}

const char *interval(const struct share *s, char buf[static 40])
{
	if (s->of <= 0)
		return "not sampled";
	snprintf(buf, 40, "%.1f %% [%.1f, %.1f]", 100 * s->n / s->of, 100 * s->low, 100 * s->high);
	return buf;
}

/* ---- numbers ------------------------------------------------------------------------------ */

void put_ways(struct doc *d, const struct attach_answer *a)
{
	enum call_way way;
	bool any = false;

	for (way = 0; way < CALL_WAY_MAX_; way++) {
		const struct call_sum *sum = &a->way[way];

		if (sum->calls <= 0)
			continue;
		if (!any) {
			doc_table(d, "Calls by way");
			doc_columns(d, COLUMN_TEXT, "way");
			doc_columns(d, COLUMN_NUMBER, "calls", "bytes", "bytes a call");
			doc_columns(d, COLUMN_TEXT, "by");
		}
		any = true;
		doc_cells(d, TONE_PLAIN, call_way_defs[way].name, EXACT(sum->calls), EXACT(sum->bytes),
			  EXACT(sum->bytes / sum->calls), call_way_defs[way].title);
	}
	if (any)
		doc_table_end(d);
}

static double bytes_at(const struct run_result *r, unsigned int owner, enum flow flow, uint64_t from, double *calls)
{
	double bytes = 0;
	size_t i;

	*calls = 0;
	for (i = 0; i < r->call_cnt; i++) {
		const struct call_size *c = &r->call[i];

		if (c->owner != owner || c->from_bytes != from || call_way_defs[c->way].flow != flow)
			continue;
		bytes += (double)c->bytes;
		*calls += (double)c->calls;
	}
	return bytes;
}

static double share(double part, const struct metric_value *whole)
{
	return whole->value > 0 ? MIN(part / whole->value, 1.0) : 0;
}

/* Calls by their size, each side with its share of the bytes. */
void put_sizes(struct doc *d, const struct run_result *r, unsigned int owner)
{
	const struct metric_value *v = r->v[owner];
	uint64_t from;

	if (!r->call_cnt)
		return;
	doc_table(d, "Calls by their size");
	doc_columns(d, COLUMN_NUMBER, "bytes of a call", "sends");
	doc_columns(d, COLUMN_TEXT, "share of the bytes");
	doc_columns(d, COLUMN_NUMBER, "receives");
	doc_columns(d, COLUMN_TEXT, "share of the bytes");
	for (from = 1; from <= 1ULL << 31; from *= 2) {
		double sends, receives, sent = bytes_at(r, owner, FLOW_SENDS, from, &sends);
		double received = bytes_at(r, owner, FLOW_RECEIVES, from, &receives);

		if (sends <= 0 && receives <= 0)
			continue;
		doc_cell(d, TONE_PLAIN, "%s to %s", number_size(from).text, number_size(2 * from).text);
		doc_cells(d, TONE_PLAIN, EXACT(sends));
		doc_bar(d, share(sent, &v[M_SENT_BYTES]));
		doc_cells(d, TONE_PLAIN, EXACT(receives));
		doc_bar(d, share(received, &v[M_RECEIVED_BYTES]));
	}
	doc_table_end(d);
}

#define SOCKETS_SHOWN 10

void put_socket(struct doc *d, const struct socket_use *s)
{
	doc_cell(d, TONE_PLAIN, "%s %s %s to %s%s%s", s->closed ? "closed" : "open  ", s->protocol, s->local, s->remote,
		 s->device ? " over " : "", s->device ?: "");
}

/* The first of an owner's, and all others of it together. */
void put_sockets(struct doc *d, const struct run_result *r, unsigned int owner)
{
	double sent = r->v[owner][M_SENT_BYTES].value, received = r->v[owner][M_RECEIVED_BYTES].value;
	size_t i, shown = 0;

	for (i = 0; i < r->socket_cnt && shown < SOCKETS_SHOWN; i++) {
		const struct socket_use *s = &r->socket[i];

		if (s->owner != owner)
			continue;
		if (!shown++) {
			doc_table(d, "Sockets over which most moved");
			doc_columns(d, COLUMN_NUMBER, "sent", "received");
			doc_columns(d, COLUMN_TEXT, "socket");
		}
		doc_cells(d, TONE_PLAIN, BYTES((double)s->sent_bytes), BYTES((double)s->received_bytes));
		put_socket(d, s);
		sent -= (double)s->sent_bytes;
		received -= (double)s->received_bytes;
	}
	if (shown && (sent > 0 || received > 0))
		doc_cells(d, TONE_PLAIN, BYTES(MAX(sent, 0)), BYTES(MAX(received, 0)), OTHER_SOCKETS);
	if (shown)
		doc_table_end(d);
}

static char *times(const struct time_spent *t, size_t cnt, double whole, double unit, const char *unit_name)
{
	char *text = xstrdup("");
	size_t i;

	for (i = 0; i < cnt; i++)
		if (t[i].amount >= 0.01 * whole)
			xappend(&text, ", ", "%s %.*f%s", t[i].what, unit_name[1] == '%' ? 0 : 2, t[i].amount / unit, unit_name);
	return text;
}

void put_times(struct doc *d, const struct metric_value *v, const struct attach_answer *a)
{
	double on = a->copying_at_all.of, off = v[M_OFFCPU_NS].value;
	_cleanup_free_ char *cpu = times(a->on_cpu, a->on_cpu_cnt, on, on / 100, " %");
	_cleanup_free_ char *waits = times(a->off_cpu, a->off_cpu_cnt, off, (double)NSEC_PER_SEC, " s");

	if (*cpu)
		doc_item(d, TONE_PLAIN, "on CPU", "%s", cpu);
	if (*waits)
		doc_item(d, TONE_PLAIN, "off CPU, of all threads", "%s", waits);
	if (value_known(&v[M_RETRANSMIT_SEGMENTS]) && v[M_RETRANSMIT_SEGMENTS].value > 0)
		doc_item(d, TONE_PLAIN, "sent again", "%s%s in %s segments", bound_words(v[M_RETRANSMIT_BYTES].bound),
			 BYTES(v[M_RETRANSMIT_BYTES].value), EXACT(v[M_RETRANSMIT_SEGMENTS].value));
	if (value_known(&v[M_COMPLETION_LATENCY_NS]))
		doc_item(d, TONE_PLAIN, "from a zero-copy send to its completion", "%.1f us on average",
			 v[M_COMPLETION_LATENCY_NS].value / NSEC_PER_USEC);
}

void put_overview(struct doc *d, const struct run_set *set, const struct run_result *r, const unsigned int *order, size_t cnt)
{
	size_t i;

	doc_table(d, "All programs that moved anything");
	doc_columns(d, COLUMN_NUMBER, "sent", "by reference", "received", "CPU samples");
	doc_columns(d, COLUMN_TEXT, "program");
	for (i = 0; i < cnt; i++) {
		const struct metric_value *samples = &r->v[order[i]][M_CPU_SAMPLES];
		struct attach_moved moved = attach_moved(r, order[i]);

		doc_cells(d, TONE_PLAIN, AMOUNT(moved.sent_known, moved.sent), PERCENT(moved.by_reference, moved.sent),
			  AMOUNT(moved.received_known, moved.received), value_known(samples) ? EXACT(samples->value) : "-",
			  set->owner[order[i]].label);
	}
	doc_table_end(d);
}

/* By powers of two of microseconds; the first: less than one. */
#define TIMES 40

static size_t time_of(unsigned int bucket)
{
	uint64_t us = hist_bucket_low(bucket) / NSEC_PER_USEC;

	return us ? MIN((size_t)(64 - __builtin_clzll(us)), (size_t)TIMES - 1) : 0;
}

void put_completions(struct doc *d, const struct hist *h)
{
	uint64_t count[TIMES] = {0};
	unsigned int bucket;
	size_t i;

	if (!h || !h->total)
		return;
	doc_item(d, TONE_PLAIN, "of all zero-copy sends that completed", "half within %.0f us, 99 %% within %.0f us, %s in all",
		 (double)hist_percentile(h, 50) / NSEC_PER_USEC, (double)hist_percentile(h, 99) / NSEC_PER_USEC,
		 EXACT((double)h->total));
	for (bucket = 0; bucket < HIST_BUCKETS; bucket++)
		count[time_of(bucket)] += h->count[bucket];
	doc_table(d, "From a zero-copy send to its completion");
	doc_columns(d, COLUMN_NUMBER, "us to its completion", "sends");
	doc_columns(d, COLUMN_TEXT, "share of them");
	for (i = 0; i < TIMES; i++) {
		if (!count[i])
			continue;
		doc_cell(d, TONE_PLAIN, "%llu to %llu", i ? 1ULL << (i - 1) : 0, 1ULL << i);
		doc_cells(d, TONE_PLAIN, EXACT((double)count[i]));
		doc_bar(d, (double)count[i] / (double)h->total);
	}
	doc_table_end(d);
}

void put_drops(struct doc *d, const struct run_result *r)
{
	size_t i;

	for (i = 0; i < r->drop_cnt; i++) {
		_cleanup_free_ char *text = text_with(drop_defs[r->drop[i].kind].text, r->drop[i].detail);

		doc_item(d, TONE_MUTED, "not accounted for", "%llu %s", (unsigned long long)r->drop[i].count, text);
	}
}

static double moved_by(const struct run_result *r, unsigned int owner)
{
	struct attach_moved moved = attach_moved(r, owner);

	return moved.sent + moved.received;
}

size_t order_owners(const struct run_set *set, const struct run_result *r, unsigned int order[OWNERS_MAX])
{
	unsigned int o;
	size_t cnt = 0, at;

	for (o = 1; o + 1 < set->owner_cnt; o++) {
		if (moved_by(r, o) <= 0)
			continue;
		for (at = cnt++; at && moved_by(r, order[at - 1]) < moved_by(r, o); at--)
			order[at] = order[at - 1];
		order[at] = o;
	}
	return cnt;
}

/* ---- intervals ---------------------------------------------------------------------------- */

void attach_lines(FILE *out, const struct run_set *interval)
{
	unsigned int o;

	for (o = 1; o + 1 < interval->owner_cnt; o++) {
		struct attach_moved m = attach_moved(&interval->result[0], o);

		fprintf(out, "%8.1f s  sent %10s in %9s calls, %8s by reference  received %10s in %9s calls  ",
			(double)interval->elapsed_ns / NSEC_PER_SEC,
			AMOUNT(m.sent_known, m.sent), EXACT(m.sends), PERCENT(m.by_reference, m.sent),
			AMOUNT(m.received_known, m.received), EXACT(m.receives));
		put_plain(out, interval->owner[o].label);
		fputc('\n', out);
	}
	fflush(out);
}
