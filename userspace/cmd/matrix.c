// SPDX-License-Identifier: GPL-2.0-only
/* All passes in order: randomised blocks. Within a repetition the modes of a cell stand side by side, in an
 * order drawn for each cell and repetition, and so are the cells: what drifts on the machine favours no mode,
 * and it is chance, not the plan, that says which of them a disturbance hits. The seed tells the order again.
 * The attribution passes are one block, for which the probes are attached once (that takes up to a minute on
 * some kernels); it stands in the middle of the clean passes, so that a steady drift is the same for both.
 */
#include <errno.h>
#include <string.h>

#include "cmd/run.h"
#include "cmd/stop.h"
#include "core/log.h"

#define ATTEMPTS_MAX	 3
#define AROUND_A_PASS_NS (40 * NSEC_PER_MSEC) /* start and end of it, about */

struct progress {
	const struct run_plan *plan;
	bool quiet, terminal;
	size_t done, total;
	uint64_t started_ns;
};

/* ---- progress ---------------------------------------------------------------------------- */

static void format_eta(const struct progress *p, char *buf, size_t size)
{
	uint64_t elapsed_ns = monotonic_ns() - p->started_ns, left_s;

	left_s = p->done ? elapsed_ns / p->done * (p->total - p->done) / NSEC_PER_SEC : 0;
	snprintf(buf, size, "%llu:%02llu", (unsigned long long)(left_s / 60),
		 (unsigned long long)(left_s % 60));
}

/* After each pass: one line that rewrites itself on a terminal, a line a pass elsewhere. */
static void show_progress(const struct progress *p, const struct run_result *r)
{
	char size[24], eta[32], what[64] = "failed";
	const char *beside = r->key.variant ? plan_variant_label(p->plan, r->key.variant) : "";

	if (p->quiet)
		return;
	format_eta(p, eta, sizeof(eta));
	if (r->status == RESULT_OK)
		snprintf(what, sizeof(what), "%.2f Gbit/s",
			 r->v[owner_of_role(ROLE_CLIENT)][M_THROUGHPUT_GBPS].value);
	fprintf(stderr, "%s[%zu/%zu] %s %s x%u%s%s %s, repetition %u: %s, %s left%s",
		p->terminal ? "\r" : "", p->done, p->total, r->key.mode,
		format_size(r->key.size_bytes, size), r->key.threads, *beside ? " " : "", beside,
		pass_names[r->key.pass], r->key.repetition, what, eta, p->terminal ? "\033[K" : "\n");
	if (p->terminal && p->done == p->total)
		fputc('\n', stderr);
}

/* ---- one pass, with retries -------------------------------------------------------------- */

/* 0, 1 if it failed for good; or -EINTR, or -EHOSTUNREACH: the other host is lost (then there is no result of it). */
static int run_pass(struct run_context *ctx, struct progress *p, const struct run_key *key)
{
	struct run_result *r = run_set_add(ctx->set, key);
	unsigned int attempt;
	const char *reason = NULL;
	int err = -EAGAIN;

	for (attempt = 1; err && attempt <= ATTEMPTS_MAX; attempt++) {
		if (attempt > 1) {
			run_result_clear(r);
			log_debug("%s again: %s", key->mode, reason);
		}
		r->attempts = attempt;
		err = cell_run_pass(ctx, r, &reason);
		if (err == -EINTR || err == -EHOSTUNREACH) {
			run_set_drop_last(ctx->set);
			return err;
		}
	}
	r->status = err ? RESULT_FAILED : RESULT_OK;
	r->reason = reason; /* of a success: why it took another attempt */
	p->done++;
	show_progress(p, r);
	if (err) {
		fputs(p->terminal ? "\n" : "", stderr);
		log_error("%s pass of mode %s failed %d times: %s", pass_names[key->pass], key->mode,
			  ATTEMPTS_MAX, reason);
	}
	return err ? 1 : 0;
}

/* ---- the order of passes ------------------------------------------------------------------ */

struct schedule {
	struct run_key *key;
	size_t cnt;
	uint64_t random;
};

static void shuffle(struct run_key *list, size_t n, uint64_t *random)
{
	struct run_key other;
	size_t i, j;

	for (i = n; i-- > 1;) {
		j = (next_random(random) >> 32) % (i + 1);
		other = list[i];
		list[i] = list[j];
		list[j] = other;
	}
}

/* One pass of each mode in each variant of a cell. */
static void add_block(struct schedule *s, const struct run_plan *plan, const struct run_key *cell)
{
	size_t first = s->cnt, m;
	unsigned int v;

	for (v = 0; v <= plan->variant_cnt; v++) {
		if (!plan_variant_covers(plan, v, cell->size_bytes, cell->threads))
			continue;
		for (m = 0; m < plan->mode_cnt; m++) {
			if (!plan_variant_concerns(plan, v, &plan->mode[m]))
				continue;
			s->key[s->cnt] = *cell;
			s->key[s->cnt].mode = plan->mode[m].name;
			s->key[s->cnt++].variant = v;
		}
	}
	shuffle(s->key + first, s->cnt - first, &s->random);
}

static void add_repetition(struct schedule *s, const struct run_plan *plan, enum pass pass,
			   unsigned int repetition)
{
	size_t cells = plan->size_cnt * plan->thread_cnt, c;
	_cleanup_free_ struct run_key *cell = xcalloc(cells, sizeof(*cell));

	for (c = 0; c < cells; c++)
		cell[c] = (struct run_key){.size_bytes = plan->size_bytes[c / plan->thread_cnt],
					   .threads = plan->threads[c % plan->thread_cnt],
					   .repetition = repetition,
					   .pass = pass};
	shuffle(cell, cells, &s->random);
	for (c = 0; c < cells; c++)
		add_block(s, plan, &cell[c]);
}

/* Half of the clean repetitions, all attribution passes, the other half. The caller frees key. */
static struct schedule make_schedule(const struct run_plan *plan)
{
	const unsigned int clean = plan_passes(plan, PASS_CLEAN), before = (clean + 1) / 2;
	const unsigned int attributions = plan_passes(plan, PASS_ATTRIBUTION);
	struct schedule s = {.random = 0x9e3779b97f4a7c15ULL ^ plan->seed};
	unsigned int i;

	s.key = xcalloc(plan_pass_cnt(plan), sizeof(*s.key));
	for (i = 1; i <= before; i++)
		add_repetition(&s, plan, PASS_CLEAN, i);
	for (i = 1; i <= attributions; i++)
		add_repetition(&s, plan, PASS_ATTRIBUTION, i);
	for (i = before + 1; i <= clean; i++)
		add_repetition(&s, plan, PASS_CLEAN, i);
	return s;
}

static int interrupted(struct run_context *ctx, const struct progress *p)
{
	_cleanup_free_ char *why = stop_signal ? xasprintf("interrupted (%s)", strsignal(stop_signal)) :
						 xstrdup("the other host was out of reach");
	_cleanup_free_ char *partial = xasprintf("%s after %zu of %zu passes", why, p->done, p->total);

	ctx->set->partial_reason = run_set_str(ctx->set, partial);
	if (p->terminal && !p->quiet)
		fputc('\n', stderr);
	return -EINTR;
}

/* What is to come, before it does. */
static void announce(const struct run_plan *plan, const struct progress *p)
{
	uint64_t seconds = p->total * (plan->warmup_ns + plan->duration_ns + AROUND_A_PASS_NS) / NSEC_PER_SEC;

	if (!p->quiet)
		log_info("%zu passes, about %llu min %02llu s, in the order of --seed %u", p->total,
			 (unsigned long long)(seconds / 60), (unsigned long long)(seconds % 60),
			 plan->seed);
}

/* Between two hosts it is rather what is between them than the mode, and each attempt takes long to fail. */
static int is_in_vain(struct run_context *ctx, int failed, int *in_a_row)
{
	*in_a_row = failed ? *in_a_row + 1 : 0;
	if (*in_a_row < 2 || !testbed_is_remote(ctx->testbed, ROLE_CLIENT))
		return 0;
	return fail_r(-EHOSTUNREACH, "--path %s: two passes in a row failed: no more are taken", ctx->set->plan.path);
}

int matrix_run(struct run_context *ctx)
{
	const struct run_plan *plan = &ctx->set->plan;
	struct schedule schedule = make_schedule(plan);
	struct progress p = {
		.plan = plan,
		.quiet = ctx->options->quiet,
		.terminal = isatty(STDERR_FILENO),
		.total = schedule.cnt,
		.started_ns = monotonic_ns(),
	};
	int failed = 0, n = 0, in_a_row = 0;

	announce(plan, &p);
	while (p.done < p.total && n >= 0) {
		n = run_pass(ctx, &p, &schedule.key[p.done]);
		failed += n;
		n = n < 0 ? n : is_in_vain(ctx, n, &in_a_row);
	}
	free(schedule.key);
	return n < 0 ? interrupted(ctx, &p) : failed;
}
