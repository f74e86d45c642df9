// SPDX-License-Identifier: GPL-2.0-only
#include "analysis/ledger.h"

#include <string.h>

#define MAX_TERMS 3

struct ledger_term {
	enum role role;
	enum metric_id metric;
	bool optional; /* a stage few kernels can show: balanced without it is balanced */
};

struct ledger_check {
	const char *title;
	struct ledger_term left[MAX_TERMS], right[MAX_TERMS];
	bool clean_too; /* needs no BPF */
	bool rr_only;	/* about the bytes of the requests */
	bool if_seen;	/* a cross-check: where a side cannot be seen there is nothing to check */
};

#define S(m) { ROLE_SERVER, M_##m, false }
#define C(m) { ROLE_CLIENT, M_##m, false }
#define S_OPTIONAL(m) { ROLE_SERVER, M_##m, true }
#define C_OPTIONAL(m) { ROLE_CLIENT, M_##m, true }
#define TERMS(...) { __VA_ARGS__ }

/* ROLE_CELL (0) ends a list of terms: no check is about a cell. */
static const struct ledger_check ledger_checks[] = {
	{
		.title = "server: user to kernel + zero-copy + spliced = sent",
		.left = TERMS(S(USER_TO_KERNEL_BYTES), S_OPTIONAL(ZEROCOPY_BYTES),
			      S_OPTIONAL(SPLICED_BYTES)),
		.right = TERMS(S(SENT_BYTES)),
	}, {
		.title = "server: sent (kernel) = sent (application)",
		.left = TERMS(S(SENT_BYTES)),
		.right = TERMS(S(APP_BYTES)),
	}, {
		.title = "client: kernel to user + mapped = received",
		.left = TERMS(C(KERNEL_TO_USER_BYTES), C_OPTIONAL(MAPPED_BYTES)),
		.right = TERMS(C(RECEIVED_BYTES)),
	}, {
		.title = "client: received (kernel) = received (application)",
		.left = TERMS(C(RECEIVED_BYTES)),
		.right = TERMS(C(APP_BYTES)),
	}, {
		.title = "sent (server application) = received (client application)",
		.left = TERMS(S(APP_BYTES)),
		.right = TERMS(C(APP_BYTES)),
		.clean_too = true,
	}, {
		.title = "client: user to kernel + zero-copy + spliced = sent",
		.left = TERMS(C(USER_TO_KERNEL_BYTES), C_OPTIONAL(ZEROCOPY_BYTES),
			      C_OPTIONAL(SPLICED_BYTES)),
		.right = TERMS(C(SENT_BYTES)),
		.rr_only = true,
	}, {
		.title = "client: sent (kernel) = requests (application)",
		.left = TERMS(C(SENT_BYTES)),
		.right = TERMS(C(APP_REVERSE_BYTES)),
		.rr_only = true,
	}, {
		.title = "server: kernel to user + mapped = received",
		.left = TERMS(S(KERNEL_TO_USER_BYTES), S_OPTIONAL(MAPPED_BYTES)),
		.right = TERMS(S(RECEIVED_BYTES)),
		.rr_only = true,
	}, {
		.title = "server: received (kernel) = requests (application)",
		.left = TERMS(S(RECEIVED_BYTES)),
		.right = TERMS(S(APP_REVERSE_BYTES)),
		.rr_only = true,
	}, {
		.title = "requests sent (client) = requests received (server)",
		.left = TERMS(C(APP_REVERSE_BYTES)),
		.right = TERMS(S(APP_REVERSE_BYTES)),
		.clean_too = true,
		.rr_only = true,
	}, {
		.title = "server: zero-copy ids issued = completed (application)",
		.left = TERMS(S(ZC_IDS_ISSUED)),
		.right = TERMS(S(ZC_IDS_COMPLETED)),
		.clean_too = true,
	}, {
		.title = "server: zero-copy ids completed (kernel) = completed (application)",
		.left = TERMS(S(COMPLETION_IDS)),
		.right = TERMS(S(ZC_IDS_COMPLETED)),
	}, {
		.title = "server: zero-copy ids allocated (kernel) = issued (application)",
		.left = TERMS(S(ZC_IDS_ALLOCATED)),
		.right = TERMS(S(ZC_IDS_ISSUED)),
		.if_seen = true,
	}, {
		.title = "server: entries into the send function = returns from it",
		.left = TERMS(S(SEND_ENTRIES)),
		.right = TERMS(S(SEND_RETURNS)),
		.if_seen = true,
	}, {
		.title = "client: entries into the send function = returns from it",
		.left = TERMS(C(SEND_ENTRIES)),
		.right = TERMS(C(SEND_RETURNS)),
		.if_seen = true,
		.rr_only = true,
	}, {
		.title = "server: voluntary switches (BPF) = (/proc)",
		.left = TERMS(S(CTX_VOLUNTARY)),
		.right = TERMS(S(PROC_CTX_VOLUNTARY)),
	}, {
		.title = "server: involuntary switches (BPF) = (/proc)",
		.left = TERMS(S(CTX_INVOLUNTARY)),
		.right = TERMS(S(PROC_CTX_INVOLUNTARY)),
	}, {
		.title = "client: voluntary switches (BPF) = (/proc)",
		.left = TERMS(C(CTX_VOLUNTARY)),
		.right = TERMS(C(PROC_CTX_VOLUNTARY)),
	}, {
		.title = "client: involuntary switches (BPF) = (/proc)",
		.left = TERMS(C(CTX_INVOLUNTARY)),
		.right = TERMS(C(PROC_CTX_INVOLUNTARY)),
	},
};

const struct ledger_check *ledger_check_at(size_t number)
{
	return number < ARRAY_SIZE(ledger_checks) ? &ledger_checks[number] : NULL;
}

const char *ledger_title(const struct ledger_check *check)
{
	return check->title;
}

struct side {
	double sum;
	const struct metric_value *missing, *optional_missing;
	enum metric_id missing_id, optional_id;
	bool tried; /* some term has any status at all */
};

static struct side add_up(const struct run_result *r, const struct ledger_term *terms)
{
	struct side side = {.missing_id = METRIC_MAX_, .optional_id = METRIC_MAX_};
	size_t i;

	for (i = 0; i < MAX_TERMS && terms[i].role != ROLE_CELL; i++) {
		const struct metric_value *v = &r->v[terms[i].role][terms[i].metric];

		side.tried |= v->status != VALUE_ABSENT;
		if (value_known(v)) {
			side.sum += v->value;
		} else if (terms[i].optional) {
			side.optional_missing = v;
			side.optional_id = terms[i].metric;
		} else if (!side.missing) {
			side.missing = v;
			side.missing_id = terms[i].metric;
		}
	}
	return side;
}

static void judge(struct ledger_line *line, const struct side *left, const struct side *right)
{
	const struct side *lacking = left->missing ? left : right->missing ? right : NULL;

	line->missing = METRIC_MAX_;
	if (!left->tried || !right->tried) {
		line->state = LEDGER_NOT_APPLICABLE;
		return;
	}
	line->left = left->sum;
	line->right = right->sum;
	line->difference = left->sum - right->sum;
	if (lacking) {
		line->state = LEDGER_UNCHECKED;
		line->missing = lacking->missing_id;
		line->reason = lacking->missing->reason;
		return;
	}
	line->state = line->difference == 0 ? LEDGER_BALANCED : LEDGER_OFF;
	/* balanced without the stage nobody could see is balanced; off is off, but it may be why */
	if (line->state == LEDGER_OFF && left->optional_missing) {
		line->missing = left->optional_id;
		line->reason = left->optional_missing->reason;
	}
}

bool ledger_check_result(const struct run_set *set, const struct run_result *r, size_t number,
			 struct ledger_line *line)
{
	bool rr = set->plan.pattern && !strcmp(set->plan.pattern, "rr");
	const struct ledger_check *check = &ledger_checks[number];
	struct side left, right;

	if (number >= ARRAY_SIZE(ledger_checks))
		return false;
	memset(line, 0, sizeof(*line));
	line->check = check;
	line->result = r;
	line->missing = METRIC_MAX_;
	if (r->status != RESULT_OK || (check->rr_only && !rr) ||
	    (r->key.pass == PASS_CLEAN && !check->clean_too))
		return true;
	left = add_up(r, check->left);
	right = add_up(r, check->right);
	judge(line, &left, &right);
	if (check->if_seen && line->state == LEDGER_UNCHECKED)
		line->state = LEDGER_NOT_APPLICABLE;
	return true;
}

void ledger_build(const struct run_set *set, struct ledger *ledger)
{
	struct ledger_line line;
	size_t i, check, before;

	memset(ledger, 0, sizeof(*ledger));
	for (i = 0; i < set->result_cnt; i++) {
		before = ledger->cnt;
		for (check = 0; ledger_check_result(set, &set->result[i], check, &line); check++) {
			ledger->by_state[line.state]++;
			if (line.state == LEDGER_NOT_APPLICABLE)
				continue;
			array_grow(ledger->line, ledger->cnt, ledger->cap);
			ledger->line[ledger->cnt++] = line;
		}
		ledger->cells += ledger->cnt > before;
	}
}

void ledger_free(struct ledger *ledger)
{
	free(ledger->line);
	memset(ledger, 0, sizeof(*ledger));
}
