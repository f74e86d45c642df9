// SPDX-License-Identifier: GPL-2.0-only
#include "analysis/zerocopy.h"

#include <string.h>

static bool is_attribution(const struct run_result *r, const struct mode_copies *c)
{
	return r->key.mode == c->mode->name && r->key.pass == PASS_ATTRIBUTION &&
	       r->status == RESULT_OK;
}

/* Sum of a server metric over the attribution results of a mode in which both it and its companion
 * are known; false if there is none.
 */
static bool sum_ids(const struct run_set *set, const struct mode_copies *c, enum metric_id a,
		    enum metric_id b, double *sum_a, double *sum_b)
{
	bool any = false;
	size_t i;

	*sum_a = *sum_b = 0;
	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i];
		const struct metric_value *va = &r->v[ROLE_SERVER][a], *vb = &r->v[ROLE_SERVER][b];

		if (!is_attribution(r, c) || !value_known(va) || !value_known(vb))
			continue;
		*sum_a += va->value;
		*sum_b += vb->value;
		any = true;
	}
	return any;
}

static bool used_zerocopy(const struct run_set *set, const struct mode_copies *c)
{
	size_t i;

	if (c->stage[STAGE_ZEROCOPY].bytes > 0)
		return true;
	for (i = 0; i < set->result_cnt; i++)
		if (set->result[i].key.mode == c->mode->name &&
		    value_known(&set->result[i].v[ROLE_SERVER][M_ZC_IDS_ISSUED]) &&
		    set->result[i].v[ROLE_SERVER][M_ZC_IDS_ISSUED].value > 0)
			return true;
	return false;
}

/* By the probes' or TCP's own count, whichever saw more; false if there is neither. */
static bool retransmitted(const struct metric_value *v, double *bytes)
{
	const struct metric_value *seen = &v[M_RETRANSMIT_BYTES], *told = &v[M_TCP_RETRANSMIT_BYTES];

	*bytes = MAX(value_known(seen) ? seen->value : 0.0, value_known(told) ? told->value : 0.0);
	return value_known(seen) || value_known(told);
}

/* Cell by cell, so that a surplus here is not hidden by a shortfall there. */
static void weigh_surplus(const struct run_set *set, const struct mode_copies *c,
			  struct zerocopy_truth *z)
{
	size_t i;

	z->retransmit_known = true;
	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i];
		const struct metric_value *v = r->v[ROLE_SERVER];
		double surplus, again;

		if (!is_attribution(r, c) || !value_known(&v[M_ZEROCOPY_BYTES]) ||
		    !value_known(&v[M_COPY_UBUFS_BYTES]))
			continue;
		z->retransmit_known &= retransmitted(v, &again);
		z->retransmit_bytes += again;
		surplus = v[M_COPY_UBUFS_BYTES].value - v[M_ZEROCOPY_BYTES].value;
		if (surplus <= 0)
			continue;
		z->surplus_bytes += surplus;
		z->unexplained_bytes += MAX(surplus - again, 0.0);
	}
}

static enum zerocopy_state judge(const struct zerocopy_truth *z)
{
	if (!z->asked_known || !z->ubufs_known || z->asked_bytes <= 0)
		return ZC_UNSEEN;
	/* of a lower bound the kernel knows better: COPIED on every completion */
	if (z->ratio >= 0.999 || (z->at_least && z->copied_bytes > 0 && zerocopy_flagged(z) >= 1))
		return ZC_COPIED;
	if (z->copied_bytes > 0)
		return ZC_PARTLY;
	return z->all_seen ? ZC_REAL : ZC_UNCOPIED_AS_SEEN;
}

/* Known in every cell, and not merely as a bound. */
static bool seen_exactly(const struct mode_copies *c, enum stage s)
{
	return stage_known(c, s) && !c->stage[s].lossy;
}

static void look(const struct run_set *set, const struct mode_copies *c, struct zerocopy_truth *z)
{
	static const enum stage places[] = {STAGE_COPY_UBUFS, STAGE_GSO, STAGE_OTHER};
	size_t i;

	z->asked_known = stage_known(c, STAGE_ZEROCOPY);
	z->asked_bytes = c->stage[STAGE_ZEROCOPY].bytes;
	z->ubufs_known = stage_known(c, STAGE_COPY_UBUFS);
	z->gso_known = stage_known(c, STAGE_GSO);
	z->gso_bytes = c->stage[STAGE_GSO].bytes;
	z->all_seen = seen_exactly(c, STAGE_ZEROCOPY);
	if (!z->asked_known)
		z->reason = c->stage[STAGE_ZEROCOPY].reason;
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		const struct stage_sum *sum = &c->stage[places[i]];

		z->copied_bytes += sum->bytes;
		z->all_seen &= seen_exactly(c, places[i]);
		if (sum->lossy && !z->at_least)
			z->at_least = sum->reason ?: "lower bound";
		if (!seen_exactly(c, places[i]) && !z->reason)
			z->reason = sum->reason;
	}
	if (z->asked_bytes > 0)
		z->ratio = z->copied_bytes / z->asked_bytes;
	weigh_surplus(set, c, z);
	/* the kernel's own count; the application's may have merged ranges of unlike flags */
	z->ids_known = sum_ids(set, c, M_COMPLETION_IDS, M_COMPLETION_COPIED_IDS, &z->ids,
			       &z->copied_ids) ||
		       sum_ids(set, c, M_ZC_IDS_COMPLETED, M_ZC_IDS_COPIED, &z->ids,
			       &z->copied_ids);
	z->state = judge(z);
}

struct zerocopy_truth *zerocopy_build(const struct run_set *set, const struct mode_copies *copies,
				      size_t *cnt)
{
	size_t mode_cnt = set->plan.mode_cnt, i;
	struct zerocopy_truth *all = xcalloc(mode_cnt, sizeof(*all));

	*cnt = 0;
	for (i = 0; i < mode_cnt; i++) {
		if (!used_zerocopy(set, &copies[i]))
			continue;
		all[*cnt].mode = i;
		look(set, &copies[i], &all[*cnt]);
		(*cnt)++;
	}
	return all;
}
