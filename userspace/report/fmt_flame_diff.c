// SPDX-License-Identifier: GPL-2.0-only
/* The differential flamegraph, of two runs for `copyscope diff` or as diff-FIRST-MODE.svg of each
 * later mode against the first: two trees merged, both as CPU time per byte sent. A frame is as
 * wide as the larger of its two sides (of each stack), so that what vanished is still there to be
 * seen; its colour says how the whole frame changed.
 */
#include <math.h>
#include <string.h>

#include "report/diff_print.h"
#include "report/flame.h"
#include "report/number.h"
#include "report/report_ctx.h"

struct node {
	const struct flame_node *of; /* for name, owner and depth: of B where it has it */
	double side[2];		     /* with all below, ns per byte */
	double width, self;
};

struct merged {
	struct node *node; /* preorder */
	size_t cnt, cap;
	double total[2];
};

/* ---- the two sides ------------------------------------------------------------------------ */

static const char all_modes[] = ""; /* modes compare by pointer */

static bool is_matched(const struct diff *diff, int side, const struct run_key *key)
{
	size_t i;

	for (i = 0; i < diff->cell_cnt; i++)
		if (diff->cell[i].mode[side] == key->mode &&
		    diff->cell[i].size_bytes == key->size_bytes &&
		    diff->cell[i].threads == key->threads)
			return true;
	return false;
}

static double sent_bytes(const struct run_set *set, const struct run_result *r)
{
	static const enum metric_id candidates[] = {M_APP_BYTES, M_SENT_BYTES};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(candidates); i++) {
		struct metric_value v = run_result_sum(set, r, FLOW_SENDS, candidates[i]);

		if (value_known(&v))
			return v.value;
	}
	return 0;
}

/* The matched cells of a side, all its modes together as one; borrows everything but the results,
 * which the caller frees. *bytes is what they sent in the passes that were sampled: a cell too short
 * for a single sample still counts. 0 when there is no sample at all.
 */
static struct run_set view_of(const struct diff *diff, int side, double *bytes)
{
	struct run_set view = *diff->side[side].set;
	bool sampled[PASS_MAX_] = {false};
	size_t i, n = 0;

	view.result = xcalloc(view.result_cnt, sizeof(*view.result));
	for (i = 0; i < view.result_cnt; i++) {
		const struct run_result *r = &diff->side[side].set->result[i];

		if (r->status != RESULT_OK || sent_bytes(&view, r) <= 0 ||
		    !is_matched(diff, side, &r->key))
			continue;
		view.result[n] = *r;
		view.result[n++].key.mode = all_modes;
		sampled[r->key.pass] |= result_sampled(r, STACK_ONCPU);
	}
	view.result_cnt = n;
	*bytes = 0;
	for (i = 0; i < n; i++)
		if (sampled[view.result[i].key.pass])
			*bytes += sent_bytes(&view, &view.result[i]);
	return view;
}

/* Returns the factor from samples to ns per byte. */
static double build_side(const struct diff *diff, int side, struct flame_tree *tree)
{
	double bytes;
	struct run_set view = view_of(diff, side, &bytes);
	_cleanup_free_ enum flame_way *way = flame_ways(&view);

	flame_tree_build(&view, all_modes, STACK_ONCPU, way, tree);
	free(view.result);
	return 1e9 / view.plan.frequency_hz / bytes;
}

const char *diff_flame_missing(const struct diff *diff)
{
	struct run_set view;
	double bytes;
	int side;

	for (side = 0; side < 2; side++) {
		view = view_of(diff, side, &bytes);
		free(view.result);
		if (bytes <= 0)
			return side ? "B has no CPU samples" : "A has no CPU samples";
		if (!view.plan.frequency_hz)
			return "the sampling frequency is not known";
	}
	return NULL;
}

/* ---- merging ------------------------------------------------------------------------------ */

/* Siblings of the two trees: < 0 when a comes first. */
static int compare(const struct flame_node *a, const struct flame_node *b)
{
	if (a->depth != b->depth)
		return a->depth > b->depth ? -1 : 1; /* what is deeper belongs to a node before */
	if (!a->depth)
		return a->owner != b->owner ? (a->owner < b->owner ? -1 : 1) :
					      strcmp(a->label, b->label);
	return flame_frame_order(a->frame, b->frame);
}

/* Both are in preorder with siblings in the same order: one pass, as merging sorted lists. */
static void merge(const struct flame_tree *a, const struct flame_tree *b, const double scale[2],
		  struct merged *out)
{
	size_t i = 0, j = 0;

	while (i < a->cnt || j < b->cnt) {
		int order = i == a->cnt ? 1 : j == b->cnt ? -1 : compare(&a->node[i], &b->node[j]);
		const struct flame_node *x = order <= 0 ? &a->node[i++] : NULL;
		const struct flame_node *y = order >= 0 ? &b->node[j++] : NULL;
		double self_x = x ? (double)x->self * scale[0] : 0;
		double self_y = y ? (double)y->self * scale[1] : 0;

		array_grow(out->node, out->cnt, out->cap);
		out->node[out->cnt++] = (struct node){
			.of = y ? y : x,
			.side = {x ? (double)x->value * scale[0] : 0,
				 y ? (double)y->value * scale[1] : 0},
			.self = MAX(self_x, self_y),
		};
	}
	out->total[0] = (double)a->total * scale[0];
	out->total[1] = (double)b->total * scale[1];
}

/* Widths add up from the leaves; a node begins where its parent begins or its elder sibling ends. */
static struct flame_box *lay_out(struct merged *m, unsigned int max_depth, double *total)
{
	_cleanup_free_ double *below = xcalloc(max_depth + 2, sizeof(*below));
	_cleanup_free_ double *next = xcalloc(max_depth + 2, sizeof(*next));
	struct flame_box *box = xcalloc(m->cnt, sizeof(*box));
	size_t i;

	for (i = m->cnt; i-- > 0;) {
		struct node *n = &m->node[i];

		n->width = n->self + below[n->of->depth + 1];
		below[n->of->depth + 1] = 0;
		below[n->of->depth] += n->width;
	}
	*total = below[0];
	for (i = 0; i < m->cnt; i++) {
		const struct flame_node *of = m->node[i].of;

		box[i] = (struct flame_box){next[of->depth], m->node[i].width, of};
		next[of->depth + 1] = next[of->depth];
		next[of->depth] += m->node[i].width;
	}
	return box;
}

/* ---- drawing ------------------------------------------------------------------------------ */

/* From grey to red (grew) or blue (shrank) by the share of the larger side that is new or gone. Both
 * ends are light enough for dark text.
 */
static void colour_of(const double side[2], char fill[8])
{
	static const double grey[] = {0xe4, 0xe4, 0xe4}, red[] = {0xf4, 0x72, 0x5a},
			    blue[] = {0x6f, 0xa8, 0xea};
	double larger = MAX(side[0], side[1]), change, rgb[3];
	const double *end;
	size_t i;

	change = larger > 0 ? (side[1] - side[0]) / larger : 0;
	end = change > 0 ? red : blue;
	for (i = 0; i < ARRAY_SIZE(rgb); i++)
		rgb[i] = grey[i] + (end[i] - grey[i]) * fabs(change);
	snprintf(fill, 8, "#%02x%02x%02x", (unsigned int)rgb[0], (unsigned int)rgb[1],
		 (unsigned int)rgb[2]);
}

static void describe(const void *ctx, size_t i, struct flame_words *words)
{
	const struct merged *m = ctx;
	const struct node *n = &m->node[i];
	char change[32] = "new";

	words->class[0] = 'd';
	colour_of(n->side, words->fill);
	if (n->side[1] <= 0)
		strcpy(change, "vanished");
	else if (n->side[0] > 0)
		snprintf(change, sizeof(change), "%+.1f %%", (n->side[1] / n->side[0] - 1) * 100);
	snprintf(words->detail, sizeof(words->detail), "A %s, B %s ns per KiB, %s",
		 number_short(n->side[0] * KIB).text, number_short(n->side[1] * KIB).text, change);
}

static void draw(const struct diff *diff, struct merged *m, unsigned int max_depth,
		 bool standalone, FILE *out)
{
	_cleanup_free_ char *title = NULL, *subtitle = NULL;
	_cleanup_free_ struct flame_box *box = NULL;
	double total;

	box = lay_out(m, max_depth, &total);
	title = xasprintf("%s (A) to %s (B), on-CPU time per byte sent", diff->side[0].label,
			  diff->side[1].label);
	subtitle = xasprintf("A %s, B %s ns per KiB in all; width: the larger of the two",
			     number_short(m->total[0] * KIB).text,
			     number_short(m->total[1] * KIB).text);
	flame_draw(&(struct flame_drawing){.title = title,
					   .subtitle = subtitle,
					   .legend = {{.fill = "#f4725a", .label = "grew"},
						      {.fill = "#6fa8ea", .label = "shrank"},
						      {.fill = "#e4e4e4", .label = "as before"}},
					   .box = box,
					   .cnt = m->cnt,
					   .total = total,
					   .standalone = standalone,
					   .describe = describe,
					   .ctx = m},
		   out);
}

void diff_put_flame(const struct diff *diff, bool standalone, FILE *out)
{
	struct flame_tree tree[2];
	struct merged merged = {0};
	double scale[2];
	int side;

	for (side = 0; side < 2; side++)
		scale[side] = build_side(diff, side, &tree[side]);
	merge(&tree[0], &tree[1], scale, &merged);
	draw(diff, &merged, MAX(tree[0].max_depth, tree[1].max_depth), standalone, out);
	free(merged.node);
	flame_tree_free(&tree[0]);
	flame_tree_free(&tree[1]);
}

/* ---- the format --------------------------------------------------------------------------- */

static void compare_with_first(const struct report_part *part, struct diff *diff)
{
	const char *first = mode_name(part->ctx, 0), *mode = mode_name(part->ctx, part->mode);
	struct diff_side a = {part->ctx->set, first, first}, b = {part->ctx->set, mode, mode};

	diff_init(diff, &a, &b);
}

/* Whether both have CPU samples and bytes to normalise by. */
bool fmt_flame_diff_wanted(const struct report_part *part)
{
	struct diff diff;
	bool possible;

	compare_with_first(part, &diff);
	possible = part->mode > 0 && !diff_flame_missing(&diff);
	diff_free(&diff);
	return possible;
}

int fmt_flame_diff(const struct report_part *part, FILE *out)
{
	struct diff diff;

	compare_with_first(part, &diff);
	diff_put_flame(&diff, !part->embedded, out);
	diff_free(&diff);
	return 0;
}
