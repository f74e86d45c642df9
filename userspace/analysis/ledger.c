// SPDX-License-Identifier: GPL-2.0-only
#include "analysis/ledger.h"

#include <string.h>

#define OWN(m)	       {.metric = M_##m}
#define SUM(flow_, m)  {.metric = M_##m, .flow = FLOW_##flow_}
#define STAGES(layer_) {.metric = METRIC_MAX_, .layer = LAYER_##layer_}

#define CHECK(title_, of_, left_, right_, ...) \
	{.title = (title_), .of = FLOW_##of_, .left = left_, .right = right_, ##__VA_ARGS__}
#define REVERSE	  .reverse = true
#define CLEAN_TOO .clean_too = true
#define OF_IDS	  .of_ids = true
#define OF_COMPLETIONS .of_completions = true
#define OF_NOTIFICATIONS .of_notifications = true
#define OF_CALLS  .of_calls = true
#define OF_RECORDS .of_records = true
#define OWN_CALLS .own_calls = true /* not where the kernel's calls are records, or the turns of zcrx */
#define IF_SEEN	  .if_seen = true
#define IF_REFERENCED .if_referenced = true

const struct ledger_check ledger_checks[] = {
	CHECK("sent", SENDS, STAGES(SEND), OWN(SENT_BYTES)),
	CHECK("sent (kernel) = sent (application)", SENDS, OWN(SENT_BYTES), OWN(APP_BYTES)),
	CHECK("send calls (kernel) = (application)", SENDS, OWN(SENT_CALLS), OWN(APP_CALLS), OF_CALLS),
	CHECK("received", RECEIVES, STAGES(RECEIVE), OWN(RECEIVED_BYTES)),
	CHECK("received (kernel) = received (application)", RECEIVES, OWN(RECEIVED_BYTES),
	      OWN(APP_BYTES)),
	CHECK("receive calls (kernel) = (application)", RECEIVES, OWN(RECEIVED_CALLS), OWN(APP_CALLS),
	      OWN_CALLS),
	CHECK("sent (server application) = received (client application)", WHOLE,
	      SUM(SENDS, APP_BYTES), SUM(RECEIVES, APP_BYTES), CLEAN_TOO),
	CHECK("sent", RECEIVES, STAGES(SEND), OWN(SENT_BYTES), REVERSE),
	CHECK("sent (kernel) = requests or words (application)", RECEIVES, OWN(SENT_BYTES),
	      OWN(APP_REVERSE_BYTES), REVERSE),
	CHECK("received", SENDS, STAGES(RECEIVE), OWN(RECEIVED_BYTES), REVERSE),
	CHECK("received (kernel) = requests or words (application)", SENDS, OWN(RECEIVED_BYTES),
	      OWN(APP_REVERSE_BYTES), REVERSE),
	CHECK("requests or words sent (client) = received (server)", WHOLE,
	      SUM(RECEIVES, APP_REVERSE_BYTES), SUM(SENDS, APP_REVERSE_BYTES), CLEAN_TOO, REVERSE),
	CHECK("zero-copy ids issued = completed (application)", SENDS, OWN(ZC_IDS_ISSUED),
	      OWN(ZC_IDS_COMPLETED), OF_COMPLETIONS, CLEAN_TOO),
	CHECK("zero-copy ids completed (kernel) = completed (application)", SENDS,
	      OWN(COMPLETION_IDS), OWN(ZC_IDS_COMPLETED), OF_IDS),
	CHECK("zero-copy ids allocated (kernel) = issued (application)", SENDS,
	      OWN(ZC_IDS_ALLOCATED), OWN(ZC_IDS_ISSUED), OF_IDS, IF_REFERENCED, IF_SEEN),
	CHECK("zero-copy sends (kernel) = ids issued (application)", SENDS, OWN(ZEROCOPY_SENDS),
	      OWN(ZC_IDS_ISSUED), OF_IDS, IF_REFERENCED),
	CHECK("io_uring notifications (kernel) = read (application)", SENDS, OWN(NOTIFICATIONS),
	      OWN(ZC_IDS_COMPLETED), OF_NOTIFICATIONS),
	CHECK("TLS overhead (TCP's bytes - encrypted) = headers and tags (the cipher's records)", SENDS,
	      OWN(TLS_OVERHEAD_BYTES), OWN(TLS_FRAMING_BYTES), OF_RECORDS),
	CHECK("voluntary switches (BPF) = (/proc)", BOTH, OWN(CTX_VOLUNTARY),
	      OWN(PROC_CTX_VOLUNTARY)),
	CHECK("involuntary switches (BPF) = (/proc)", BOTH, OWN(CTX_INVOLUNTARY),
	      OWN(PROC_CTX_INVOLUNTARY)),
};
const size_t ledger_check_cnt = ARRAY_SIZE(ledger_checks);

struct sum {
	double value;
	const struct reason *missing_reason, *optional_reason;
	enum metric_id missing, optional; /* METRIC_MAX_: none */
	enum metric_id inexact;		  /* a term that is a bound; METRIC_MAX_: none */
	const struct reason *inexact_reason;
	enum bound bound;
	bool tried;			  /* some term has any status at all */
	bool moved;			  /* some is not 0 */
	struct ledger_observers by;	  /* of those that are not 0, if any is */
};

static void add_observer(struct ledger_observers *by, const char *via)
{
	size_t i;

	for (i = 0; i < by->cnt; i++)
		if (!strcmp(by->via[i], via))
			return;
	by->via[by->cnt++] = via;
}

static void add_term(struct sum *sum, const struct metric_value *v, enum metric_id m, bool optional)
{
	sum->tried |= v->status != VALUE_ABSENT;
	if (value_known(v)) {
		if (v->value && !sum->moved)
			sum->by.cnt = 0;
		sum->moved |= v->value != 0;
		if (v->via && (v->value || !sum->moved))
			add_observer(&sum->by, v->via);
		sum->value += v->value;
		sum->bound |= v->bound;
		if (v->bound && sum->inexact == METRIC_MAX_) {
			sum->inexact = m;
			sum->inexact_reason = v->reason;
		}
	} else if (optional) {
		if (sum->optional != METRIC_MAX_)
			return;
		sum->optional = m;
		sum->optional_reason = v->reason;
	} else if (sum->missing == METRIC_MAX_) {
		sum->missing = m;
		sum->missing_reason = v->reason;
	}
}

static unsigned int owners_of(const struct run_set *set, enum flow flow, unsigned int owner)
{
	unsigned int owners = 0, o;

	if (!flow)
		return 1U << owner;
	for (o = 1; o < set->owner_cnt; o++)
		owners |= set->owner[o].flow & flow ? 1U << o : 0;
	return owners;
}

/* Not all stages can be seen on every kernel: balanced without those is balanced. */
static struct sum add_up(const struct run_set *set, const struct run_result *r,
			 const struct ledger_side *side, unsigned int owner)
{
	struct sum sum = {
		.missing = METRIC_MAX_, .optional = METRIC_MAX_, .inexact = METRIC_MAX_};
	struct metric_value v;
	enum stage s;

	sum.by.owners = owners_of(set, side->flow, owner);
	if (side->metric != METRIC_MAX_) {
		v = side->flow ? run_result_sum(set, r, side->flow, side->metric) :
				 r->v[owner][side->metric];
		add_term(&sum, &v, side->metric, false);
		return sum;
	}
	for (s = 0; s < STAGE_MAX_; s++)
		if (stage_defs[s].layer == side->layer)
			add_term(&sum, &r->v[owner][stage_defs[s].bytes], stage_defs[s].bytes,
				 !(stage_defs[s].traits & STAGE_MUST_BE_SEEN));
	return sum;
}

/* A side that is too small may be the smaller one, and one that is too large the larger. */
static bool bounds_allow(const struct ledger_line *line, const struct sum *left, const struct sum *right)
{
	enum bound difference = left->bound | bound_inverse(right->bound);

	return line->difference < 0 ? difference & BOUND_LOWER : difference & BOUND_UPPER;
}

static bool same_observer(const struct ledger_observers *a, const struct ledger_observers *b)
{
	return a->cnt == 1 && b->cnt == 1 && a->owners == b->owners && !strcmp(a->via[0], b->via[0]);
}

static void judge(struct ledger_line *line, const struct sum *left, const struct sum *right)
{
	const struct sum *lacking = left->missing != METRIC_MAX_  ? left :
				    right->missing != METRIC_MAX_ ? right :
								    NULL;

	if (!left->tried || !right->tried)
		return;
	line->left = left->value;
	line->right = right->value;
	line->difference = left->value - right->value;
	line->left_bound = left->bound;
	line->right_bound = right->bound;
	if (lacking) {
		line->state = LEDGER_UNCHECKED;
		line->missing = lacking->missing;
		line->reason = lacking->missing_reason;
		return;
	}
	if (line->difference != 0 && bounds_allow(line, left, right)) {
		lacking = left->inexact != METRIC_MAX_ ? left : right;
		line->state = LEDGER_UNCHECKED;
		line->missing = lacking->inexact;
		line->reason = lacking->inexact_reason;
		return;
	}
	line->state = line->difference != 0			 ? LEDGER_OFF :
		      same_observer(&left->by, &right->by) ? LEDGER_ONE_OBSERVER :
							     LEDGER_BALANCED;
	/* off is off, but a stage that nobody could see may be why */
	if (line->state == LEDGER_OFF) {
		line->missing = left->optional;
		line->reason = left->optional_reason;
	}
}

bool ledger_applies(const struct run_set *set, const struct ledger_check *check, unsigned int owner)
{
	return set->owner[owner].flow & check->of;
}

/* Asked for zero-copy, the kernel may copy: the ids are taken, but nothing is sent by reference. */
static bool copied_instead(const struct metric_value *v)
{
	return value_known(&v[M_ZEROCOPY_BYTES]) && v[M_ZEROCOPY_BYTES].value == 0 &&
	       value_known(&v[M_USER_TO_KERNEL_BYTES]) && v[M_USER_TO_KERNEL_BYTES].value > 0;
}

static bool is_meant(const struct run_set *set, const struct run_result *r,
		     const struct ledger_check *check, unsigned int owner)
{
	const struct mode_info *mode = run_set_mode(set, r);
	bool reverse = plan_is_rr(&set->plan) || (mode && mode->traits.transport == TRANSPORT_UDP);

	return r->status == RESULT_OK && (reverse || !check->reverse) &&
	       (r->key.pass != PASS_CLEAN || check->clean_too) &&
	       (!check->of_ids || (mode && mode->traits.takes_ids)) &&
	       (!check->of_completions || (mode && mode->traits.has_completions)) &&
	       (!check->of_notifications || (mode && mode_is_notified(&mode->traits))) &&
	       (!check->of_calls || !mode || !mode->traits.resumes) &&
	       (!check->of_records || (mode && mode->traits.way == WAY_ENCRYPT)) &&
	       (!check->own_calls || (set->plan.receive_way != RECEIVE_ZCRX && (!mode || mode->traits.way != WAY_ENCRYPT))) &&
	       (!check->if_referenced || !copied_instead(r->v[owner]));
}

void ledger_check_result(const struct run_set *set, const struct run_result *r,
			 const struct ledger_check *check, unsigned int owner, struct ledger_line *line)
{
	struct sum left, right;

	*line = (struct ledger_line){
		.check = check, .owner = owner, .result = r, .missing = METRIC_MAX_};
	if (!is_meant(set, r, check, owner))
		return;
	left = add_up(set, r, &check->left, owner);
	right = add_up(set, r, &check->right, owner);
	judge(line, &left, &right);
	if (check->if_seen && line->state == LEDGER_UNCHECKED)
		line->state = LEDGER_NOT_APPLICABLE;
}

struct ledger_observers ledger_observers(const struct run_set *set, const struct ledger_line *line,
					 const struct ledger_side *side)
{
	return add_up(set, line->result, side, line->owner).by;
}

static void add_line(struct ledger *ledger, const struct ledger_line *line)
{
	ledger->by_state[line->state]++;
	if (line->state == LEDGER_NOT_APPLICABLE)
		return;
	array_grow(ledger->line, ledger->cnt, ledger->cap);
	ledger->line[ledger->cnt++] = *line;
}

void ledger_build(const struct run_set *set, struct ledger *ledger)
{
	struct ledger_line line;
	size_t i, check, before;
	unsigned int o;

	memset(ledger, 0, sizeof(*ledger));
	for (i = 0; i < set->result_cnt; i++) {
		before = ledger->cnt;
		for (check = 0; check < ledger_check_cnt; check++) {
			for (o = 0; o < set->owner_cnt; o++) {
				if (!ledger_applies(set, &ledger_checks[check], o))
					continue;
				ledger_check_result(set, &set->result[i], &ledger_checks[check], o,
						    &line);
				add_line(ledger, &line);
			}
		}
		ledger->cells += ledger->cnt > before;
	}
}

void ledger_free(struct ledger *ledger)
{
	free(ledger->line);
	memset(ledger, 0, sizeof(*ledger));
}
