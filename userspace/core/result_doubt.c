// SPDX-License-Identifier: GPL-2.0-only
/* Softirq work runs in the context of whatever task was there, and some machines run no probes in some
 * tasks (seen on a hosted VM: the provider's agent). Nothing counts what is lost so, but an independent
 * witness may contradict the probes.
 */
#include "core/result.h"

static void lower_bound(struct metric_value *v, enum metric_id amount, enum metric_id count,
			const char *reason)
{
	v[amount].status = v[count].status = VALUE_LOSSY;
	v[amount].reason = v[count].reason = reason;
}

/* Every id came back COPIED, so every byte was copied each time it was sent. */
static bool copies_missing(const struct metric_value *v)
{
	const struct metric_value *ids = &v[M_COMPLETION_IDS], *copied = &v[M_COMPLETION_COPIED_IDS];
	const struct metric_value *sent = &v[M_ZEROCOPY_BYTES], *again = &v[M_TCP_RETRANSMIT_BYTES];

	return v[M_COPY_UBUFS_BYTES].status == VALUE_OK && value_known(ids) && value_known(copied) &&
	       value_known(sent) && ids->value > 0 && copied->value >= ids->value &&
	       v[M_COPY_UBUFS_BYTES].value < sent->value + (value_known(again) ? again->value : 0);
}

static bool retransmits_missing(const struct metric_value *v)
{
	return v[M_RETRANSMIT_BYTES].status == VALUE_OK && value_known(&v[M_TCP_RETRANSMIT_BYTES]) &&
	       v[M_RETRANSMIT_BYTES].value < v[M_TCP_RETRANSMIT_BYTES].value;
}

void run_result_doubt(struct run_result *r)
{
	struct metric_value *v = r->v[ROLE_SERVER];

	if (copies_missing(v))
		lower_bound(v, M_COPY_UBUFS_BYTES, M_COPY_UBUFS_SKBS,
			    "lower bound: every id came back COPIED, yet fewer bytes were seen being "
			    "copied than were sent and sent again: probes did not run in some "
			    "context, or packets were lost on the way");
	if (retransmits_missing(v))
		lower_bound(v, M_RETRANSMIT_BYTES, M_RETRANSMIT_SEGMENTS,
			    "lower bound: TCP itself counted more: probes did not run in some context");
}
