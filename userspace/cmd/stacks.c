// SPDX-License-Identifier: GPL-2.0-only
/* Raw stacks to named ones, while the processes still live; off-CPU stacks to waiting reasons, stacks of
 * copies to copy reasons.
 */
#include "cmd/run.h"
#include "sym/classify.h"

struct collector {
	struct run_context *ctx;
	struct run_result *r;
};

/* Return addresses point behind the call, maybe into the next function: look up the byte before. Only
 * the leaf's is where the CPU was.
 */
static uint64_t call_site(uint64_t addr, unsigned int index)
{
	return index ? addr - 1 : addr;
}

static void name_kernel_frames(struct symbolizer *symbols, const uint64_t *addr, unsigned int cnt,
			       struct symbol *out)
{
	unsigned int i;

	for (i = 0; i < cnt; i++)
		out[i] = symbols ? sym_kernel(symbols, call_site(addr[i], i)) : (struct symbol){0};
}

static unsigned int kernel_frame(struct run_set *set, const struct symbol *sym)
{
	return run_set_frame(set, sym->name ? sym->name : "[kernel]", sym->module, FRAME_KERNEL);
}

static unsigned int user_frame(struct collector *c, const struct raw_stack *raw, unsigned int i)
{
	struct symbol sym = {0};
	_cleanup_free_ char *unknown = NULL;

	if (c->ctx->symbols)
		sym = sym_user(c->ctx->symbols, raw->tgid, call_site(raw->user[i], i));
	if (!sym.name)
		unknown = xasprintf("[%s]", sym.module ? sym.module : "unknown");
	return run_set_frame(c->ctx->set, sym.name ? sym.name : unknown, sym.module, FRAME_USER);
}

/* Many stacks, few reasons: added up. */
static void add_wait(struct collector *c, const struct raw_stack *raw, const struct symbol *kernel)
{
	const char *name[CS_STACK_DEPTH], *reason;
	_cleanup_free_ char *text = NULL;
	struct run_result *r = c->r;
	unsigned int i;
	size_t w;

	for (i = 0; i < raw->kernel_cnt; i++)
		name[i] = kernel[i].name;
	text = xasprintf("%s%s", wait_reason(name, raw->kernel_cnt, raw->voluntary),
			 raw->main_thread && raw->voluntary ? ", main thread" : "");
	reason = run_set_str(c->ctx->set, text);
	for (w = 0; w < r->wait_cnt; w++) {
		if (r->wait[w].role == raw->role && r->wait[w].reason == reason &&
		    r->wait[w].voluntary == raw->voluntary) {
			r->wait[w].count += raw->count;
			r->wait[w].ns += raw->ns;
			return;
		}
	}
	run_result_wait(r, &(struct wait_time){
				   .role = raw->role,
				   .voluntary = raw->voluntary,
				   .reason = reason,
				   .count = raw->count,
				   .ns = raw->ns,
			   });
}

/* An idle CPU's sample is worth keeping only if it shows network work. */
static bool worth_keeping(const struct raw_stack *raw, const struct symbol *kernel)
{
	unsigned int i;

	if (raw->role != ROLE_KERNEL)
		return true;
	for (i = 0; i < raw->kernel_cnt; i++)
		if (kernel[i].name && is_softirq_frame(kernel[i].name))
			return true;
	return false;
}

static int on_stack(const struct raw_stack *raw, void *arg)
{
	struct collector *c = arg;
	struct symbol kernel[CS_STACK_DEPTH];
	unsigned int frame[2 * CS_STACK_DEPTH], n = 0, i, leaf = 0;

	name_kernel_frames(c->ctx->symbols, raw->kernel, raw->kernel_cnt, kernel);
	if (raw->kind == STACK_OFFCPU)
		add_wait(c, raw, kernel);
	if (!worth_keeping(raw, kernel))
		return 0;
	/* What the probe put on top: its program has no name here, it was loaded after we read them. */
	while (leaf < raw->kernel_cnt && raw->kind == STACK_OFFCPU &&
	       (!kernel[leaf].name || is_probe_frame(kernel[leaf].name)))
		leaf++;
	for (i = raw->user_cnt; i-- > 0;)
		frame[n++] = user_frame(c, raw, i);
	for (i = raw->kernel_cnt; i-- > leaf;)
		frame[n++] = kernel_frame(c->ctx->set, &kernel[i]);
	if (!n)
		frame[n++] = run_set_frame(c->ctx->set,
					   raw->kind == STACK_OFFCPU && !raw->voluntary ?
						   "[preempted]" :
						   "[no stack]",
					   NULL, FRAME_OTHER);
	run_result_stack(c->r, &(struct stack){
				       .kind = raw->kind,
				       .role = raw->role,
				       .count = raw->count,
				       .ns = raw->ns,
				       .depth = n,
				       .frame = frame,
			       });
	return 0;
}

/* ---- copies inside the path -------------------------------------------------------------- */

static void add_path_metrics(struct metric_value v[METRIC_MAX_], const struct raw_path *path,
			     enum copy_kind kind)
{
	switch (kind) {
	case COPY_UBUFS: /* has its own counter */
		break;
	case COPY_GSO:
		v[M_GSO_COPY_BYTES].value += (double)path->bytes;
		break;
	case COPY_HEAD:
		v[M_HEAD_COPIES].value += (double)path->count;
		v[M_HEAD_COPY_BYTES].value += (double)path->bytes;
		break;
	case COPY_PAYLOAD:
		v[M_OTHER_COPY_BYTES].value += (double)path->bytes;
		break;
	}
}

/* Many stacks, few reasons: added up. */
static void add_path_copy(struct run_result *r, const struct path_copy *copy)
{
	size_t i;

	for (i = 0; i < r->copy_cnt; i++) {
		if (r->copy[i].role == copy->role && r->copy[i].function == copy->function &&
		    r->copy[i].reason == copy->reason) {
			r->copy[i].count += copy->count;
			r->copy[i].bytes += copy->bytes;
			return;
		}
	}
	run_result_copy(r, copy);
}

/* Below its probes' frames an unknown stack is worth showing: it is how a new row comes about. */
static const char *unknown_reason(struct run_set *set, const char *const *name, unsigned int cnt)
{
	char *text = xstrdup("unknown:");
	const char *reason;
	unsigned int i, shown = 0;

	for (i = 0; i < cnt && shown < 8; i++) {
		char *longer;

		if (!name[i] || is_probe_frame(name[i]))
			continue;
		longer = xasprintf("%s %s", text, name[i]);
		free(text);
		text = longer;
		shown++;
	}
	reason = run_set_str(set, text);
	free(text);
	return reason;
}

static int on_path(const struct raw_path *path, void *arg)
{
	struct collector *c = arg;
	struct symbol kernel[CS_STACK_DEPTH];
	const char *name[CS_STACK_DEPTH];
	struct copy_reason why;
	unsigned int i;

	name_kernel_frames(c->ctx->symbols, path->kernel, path->kernel_cnt, kernel);
	for (i = 0; i < path->kernel_cnt; i++)
		name[i] = kernel[i].name;
	why = copy_reason(path->function, name, path->kernel_cnt);
	add_path_metrics(c->r->v[path->role], path, why.kind);
	add_path_copy(c->r, &(struct path_copy){
				    .role = path->role,
				    .function = run_set_str(c->ctx->set, path->function),
				    .reason = why.known ? run_set_str(c->ctx->set, why.reason) :
							  unknown_reason(c->ctx->set, name,
									 path->kernel_cnt),
				    .count = path->count,
				    .bytes = path->bytes,
			    });
	return 0;
}

int stacks_collect(struct run_context *ctx, struct run_result *r)
{
	struct collector c = {.ctx = ctx, .r = r};

	return probe_for_each_stack(ctx->probe, on_stack, &c) ?:
	       probe_for_each_path(ctx->probe, on_path, &c);
}
