// SPDX-License-Identifier: GPL-2.0-only
/* "Can you trust this?": of section 1. A row a confounder: how it stands, and the one thing that improves it. */
#include <math.h>
#include <string.h>

#include "core/congestion.h"
#include "report/sections.h"

static const char question[] = "Can you trust this?";

/* What a row is told from. */
struct row {
	const struct report_ctx *ctx;
	const struct trust *trust;
	const struct confounder_finding *found;
};

static struct number percent(double share)
{
	bool tiny = share && fabs(share) < 1e-5;
	struct number text, digits = number_short(100 * share);

	snprintf(text.text, sizeof(text.text), "%.32s\u00a0%%", tiny ? "below 0.001" : digits.text);
	return text;
}

/* "A1 0 %, A3 1.20 %". sign: "+" before what is above 0. */
static char *by_mode(const struct row *r, const char *sign)
{
	char *text = NULL;
	size_t i;

	for (i = 0; i < r->ctx->verdict.mode_cnt; i++) {
		double share = r->found->by_mode[i];
		bool tcp = r->ctx->set->plan.mode[i].traits.transport == TRANSPORT_TCP;

		xappend(&text, ", ", "%s %s%s", mode_name(r->ctx, i), share > 0 ? sign : "",
			!isnan(share) ? percent(share).text : tcp ? "unknown" : "none, not by TCP");
	}
	return text;
}

/* ---- how the bytes went -------------------------------------------------------------------- */

static char *congestion_text(const struct row *r)
{
	const char *name = r->ctx->set->plan.congestion;

	if (!name)
		return xstrdup("none: only TCP has one");
	if (congestion_paces(name))
		return xasprintf("%s paces: it sets the rate, so throughput is not only what copying allows", name);
	return xasprintf("%s does not pace by itself", name);
}

static char *congestion_remedy(const struct row *r)
{
	(void)r;
	return xstrdup("--cc cubic");
}

static char *threads_text(const struct row *r)
{
	if (r->found->hits)
		return xasprintf("in %zu of %zu cells the connections' threads, one at each end, are more than the "
				 "%u CPU%s", r->found->hits, r->found->n, r->trust->cpus,
				 r->trust->cpus == 1 ? "" : "s");
	return xasprintf("one at each end of a connection, in no cell more than the %u CPUs", r->trust->cpus);
}

static char *threads_remedy(const struct row *r)
{
	if (r->trust->cpus < 2)
		return xstrdup("a machine with more CPUs");
	return xasprintf("--threads %u", r->trust->cpus / 2);
}

static char *retransmits_text(const struct row *r)
{
	_cleanup_free_ char *modes = by_mode(r, "");

	return xasprintf("of the bytes sent: %s", modes);
}

/* A receiver that waits for a CPU looks to its sender like a loss. */
static char *retransmits_remedy(const struct row *r)
{
	return r->trust->found[CONFOUNDER_THREADS].hits ? threads_remedy(r) : NULL;
}

static char *partials_text(const struct row *r)
{
	_cleanup_free_ char *modes = by_mode(r, "");

	return xasprintf("took less than was offered, of the send calls: %s", modes);
}

/* Fields that lie anyhow fill the fragments of an skb before the message is in it. */
static char *partials_remedy(const struct row *r)
{
	const struct run_plan *plan = &r->ctx->set->plan;
	size_t i;

	for (i = 0; i < plan->mode_cnt; i++)
		if (plan->mode[i].traits.way == WAY_ZEROCOPY && plan->mode[i].traits.buffers == BUFFERS_HEAP &&
		    r->found->by_mode[i] == r->found->value)
			return xstrdup("--buffers page");
	return NULL;
}

/* ---- who else ran --------------------------------------------------------------------------- */

static char *taken_text(const struct row *r)
{
	enum confounder c = (enum confounder)(r->found - r->trust->found);

	return xasprintf("%s of the time of all CPUs; more than %s in %zu of %zu clean passes",
			 percent(r->found->value).text, percent(trust_limit(c)).text, r->found->hits, r->found->n);
}

static char *others_text(const struct row *r)
{
	char *text = taken_text(r);

	xappend(&text, "; ", "copyscope itself included");
	return text;
}

static char *steal_remedy(const struct row *r)
{
	(void)r;
	return xstrdup("a machine whose CPUs nobody shares");
}

static char *others_remedy(const struct row *r)
{
	(void)r;
	return xstrdup("stop them");
}

/* ---- what was measured ---------------------------------------------------------------------- */

static char *length_text(const struct row *r)
{
	const struct comparisons *pairs = &r->ctx->verdict.cpu.pairs;

	return xasprintf("%.3g s a pass, where %s s would do: the noise of CPU per byte is %s",
			 r->ctx->set->plan.duration_ns / 1e9, r->trust->noisy ? "1" : "0.1",
			 !pairs->floor.n	? "unknown"
			 : r->trust->noisy ? "beyond the margin"
					    : "within the margin");
}

static char *length_remedy(const struct row *r)
{
	return xasprintf("--duration %s", r->trust->noisy ? "1" : "0.1");
}

/* What happens at the ends of a window is a smaller part of a longer one. */
static char *longer_remedy(const struct row *r)
{
	return xasprintf("--duration %.3g", MAX(1, 2 * (double)r->ctx->set->plan.duration_ns / 1e9));
}

static char *windows_text(const struct row *r)
{
	return xasprintf("the two ends' differ by up to %s ms, by more than 2 ms in %zu of %zu clean passes",
			 number_short(r->found->value).text, r->found->hits, r->found->n);
}

static char *windows_remedy(const struct row *r)
{
	return r->trust->found[CONFOUNDER_THREADS].hits ? threads_remedy(r) : longer_remedy(r);
}

static const struct contests *contests_of(const struct row *r)
{
	bool cpu = r->found == &r->trust->found[CONFOUNDER_NOISE_CPU];

	return cpu ? &r->ctx->verdict.cpu : &r->ctx->verdict.throughput;
}

static char *noise_text(const struct row *r)
{
	const struct contests *all = contests_of(r);

	return xasprintf("half of %zu comparisons of a mode with itself (odd repetitions with even ones) differ by more "
			 "than %.1f\u00a0%%, one in twenty by %.1f\u00a0%% or more; the margin is %.0f\u00a0%%",
			 all->pairs.floor.n, 100 * (all->pairs.floor.median - 1), 100 * (all->pairs.floor.most - 1),
			 100 * (all->margin - 1));
}

/* What decides the cells that are not; where nothing would, what finds a difference of 10 %. */
static char *noise_remedy(const struct row *r)
{
	const struct contests *all = contests_of(r);
	bool hopeless = !all->need || all->need >= NEED_MAX;
	bool tenth = hopeless && all->need_tenth > r->ctx->verdict.repetitions;
	char *text = verdict_decides(r->ctx, tenth ? all->need_tenth : hopeless ? 0 : all->need);

	if (tenth)
		xappend(&text, "", " on a difference of 10\u00a0%%");
	return text;
}

/* ---- what it was measured with -------------------------------------------------------------- */

static char *observer_text(const struct row *r)
{
	const struct verdict *v = &r->ctx->verdict;
	char *text = xstrdup("CPU per byte of the attribution passes only: ");
	size_t i, n = 0;

	for (i = 0; i < v->mode_cnt; i++) {
		const struct ratio *o = &v->overhead[i];

		if (!o->n)
			continue;
		xappend(&text, n++ ? ", " : "", "%s %+.1f\u00a0%%", mode_name(r->ctx, i), 100 * (o->ratio - 1));
		if (o->has_interval)
			xappend(&text, " ", "[%+.1f, %+.1f]", 100 * (o->low - 1), 100 * (o->high - 1));
	}
	return text;
}

static char *observer_remedy(const struct row *r)
{
	const struct run_plan *plan = &r->ctx->set->plan;

	if (!plan->level || strcmp(plan->level, "light"))
		return xstrdup("--level light");
	return plan->frequency_hz ? xstrdup("--freq 0") : NULL;
}

#define METRICS_NAMED 3

static char *bounds_text(const struct row *r)
{
	size_t left[METRIC_MAX_], i;
	enum metric_id m, most;
	char *text = xasprintf("%s of %s values", number_exact((double)r->found->hits).text,
			       number_exact((double)r->found->n).text);

	memcpy(left, r->trust->bounds_of, sizeof(left));
	for (i = 0; i < METRICS_NAMED; i++) {
		for (m = most = 0; m < METRIC_MAX_; m++)
			if (left[m] > left[most])
				most = m;
		if (!left[most])
			break;
		xappend(&text, i ? "; " : ": ", "%s (%zu)", metric_defs[most].title, left[most]);
		left[most] = 0;
	}
	for (m = 0; m < METRIC_MAX_ && !left[m]; m++)
		;
	if (m < METRIC_MAX_)
		xappend(&text, "; ", "others");
	return text;
}

/* The function tiers see what tracepoints leave open. */
static char *bounds_remedy(const struct row *r)
{
	const struct run_set *set = r->ctx->set;
	enum metric_id m;
	size_t i;

	for (m = 0; m < METRIC_MAX_ && !(r->trust->bounds_of[m] && metric_pass(m) == PASS_ATTRIBUTION); m++)
		;
	if (m == METRIC_MAX_) /* CPU time that may have been theirs */
		return r->trust->found[CONFOUNDER_OTHERS].n ? xstrdup("stop other programs") : NULL;
	for (i = 0; i < set->probe_cnt; i++)
		if (set->probe[i].tier == TIER_FENTRY || set->probe[i].tier == TIER_KPROBE)
			return NULL;
	if (set->plan.tier && !strcmp(set->plan.tier, tier_names[TIER_TRACEPOINT]))
		return xstrdup("--tier auto");
	return xstrdup("a kernel that lets fentry or kprobe programs attach");
}

static char *clocks_text(const struct row *r)
{
	_cleanup_free_ char *modes = by_mode(r, "+");

	return xasprintf("getrusage() of both ends against their task clock: %s", modes);
}

/* ---- the table ------------------------------------------------------------------------------ */

static const struct {
	const char *name;
	char *(*text)(const struct row *r);   /* of what is known */
	const char *unknown;		      /* else */
	char *(*remedy)(const struct row *r); /* NULL, or returns NULL: there is none */
	const char *unknown_remedy;
} rows[] = {
	[CONFOUNDER_CONGESTION] = {"congestion control", congestion_text, "not recorded", congestion_remedy, NULL},
	[CONFOUNDER_THREADS] = {"threads", threads_text, "the number of CPUs is not recorded", threads_remedy, NULL},
	[CONFOUNDER_RETRANSMITS] = {"retransmits", retransmits_text, "not counted", retransmits_remedy, NULL},
	[CONFOUNDER_PARTIALS] = {"partial sends", partials_text, "not counted", partials_remedy, NULL},
	[CONFOUNDER_STEAL] = {"time the hypervisor took", taken_text, "not measured, or of unknown CPUs", steal_remedy, NULL},
	[CONFOUNDER_OTHERS] = {"other programs", others_text, "not measured, or of unknown CPUs", others_remedy, NULL},
	[CONFOUNDER_LENGTH] = {"length of a pass", length_text, "not recorded", length_remedy, NULL},
	[CONFOUNDER_WINDOWS] = {"windows", windows_text, "not measured at both ends", windows_remedy, NULL},
	[CONFOUNDER_NOISE_THROUGHPUT] = {"noise of throughput", noise_text, "too few repetitions to tell", noise_remedy,
					 "--repeat 6"},
	[CONFOUNDER_NOISE_CPU] = {"noise of CPU per byte", noise_text, "too few repetitions to tell", noise_remedy,
				  "--repeat 6"},
	[CONFOUNDER_OBSERVER] = {"cost of observing", observer_text, "nothing to compare: CPU per byte is absent or only a bound",
				 observer_remedy, NULL},
	[CONFOUNDER_BOUNDS] = {"bounds", bounds_text, "there are no values", bounds_remedy, NULL},
	[CONFOUNDER_CLOCKS] = {"CPU clocks", clocks_text, "not measured by both", longer_remedy, NULL},
};
static_assert_complete(rows, CONFOUNDER_MAX_);

static const struct {
	const char *name;
	enum tone tone;
} states[] = {
	[TRUST_WEAK] = {"weak", TONE_WARN},
	[TRUST_WATCH] = {"watch", TONE_PLAIN},
	[TRUST_UNKNOWN] = {"unknown", TONE_PLAIN},
	[TRUST_FINE] = {"fine", TONE_MUTED},
};
static_assert_complete(states, TRUST_STATE_MAX_);

void trust_write(struct doc *d, const struct report_ctx *ctx, const struct trust *trust)
{
	size_t i;

	doc_heading(d, 3, "trust", question);
	doc_table(d, "What else may have made the numbers, the worst first");
	doc_columns(d, COLUMN_TEXT, "What", "State", "Here", "Improved by");
	for (i = 0; i < CONFOUNDER_MAX_; i++) {
		enum confounder c = trust->order[i];
		const struct row r = {ctx, trust, &trust->found[c]};
		enum trust_state state = r.found->state;
		bool known = state != TRUST_UNKNOWN;
		_cleanup_free_ char *text = known ? rows[c].text(&r) : xstrdup(rows[c].unknown);
		_cleanup_free_ char *remedy = !known ? xstrdup(rows[c].unknown_remedy ?: "") :
					      state == TRUST_FINE ? NULL : rows[c].remedy(&r);

		doc_cells(d, states[state].tone, rows[c].name, states[state].name, text, remedy ?: "");
	}
	doc_table_end(d);
}

/* Of one state; NULL if there is none. The caller frees. */
static char *names_of(const struct trust *trust, enum trust_state state)
{
	char *text = NULL;
	size_t i;

	for (i = 0; i < CONFOUNDER_MAX_; i++)
		if (trust->found[trust->order[i]].state == state)
			xappend(&text, ", ", "%s", rows[trust->order[i]].name);
	return text;
}

void trust_card(struct doc *d, const struct trust *trust)
{
	static const char *const answers[] = {
		[TRUST_WEAK] = "In part",
		[TRUST_WATCH] = "With care",
		[TRUST_UNKNOWN] = "As far as is known",
		[TRUST_FINE] = "Yes",
	};
	static_assert_complete(answers, TRUST_STATE_MAX_);
	enum trust_state worst = trust->found[trust->order[0]].state, state;
	_cleanup_free_ char *text = NULL;

	for (state = 0; state < TRUST_FINE; state++) {
		_cleanup_free_ char *names = names_of(trust, state);

		if (names)
			xappend(&text, "; ", "%s: %s", states[state].name, names);
	}
	xappend(&text, "; ", "%zu of %d confounders are fine", trust->by_state[TRUST_FINE], CONFOUNDER_MAX_);
	doc_card(d, worst == TRUST_WEAK ? TONE_WARN : TONE_PLAIN, question, answers[worst], "%s.", text);
}
