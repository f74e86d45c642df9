// SPDX-License-Identifier: GPL-2.0-only
/* The truth about zero-copy in words: what was asked for, what was copied all the same, where, why and
 * what would change it. Nothing is claimed of a place that was not visible.
 */
#include "report/sections.h"

#define PLACES_SHOWN 5

/* ", 54.7 % of what was sent"; of a lower bound of that a share says nothing. The caller frees. */
static char *share_text(const struct zerocopy_truth *z, double bytes, enum bound bound)
{
	if (z->asked_bytes <= 0 || z->asked_bound)
		return xstrdup("");
	return xasprintf(", %s%.1f\u00a0%% of what was sent", bound_words(bound), 100 * bytes / z->asked_bytes);
}

/* "copied: reason" for each place of payload copies, most bytes first. */
static void write_places(struct doc *d, const struct report_ctx *ctx, const struct zerocopy_truth *z)
{
	const struct mode_copies *c = &ctx->verdict.copies[z->mode];
	_cleanup_free_ char *flagged = NULL;
	size_t i, shown = 0;

	/* the flag is about skb_copy_ubufs alone */
	if (zerocopy_flags_exact(z))
		flagged = xasprintf(", although only %.1f\u00a0%% of the completions say COPIED",
				    100 * zerocopy_flagged(z));
	for (i = 0; i < c->place_cnt && shown < PLACES_SHOWN; i++) {
		const struct copy_place *p = &c->place[i];
		const char *help = copy_reason_defs[p->reason].remedy;
		const char *words = bound_words(c->stage[p->stage].bound);
		_cleanup_free_ char *share = share_text(z, p->bytes, c->stage[p->stage].bound);
		_cleanup_free_ char *reason = copy_reason_text(p->reason, p->detail);
		_cleanup_free_ char *label = xasprintf("Copied: %s", reason);
		bool unflagged = !(stage_defs[p->stage].traits & STAGE_USER_PAGES) &&
				 zerocopy_flagged(z) < 0.99;

		if (!place_of_payload(p))
			continue;
		doc_item(d, TONE_PLAIN, label,
			 "%s%s by %s in %s%s copies%s%s%s%s.",
			 words, number_bytes(p->bytes).text, p->function, words,
			 number_exact(p->count).text, share, unflagged && flagged ? flagged : "",
			 help ? "; " : "", help ?: "");
		shown++;
	}
}

static void write_surplus(struct doc *d, const struct zerocopy_truth *z)
{
	/* beside a bound of the sum, which may be less than was sent */
	const char *where = z->ratio_bound ? " in some cells" : "";
	struct number surplus = number_bytes(z->surplus_bytes);
	struct number again = number_bytes(z->retransmit_bytes);

	if (z->surplus_bytes <= 0)
		return;
	if (!z->retransmit_known)
		doc_item(d, TONE_WARN, "More copied than sent",
			 "%s%s; whether that is retransmitted data was not visible.", surplus.text,
			 where);
	else if (z->unexplained_bytes > 0)
		doc_item(d, TONE_WARN, "More copied than sent",
			 "%s%s, of which %s are unexplained: more than was retransmitted in those "
			 "cells (%s in all).",
			 surplus.text, where, number_bytes(z->unexplained_bytes).text, again.text);
	else
		doc_item(d, TONE_PLAIN, "More copied than sent",
			 "%s%s, which retransmission explains: TCP sent %s again, and what is sent "
			 "again is copied again.",
			 surplus.text, where, again.text);
}

char *zerocopy_flags_text(const struct zerocopy_truth *z)
{
	return xasprintf("%s%s of %s%s", bound_words(z->copied_ids_bound), number_exact(z->copied_ids).text,
			 bound_words(z->ids_bound), number_exact(z->ids).text);
}

/* Where the flag is all there is to go by. */
static void write_flagged(struct doc *d, const struct report_ctx *ctx, const struct zerocopy_truth *z)
{
	_cleanup_free_ char *label = xasprintf("Zero-copy (%s)", mode_name(ctx, z->mode));
	_cleanup_free_ char *why = z->doubtful ? bound_text(z->doubtful->bound, z->doubtful->reason) : xstrdup("");
	_cleanup_free_ char *ids = zerocopy_flags_text(z);

	doc_item(d, TONE_WARN, label,
		 "%s%s were sent by page reference, and the kernel flagged %s ids COPIED: %s. Where it copied, and how "
		 "many bytes, was not visible%s%s.",
		 bound_words(z->asked_bound), number_bytes(z->asked_bytes).text, ids,
		 z->state == ZC_COPIED ? "it was not zero-copy" : "a part at most was zero-copy", *why ? ": " : "", why);
}

static void write_truth(struct doc *d, const struct report_ctx *ctx, const struct zerocopy_truth *z)
{
	_cleanup_free_ char *label = xasprintf("Zero-copy (%s)", mode_name(ctx, z->mode));
	const char *copied_words = bound_words(z->copied_bound), *asked_words = bound_words(z->asked_bound);
	_cleanup_free_ char *because = z->doubtful ? bound_text(z->doubtful->bound, z->doubtful->reason) :
						     xstrdup("not measured in this run");
	_cleanup_free_ char *share = z->asked_bound ? xstrdup("") :
		xasprintf(z->state == ZC_COPIED ? " (%s%.1f\u00a0%%)" : " (%s%.2g\u00a0%%)", copied_words,
			  100 * z->ratio);
	struct number asked = number_bytes(z->asked_bytes), copied = number_bytes(z->copied_bytes);

	switch (z->state) {
	case ZC_UNSEEN:
		if (!z->asked_known || z->asked_bytes <= 0)
			doc_item(d, TONE_WARN, label,
				 "bytes sent by page reference were not visible: %s.", because);
		else
			doc_item(d, TONE_WARN, label,
				 "%s%s were sent by page reference; whether the kernel copied them "
				 "anyway was not visible: %s.",
				 asked_words, asked.text, because);
		break;
	case ZC_NOT_GRANTED:
		doc_item(d, TONE_WARN, label,
			 "nothing was sent by page reference: the kernel copied all %s at the send. So it does for a socket "
			 "without SO_ZEROCOPY, and over a route without scatter-gather or, of datagrams, checksums "
			 "(ethtool -k).", number_bytes(z->instead_bytes).text);
		break;
	case ZC_COPIED:
		doc_item(d, TONE_WARN, label,
			 "of %s%s sent by page reference the kernel copied %s%s anyway%s. It was not "
			 "zero-copy: %s.",
			 asked_words, asked.text, copied_words, copied.text, share,
			 z->read_bytes > 0 ? "the copy came before the send" : "the copy was only postponed");
		break;
	case ZC_PARTLY:
		doc_item(d, z->ratio > 0.01 ? TONE_WARN : TONE_PLAIN, label,
			 "of %s%s sent by page reference the kernel copied %s%s anyway%s.", asked_words,
			 asked.text, copied_words, copied.text, share);
		break;
	case ZC_UNCOPIED_AS_SEEN:
		doc_item(d, TONE_PLAIN, label,
			 "%s%s were sent by page reference, and no copy of them was seen; not every "
			 "place where the kernel may copy was visible.",
			 asked_words, asked.text);
		break;
	default:
		doc_item(d, TONE_STRONG, label,
			 "it really was zero-copy: no byte of %s%s was copied in the stack.", asked_words,
			 asked.text);
	}
}

static void write_flags(struct doc *d, const struct report_ctx *ctx, const struct zerocopy_truth *z)
{
	bool notified = mode_is_notified(&ctx->set->plan.mode[z->mode].traits);
	_cleanup_free_ char *share = zerocopy_flags_exact(z) ?
		xasprintf(" (%.1f\u00a0%%)", 100 * zerocopy_flagged(z)) : xstrdup("");
	_cleanup_free_ char *flagged = zerocopy_flags_text(z);

	doc_item(d, TONE_PLAIN, "Completions", "%s %s flagged COPIED%s.", flagged, notified ? "notifications" : "ids",
		 share);
}

static void write_mode(struct doc *d, const struct report_ctx *ctx, const struct zerocopy_truth *z)
{
	static const char *const labels[] = {
		[BOUND_LOWER] = "At least", [BOUND_UPPER] = "At most", [BOUND_BOTH] = "Not exact"};

	if (zerocopy_flag_alone(z))
		write_flagged(d, ctx, z);
	else
		write_truth(d, ctx, z);
	if (z->bounded) {
		_cleanup_free_ char *why = bound_text(z->bounded->bound, z->bounded->reason);

		doc_item(d, TONE_MUTED, labels[z->bounded->bound], "%s.", why);
	}
	if (z->asked_bound && !z->bounded) {
		_cleanup_free_ char *why = bound_text(z->asked_bound, z->doubtful ? z->doubtful->reason : NULL);

		doc_item(d, TONE_MUTED, "Not exact", "what was sent by page reference: %s.", why);
	}
	if (z->unread) {
		_cleanup_free_ char *why = reason_text(z->unread->reason);

		doc_item(d, TONE_MUTED, "Not visible",
			 "whether the file was read into fresh pages, and not sent from the page cache's own: %s.",
			 *why ? why : "not measured in this run");
	}
	write_places(d, ctx, z);
	write_surplus(d, z);
	if (z->ids_known && z->ids > 0 && !zerocopy_flag_alone(z))
		write_flags(d, ctx, z);
}

/* What holds for several modes is said once. */
void zerocopy_write(struct doc *d, const struct report_ctx *ctx)
{
	_cleanup_free_ char *unseen = NULL, *spliced = NULL;
	bool flags = false;
	size_t i;

	for (i = 0; i < ctx->verdict.zerocopy_cnt; i++) {
		const struct zerocopy_truth *z = &ctx->verdict.zerocopy[i];
		bool splices = ctx->set->plan.mode[z->mode].traits.way == WAY_SPLICE;

		write_mode(d, ctx, z);
		if (z->state == ZC_UNSEEN || z->state == ZC_NOT_GRANTED)
			continue;
		if (!z->unflagged_known)
			xappend(&unseen, ", ", "%s", mode_name(ctx, z->mode));
		flags |= !z->unflagged_known && !splices;
		if (splices)
			xappend(&spliced, ", ", "%s", mode_name(ctx, z->mode));
	}
	if (unseen)
		doc_item(d, TONE_MUTED, "Not visible",
			 "copies by software segmentation%s: %s may have been copied more often than counted.",
			 flags ? ", which the COPIED flag does not tell of either" : "", unseen);
	if (spliced)
		doc_item(d, TONE_MUTED, "Until when",
			 "packets of %s refer to the pages themselves until a receiver on this machine %s, or another has "
			 "acknowledged, and nothing tells when that is: who writes to them earlier changes what arrives.",
			 spliced, ctx->set->plan.receive_way == RECEIVE_COPY ? "has copied from them" : "needs them no more");
}

static enum zerocopy_state card_state(const struct zerocopy_truth *z)
{
	return z->asked_known ? z->state : ZC_UNSEEN;
}

/* "A3 asked it for 9 GiB; the kernel copied all of it (local delivery)" */
static void add_to_card(const struct report_ctx *ctx, const struct zerocopy_truth *z, char **text)
{
	const struct mode_copies *c = &ctx->verdict.copies[z->mode];
	_cleanup_free_ char *reason = NULL;
	size_t p;

	if (card_state(z) == ZC_UNSEEN) {
		xappend(text, ". ", "%s: the kernel did not let us see it", mode_name(ctx, z->mode));
		return;
	}
	if (z->state == ZC_NOT_GRANTED) {
		xappend(text, ". ", "%s: the kernel copied all %s at the send", mode_name(ctx, z->mode),
			number_bytes(z->instead_bytes).text);
		return;
	}
	if (zerocopy_flag_alone(z)) {
		_cleanup_free_ char *ids = zerocopy_flags_text(z);

		xappend(text, ". ", "%s asked it for %s%s; the kernel flagged %s ids COPIED", mode_name(ctx, z->mode),
			bound_words(z->asked_bound), number_bytes(z->asked_bytes).text, ids);
		return;
	}
	for (p = 0; p < c->place_cnt && !reason; p++)
		if (place_of_payload(&c->place[p]))
			reason = copy_reason_text(c->place[p].reason, c->place[p].detail);
	xappend(text, ". ", "%s asked it for %s%s; the kernel copied %s%s%s%s%s", mode_name(ctx, z->mode),
		bound_words(z->asked_bound), number_bytes(z->asked_bytes).text,
		z->copied_bytes > 0 ? bound_words(z->copied_bound) : "",
		z->copied_bytes > 0 ? number_bytes(z->copied_bytes).text :
		z->all_seen	    ? "none of it" :
				      "none that we saw",
		reason ? " (" : "", reason ?: "", reason ? ")" : "");
}

/* One for each answer. */
void zerocopy_card(struct doc *d, const struct report_ctx *ctx)
{
	static const struct {
		const char *answer;
		enum tone tone;
	} answers[] = {
		[ZC_UNSEEN] = {"Not visible here", TONE_WARN},
		[ZC_NOT_GRANTED] = {"No, it was not granted", TONE_WARN},
		[ZC_COPIED] = {"No, all was copied", TONE_WARN},
		[ZC_PARTLY] = {"Only in part", TONE_WARN},
		[ZC_UNCOPIED_AS_SEEN] = {"Yes, as far as visible", TONE_PLAIN},
		[ZC_REAL] = {"Yes, really", TONE_PLAIN},
	};
	static_assert_complete(answers, ZC_STATE_MAX_);
	const struct verdict *v = &ctx->verdict;
	enum zerocopy_state state;

	if (!v->zerocopy_cnt)
		doc_card(d, TONE_MUTED, "Did zero-copy happen?", "Not used",
			 "no mode of this run sent by page reference.");
	for (state = 0; state < ZC_STATE_MAX_; state++) {
		_cleanup_free_ char *text = NULL;
		size_t i;

		for (i = 0; i < v->zerocopy_cnt; i++)
			if (card_state(&v->zerocopy[i]) == state)
				add_to_card(ctx, &v->zerocopy[i], &text);
		if (text)
			doc_card(d, answers[state].tone, "Did zero-copy happen?", answers[state].answer, "%s.", text);
	}
}
