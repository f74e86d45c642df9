// SPDX-License-Identifier: GPL-2.0-only
/* The verdict in words. Every sentence is backed by a finding of verdict.c; where a finding rests on
 * one repetition or on a stage that was not seen, the sentence says so.
 */
#include <math.h>
#include <string.h>

#include "report/doc.h"
#include "report/number.h"

static const char *mode_name(const struct doc *d, size_t mode)
{
	return d->ctx->set->plan.mode[mode].name;
}

static double percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : 0;
}

/* ---- what must not be overlooked ----------------------------------------------------------- */

static void write_ledger(struct doc *d)
{
	const struct ledger *l = &d->ctx->verdict.ledger;
	size_t off = l->by_state[LEDGER_OFF], open = l->by_state[LEDGER_UNCHECKED];

	if (off)
		doc_item(d, TONE_ALARM, "The ledger does not balance",
			 "%zu of %zu checks are off, see the ledger below. Byte counts of those cells "
			 "are not to be trusted.",
			 off, l->cnt);
	else if (l->by_state[LEDGER_BALANCED])
		doc_item(d, TONE_PLAIN, "Ledger",
			 "balances to the byte: %zu of %zu checks over %zu results%s.",
			 l->by_state[LEDGER_BALANCED], l->cnt, l->cells,
			 open ? "; the rest could not be checked, see below" : "");
	else
		doc_item(d, TONE_WARN, "Ledger", "no check could be made: %s.",
			 l->cnt ? "the stages were not visible"
				: "there is no attribution pass in this run");
}

static void write_warnings(struct doc *d)
{
	const struct verdict *v = &d->ctx->verdict;
	char buf[NUMBER_LEN];

	if (d->ctx->set->partial_reason)
		doc_item(d, TONE_ALARM, "This report is partial", "%s.",
			 d->ctx->set->partial_reason);
	if (v->failed + v->skipped)
		doc_item(d, TONE_WARN, "Missing cells",
			 "%zu of %zu passes failed and %zu were skipped; reasons in section 5.",
			 v->failed, v->results, v->skipped);
	if (v->verify_errors > 0)
		doc_item(d, TONE_ALARM, "Corrupt data",
			 "%s bytes arrived that were not what was sent.",
			 number_exact(v->verify_errors, buf));
	else if (v->verified_bytes > 0)
		doc_item(d, TONE_PLAIN, "Content", "%s verified end to end, no byte differs.",
			 number_bytes(v->verified_bytes, buf));
	if (v->dropped > 0)
		doc_item(d, TONE_WARN, "Lost events",
			 "the probes dropped %s events: counts marked lossy are lower bounds.",
			 number_exact(v->dropped, buf));
	if (v->retried)
		doc_item(d, TONE_MUTED, "Retries", "%zu of %zu passes needed more than one attempt.",
			 v->retried, v->results);
}

/* ---- who wins ------------------------------------------------------------------------------ */

static char *tally(const struct doc *d, const size_t *count)
{
	char *text = xstrdup(""), *longer;
	size_t i;

	for (i = 0; i < d->ctx->verdict.mode_cnt; i++) {
		if (!count[i])
			continue;
		longer = xasprintf("%s%s%s in %zu", text, *text ? ", " : "", mode_name(d, i),
				   count[i]);
		free(text);
		text = longer;
	}
	return text;
}

static void write_summary(struct doc *d, const struct contests *all, const char *label)
{
	_cleanup_free_ char *won = tally(d, all->won), *led = tally(d, all->led), *text = NULL;
	size_t unclear = all->by_state[CONTEST_NO_DIFFERENCE];
	size_t compared = all->cnt - all->by_state[CONTEST_NO_DATA];

	if (!compared) {
		doc_item(d, TONE_MUTED, label, "not compared: fewer than two modes were measured in "
			 "any cell.");
		return;
	}
	if (!all->by_state[CONTEST_NO_SPREAD])
		text = xasprintf("%s%s%sno difference in %zu", *won ? "best: " : "", won,
				 *won ? "; " : "", unclear);
	else if (compared == all->by_state[CONTEST_NO_SPREAD])
		text = xasprintf("ahead: %s. %s, so the order may be chance", led,
				 d->ctx->verdict.repetitions == 1
					 ? "One repetition: no spread known"
					 : "Too few repetitions for an interval");
	else
		text = xasprintf("best: %s; no difference in %zu; too few repetitions, ahead: %s",
				 *won ? won : "none", unclear, led);
	doc_item(d, TONE_PLAIN, label, "of %zu cells (size x threads): %s.", compared, text);
}

static void put_outcome(struct doc *d, const struct contest *c)
{
	switch (c->state) {
	case CONTEST_WON:
		doc_cell(d, TONE_PLAIN, "%s, %.2f x %s [%.2f, %.2f]", mode_name(d, c->best),
			 c->ratio.ratio, mode_name(d, c->second), c->ratio.low, c->ratio.high);
		break;
	case CONTEST_NO_DIFFERENCE:
		doc_cell(d, TONE_MUTED, "no difference: %s / %s %.2f [%.2f, %.2f]",
			 mode_name(d, c->best), mode_name(d, c->second), c->ratio.ratio,
			 c->ratio.low, c->ratio.high);
		break;
	case CONTEST_NO_SPREAD:
		doc_cell(d, TONE_MUTED, "%s ahead of %s by %.2f x; %s", mode_name(d, c->best),
			 mode_name(d, c->second), c->ratio.ratio,
			 c->ratio.n == 1 ? "one repetition: no spread known"
					 : "two repetitions: no interval");
		break;
	default:
		doc_cell(d, TONE_MUTED, "not compared");
	}
}

static void write_contests(struct doc *d, const struct contests *all, const char *caption)
{
	const struct run_plan *plan = &d->ctx->set->plan;
	struct doc_col *col = xcalloc(plan->mode_cnt + 3, sizeof(*col));
	char buf[NUMBER_LEN], low[NUMBER_LEN], high[NUMBER_LEN];
	size_t i, m, n = 0;

	if (all->by_state[CONTEST_NO_DATA] == all->cnt) {
		free(col);
		return;
	}
	col[n++] = (struct doc_col){"Size", true};
	col[n++] = (struct doc_col){"Threads", true};
	for (m = 0; m < plan->mode_cnt; m++)
		col[n++] = (struct doc_col){plan->mode[m].name, true};
	col[n++] = (struct doc_col){"Verdict", false};
	doc_table(d, col, n, caption);
	for (i = 0; i < all->cnt; i++) {
		const struct contest *c = &all->contest[i];

		doc_cell(d, TONE_PLAIN, "%s", number_size(c->size_bytes, buf));
		doc_cell(d, TONE_PLAIN, "%u", c->threads);
		for (m = 0; m < plan->mode_cnt; m++) {
			const struct spread *s = &c->by_mode[m];
			enum metric_unit unit = metric_defs[all->metric].unit;

			if (!s->n)
				doc_cell(d, TONE_MUTED, "absent");
			else if (s->n == 1)
				doc_cell(d, TONE_PLAIN, "%s", number_metric(s->median, unit, buf));
			else
				doc_cell(d, TONE_PLAIN, "%s (%s\u2013%s)",
					 number_metric(s->median, unit, buf),
					 number_metric(s->min, unit, low),
					 number_metric(s->max, unit, high));
		}
		put_outcome(d, c);
	}
	doc_table_end(d);
	free(col);
}

/* ---- zero-copy ----------------------------------------------------------------------------- */

/* What takes a cause of copying away. Matched inside the reason the probe gave; a reason that is not
 * here gets no advice.
 */
static const struct {
	const char *word, *remedy;
} remedies[] = {
	{"local delivery", "the receiver is on this machine (veth, loopback): the kernel never hands "
			   "pages of one process to another. Over a NIC with scatter-gather and "
			   "checksum offload this copy does not occur"},
	{"loopback", "traffic over loopback is always copied: use a NIC with scatter-gather and "
		     "checksum offload"},
	{"packet tap", "stop what captures packets (AF_PACKET, tcpdump, dhclient) on the sender's "
		       "interface"},
	{"software GSO", "use a device that offers scatter-gather, checksum and segmentation offload "
			 "(ethtool -k)"},
	{"linearize", "use a device that offers scatter-gather (ethtool -k)"},
	{"retransmit", "avoid loss: retransmitted data is copied again"},
};

static void write_remedies(struct doc *d, const struct mode_copies *c)
{
	bool said[ARRAY_SIZE(remedies)] = {false};
	size_t i, j;

	for (i = 0; i < c->place_cnt; i++) {
		for (j = 0; j < ARRAY_SIZE(remedies); j++) {
			if (said[j] || c->place[i].bytes <= 0 ||
			    !strstr(c->place[i].reason, remedies[j].word))
				continue;
			doc_item(d, TONE_PLAIN, "What would change it", "(%s) %s.",
				 c->place[i].reason, remedies[j].remedy);
			said[j] = true;
			break;
		}
	}
}

static void write_places(struct doc *d, const struct mode_copies *c)
{
	char bytes[NUMBER_LEN], count[NUMBER_LEN];
	size_t i;

	for (i = 0; i < MIN(c->place_cnt, (size_t)5); i++)
		doc_item(d, TONE_PLAIN, "Where", "%s (%s): %s in %s copies.", c->place[i].function,
			 c->place[i].reason, number_bytes(c->place[i].bytes, bytes),
			 number_exact(c->place[i].count, count));
}

static void write_copied(struct doc *d, const struct zerocopy_truth *z)
{
	const char *mode = mode_name(d, z->mode);
	char asked[NUMBER_LEN], copied[NUMBER_LEN];
	_cleanup_free_ char *label = xasprintf("Zero-copy (%s)", mode);

	if (!z->asked_known) {
		doc_item(d, TONE_WARN, label, "bytes sent by page reference were not visible.");
	} else if (!z->copied_known) {
		doc_item(d, TONE_WARN, label,
			 "%s were sent by page reference; whether the kernel copied them anyway was "
			 "not visible%s%s.",
			 number_bytes(z->asked_bytes, asked), z->copied_reason ? ": " : "",
			 z->copied_reason ? z->copied_reason : "");
	} else if (z->copied_bytes > 0) {
		doc_item(d, z->ratio > 0.01 ? TONE_WARN : TONE_PLAIN, label,
			 "of %s sent by page reference the kernel copied %s anyway (%.1f\u00a0%%).%s",
			 number_bytes(z->asked_bytes, asked), number_bytes(z->copied_bytes, copied),
			 100 * z->ratio,
			 z->ratio >= 0.999 ? " It was not zero-copy: the copy was only postponed."
					   : "");
	} else {
		doc_item(d, TONE_PLAIN, label,
			 "%s were sent by page reference, and skb_copy_ubufs copied none of them.",
			 number_bytes(z->asked_bytes, asked));
	}
}

static void write_zerocopy(struct doc *d, const struct zerocopy_truth *z)
{
	char ids[NUMBER_LEN], copied[NUMBER_LEN];

	write_copied(d, z);
	write_places(d, &d->ctx->verdict.copies[z->mode]);
	write_remedies(d, &d->ctx->verdict.copies[z->mode]);
	if (z->ids_known && z->ids > 0)
		doc_item(d, TONE_PLAIN, "Completions", "%s of %s ids flagged COPIED (%.1f\u00a0%%).",
			 number_exact(z->copied_ids, copied), number_exact(z->ids, ids),
			 percent(z->copied_ids, z->ids));
	if (!z->gso_known)
		doc_item(d, TONE_MUTED, "Not visible",
			 "copies by software segmentation, which the COPIED flag does not tell of "
			 "either: %s may have been copied more often than counted.",
			 mode_name(d, z->mode));
	else if (z->gso_bytes > 0)
		doc_item(d, TONE_WARN, "Software segmentation",
			 "copied %s besides; the COPIED flag does not tell of it.",
			 number_bytes(z->gso_bytes, ids));
}

static void write_payoff(struct doc *d, const struct payoff *p)
{
	const char *by = p->metric == M_THROUGHPUT_GBPS ? "throughput" : "CPU per byte";
	const char *basis = p->has_interval ? "" : " (by medians; no interval is known)";
	_cleanup_free_ char *label = NULL;
	char size[NUMBER_LEN];

	label = xasprintf("%s, %s, %u thread%s", mode_name(d, p->mode), by, p->threads,
			  p->threads == 1 ? "" : "s");
	if (p->from_bytes)
		doc_item(d, TONE_PLAIN, label, "pays from %s upwards%s.",
			 number_size(p->from_bytes, size), basis);
	else if (p->ahead)
		doc_item(d, TONE_PLAIN, label,
			 "ahead at %zu of %zu sizes, but not from a size upwards%s.", p->ahead,
			 p->sizes, basis);
	else
		doc_item(d, TONE_PLAIN, label,
			 "does not pay at any of the %zu tested sizes (behind in %zu, no difference in "
			 "%zu)%s.",
			 p->sizes, p->behind, p->sizes - p->behind, basis);
}

static void write_overhead(struct doc *d)
{
	const struct verdict *v = &d->ctx->verdict;
	_cleanup_free_ char *text = xstrdup("");
	size_t i;

	for (i = 0; i < v->mode_cnt; i++) {
		const struct spread *s = &v->overhead[i].ratio;
		char *longer;

		if (!s->n)
			continue;
		longer = xasprintf("%s%s%s %+.1f\u00a0%% (%+.1f to %+.1f, %zu pairs)", text,
				   *text ? "; " : "", mode_name(d, i), 100 * (s->median - 1),
				   100 * (s->min - 1), 100 * (s->max - 1), s->n);
		free(text);
		text = longer;
	}
	if (*text)
		doc_item(d, TONE_PLAIN, "Observer overhead",
			 "CPU per byte of the attribution pass over the clean pass beside it, median "
			 "and range: %s.", text);
}

/* A percentile bootstrap of a median cannot reach 95 % from few values: then it is the range, which
 * holds the median of all possible runs with probability 1 - 2^(1 - n).
 */
static void write_method(struct doc *d)
{
	unsigned int n = d->ctx->verdict.repetitions;

	doc_para(d, TONE_MUTED,
		 "Median of the repetitions, range in parentheses. \"A, 1.20 x B [1.10, 1.31]\": A is "
		 "1.20 times better than B, the second best; median of the ratios paired by "
		 "repetition, with the percentile interval of a bootstrap of that median (95\u00a0%%, "
		 "%d draws, fixed seed; from %d repetitions on). \"No difference\": the interval "
		 "contains 1.", BOOTSTRAP_ROUNDS, INTERVAL_MIN_REPS);
	if (n >= INTERVAL_MIN_REPS && n < 6)
		doc_para(d, TONE_MUTED,
			 "With %u repetitions this interval is the range of the ratios and holds the "
			 "true median with about %.0f\u00a0%%, not 95: use --repeat 6 or more for a firm "
			 "verdict.", n, 100 * (1 - pow(2, 1 - (double)n)));
}

void verdict_write(struct doc *d)
{
	const struct verdict *v = &d->ctx->verdict;
	size_t i;

	if (v->ledger.by_state[LEDGER_OFF])
		write_ledger(d);
	write_warnings(d);
	write_summary(d, &v->throughput, "Throughput");
	write_summary(d, &v->cpu, "CPU per byte");
	for (i = 0; i < v->zerocopy_cnt; i++)
		write_zerocopy(d, &v->zerocopy[i]);
	if (!v->ledger.by_state[LEDGER_OFF])
		write_ledger(d);
	write_overhead(d);

	write_contests(d, &v->throughput, "Throughput received, Gbit/s (clean pass; more is better)");
	write_contests(d, &v->cpu, "CPU ns per byte, both ends (clean pass; less is better)");
	write_method(d);
	if (v->payoff_cnt) {
		doc_heading(d, 3, "payoff", "Does zero-copy pay?");
		for (i = 0; i < v->payoff_cnt; i++)
			write_payoff(d, &v->payoff[i]);
		doc_para(d, TONE_MUTED,
			 "Against the best mode without zero-copy at each size; within the tested "
			 "sizes only.");
	}
}
