// SPDX-License-Identifier: GPL-2.0-only
#include "analysis/advice.h"

enum purpose mode_purpose(const struct mode_traits *traits)
{
	switch (traits->transport) {
	case TRANSPORT_UDP:
		return PURPOSE_DATAGRAM;
	case TRANSPORT_TCP:
		if (traits->way == WAY_ENCRYPT)
			return PURPOSE_ENCRYPT;
		return mode_sends_file(traits) ? PURPOSE_FILE : PURPOSE_MEMORY;
	default:
		return PURPOSE_MAX_;
	}
}

static bool is_compared(const struct contest *c)
{
	return c->state != CONTEST_NO_DATA && c->state != CONTEST_NOT_COMPARABLE;
}

uint64_t advice_best_of_cell(const struct contests *all, size_t cell, uint64_t modes, size_t mode_cnt)
{
	const struct contest *c = &all->contest[cell];
	uint64_t best = 0;
	size_t a, b;

	if (!is_compared(c))
		return 0;
	for (b = 0; b < mode_cnt; b++) {
		if (!(modes >> b & 1) || !c->by_mode[b].n)
			continue;
		best |= 1ULL << b;
		for (a = 0; a < mode_cnt; a++)
			if (a != b && modes >> a & 1 && c->by_mode[a].n && contest_beats(all, cell, a, b))
				best &= ~(1ULL << b);
	}
	return best;
}

static uint64_t modes_of(const struct run_set *set, const struct verdict *v, enum purpose purpose)
{
	uint64_t modes = 0;
	size_t i;

	for (i = 0; i < v->mode_cnt; i++)
		if (mode_purpose(&set->plan.mode[i].traits) == purpose && v->throughput.standing[i].n)
			modes |= 1ULL << i;
	return modes;
}

struct advice advice_build(const struct run_set *set, const struct verdict *v, enum purpose purpose)
{
	struct advice a = {.modes = modes_of(set, v, purpose), .behind = xcalloc(v->mode_cnt, sizeof(*a.behind))};
	size_t cell, i;

	a.best = a.modes;
	for (cell = 0; cell < v->throughput.cnt; cell++) {
		uint64_t fastest = advice_best_of_cell(&v->throughput, cell, a.modes, v->mode_cnt);
		uint64_t best = advice_best_of_cell(&v->cpu, cell, a.modes, v->mode_cnt);

		if (!fastest)
			continue;
		best = best ? best & fastest : fastest; /* CPU time may be absent */
		a.cells++;
		a.best &= best;
		for (i = 0; i < v->mode_cnt; i++)
			a.behind[i] += a.modes >> i & 1 && !(best >> i & 1);
	}
	return a;
}

enum saving advice_saving(const struct run_set *set, const struct verdict *v)
{
	size_t asked = 0, copied = 0, kept = 0, unseen = 0, i;

	for (i = 0; i < v->zerocopy_cnt; i++) {
		const struct zerocopy_truth *z = &v->zerocopy[i];

		if (!mode_pins_pages(&set->plan.mode[z->mode].traits))
			continue;
		asked++;
		unseen += z->state == ZC_UNSEEN || !z->asked_known;
		copied += z->state == ZC_COPIED || z->state == ZC_NOT_GRANTED;
		kept += z->state == ZC_REAL || z->state == ZC_UNCOPIED_AS_SEEN;
	}
	if (!asked)
		return SAVING_NOT_ASKED;
	if (unseen)
		return SAVING_UNSEEN;
	return copied == asked ? SAVING_NONE : kept == asked ? SAVING_ALL : SAVING_PART;
}
