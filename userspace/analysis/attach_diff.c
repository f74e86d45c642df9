// SPDX-License-Identifier: GPL-2.0-only
#include "analysis/attach_diff.h"

#include <math.h>
#include <string.h>

struct sampled_ratio sampled_ratio(double before, double before_per, double after, double after_per)
{
	const double z = 1.959964; /* 95 % */
	double ratio, spread;

	if (before <= 0 || after <= 0 || before_per <= 0 || after_per <= 0)
		return (struct sampled_ratio){0};
	ratio = (after / after_per) / (before / before_per);
	spread = exp(z * sqrt(1 / before + 1 / after));
	return (struct sampled_ratio){ratio, ratio / spread, ratio * spread};
}

static struct attach_side side_of(const struct run_set *set, unsigned int owner)
{
	const struct run_result *r = &set->result[0];
	struct attach_side s = {
		.answer = attach_answer(set, r, owner),
		.moved = attach_moved(r, owner),
		.seconds = (double)set->plan.duration_ns / NSEC_PER_SEC,
	};

	s.cpu_samples = s.answer.copying_at_all.of;
	s.cpu_ns = set->plan.frequency_hz ? s.cpu_samples * NSEC_PER_SEC / set->plan.frequency_hz : 0;
	return s;
}

/* "nginx" of "nginx (812)". */
static size_t name_length(const char *label)
{
	const char *end = strrchr(label, '(');

	return end && end > label + 1 && end[1 + strspn(end + 1, "0123456789")] == ')' ? (size_t)(end - label - 1) :
											strlen(label);
}

static unsigned int same_owner(const struct run_set *set, const char *label, bool alone)
{
	size_t len = name_length(label);
	unsigned int o;

	for (o = 1; o + 1 < set->owner_cnt; o++)
		if (name_length(set->owner[o].label) == len && !strncmp(set->owner[o].label, label, len))
			return o;
	return alone && set->owner_cnt == 3 ? 1 : 0;
}

/* In bytes for each that a sample stands for. */
static double moved(const struct run_set *set, const struct attach_side *s)
{
	return (s->moved.sent + s->moved.received) * (double)set->plan.frequency_hz;
}

size_t attach_changes(const struct run_set *before, const struct run_set *after, struct attach_change **out)
{
	struct attach_change *c = xcalloc(OWNERS_MAX, sizeof(*c));
	unsigned int o, was;
	size_t cnt = 0;

	*out = c;
	if (!before->result_cnt || !after->result_cnt)
		return 0;
	for (o = 1; o + 1 < after->owner_cnt; o++) {
		was = same_owner(before, after->owner[o].label, after->owner_cnt == 3);
		if (!was)
			continue;
		c[cnt] = (struct attach_change){
			.label = after->owner[o].label, .before = side_of(before, was), .after = side_of(after, o)};
		c[cnt].cpu_per_byte = sampled_ratio(c[cnt].before.cpu_samples, moved(before, &c[cnt].before),
						    c[cnt].after.cpu_samples, moved(after, &c[cnt].after));
		cnt++;
	}
	return cnt;
}

void attach_change_free(struct attach_change *c)
{
	attach_answer_free(&c->before.answer);
	attach_answer_free(&c->after.answer);
}
