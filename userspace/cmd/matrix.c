// SPDX-License-Identifier: GPL-2.0-only
/* All passes in order. Modes stand side by side within a size and thread count, and their order turns with
 * the repetition, so that what drifts on the machine does not favour one of them. The attribution passes
 * are one block, for which the probes are attached once (that takes up to a minute on some kernels); it
 * stands in the middle of the clean passes, so that a steady drift is the same for both.
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
	if (err) {
		fputs(p->terminal ? "\n" : "", stderr);
		log_error("%s pass of mode %s failed %d times: %s", pass_names[key->pass], key->mode,
			  ATTEMPTS_MAX, reason);
	}
	return err ? 1 : 0;
}

/* Number i of all passes: the half of the clean repetitions, all attribution passes, the other half. */
static struct run_key key_at(const struct run_plan *plan, size_t i)
{
	const size_t a_size = plan->thread_cnt * plan->mode_cnt, a_repetition = plan->size_cnt * a_size;
	const size_t before = (plan->repetitions + 1) / 2;
	size_t turn = i / a_repetition;
	enum pass pass = PASS_CLEAN;

	if (turn >= before + plan->repetitions) {
		turn -= plan->repetitions;
	} else if (turn >= before) {
		turn -= before;
		pass = PASS_ATTRIBUTION;
	}
	return (struct run_key){
		.repetition = (unsigned int)turn + 1,
		.size_bytes = plan->size_bytes[i % a_repetition / a_size],
		.threads = plan->threads[i % a_size / plan->mode_cnt],
		.mode = plan->mode[(i + turn) % plan->mode_cnt].name,
		.pass = pass,
	};
}

static int interrupted(struct run_context *ctx, const struct progress *p)
{
	_cleanup_free_ char *partial = xasprintf("interrupted (%s) after %zu of %zu passes",
						 strsignal(stop_signal), p->done, p->total);

	ctx->set->partial_reason = run_set_str(ctx->set, partial);
	if (p->terminal && !p->quiet)
		fputc('\n', stderr);
	return -EINTR;
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
	int failed = 0, n;

	while (p.done < p.total) {
		struct run_key key = key_at(plan, p.done);

		n = run_pass(ctx, &p, &key);
		if (n < 0)
			return interrupted(ctx, &p);
		failed += n;
	}
	return failed;
}
