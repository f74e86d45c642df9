// SPDX-License-Identifier: GPL-2.0-only
#include "observe/fold.h"

#include "sym/classify.h"

struct collector {
	struct symbolizer *symbols;
	struct run_set *set;
	struct run_result *r;
};

/* The set's number of a probe's owner: there 0 is the kernel, which in a set stands last. */
static unsigned int owner_of(const struct collector *c, unsigned int owner)
{
	return owner ? owner : c->set->owner_cnt - 1;
}

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
		out[i] = sym_kernel(symbols, call_site(addr[i], i));
}

static unsigned int kernel_frame(struct run_set *set, const struct symbol *sym)
{
	return run_set_frame(set, sym->name ? sym->name : "[kernel]", sym->module, FRAME_KERNEL);
}

static unsigned int user_frame(struct collector *c, const struct raw_stack *raw, unsigned int i)
{
	struct symbol sym;
	_cleanup_free_ char *unknown = NULL;

	sym = sym_user(c->symbols, raw->tgid, call_site(raw->user[i], i));
	if (!sym.name)
		unknown = xasprintf("[%s]", sym.module ? sym.module : "unknown");
	return run_set_frame(c->set, sym.name ? sym.name : unknown, sym.module, FRAME_USER);
}

/* Many stacks, few reasons: added up. */
static void add_wait(struct collector *c, const struct raw_stack *raw, const struct symbol *kernel)
{
	const char *name[PROBE_STACK_DEPTH];
	struct run_result *r = c->r;
	struct wait_time wait = {
		.owner = owner_of(c, raw->owner),
		.voluntary = raw->voluntary,
		.main_thread = raw->main_thread && raw->voluntary,
		.count = raw->count,
		.ns = raw->ns,
	};
	unsigned int i;
	size_t w;

	for (i = 0; i < raw->kernel_cnt; i++)
		name[i] = kernel[i].name;
	wait.reason = run_set_str(c->set, wait_reason(name, raw->kernel_cnt, raw->voluntary));
	for (w = 0; w < r->wait_cnt; w++) {
		struct wait_time *at = &r->wait[w];

		if (at->owner == wait.owner && at->reason == wait.reason &&
		    at->voluntary == wait.voluntary && at->main_thread == wait.main_thread) {
			at->count += wait.count;
			at->ns += wait.ns;
			return;
		}
	}
	run_result_wait(r, &wait);
}

/* An idle CPU's sample is worth keeping only if it shows network work. */
static bool worth_keeping(const struct raw_stack *raw, const struct symbol *kernel)
{
	unsigned int i;

	if (raw->owner)
		return true;
	for (i = 0; i < raw->kernel_cnt; i++)
		if (kernel[i].name && is_softirq_frame(kernel[i].name))
			return true;
	return false;
}

static int on_stack(const struct raw_stack *raw, void *arg)
{
	struct collector *c = arg;
	struct symbol kernel[PROBE_STACK_DEPTH];
	unsigned int frame[2 * PROBE_STACK_DEPTH], n = 0, i;

	name_kernel_frames(c->symbols, raw->kernel, raw->kernel_cnt, kernel);
	if (raw->kind == STACK_OFFCPU)
		add_wait(c, raw, kernel);
	if (!worth_keeping(raw, kernel))
		return 0;
	for (i = raw->user_cnt; i-- > 0;)
		frame[n++] = user_frame(c, raw, i);
	for (i = raw->kernel_cnt; i-- > 0;)
		frame[n++] = kernel_frame(c->set, &kernel[i]);
	if (!n)
		frame[n++] = run_set_frame(c->set,
					   raw->kind == STACK_OFFCPU && !raw->voluntary ?
						   "[preempted]" :
						   "[no stack]",
					   NULL, FRAME_OTHER);
	run_result_stack(c->r, &(struct stack){
				       .kind = raw->kind,
				       .owner = owner_of(c, raw->owner),
				       .count = raw->count,
				       .ns = raw->ns,
				       .depth = n,
				       .frame = frame,
			       });
	return 0;
}

/* ---- copies inside the path -------------------------------------------------------------- */

/* A quantity of its own counts some of them. */
static void add_path_metric(struct metric_value v[METRIC_MAX_], enum metric_id m, uint64_t amount)
{
	if (m != METRIC_MAX_ && !probe_counts(m))
		v[m].value += (double)amount;
}

/* Many stacks, few reasons: added up. */
static void add_path_copy(struct run_result *r, const struct path_copy *copy)
{
	size_t i;

	for (i = 0; i < r->copy_cnt; i++) {
		struct path_copy *at = &r->copy[i];

		if (at->owner == copy->owner && at->function == copy->function &&
		    at->reason == copy->reason && at->detail == copy->detail) {
			at->count += copy->count;
			at->bytes += copy->bytes;
			return;
		}
	}
	run_result_copy(r, copy);
}

/* Below its probes' frames an unknown stack is worth showing: it is how a new row comes about. */
static const char *frames_text(struct run_set *set, const char *const *name, unsigned int cnt)
{
	char *text = xstrdup("");
	const char *frames;
	unsigned int i, shown = 0;

	for (i = 0; i < cnt && shown < 8; i++) {
		if (!name[i] || is_probe_frame(name[i]))
			continue;
		xappend(&text, " ", "%s", name[i]);
		shown++;
	}
	frames = shown ? run_set_str(set, text) : NULL;
	free(text);
	return frames;
}

static int on_path(const struct raw_path *path, void *arg)
{
	struct collector *c = arg;
	struct symbol kernel[PROBE_STACK_DEPTH];
	const char *name[PROBE_STACK_DEPTH];
	struct path_copy copy = {
		.owner = owner_of(c, path->owner),
		.function = run_set_str(c->set, path->function),
		.count = path->count,
		.bytes = path->bytes,
	};
	unsigned int i;

	name_kernel_frames(c->symbols, path->kernel, path->kernel_cnt, kernel);
	for (i = 0; i < path->kernel_cnt; i++)
		name[i] = kernel[i].name;
	copy.reason = copy_reason_of(path->function, name, path->kernel_cnt);
	copy.stage = copy_stage(path->function, copy.reason);
	if (copy.reason == COPY_REASON_UNKNOWN)
		copy.detail = frames_text(c->set, name, path->kernel_cnt);
	add_path_metric(c->r->v[copy.owner], stage_defs[copy.stage].bytes, copy.bytes);
	add_path_metric(c->r->v[copy.owner], stage_defs[copy.stage].count, copy.count);
	add_path_copy(c->r, &copy);
	return 0;
}

static void add_own(uint64_t addr, uint64_t len, void *symbols)
{
	sym_add_own(symbols, addr, len);
}

static void add_trampoline(uint64_t number, uint32_t link, void *symbols)
{
	sym_add_own_trampoline(symbols, number, link);
}

int fold_stacks(struct probe *probe, struct symbolizer *symbols, struct run_set *set,
		struct run_result *r)
{
	struct collector c = {.symbols = symbols, .set = set, .r = r};

	probe_for_each_code(probe, add_own, symbols);
	probe_for_each_trampoline(probe, add_trampoline, symbols);
	return probe_for_each_stack(probe, on_stack, &c) ?: probe_for_each_path(probe, on_path, &c);
}
