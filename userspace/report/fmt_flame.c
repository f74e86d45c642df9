// SPDX-License-Identifier: GPL-2.0-only
/* flame-MODE.svg and offcpu-MODE.svg: the flamegraph of one profile, what its frames are called and
 * coloured.
 */
#include <fnmatch.h>
#include <string.h>

#include "report/flame.h"
#include "report/number.h"
#include "report/report_ctx.h"

static const struct profile_kind {
	const char *title, *unit;
	double divide; /* value to unit */
} kinds[] = {
	[STACK_ONCPU] = {"on-CPU", "samples", 1},
	[STACK_OFFCPU] = {"off-CPU (asleep or waiting for a CPU)", "ms", 1e6},
};
static_assert_complete(kinds, STACK_KIND_MAX_);

/* Kernel functions whose time is copying payload. */
static const char *const copy_functions[] = {
	"copy_user_*",	     "rep_movs_*",	     "_copy_from_iter*", "_copy_to_iter*",
	"copy_from_user*",   "copy_to_user*",	     "__copy_user*",	 "raw_copy_*",
	"copyin",	     "copyout",		     "skb_copy_*",	 "__skb_datagram_iter",
	"simple_copy_to_iter", "copy_page_to_iter*", "copy_page_from_iter*",
	"csum_and_copy_*",   "csum_partial_copy_*",  "skb_do_copy_data_nocache",
	"memcpy*",	     "__memcpy*",	     "memmove*",	 "__memmove*",
	"skb_segment",	     "skb_linearize*",	     "__pskb_copy*",	 "__arch_copy_*",
	"__memmove_*",	     "memcpy_*",
};

static bool is_copy(const struct frame *f)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(copy_functions); i++)
		if (!fnmatch(copy_functions[i], f->name, 0))
			return true;
	return false;
}

/* One letter for what it is, one digit for a tint, so that neighbours can be told apart. */
static void class_of(const struct flame_node *n, char class[4])
{
	static const char letters[] = {
		[FRAME_USER] = 'u', [FRAME_KERNEL] = 'k', [FRAME_OTHER] = 'o'};
	unsigned int hash = 0;
	const char *s;

	if (!n->frame) {
		strcpy(class, "r");
		return;
	}
	for (s = n->frame->name; *s; s++)
		hash = hash * 31 + (unsigned char)*s;
	snprintf(class, 4, "%c%u", is_copy(n->frame) ? 'c' : letters[n->frame->kind], hash % 3);
}

struct profile {
	struct flame_tree tree;
	const struct profile_kind *kind;
};

static struct number in_unit(const struct profile *p, uint64_t value)
{
	return p->kind->divide == 1 ? number_exact((double)value)
				    : number_short((double)value / p->kind->divide);
}

static void describe(const void *ctx, size_t i, struct flame_words *words)
{
	const struct profile *p = ctx;
	const struct flame_node *n = &p->tree.node[i];

	class_of(n, words->class);
	snprintf(words->detail, sizeof(words->detail), "%s %s, %.2f %%", in_unit(p, n->value).text,
		 p->kind->unit, 100.0 * (double)n->value / (double)p->tree.total);
}

int fmt_flame(const struct report_part *part, FILE *out)
{
	const struct run_set *set = part->ctx->set;
	const struct mode_info *mode = &set->plan.mode[part->mode];
	struct profile p = {.kind = &kinds[part->kind]};
	_cleanup_free_ char *title = NULL, *subtitle = NULL, *sampling = NULL;
	_cleanup_free_ struct flame_box *box = NULL;
	size_t i;

	flame_tree_build(set, mode->name, part->kind, NULL, &p.tree);
	title = xasprintf("%s%s%s, %s", mode->name, mode->title ? " " : "", mode->title ?: "",
			  p.kind->title);
	sampling = part->kind == STACK_OFFCPU ? offcpu_sampling_text(&set->plan) : NULL;
	subtitle = xasprintf("%s %s in all%s%s", in_unit(&p, p.tree.total).text, p.kind->unit,
			     sampling ? ", " : "", sampling ?: "");
	box = xcalloc(p.tree.cnt, sizeof(*box));
	for (i = 0; i < p.tree.cnt; i++) {
		const struct flame_node *n = &p.tree.node[i];

		box[i] = (struct flame_box){(double)n->start, (double)n->value, n};
	}
	flame_draw(&(struct flame_drawing){.title = title,
					   .subtitle = subtitle,
					   .legend = {{.class = "u1", .label = "user"},
						      {.class = "k1", .label = "kernel"},
						      {.class = "c1", .label = "copies data"}},
					   .box = box,
					   .cnt = p.tree.cnt,
					   .total = (double)p.tree.total,
					   .standalone = !part->embedded,
					   .describe = describe,
					   .ctx = &p},
		   out);
	flame_tree_free(&p.tree);
	return 0;
}
