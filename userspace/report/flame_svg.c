// SPDX-License-Identifier: GPL-2.0-only
/* The flamegraph of one profile: what its frames are called and coloured. */
#include <fnmatch.h>
#include <string.h>

#include "report/flame.h"
#include "report/flame_draw.h"
#include "report/number.h"

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
	static const char kinds[] = {
		[FRAME_USER] = 'u', [FRAME_KERNEL] = 'k', [FRAME_OTHER] = 'o'};
	unsigned int hash = 0;
	const char *s;

	if (!n->frame) {
		strcpy(class, "r");
		return;
	}
	for (s = n->frame->name; *s; s++)
		hash = hash * 31 + (unsigned char)*s;
	snprintf(class, 4, "%c%u", is_copy(n->frame) ? 'c' : kinds[n->frame->kind], hash % 3);
}

struct profile {
	const struct flame_tree *tree;
	const struct flame_style *style;
};

static char *in_unit(const struct flame_style *style, uint64_t value, char *buf)
{
	return style->divide == 1 ? number_exact((double)value, buf)
				  : number_short((double)value / style->divide, buf);
}

static void describe(const void *ctx, size_t i, struct flame_words *words)
{
	const struct profile *p = ctx;
	const struct flame_node *n = &p->tree->node[i];
	char value[NUMBER_LEN];

	words->name = n->frame ? n->frame->name : n->label;
	words->module = n->frame ? n->frame->module : NULL;
	class_of(n, words->class);
	snprintf(words->detail, sizeof(words->detail), "%s %s, %.2f %%",
		 in_unit(p->style, n->value, value), p->style->unit,
		 100.0 * (double)n->value / (double)p->tree->total);
}

void flame_svg(const struct flame_tree *tree, const struct flame_style *style, FILE *out)
{
	static const struct flame_legend legend[] = {
		{.class = "u1", .label = "user", .x = 905},
		{.class = "k1", .label = "kernel", .x = 965},
		{.class = "c1", .label = "copies data", .x = 1035},
	};
	_cleanup_free_ struct flame_box *box = xcalloc(tree->cnt, sizeof(*box));
	_cleanup_free_ char *subtitle = NULL;
	struct profile profile = {tree, style};
	char total[NUMBER_LEN];
	size_t i;

	for (i = 0; i < tree->cnt; i++)
		box[i] = (struct flame_box){(double)tree->node[i].start,
					    (double)tree->node[i].value, tree->node[i].depth};
	subtitle = xasprintf("%s %s in all", in_unit(style, tree->total, total), style->unit);
	flame_draw(&(struct flame_drawing){.title = style->title,
					   .subtitle = subtitle,
					   .legend = legend,
					   .legend_cnt = ARRAY_SIZE(legend),
					   .box = box,
					   .cnt = tree->cnt,
					   .total = (double)tree->total,
					   .standalone = style->standalone,
					   .describe = describe,
					   .ctx = &profile},
		   out);
}
