// SPDX-License-Identifier: GPL-2.0-only
/* Softirq work runs in the context of whatever task was there, and some machines run no probes in some
 * tasks (seen on a hosted VM: the provider's agent). Nothing counts what is lost so, but an independent
 * witness may contradict the probes.
 */
#include "core/result.h"

static bool is_exact(const struct metric_value *v)
{
	return v->status == VALUE_OK && v->bound == BOUND_NONE;
}

static void lower_bound(struct metric_value *v, enum metric_id amount, enum metric_id count,
			const struct reason *reason)
{
	value_make_bound(&v[amount], BOUND_LOWER, reason);
	value_make_bound(&v[count], BOUND_LOWER, reason);
}

/* Every id came back COPIED, so every byte was copied each time it was sent. Returns how many bytes short
 * of that the probes saw; *again: how many were sent again.
 */
static double copies_missing(const struct metric_value *v, double *again)
{
	const struct metric_value *ids = &v[M_COMPLETION_IDS], *copied = &v[M_COMPLETION_COPIED_IDS];
	const struct metric_value *sent = &v[M_ZEROCOPY_BYTES], *told = &v[M_TCP_RETRANSMIT_BYTES];

	*again = value_known(told) ? told->value : 0;
	if (!is_exact(&v[M_COPY_UBUFS_BYTES]) || !value_known(ids) || !value_known(copied) ||
	    !value_known(sent) || ids->value <= 0 || copied->value < ids->value)
		return 0;
	return sent->value + *again - v[M_COPY_UBUFS_BYTES].value;
}

static bool retransmits_missing(const struct metric_value *v)
{
	return is_exact(&v[M_RETRANSMIT_BYTES]) && value_known(&v[M_TCP_RETRANSMIT_BYTES]) &&
	       v[M_RETRANSMIT_BYTES].value < v[M_TCP_RETRANSMIT_BYTES].value;
}

static void doubt_sender(struct metric_value *v)
{
	static const struct reason unseen = {.code = REASON_COPIES_UNSEEN},
				   lost = {.code = REASON_COPIES_UNSEEN_OR_LOST},
				   retransmits = {.code = REASON_RETRANSMITS_UNSEEN};
	double again, missing = copies_missing(v, &again);

	/* what was lost before it was copied has been sent again: no more than that can be missing so */
	if (missing > 0)
		lower_bound(v, M_COPY_UBUFS_BYTES, M_COPY_UBUFS_SKBS, missing > again ? &unseen : &lost);
	if (retransmits_missing(v))
		lower_bound(v, M_RETRANSMIT_BYTES, M_RETRANSMIT_SEGMENTS, &retransmits);
}

void run_result_doubt(const struct run_set *set, struct run_result *r)
{
	unsigned int o;

	for (o = 1; o < r->owner_cnt; o++)
		if (set->owner[o].flow & FLOW_SENDS)
			doubt_sender(r->v[o]);
}
