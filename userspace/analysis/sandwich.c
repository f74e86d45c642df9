// SPDX-License-Identifier: GPL-2.0-only
/* Who calls a function of a waterfall, and whom it calls. */
#include "analysis/waterfall.h"

static int by_time(const void *pa, const void *pb)
{
	const struct neighbour *a = pa, *b = pb;
	double x = MAX(a->time.ns[0], a->time.ns[1]), y = MAX(b->time.ns[0], b->time.ns[1]);

	return (x < y) - (x > y) ?: (a->frame > b->frame) - (a->frame < b->frame);
}

/* samples: by frame, the last of them for none. */
static struct neighbour *neighbours(const struct waterfall *w, double (*samples)[2], size_t frame_cnt, size_t *cnt)
{
	struct neighbour *list = NULL;
	size_t cap = 0, i;

	*cnt = 0;
	for (i = 0; i <= frame_cnt; i++) {
		if (samples[i][0] + samples[i][1] <= 0)
			continue;
		array_grow(list, *cnt, cap);
		list[(*cnt)++] = (struct neighbour){
			.frame = i < frame_cnt ? (unsigned int)i : WATERFALL_NO_FRAME,
			.time = cost_change_of(samples[i], w->ns_per_sample, w->spread[CATEGORY_MAX_]),
		};
	}
	if (*cnt)
		qsort(list, *cnt, sizeof(*list), by_time);
	return list;
}

struct sandwich waterfall_sandwich(const struct waterfall *w, const struct run_set *set, unsigned int frame)
{
	const unsigned int none = (unsigned int)set->frame_cnt;
	double (*caller)[2] = xcalloc(set->frame_cnt + 1, sizeof(*caller));
	double (*called)[2] = xcalloc(set->frame_cnt + 1, sizeof(*called));
	struct sandwich out;
	size_t i;

	for (i = 0; i < w->sample_cnt; i++) {
		const struct stack *s = w->sample[i].stack;
		unsigned int first = 0, last = s->depth;

		while (first < s->depth && s->frame[first] != frame)
			first++;
		if (first == s->depth)
			continue;
		while (s->frame[last - 1] != frame)
			last--;
		caller[first ? s->frame[first - 1] : none][w->sample[i].side] += (double)s->count;
		called[last < s->depth ? s->frame[last] : none][w->sample[i].side] += (double)s->count;
	}
	out.caller = neighbours(w, caller, set->frame_cnt, &out.caller_cnt);
	out.called = neighbours(w, called, set->frame_cnt, &out.called_cnt);
	free(caller);
	free(called);
	return out;
}

void sandwich_free(struct sandwich *s)
{
	free(s->caller);
	free(s->called);
	*s = (struct sandwich){0};
}
