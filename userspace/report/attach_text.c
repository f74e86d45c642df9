// SPDX-License-Identifier: GPL-2.0-only
/* Four answers first, then the numbers that they are made of. Nothing is said here that results.json does not hold. */
#include "report/attach_text.h"

#include <string.h>

#include "report/attach_table.h"

#define OWNERS 3 /* by default */

/* ---- did it happen ------------------------------------------------------------------------ */

static void tell_undone(struct doc *d, const struct metric_value *v, const struct attach_answer *a)
{
	const struct metric_value *completed = &v[M_COMPLETION_IDS], *copied = &v[M_COMPLETION_COPIED_IDS];

	if (!value_known(&v[M_ZEROCOPY_BYTES]) || v[M_ZEROCOPY_BYTES].value <= 0)
		return;
	if (value_known(&a->undone))
		SENTENCE(d, "Of the %s sent from its own pages %s%s were copied after all.", BYTES(v[M_ZEROCOPY_BYTES].value),
			 bound_words(a->undone.bound), BYTES(a->undone.value));
	if (value_known(&v[M_ZEROCOPY_MISALIGNED_SENDS]) && v[M_ZEROCOPY_MISALIGNED_SENDS].value > 0)
		SENTENCE(d, "%s of %s zero-copy sends by TCP began within a page, and referred to a page more than they had to: let "
			 "buffers begin at pages (aligned_alloc()).", EXACT(v[M_ZEROCOPY_MISALIGNED_SENDS].value),
			 EXACT(a->way[CALL_WAY_ZEROCOPY].calls + a->way[CALL_WAY_URING_ZC].calls));
	if (value_known(completed) && completed->value > 0 && value_known(copied))
		SENTENCE(d, "The kernel completed %s of its sends and flagged %s COPIED.", EXACT(completed->value),
			 EXACT(copied->value));
}

static void tell_happening(struct doc *d, const struct metric_value *v, const struct attach_answer *a)
{
	double sent = v[M_SENT_BYTES].value, reference = a->by_reference.value;
	_cleanup_free_ char *why = NULL;

	switch (a->did) {
	case DID_NOTHING_SENT:
		SENTENCE(d, "It sent nothing by TCP, UDP or local sockets.");
		return;
	case DID_UNSEEN:
		why = value_doubt(value_known(&v[M_SENT_BYTES]) ? &a->by_reference : &v[M_SENT_BYTES]);
		SENTENCE(d, "Not seen on this kernel%s%s.", *why ? ": " : "", why);
		return;
	case DID_NO:
	case DID_IN_PART:
	case DID_YES:
		break;
	}
	if (reference <= 0)
		SENTENCE(d, "No. None of the %s that it sent went by reference.", BYTES(sent));
	else
		SENTENCE(d, "%s. Of %s sent, %s (%s) went by reference: %s from its own pages, %s from those of files and pipes.",
			 a->did == DID_YES ? "Yes" : a->did == DID_NO ? "No" : "In part", BYTES(sent), BYTES(reference),
			 PERCENT(reference, sent), BYTES(v[M_ZEROCOPY_BYTES].value), BYTES(v[M_SPLICED_BYTES].value));
	tell_undone(d, v, a);
}

/* ---- why not ------------------------------------------------------------------------------ */

static const char *remedy_of(const struct why_copied *w)
{
	if (w->remedy)
		return w->remedy;
	if (w->way == CALL_WAY_SEND || w->way == CALL_WAY_URING)
		return "nobody asked for another way: see below whether it would pay";
	return NULL;
}

static void tell_reasons(struct doc *d, const struct metric_value *v, const struct attach_answer *a)
{
	size_t i;

	if (!a->why_cnt)
		SENTENCE(d, "No copy of what it sent was seen.");
	for (i = 0; i < a->why_cnt; i++) {
		const struct why_copied *w = &a->why[i];
		const char *remedy = remedy_of(w);

		SENTENCE(d, "%s%s (%s of what it sent): %s%s%s%s%s", bound_words(w->bound), BYTES(w->bytes),
			 PERCENT(w->bytes, v[M_SENT_BYTES].value), w->why, w->detail ? ", " : "", w->detail ?: "",
			 remedy ? ": " : "", remedy ?: "");
	}
}

/* ---- what it cost ------------------------------------------------------------------------- */

static void tell_cost(struct doc *d, const struct run_set *set, const struct attach_answer *a)
{
	static const char *const work[] = {
		[WORK_SENDING] = "while sending", [WORK_RECEIVING] = "while receiving", [WORK_FILES] = "while reading files",
		[WORK_ELSEWHERE] = "elsewhere",
	};
	_cleanup_free_ char *parts = NULL;
	enum copy_work w;

	static_assert_complete(work, WORK_MAX_);
	if (a->copying_at_all.of <= 0) {
		SENTENCE(d, "Not known: no sample of its CPU time was taken%s.",
			 set->plan.frequency_hz ? ", it hardly ran" : " (--freq 0)");
		return;
	}
	for (w = 0; w < WORK_MAX_; w++)
		if (a->copying[w].n > 0)
			xappend(&parts, ", ", "%s %s", INTERVAL(&a->copying[w]), work[w]);
	SENTENCE(d, "%s of its CPU time went into copying%s%s: %s of %s samples, %u a second and CPU. No zero-copy can save more.",
		 INTERVAL(&a->copying_at_all), parts ? ", " : "", parts ?: "", EXACT(a->copying_at_all.n),
		 EXACT(a->copying_at_all.of), set->plan.frequency_hz);
}

/* ---- would it pay ------------------------------------------------------------------------- */

static void tell_up_to(struct doc *d, const struct attach_answer *a)
{
	bool loops = a->loopback > 0;

	SENTENCE(d, "Perhaps. %s (%s of what it copied) were sent %s at a time or more. MSG_ZEROCOPY or IORING_OP_SEND_ZC could "
		 "save up to %s of its CPU time, less what they cost themselves: references to pages, and a notification a send.",
		 BYTES(a->copied_large), PERCENT(a->copied_large, a->copied), number_size(LARGE_SEND_BYTES).text,
		 INTERVAL(&a->ceiling));
	if (loops)
		SENTENCE(d, "Against it: %s of what it sent went over loopback, where the kernel copies before it delivers what was "
			 "sent from a program's own pages.", BYTES(a->loopback));
	if (a->veth > 0)
		SENTENCE(d, "%s: %s of what it sent went over veth. If it is received on this machine, the kernel copies it before "
			 "it is delivered, maybe in another's CPU time.", loops ? "And" : "Against it", BYTES(a->veth));
	if (a->copying[WORK_FILES].n > 0)
		SENTENCE(d, "If what it sends are files that it reads, sendfile() could save up to %s%s.", INTERVAL(&a->with_files),
			 loops ? ", over loopback, too" : "");
}

static void tell_payment(struct doc *d, const struct run_set *set, const struct attach_answer *a)
{
	unsigned int margin = set->plan.margin_percent ?: MARGIN_PERCENT;

	switch (a->pays) {
	case PAYS_NOTHING_COPIED:
		SENTENCE(d, "There is nothing to save: less than %u %% of what it sent was copied by TCP sends.", margin);
		break;
	case PAYS_UNSEEN:
		SENTENCE(d, "Not known: by which way it sends was not seen.");
		break;
	case PAYS_UNDONE:
		SENTENCE(d, "Not on this path: what it spends on references and notifications is for nothing, since the kernel "
			 "copies what it sends by reference all the same.");
		break;
	case PAYS_NOT_LARGE:
		SENTENCE(d, "No. It sends little at a time: less than %u %% of its bytes were in calls of %s or more, and below "
			 "some 10 KB references cost more than copies.", margin, number_size(LARGE_SEND_BYTES).text);
		break;
	case PAYS_NOT_LOCAL:
		SENTENCE(d, "No, not on this path: %s of what it sent went over loopback, where the kernel copies before it delivers "
			 "what was sent from a program's own pages.", BYTES(a->loopback));
		break;
	case PAYS_NOT_SAMPLED:
		SENTENCE(d, "Not known: without samples of its CPU time nobody can tell what it would save.");
		break;
	case PAYS_NOT_MUCH:
		SENTENCE(d, "No. It could save at most %s of its CPU time, less than %u %%.", INTERVAL(&a->with_files), margin);
		break;
	case PAYS_UP_TO:
		tell_up_to(d, a);
		break;
	}
}

/* ---- an owner ------------------------------------------------------------------------------ */

static void put_moved(struct doc *d, const char *what, const struct metric_value *calls, const struct metric_value *bytes)
{
	_cleanup_free_ char *doubt = value_doubt(bytes);

	if (value_known(bytes))
		doc_item(d, TONE_PLAIN, NULL, "%s %s%s in %s calls", what, bound_words(bytes->bound), BYTES(bytes->value),
			 EXACT(calls->value));
	else
		doc_item(d, TONE_PLAIN, NULL, "%s: not known%s%s", what, *doubt ? ": " : "", doubt);
}

static void put_used(struct doc *d, const struct metric_value *sockets, const struct metric_value *followed)
{
	_cleanup_free_ char *text = NULL;

	if (value_known(sockets))
		xappend(&text, "; ", "by %s sockets", EXACT(sockets->value));
	if (value_known(followed))
		xappend(&text, "; ", "%s children followed", EXACT(followed->value));
	if (text)
		doc_item(d, TONE_PLAIN, NULL, "%s", text);
}

static void put_owner(struct doc *d, const struct run_set *set, const struct run_result *r, unsigned int owner)
{
	struct attach_answer a = attach_answer(set, r, owner);
	_cleanup_free_ char *id = xasprintf("owner-%u", owner), *title = NULL;
	const struct metric_value *v = r->v[owner];

	title = xasprintf("%s, %.1f s", set->owner[owner].label, (double)set->plan.duration_ns / NSEC_PER_SEC);
	doc_heading(d, 2, id, title);
	put_moved(d, "sent", &v[M_SENT_CALLS], &v[M_SENT_BYTES]);
	put_moved(d, "received", &v[M_RECEIVED_CALLS], &v[M_RECEIVED_BYTES]);
	put_used(d, &v[M_SOCKETS_USED], &v[M_PROCESSES_FOLLOWED]);
	doc_heading(d, 3, NULL, "Did zero-copy happen?");
	tell_happening(d, v, &a);
	if (a.did != DID_NOTHING_SENT) {
		doc_heading(d, 3, NULL, a.did == DID_YES ? "What was copied nevertheless?" : "Why not?");
		tell_reasons(d, v, &a);
	}
	doc_heading(d, 3, NULL, "What did copying cost?");
	tell_cost(d, set, &a);
	if (a.did != DID_NOTHING_SENT) {
		doc_heading(d, 3, NULL, "Would it pay?");
		tell_payment(d, set, &a);
	}
	put_ways(d, &a);
	put_sizes(d, r, owner);
	put_sockets(d, r, owner);
	put_times(d, v, &a);
	attach_answer_free(&a);
}

/* Those who asked for one owner are told of it whatever it did. */
static void put_result(struct doc *d, const struct run_set *set, const struct run_result *r, unsigned int most)
{
	unsigned int order[OWNERS_MAX] = {1};
	size_t cnt = order_owners(set, r, order), i;

	if (set->owner_cnt > 3)
		put_overview(d, set, r, order, cnt);
	else
		cnt = set->owner_cnt > 2;
	for (i = 0; i < MIN(cnt, (size_t)most); i++)
		put_owner(d, set, r, order[i]);
	if (cnt > most)
		SENTENCE(d, "The answers of the other %zu: --number %zu, or in the JSON.", cnt - most, cnt);
	put_completions(d, r->completion);
	put_drops(d, r);
}

void attach_write(struct doc *d, const struct run_set *set, unsigned int most)
{
	size_t i;

	for (i = 0; i < set->result_cnt; i++)
		put_result(d, set, &set->result[i], most ?: OWNERS);
}

void attach_text(FILE *out, const struct run_set *set, unsigned int most)
{
	struct doc d = {.ops = &doc_text, .out = out, .blank = true};

	attach_write(&d, set, most);
	doc_end(&d);
}
