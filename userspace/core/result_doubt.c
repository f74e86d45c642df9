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

static bool less(const struct metric_value *seen, const struct metric_value *told)
{
	return seen->status == VALUE_OK && value_known(told) && seen->value < told->value;
}

void run_result_doubt(struct run_result *r)
{
	struct metric_value *v = r->v[ROLE_SERVER];
	const struct metric_value *ids = &v[M_COMPLETION_IDS], *copied = &v[M_COMPLETION_COPIED_IDS];

	if (value_known(ids) && value_known(copied) && ids->value > 0 &&
	    copied->value >= ids->value && less(&v[M_COPY_UBUFS_BYTES], &v[M_ZEROCOPY_BYTES]))
		lower_bound(v, M_COPY_UBUFS_BYTES, M_COPY_UBUFS_SKBS,
			    "lower bound: every id came back COPIED, yet fewer bytes were seen being "
			    "copied than were sent: probes did not run in some context");
	if (less(&v[M_RETRANSMIT_BYTES], &v[M_TCP_RETRANSMIT_BYTES]))
		lower_bound(v, M_RETRANSMIT_BYTES, M_RETRANSMIT_SEGMENTS,
			    "lower bound: TCP itself counted more: probes did not run in some context");
}
