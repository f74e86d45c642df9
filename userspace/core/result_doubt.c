// SPDX-License-Identifier: GPL-2.0-only
/* Softirq work runs in the context of whatever task was there, and some machines run no probes in some
 * tasks (seen on a hosted VM: the provider's agent). Nothing counts what is lost so, but an independent
 * witness may contradict the probes. Or bear them out: what they inferred is then as good as seen.
 */
#include "core/result.h"

static bool is_exact(const struct metric_value *v)
{
	return v->status == VALUE_OK && v->bound == BOUND_NONE;
}

static void make_bound(struct metric_value *v, enum metric_id amount, enum metric_id count,
		       enum bound bound, const struct reason *reason)
{
	value_make_bound(&v[amount], bound, reason);
	value_make_bound(&v[count], bound, reason);
}

/* All that one program counts of the skbs it sees. */
static void lower_bound_of_skbs(struct metric_value *v, const struct reason *reason)
{
	static const enum metric_id counted[] = {M_ZC_SKBS, M_ZC_FRAGS, M_ZC_SKBS_FULL};
	size_t i;

	make_bound(v, M_COPY_UBUFS_BYTES, M_COPY_UBUFS_SKBS, BOUND_LOWER, reason);
	for (i = 0; i < ARRAY_SIZE(counted); i++)
		if (is_exact(&v[counted[i]]))
			value_make_bound(&v[counted[i]], BOUND_LOWER, reason);
}

/* Every id came back COPIED, so every byte was copied each time it was sent: *again bytes were sent again. */
static bool all_copied(const struct metric_value *v, double *again)
{
	static const struct {
		enum metric_id completed, copied;
	} sources[] = {
		{M_COMPLETION_IDS, M_COMPLETION_COPIED_IDS},
		{M_NOTIFICATIONS, M_NOTIFICATIONS_COPIED}, /* by io_uring */
	};
	const struct metric_value *told = &v[M_TCP_RETRANSMIT_BYTES];
	bool any = false, all = true;
	size_t i;

	*again = value_or_0(told);
	for (i = 0; i < ARRAY_SIZE(sources); i++) {
		const struct metric_value *completed = &v[sources[i].completed], *copied = &v[sources[i].copied];

		if (!value_known(completed) || completed->value <= 0)
			continue;
		any = true;
		all &= value_known(copied) && copied->value >= completed->value;
	}
	return any && all && value_known(&v[M_ZEROCOPY_BYTES]);
}

/* A timestamp is of one packet of a send, for which that one is copied: all ids may say COPIED, and few bytes be. */
static bool copies_single_packets(const struct run_result *r, unsigned int owner)
{
	size_t i;

	for (i = 0; i < r->copy_cnt; i++)
		if (r->copy[i].owner == owner && r->copy[i].reason == COPY_REASON_TX_TIMESTAMP)
			return true;
	return false;
}

static void doubt_copies(struct metric_value *v)
{
	static const struct reason unseen = {.code = REASON_COPIES_UNSEEN},
				   lost = {.code = REASON_COPIES_UNSEEN_OR_LOST};
	const struct metric_value *seen = &v[M_COPY_UBUFS_BYTES];
	double again, missing;

	if (seen->status != VALUE_OK || seen->bound == BOUND_LOWER || !all_copied(v, &again))
		return;
	missing = v[M_ZEROCOPY_BYTES].value + again - seen->value;
	/* what was lost before it was copied has been sent again: no more than that can be missing so */
	if (missing > 0)
		lower_bound_of_skbs(v, missing > again ? &unseen : &lost);
	/* where it was inferred: each byte arrived once, and what is dropped then arrives twice */
	else if (!missing && !again && value_known(&v[M_TCP_RETRANSMIT_BYTES]))
		make_bound(v, M_COPY_UBUFS_BYTES, M_COPY_UBUFS_SKBS, BOUND_NONE, NULL);
}

static bool retransmits_missing(const struct metric_value *v)
{
	return is_exact(&v[M_RETRANSMIT_BYTES]) && value_known(&v[M_TCP_RETRANSMIT_BYTES]) &&
	       v[M_RETRANSMIT_BYTES].value < v[M_TCP_RETRANSMIT_BYTES].value;
}

static void doubt_sender(struct run_result *r, unsigned int owner)
{
	static const struct reason retransmits = {.code = REASON_RETRANSMITS_UNSEEN};
	struct metric_value *v = r->v[owner];

	if (!copies_single_packets(r, owner))
		doubt_copies(v);
	if (retransmits_missing(v))
		make_bound(v, M_RETRANSMIT_BYTES, M_RETRANSMIT_SEGMENTS, BOUND_LOWER, &retransmits);
}

void run_result_doubt(const struct run_set *set, struct run_result *r)
{
	unsigned int o;

	for (o = 1; o < r->owner_cnt; o++)
		if (set->owner[o].flow & FLOW_SENDS)
			doubt_sender(r, o);
}
