// SPDX-License-Identifier: GPL-2.0-only
#include "analysis/copies.h"

#include <string.h>

const struct stage_def stage_defs[] = {
	[STAGE_FLATTEN] = {"App flatten (memcpy before send)", "application flattens", STAGE_COPY,
			   LAYER_APP, ROLE_SERVER, M_FLATTEN_BYTES, METRIC_MAX_},
	[STAGE_USER_TO_KERNEL] = {"User to kernel", "user to kernel", STAGE_COPY, LAYER_SEND,
				  ROLE_SERVER, M_USER_TO_KERNEL_BYTES, M_USER_TO_KERNEL_COPIES},
	[STAGE_ZEROCOPY] = {"Page reference (zero-copy)", "page reference", STAGE_REFERENCE,
			    LAYER_SEND, ROLE_SERVER, M_ZEROCOPY_BYTES, M_ZEROCOPY_SENDS},
	[STAGE_SPLICED] = {"Spliced kernel pages", "spliced", STAGE_REFERENCE, LAYER_SEND,
			   ROLE_SERVER, M_SPLICED_BYTES, METRIC_MAX_},
	[STAGE_COPY_UBUFS] = {"In path: skb_copy_ubufs", "skb_copy_ubufs", STAGE_COPY, LAYER_STACK,
			      ROLE_SERVER, M_COPY_UBUFS_BYTES, M_COPY_UBUFS_SKBS},
	[STAGE_GSO] = {"In path: software GSO", "software GSO", STAGE_COPY, LAYER_STACK,
		       ROLE_SERVER, M_GSO_COPY_BYTES, METRIC_MAX_},
	[STAGE_OTHER] = {"In path: other payload copies", "other skb copies", STAGE_COPY,
			 LAYER_STACK, ROLE_SERVER, M_OTHER_COPY_BYTES, METRIC_MAX_},
	[STAGE_HEAD] = {"In path: header copies (not payload)", "header copies", STAGE_HEADER,
			LAYER_STACK, ROLE_SERVER, M_HEAD_COPY_BYTES, M_HEAD_COPIES},
	[STAGE_KERNEL_TO_USER] = {"Kernel to user", "kernel to user", STAGE_COPY, LAYER_RECEIVE,
				  ROLE_CLIENT, M_KERNEL_TO_USER_BYTES, M_KERNEL_TO_USER_COPIES},
	[STAGE_MAPPED] = {"Mapped to user (no copy)", "mapped", STAGE_REFERENCE, LAYER_RECEIVE,
			  ROLE_CLIENT, M_MAPPED_BYTES, METRIC_MAX_},
};
static_assert_complete(stage_defs, STAGE_MAX_);

/* Which places copy headers: by function, else by the reasons under which only headers move. */
static bool is_header_place(const char *function, const char *reason)
{
	static const char *const functions[] = {"pskb_expand_head", "__pskb_copy_fclone"};
	static const char *const reasons[] = {
		"header pull",	 "header room", "header write",		"header unclone",
		"header copy",	 "retransmit",	"split before sending", "software checksum",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(functions); i++)
		if (!strcmp(function, functions[i]))
			return true;
	/* it copies the payload, whatever for */
	if (!strcmp(function, "skb_copy_ubufs"))
		return false;
	for (i = 0; i < ARRAY_SIZE(reasons); i++)
		if (!strcmp(reason, reasons[i]))
			return true;
	return false;
}

static void add_place(struct mode_copies *c, const struct path_copy *p)
{
	struct copy_place *at;
	size_t i;

	for (i = 0; i < c->place_cnt; i++)
		if (c->place[i].function == p->function && c->place[i].reason == p->reason)
			break;
	if (i == c->place_cnt) {
		array_grow(c->place, c->place_cnt, c->place_cap);
		c->place[c->place_cnt++] =
			(struct copy_place){.function = p->function,
					    .reason = p->reason,
					    .header = is_header_place(p->function, p->reason)};
	}
	at = &c->place[i];
	at->count += (double)p->count;
	at->bytes += (double)p->bytes;
}

static void add_stage(const struct run_result *r, enum stage s, struct stage_sum *sum,
		      double *received)
{
	const struct stage_def *def = &stage_defs[s];
	const struct metric_value *v = &r->v[def->role][def->bytes], *count = NULL;

	if (!value_known(v)) {
		if (!sum->reason)
			sum->reason = v->reason;
		return;
	}
	if (!sum->known_cells++)
		sum->count_known = def->count != METRIC_MAX_;
	if (def->count != METRIC_MAX_)
		count = &r->v[def->role][def->count];
	if (count && value_known(count))
		sum->count += count->value;
	else
		sum->count_known = false;
	if (v->status == VALUE_LOSSY) {
		sum->lossy = true;
		sum->reason = v->reason;
	}
	sum->bytes += v->value;
	*received += r->v[ROLE_CLIENT][M_APP_BYTES].value;
}

static int compare_place(const void *a, const void *b)
{
	const struct copy_place *x = a, *y = b;

	return (x->bytes < y->bytes) - (x->bytes > y->bytes);
}

static void build_mode(const struct run_set *set, struct mode_copies *c)
{
	double received[STAGE_MAX_] = {0};
	enum stage s;
	size_t i, j;

	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i];
		const struct metric_value *bytes = &r->v[ROLE_CLIENT][M_APP_BYTES];

		if (r->key.mode != c->mode->name || r->key.pass != PASS_ATTRIBUTION ||
		    r->status != RESULT_OK || !value_known(bytes) || bytes->value <= 0)
			continue;
		c->cells++;
		c->received += bytes->value;
		for (s = 0; s < STAGE_MAX_; s++)
			add_stage(r, s, &c->stage[s], &received[s]);
		for (j = 0; j < r->copy_cnt; j++)
			add_place(c, &r->copy[j]);
	}
	for (s = 0; s < STAGE_MAX_; s++) {
		if (received[s] > 0)
			c->stage[s].per_byte = c->stage[s].bytes / received[s];
		if (stage_defs[s].kind != STAGE_COPY)
			continue;
		c->per_byte += c->stage[s].per_byte;
		c->lower_bound |= !stage_known(c, s);
	}
	if (c->place_cnt)
		qsort(c->place, c->place_cnt, sizeof(*c->place), compare_place);
}

struct mode_copies *copies_build(const struct run_set *set)
{
	struct mode_copies *copies = xcalloc(set->plan.mode_cnt, sizeof(*copies));
	size_t i;

	for (i = 0; i < set->plan.mode_cnt; i++) {
		copies[i].mode = &set->plan.mode[i];
		build_mode(set, &copies[i]);
	}
	return copies;
}

void copies_free(struct mode_copies *copies, size_t cnt)
{
	size_t i;

	for (i = 0; copies && i < cnt; i++)
		free(copies[i].place);
	free(copies);
}
