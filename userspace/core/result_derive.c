// SPDX-License-Identifier: GPL-2.0-only
/* The DERIVED metrics: ratios of what was measured. A ratio whose inputs are missing is absent with
 * the reason of the input; a ratio that lacks a stage is a bound and says so.
 */
#include "core/result.h"

#include <string.h>

static const char via_derived[] = "derived";

/* The first of the two that is not known explains why the ratio is not. */
static struct metric_value absent_because(struct run_set *set, const struct metric_value *v,
					  enum metric_id m)
{
	_cleanup_free_ char *text = NULL;

	text = xasprintf("%s was not measured%s%s", metric_defs[m].title, v->reason ? ": " : "",
			 v->reason ? v->reason : "");
	return value_unsupported(run_set_str(set, text));
}

/* The worse of two statuses survives in what is computed from both. */
static void inherit_quality(struct metric_value *to, const struct metric_value *from)
{
	if (from->status == VALUE_LOSSY || (from->status == VALUE_SCALED && to->status == VALUE_OK))
		to->status = from->status;
	to->coverage = MIN(to->coverage, from->coverage);
	if (!to->reason)
		to->reason = from->reason;
}

struct term {
	enum role role;
	enum metric_id metric;
};

/* Sum of top terms / bottom; every one of them is required. */
static struct metric_value ratio(struct run_set *set, const struct run_result *r,
				 const struct term *top, size_t top_cnt, struct term bottom)
{
	const struct metric_value *b = &r->v[bottom.role][bottom.metric];
	struct metric_value out = value_ok(0, via_derived);
	size_t i;

	for (i = 0; i < top_cnt; i++) {
		const struct metric_value *v = &r->v[top[i].role][top[i].metric];

		if (!value_known(v))
			return absent_because(set, v, top[i].metric);
		out.value += v->value;
		inherit_quality(&out, v);
	}
	if (!value_known(b))
		return absent_because(set, b, bottom.metric);
	if (b->value <= 0)
		return value_unsupported("nothing to divide by: no bytes or no events");
	inherit_quality(&out, b);
	out.value /= b->value;
	return out;
}

static void derive_ratios(struct run_set *set, struct run_result *r)
{
	static const struct {
		struct term out, top[2], bottom;
		size_t top_cnt;
	} rows[] = {
#define ROLE_ROW(role, out, top, bottom) \
	{ { role, out }, { { role, top } }, { role, bottom }, 1 }
#define CELL_ROW(out, top)                                       \
	{ { ROLE_CELL, out },                                    \
	  { { ROLE_SERVER, top }, { ROLE_CLIENT, top } },        \
	  { ROLE_CLIENT, M_APP_BYTES },                          \
	  2 }
		ROLE_ROW(ROLE_SERVER, M_CYCLES_PER_BYTE, M_CYCLES, M_APP_BYTES),
		ROLE_ROW(ROLE_CLIENT, M_CYCLES_PER_BYTE, M_CYCLES, M_APP_BYTES),
		CELL_ROW(M_CYCLES_PER_BYTE, M_CYCLES),
		ROLE_ROW(ROLE_SERVER, M_CPU_NS_PER_BYTE, M_TASK_CLOCK_NS, M_APP_BYTES),
		ROLE_ROW(ROLE_CLIENT, M_CPU_NS_PER_BYTE, M_TASK_CLOCK_NS, M_APP_BYTES),
		CELL_ROW(M_CPU_NS_PER_BYTE, M_TASK_CLOCK_NS),
		ROLE_ROW(ROLE_SERVER, M_IPC, M_INSTRUCTIONS, M_CYCLES),
		ROLE_ROW(ROLE_CLIENT, M_IPC, M_INSTRUCTIONS, M_CYCLES),
#undef CELL_ROW
#undef ROLE_ROW
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		r->v[rows[i].out.role][rows[i].out.metric] =
			ratio(set, r, rows[i].top, rows[i].top_cnt, rows[i].bottom);
}

/* The kernel's count of completions where there is one, else the application's. A mode without
 * zero-copy completions has no such ratio: it stays absent without a complaint.
 */
static void derive_copied_ids(struct run_set *set, struct run_result *r)
{
	static const struct {
		enum metric_id copied, completed;
	} sources[] = {
		{ M_COMPLETION_COPIED_IDS, M_COMPLETION_IDS },
		{ M_ZC_IDS_COPIED, M_ZC_IDS_COMPLETED },
	};
	struct metric_value *out = &r->v[ROLE_SERVER][M_COPIED_IDS_RATIO];
	size_t i;

	*out = (struct metric_value){0};
	for (i = 0; i < ARRAY_SIZE(sources); i++) {
		const struct metric_value *ids = &r->v[ROLE_SERVER][sources[i].completed];
		struct term top = { ROLE_SERVER, sources[i].copied };

		if (!value_known(ids) || ids->value <= 0)
			continue;
		*out = ratio(set, r, &top, 1, (struct term){ ROLE_SERVER, sources[i].completed });
		if (value_known(out))
			return;
	}
}

/* Header copies are left out: they are not payload. */
static const struct {
	struct term term;
	bool required;
} copy_terms[] = {
	{ { ROLE_SERVER, M_FLATTEN_BYTES }, false },
	{ { ROLE_SERVER, M_USER_TO_KERNEL_BYTES }, true },
	{ { ROLE_SERVER, M_COPY_UBUFS_BYTES }, false },
	{ { ROLE_SERVER, M_GSO_COPY_BYTES }, false },
	{ { ROLE_SERVER, M_OTHER_COPY_BYTES }, false },
	{ { ROLE_CLIENT, M_KERNEL_TO_USER_BYTES }, true },
};

static void derive_copies(struct run_set *set, struct run_result *r)
{
	const struct metric_value *bytes = &r->v[ROLE_CLIENT][M_APP_BYTES];
	struct metric_value *out = &r->v[ROLE_CELL][M_COPIES_PER_BYTE];
	struct metric_value sum = value_ok(0, via_derived);
	_cleanup_free_ char *missing = xstrdup(""), *text = NULL;
	size_t i;

	*out = (struct metric_value){0};
	if (r->key.pass != PASS_ATTRIBUTION)
		return;
	for (i = 0; i < ARRAY_SIZE(copy_terms); i++) {
		const struct term *t = &copy_terms[i].term;
		const struct metric_value *v = &r->v[t->role][t->metric];
		char *longer;

		if (value_known(v)) {
			sum.value += v->value;
			inherit_quality(&sum, v);
			continue;
		}
		if (copy_terms[i].required) {
			*out = absent_because(set, v, t->metric);
			return;
		}
		longer = xasprintf("%s%s%s", missing, *missing ? ", " : "",
				   metric_defs[t->metric].title);
		free(missing);
		missing = longer;
	}
	if (!value_known(bytes) || bytes->value <= 0) {
		*out = absent_because(set, bytes, M_APP_BYTES);
		return;
	}
	sum.value /= bytes->value;
	if (*missing) {
		text = xasprintf("lower bound: %s not visible", missing);
		sum.status = VALUE_LOSSY;
		sum.reason = run_set_str(set, text);
	}
	*out = sum;
}

static void derive_overhead(struct run_set *set, struct run_result *r)
{
	struct metric_value *out = &r->v[ROLE_CELL][M_OBSERVER_OVERHEAD];
	const struct metric_value *with = &r->v[ROLE_CELL][M_CPU_NS_PER_BYTE], *without;
	struct run_key key = r->key;
	const struct run_result *clean;

	*out = (struct metric_value){0};
	if (key.pass != PASS_ATTRIBUTION || r->status != RESULT_OK)
		return;
	key.pass = PASS_CLEAN;
	clean = run_set_find(set, &key);
	if (!clean || clean->status != RESULT_OK) {
		*out = value_unsupported("no clean pass beside this one");
		return;
	}
	without = &clean->v[ROLE_CELL][M_CPU_NS_PER_BYTE];
	if (!value_known(with) || !value_known(without) || without->value <= 0) {
		*out = absent_because(set, value_known(with) ? without : with, M_CPU_NS_PER_BYTE);
		return;
	}
	*out = value_ok(with->value / without->value, via_derived);
}

void run_set_derive(struct run_set *set)
{
	size_t i;

	for (i = 0; i < set->result_cnt; i++) {
		struct run_result *r = &set->result[i];

		if (r->status != RESULT_OK)
			continue;
		derive_ratios(set, r);
		derive_copied_ids(set, r);
		derive_copies(set, r);
	}
	/* needs both passes' ratios */
	for (i = 0; i < set->result_cnt; i++)
		derive_overhead(set, &set->result[i]);
}
