// SPDX-License-Identifier: GPL-2.0-only
/* All passes in order. Modes stand side by side within a size and thread count, clean and attribution
 * passes alternate, and both orders turn with the repetition, so that what drifts on the machine does
 * not favour one mode or one pass.
 */
#include <errno.h>
#include <string.h>

#include "cmd/run.h"
#include "cmd/stop.h"
#include "core/log.h"

#define ATTEMPTS_MAX 3

struct progress {
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

	if (p->quiet)
		return;
	format_eta(p, eta, sizeof(eta));
	if (r->status == RESULT_OK)
		snprintf(what, sizeof(what), "%.2f Gbit/s",
			 r->v[owner_of_role(ROLE_CLIENT)][M_THROUGHPUT_GBPS].value);
	fprintf(stderr, "%s[%zu/%zu] %s %s x%u %s, repetition %u: %s, %s left%s",
		p->terminal ? "\r" : "", p->done, p->total, r->key.mode,
		format_size(r->key.size_bytes, size), r->key.threads, pass_names[r->key.pass],
		r->key.repetition, what, eta, p->terminal ? "\033[K" : "\n");
	if (p->terminal && p->done == p->total)
		fputc('\n', stderr);
}

/* ---- one pass, with retries -------------------------------------------------------------- */

/* 0, 1 if it failed for good, or -EINTR (then there is no result of it). */
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
		if (err == -EINTR) {
			run_set_drop_last(ctx->set);
			return err;
		}
	}
	r->status = err ? RESULT_FAILED : RESULT_OK;
	r->reason = reason; /* of a success: why it took another attempt */
	p->done++;
	show_progress(p, r);
	if (err)
		log_error("%s%s pass of mode %s failed %d times: %s", p->terminal ? "\n" : "",
			  pass_names[key->pass], key->mode, ATTEMPTS_MAX, reason);
	return err ? 1 : 0;
}

/* Both passes of one mode; the order turns with the repetition. */
static int run_mode(struct run_context *ctx, struct progress *p, struct run_key key)
{
	enum pass first = key.repetition % 2 ? PASS_CLEAN : PASS_ATTRIBUTION;
	int a, b;

	key.pass = first;
	a = run_pass(ctx, p, &key);
	if (a < 0)
		return a;
	key.pass = first == PASS_CLEAN ? PASS_ATTRIBUTION : PASS_CLEAN;
	b = run_pass(ctx, p, &key);
	return b < 0 ? b : a + b;
}

static int run_modes(struct run_context *ctx, struct progress *p, struct run_key key)
{
	const struct run_plan *plan = &ctx->set->plan;
	int failed = 0, n;
	size_t i;

	for (i = 0; i < plan->mode_cnt; i++) {
		key.mode = plan->mode[(i + key.repetition - 1) % plan->mode_cnt].name;
		n = run_mode(ctx, p, key);
		if (n < 0)
			return n;
		failed += n;
	}
	return failed;
}

static int run_repetition(struct run_context *ctx, struct progress *p, unsigned int repetition)
{
	const struct run_plan *plan = &ctx->set->plan;
	int failed = 0, n;
	size_t s, t;

	for (s = 0; s < plan->size_cnt; s++) {
		for (t = 0; t < plan->thread_cnt; t++) {
			struct run_key key = {
				.size_bytes = plan->size_bytes[s],
				.threads = plan->threads[t],
				.repetition = repetition,
			};

			n = run_modes(ctx, p, key);
			if (n < 0)
				return n;
			failed += n;
		}
	}
	return failed;
}

int matrix_run(struct run_context *ctx)
{
	const struct run_plan *plan = &ctx->set->plan;
	struct progress p = {
		.quiet = ctx->options->quiet,
		.terminal = isatty(STDERR_FILENO),
		.total = plan->mode_cnt * plan->size_cnt * plan->thread_cnt * plan->repetitions *
			 PASS_MAX_,
		.started_ns = monotonic_ns(),
	};
	_cleanup_free_ char *partial = NULL;
	unsigned int repetition;
	int failed = 0, n;

	for (repetition = 1; repetition <= plan->repetitions; repetition++) {
		n = run_repetition(ctx, &p, repetition);
		if (n < 0)
			break;
		failed += n;
	}
	if (repetition > plan->repetitions)
		return failed;
	partial = xasprintf("interrupted (%s) after %zu of %zu passes", strsignal(stop_signal), p.done,
			    p.total);
	ctx->set->partial_reason = run_set_str(ctx->set, partial);
	if (p.terminal && !p.quiet)
		fputc('\n', stderr);
	return -EINTR;
}
