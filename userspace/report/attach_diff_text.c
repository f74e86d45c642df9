// SPDX-License-Identifier: GPL-2.0-only
#include "report/attach_diff_text.h"

#include "analysis/attach_diff.h"
#include "report/attach_table.h"
#include "report/escape.h"

static void put_row(FILE *out, const char *what, const char *before, const char *after, const char *then)
{
	fprintf(out, "  %-28s %26s %26s  %s\n", what, before, after, then);
}

static const char *ns_per_byte(const struct attach_side *s, char buf[static 40])
{
	double bytes = s->moved.sent + s->moved.received;

	if (bytes <= 0 || s->cpu_samples <= 0)
		return "not known";
	snprintf(buf, 40, "%.4f ns", s->cpu_ns / bytes);
	return buf;
}

/* By the interval alone: what spans 1 is not decided, however far from it the ratio is. */
static const char *ratio_words(const struct sampled_ratio *r, char buf[static 80])
{
	const char *verdict = r->high < 1 ? "less" : r->low > 1 ? "more" : "undecided";

	if (r->ratio <= 0)
		return "";
	snprintf(buf, 80, "%.2f times [%.2f, %.2f]: %s", r->ratio, r->low, r->high, verdict);
	return buf;
}

/* Of intervals that do not touch, more or less. */
static const char *share_words(const struct share *before, const struct share *after)
{
	if (before->of <= 0 || after->of <= 0)
		return "";
	return after->high < before->low ? "less" : after->low > before->high ? "more" : "undecided";
}

static double per_second(double amount, const struct attach_side *s)
{
	return s->seconds > 0 ? amount / s->seconds : 0;
}

static double per_call(double bytes, double calls)
{
	return calls > 0 ? bytes / calls : 0;
}

static void put_change(FILE *out, const struct attach_change *c)
{
	const struct attach_side *b = &c->before, *a = &c->after;

	put_plain(out, c->label);
	fputc('\n', out);
	put_row(out, "", "before", "after", "");
	put_row(out, "sent a second", BYTES(per_second(b->moved.sent, b)), BYTES(per_second(a->moved.sent, a)), "");
	put_row(out, "bytes a send", EXACT(per_call(b->moved.sent, b->moved.sends)), EXACT(per_call(a->moved.sent, a->moved.sends)), "");
	put_row(out, "sent by reference", PERCENT(b->moved.by_reference, b->moved.sent), PERCENT(a->moved.by_reference, a->moved.sent), "");
	put_row(out, "received a second", BYTES(per_second(b->moved.received, b)), BYTES(per_second(a->moved.received, a)), "");
	put_row(out, "bytes a receive", EXACT(per_call(b->moved.received, b->moved.receives)), EXACT(per_call(a->moved.received, a->moved.receives)), "");
	put_row(out, "CPU time in copying", INTERVAL(&b->answer.copying_at_all), INTERVAL(&a->answer.copying_at_all),
		share_words(&b->answer.copying_at_all, &a->answer.copying_at_all));
	put_row(out, "CPU time a byte moved", ns_per_byte(b, (char[40]){0}), ns_per_byte(a, (char[40]){0}),
		ratio_words(&c->cpu_per_byte, (char[80]){0}));
	fputc('\n', out);
}

bool attach_diff_text(FILE *out, const struct run_set *before, const struct run_set *after)
{
	struct attach_change *change;
	size_t cnt = attach_changes(before, after, &change), i;

	for (i = 0; i < cnt; i++) {
		put_change(out, &change[i]);
		attach_change_free(&change[i]);
	}
	free(change);
	return cnt > 0;
}
