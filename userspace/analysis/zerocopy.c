// SPDX-License-Identifier: GPL-2.0-only
#include "analysis/zerocopy.h"

static bool is_attribution(const struct run_result *r, const struct mode_copies *c)
{
	return r->key.mode == c->mode->name && r->key.pass == PASS_ATTRIBUTION &&
	       r->status == RESULT_OK;
}

/* Adds up ids and those flagged COPIED over the attribution results of a mode in which both are known; false if
 * there is none.
 */
static bool sum_ids(const struct run_set *set, const struct mode_copies *c, enum metric_id a,
		    enum metric_id b, struct zerocopy_truth *z)
{
	bool any = false;
	size_t i;

	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i];
		struct metric_value va = run_result_sum(set, r, FLOW_SENDS, a);
		struct metric_value vb = run_result_sum(set, r, FLOW_SENDS, b);

		if (!is_attribution(r, c) || !value_known(&va) || !value_known(&vb))
			continue;
		z->ids += va.value;
		z->ids_bound |= va.bound;
		z->copied_ids += vb.value;
		z->copied_ids_bound |= vb.bound;
		any = true;
	}
	return any;
}

/* The reference that the mode is about: to the sender's own pages, or to those of a file or a pipe. */
static bool is_asked(const struct mode_copies *c, enum stage s)
{
	bool of_sender = stage_defs[s].traits & STAGE_USER_PAGES;

	return stage_defs[s].kind == STAGE_REFERENCE && stage_defs[s].direction == DIRECTION_SEND &&
	       of_sender == (c->mode->traits.way != WAY_SPLICE);
}

/* And what makes it a copy again: of the stages that undo it the one the COPIED flag knows. */
static bool is_undoing(enum stage s)
{
	return stage_undoes_zerocopy(s) && stage_defs[s].traits & STAGE_USER_PAGES;
}

/* What makes it a copy before it is sent: the pages are not the file's own. */
static bool is_beforehand(const struct mode_copies *c, enum stage s)
{
	return stage_defs[s].traits & STAGE_OF_FILES && mode_sends_file(&c->mode->traits);
}

/* What was copied of user pages beyond what was asked for. *known stays if all is, and none a bound that would hide
 * that there is less of it.
 */
static double surplus_of(const struct run_set *set, const struct run_result *r, const struct mode_copies *c, bool *known)
{
	double bytes = 0;
	enum stage s;

	for (s = 0; s < STAGE_MAX_; s++) {
		bool asked = is_asked(c, s);
		struct metric_value v;

		if (!asked && !is_undoing(s))
			continue;
		v = run_result_sum(set, r, stage_flow(s), stage_defs[s].bytes);
		*known &= value_known(&v) && !(v.bound & (asked ? BOUND_LOWER : BOUND_UPPER));
		if (value_known(&v))
			bytes += asked ? -v.value : v.value;
	}
	return bytes;
}

static bool asks_for_it(const struct mode_info *mode)
{
	return mode->traits.way == WAY_ZEROCOPY || mode->traits.way == WAY_SPLICE;
}

static bool used_zerocopy(const struct run_set *set, const struct mode_copies *c)
{
	enum stage s;
	size_t i;

	for (i = 0; asks_for_it(c->mode) && i < set->result_cnt; i++)
		if (set->result[i].key.mode == c->mode->name && set->result[i].status == RESULT_OK)
			return true;
	for (s = 0; s < STAGE_MAX_; s++)
		if (is_asked(c, s) && c->stage[s].bytes > 0)
			return true;
	return false;
}

/* By the probes' or TCP's own count, whichever saw more; false if neither is exact. */
static bool retransmitted(const struct run_set *set, const struct run_result *r, double *bytes)
{
	struct metric_value seen = run_result_sum(set, r, FLOW_SENDS, M_RETRANSMIT_BYTES);
	struct metric_value told = run_result_sum(set, r, FLOW_SENDS, M_TCP_RETRANSMIT_BYTES);

	*bytes = MAX(value_or_0(&seen), value_or_0(&told));
	return (value_known(&seen) && !seen.bound) || (value_known(&told) && !told.bound);
}

/* Cell by cell, so that a surplus here is not hidden by a shortfall there. More than a lower bound of what was
 * sent is no surplus.
 */
static void weigh_surplus(const struct run_set *set, const struct mode_copies *c,
			  struct zerocopy_truth *z)
{
	size_t i;

	z->retransmit_known = true;
	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i];
		double surplus, again;
		bool known = true;

		if (!is_attribution(r, c))
			continue;
		surplus = surplus_of(set, r, c, &known);
		if (!known)
			continue;
		z->retransmit_known &= retransmitted(set, r, &again);
		z->retransmit_bytes += again;
		if (surplus <= 0)
			continue;
		z->surplus_bytes += surplus;
		z->unexplained_bytes += MAX(surplus - again, 0.0);
	}
}

/* The kernel's word for it that some of the ids' bytes were copied. A notification of io_uring's is no such word: one
 * whose bytes all went into an skb of the one before is flagged, too.
 */
static bool flag_tells(const struct mode_copies *c, const struct zerocopy_truth *z)
{
	return c->mode->traits.takes_ids && z->ids_known && z->copied_ids > 0 &&
	       !(z->copied_ids_bound & BOUND_UPPER);
}

static enum zerocopy_state judge(const struct mode_copies *c, const struct zerocopy_truth *z)
{
	if (z->instead_bytes > 0)
		return ZC_NOT_GRANTED;
	if (!z->asked_known || z->asked_bytes <= 0)
		return ZC_UNSEEN;
	if (z->copied_bytes <= 0 && flag_tells(c, z))
		return zerocopy_flags_exact(z) && zerocopy_flagged(z) >= 1 ? ZC_COPIED : ZC_PARTLY;
	if (!z->undoing_known)
		return ZC_UNSEEN;
	/* of a bound the kernel knows better: COPIED on every completion */
	if (zerocopy_copied_over(z, 0.999) || (z->ratio_bound && z->copied_bytes > 0 &&
					       zerocopy_flags_exact(z) && zerocopy_flagged(z) >= 1))
		return ZC_COPIED;
	if (z->copied_bytes > 0) /* at most so many; that any were the flag must say */
		return z->copied_bound & BOUND_UPPER && !(z->ids_known && z->copied_ids > 0) ? ZC_UNSEEN : ZC_PARTLY;
	return z->all_seen ? ZC_REAL : ZC_UNCOPIED_AS_SEEN;
}

static void look_at_stage(const struct mode_copies *c, enum stage s, struct zerocopy_truth *z)
{
	const struct stage_sum *sum = &c->stage[s];

	if (!stage_exact(sum) && !z->doubtful && !is_beforehand(c, s) && (sum->reason || sum->bound))
		z->doubtful = sum;
	if (is_asked(c, s)) {
		z->asked_known &= stage_known(sum);
		z->asked_bytes += sum->bytes;
		z->asked_bound |= sum->bound;
		return;
	}
	z->all_seen &= stage_exact(sum);
	z->copied_bytes += sum->bytes;
	z->copied_bound |= sum->bound; /* what was not seen at all is said apart */
	if (sum->bound && !z->bounded)
		z->bounded = sum;
	if (is_beforehand(c, s)) {
		z->read_bytes += sum->bytes;
		z->unread = stage_known(sum) ? NULL : sum;
	} else if (is_undoing(s))
		z->undoing_known &= stage_known(sum);
	else
		z->unflagged_known &= stage_known(sum);
}

static void look(const struct run_set *set, const struct mode_copies *c, struct zerocopy_truth *z)
{
	enum stage s;

	z->asked_known = z->undoing_known = z->unflagged_known = z->all_seen = true;
	for (s = 0; s < STAGE_MAX_; s++)
		if (is_asked(c, s) || is_beforehand(c, s) || stage_undoes_zerocopy(s))
			look_at_stage(c, s, z);
	if (z->asked_known && !z->asked_bytes && !z->asked_bound && stage_known(&c->stage[STAGE_USER_TO_KERNEL]))
		z->instead_bytes = c->stage[STAGE_USER_TO_KERNEL].bytes;
	if (z->asked_bytes > 0)
		z->ratio = z->copied_bytes / z->asked_bytes;
	z->ratio_bound = z->copied_bound | bound_inverse(z->asked_bound);
	weigh_surplus(set, c, z);
	/* the kernel's own count; the application's may have merged ranges of unlike flags, but knows whether it asked */
	z->ids_known = (!mode_is_notified(&c->mode->traits) &&
			sum_ids(set, c, M_COMPLETION_IDS, M_COMPLETION_COPIED_IDS, z)) ||
		       sum_ids(set, c, M_ZC_IDS_COMPLETED, M_ZC_IDS_COPIED, z);
	z->state = judge(c, z);
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
