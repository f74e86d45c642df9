/* SPDX-License-Identifier: GPL-2.0-only */
/* What a run found: the one structure in which workload, probes, counters and reports meet.
 *
 * A run_set owns everything below it. Strings marked "pool" belong to run_set.strings and compare
 * by pointer. results.json (result_json.h) is exactly this, so render, diff and export need no more.
 */
#ifndef CORE_RESULT_H
#define CORE_RESULT_H

#include "core/call_way.h"
#include "core/copy_reason.h"
#include "core/drop.h"
#include "core/hist.h"
#include "core/mode.h"
#include "core/strpool.h"
#include "core/timeline.h"

/* clean: no BPF attached. attribution: BPF attached. Never compare a number of one with the other
 * without saying so.
 */
enum pass { PASS_CLEAN, PASS_ATTRIBUTION, PASS_MAX_ };
extern const char *const pass_names[PASS_MAX_];

enum result_status {
	RESULT_OK,
	RESULT_FAILED,	/* no usable numbers, see reason */
	RESULT_SKIPPED, /* not run (interrupted, or the mode is unsupported), see reason */
	RESULT_STATUS_MAX_
};
extern const char *const result_status_names[RESULT_STATUS_MAX_];

/* Whom bytes, switches and samples belong to. In a run_set the first is always the whole of a result and
 * the last the kernel's own threads; between them stand those that were observed.
 */
struct owner {
	const char *label; /* pool; "server"; untrusted text */
	enum flow flow;
};

#define OWNER_WHOLE 0
#define OWNERS_MAX  36 /* in a run_set */

struct run_key {
	const char *mode; /* pool; "A1" */
	uint64_t size_bytes;
	unsigned int threads;
	unsigned int repetition; /* from 1 */
	enum pass pass;
	unsigned int variant; /* 0: as the plan says; else its number in run_plan.variant, from 1 */
};

/* A frame of a stack. kind tells how it is drawn and sorted, never parsed from the name. */
enum frame_kind { FRAME_USER, FRAME_KERNEL, FRAME_OTHER, FRAME_KIND_MAX_ };

struct frame {
	const char *name;   /* pool; untrusted text */
	const char *module; /* pool or NULL; "libc.so.6", "veth"; untrusted text */
	enum frame_kind kind;
};

enum stack_kind { STACK_ONCPU, STACK_OFFCPU, STACK_KIND_MAX_ };

struct stack {
	enum stack_kind kind;
	unsigned int owner;
	uint64_t count; /* samples; off-CPU in older files: times switched out */
	uint64_t ns;	/* off-CPU only */
	unsigned int depth;
	unsigned int *frame; /* root first; indices into run_set.frame; owned */
};

/* Off-CPU time by the reason read from the kernel stack. */
struct wait_time {
	unsigned int owner;
	const char *reason; /* pool; "sndbuf full", "no data" ... */
	bool voluntary;
	bool main_thread; /* of a process: often it only waits for the others */
	uint64_t count, ns;
};

/* A copy inside the kernel's path, by place and reason. */
struct path_copy {
	unsigned int owner;   /* of the bytes: the sending socket's */
	enum stage stage;     /* where it is counted */
	const char *function; /* pool; "skb_copy_ubufs" */
	enum copy_reason reason;
	const char *detail;   /* pool; of an unknown reason: the frames it was called through; or NULL */
	uint64_t count, bytes;
};

/* A socket that an owner has used, and what it moved over it: one of those over which most was moved. */
struct socket_use {
	unsigned int owner;
	const char *protocol;	    /* pool; "tcp", "tcp, kTLS", "udp" */
	const char *local, *remote; /* pool; "10.0.0.1:443" */
	bool closed;		    /* meanwhile */
	uint64_t sends, sent_bytes, receives, received_bytes;
	const char *device; /* pool; of which kind the virtual device is that its route led to: "veth"; NULL: not known, or none */
};

#define SOCKETS_LISTED 100 /* of all owners together */

struct run_result {
	struct run_key key;
	enum result_status status;
	const char *reason;    /* pool; NULL when OK at the first attempt */
	unsigned int attempts; /* 1 = first try worked */
	unsigned int series;   /* of an attribution pass: which probe notes tell how it was observed */
	struct metric_value (*v)[METRIC_MAX_]; /* by owner of the set; owned */
	unsigned int owner_cnt;
	struct hist *latency;	 /* ns; owned, NULL if none */
	struct hist *completion; /* ns from zero-copy send to completion; owned, NULL if none */
	struct timeline *timeline[TIMELINE_MAX_]; /* owned, NULL: not known */
	struct wait_time *wait;
	size_t wait_cnt, wait_cap;
	struct path_copy *copy;
	size_t copy_cnt, copy_cap;
	struct call_size *call; /* of owners that are somebody's programs */
	size_t call_cnt, call_cap;
	struct socket_use *socket; /* of the same, most bytes first */
	size_t socket_cnt, socket_cap;
	struct stack *stack;
	size_t stack_cnt, stack_cap;
	struct drop *drop; /* events the probes lost; empty = none lost */
	size_t drop_cnt, drop_cap;
};

/* Attribution passes that were observed alike. A run has one series, unless it has to change a tier. */
#define SERIES_MAX 16

/* One line of "how was this observed": quantity, tier, provenance or reason. */
struct probe_note {
	const char *quantity;	     /* pool; registry name */
	enum tier tier;		     /* TIER_NONE: not observed */
	const char *via;	     /* pool; programs and targets */
	const struct reason *reason; /* why absent, or by no better tier */
	unsigned int series;	     /* of which passes it is said */
};

struct plan_note {
	const char *area; /* pool; "probe", "perf", "testbed", "run" */
	const char *text; /* pool */
};

/* A named fact of the machine, in the order it is shown. */
struct env_fact {
	const char *name, *value; /* pool; value is untrusted text */
};

struct mode_info {
	const char *name;  /* pool; "A1" */
	const char *title; /* pool; "two-copy" */
	const char *help;  /* pool; one sentence */
	struct mode_traits traits;
};

/* results.json with more is refused. */
#define PLAN_ITEMS_MAX 64 /* modes, sizes, thread counts: reports loop over their product */
#define RESULTS_MAX    20000

#define VARIANTS_MAX   16

#define MARGIN_PERCENT	   3 /* by default */
#define MARGIN_PERCENT_MAX 50

/* Beside the matrix: the same modes in the same blocks of passes, but for one thing. */
struct run_variant {
	const char *pattern, *congestion; /* pool; of its passes */
	uint64_t size_bytes;		  /* its only size and thread count; 0: all of the plan's */
	unsigned int threads;
};

struct run_plan {
	struct mode_info *mode; /* in the order asked for */
	uint64_t *size_bytes;
	unsigned int *threads;
	struct run_variant *variant;
	size_t mode_cnt, size_cnt, thread_cnt, variant_cnt;
	unsigned int repetitions;  /* clean passes of a cell */
	unsigned int attributions; /* attribution passes of a cell; 0: as many (older files) */
	unsigned int seed;	   /* of the order of passes; 0: not shuffled (older files) */
	unsigned int margin_percent; /* what is no difference to speak of; 0: the default */
	uint64_t duration_ns; /* of one pass */
	uint64_t warmup_ns;   /* before it */
	const char *path, *pattern, *tier, *level; /* pool */
	const char *congestion;			   /* pool; NULL: the system's, by a name that is not known */
	unsigned int frequency_hz;		   /* of CPU sampling */
	uint64_t offcpu_sample_ns; /* off-CPU time for each stack of it; 0: none, or (older files) one of each span */
	unsigned int ring;			   /* messages of a sender by reference; 0: by their size */
	const char *file_dir;			   /* pool; where the file that is sent lies; NULL: a memfd */
	uint64_t chunk_bytes;			   /* of a sendfile() or splice(); 0: the message, or the pipe */
	unsigned int batch;			   /* messages a submission to an io_uring; 0: one */
	enum issue issue;			   /* who makes the sends of an io_uring */
	uint64_t pipe_bytes;			   /* what splices go through; 0: the kernel's default */
	const char *receive;			   /* pool; name of the receive mode; NULL: copy */
	enum receive_way receive_way;
	const char *versus_a, *versus_b;	   /* pool; two modes to be held against each other; NULL: none */
	bool direct;				   /* the file is read past the page cache (O_DIRECT) */
	bool attached; /* no workload of ours: the owners are programs that ran anyway. One mode, no sizes, no threads */
	bool ipv6;				   /* not IPv4, over whatever path */
	bool verify;
};

struct run_set {
	struct strpool strings;
	void *reasons; /* private: interning */
	const char *tool_version; /* pool */
	const char *started_utc;  /* pool; "2026-01-31T12:00:00Z" */
	uint64_t elapsed_ns;
	const char *command;	    /* pool; how to repeat this run */
	const char *partial_reason; /* pool; NULL = complete */
	struct run_plan plan;
	struct owner owner[OWNERS_MAX];
	unsigned int owner_cnt;
	struct env_fact *env;
	size_t env_cnt, env_cap;
	struct probe_note *probe;
	size_t probe_cnt, probe_cap;
	struct plan_note *note;
	size_t note_cnt, note_cap;
	struct frame *frame;
	size_t frame_cnt, frame_cap;
	void *frame_index; /* private: interning */
	struct run_result *result;
	size_t result_cnt, result_cap;
};

/* With the whole and the kernel as its only owners. */
struct run_set *run_set_new(void);
void run_set_free(struct run_set **set);

/* One more owner, behind the others; before any result is added. Returns its number. At most
 * OWNERS_MAX - 2.
 */
unsigned int run_set_add_owner(struct run_set *set, const char *label, enum flow flow);
/* The first owner whose payload goes this way; OWNER_WHOLE (of which nothing is measured) if none. */
unsigned int run_set_owner(const struct run_set *set, enum flow flow);
/* By label; owner_cnt if there is none. */
unsigned int run_set_owner_by_label(const struct run_set *set, const char *label);

const char *run_set_str(struct run_set *set, const char *s); /* intern */
/* The set's own copy of a list: equal lists, equal pointer. NULL gives NULL. */
const struct reason *run_set_reason(struct run_set *set, const struct reason *list);
void run_set_note(struct run_set *set, const char *area, const char *fmt, ...) __printf(3, 4);
void run_set_env(struct run_set *set, const char *name, const char *fmt, ...) __printf(3, 4);
/* The value of a fact; NULL: not known. */
const char *run_set_env_value(const struct run_set *set, const char *name);
/* Index of a frame, added if new. The strings are interned. */
unsigned int run_set_frame(struct run_set *set, const char *name, const char *module,
			   enum frame_kind kind);

/* The latest series: that of the last probe note. */
unsigned int run_set_series(const struct run_set *set);

/* A new, empty result at the end. The pointer is valid until the next call. key.mode is interned. */
struct run_result *run_set_add(struct run_set *set, const struct run_key *key);
void run_set_drop_last(struct run_set *set);
void run_result_clear(struct run_result *r); /* frees what it owns; the key stays */

/* Append; the strings must be interned already. frame is copied. */
void run_result_wait(struct run_result *r, const struct wait_time *w);
void run_result_copy(struct run_result *r, const struct path_copy *c);
void run_result_socket(struct run_result *r, const struct socket_use *s);
void run_result_call(struct run_result *r, const struct call_size *c);
void run_result_drop(struct run_result *r, enum drop_kind kind, const char *detail, uint64_t count);
void run_result_stack(struct run_result *r, const struct stack *s);

/* A metric of a result, added up over the owners whose payload goes this way: known if all of them are. */
struct metric_value run_result_sum(const struct run_set *set, const struct run_result *r, enum flow flow,
				   enum metric_id m);

/* What quantities per byte are divided by: the bytes that arrived, where the receivers are observed by
 * their own account; else what the kernel saw go that way.
 */
struct metric_value run_result_payload(const struct run_set *set, const struct run_result *r,
				       enum flow flow);

/* The mode of the plan that a result is of (by key.mode); NULL if there is none. */
const struct mode_info *run_set_mode(const struct run_set *set, const struct run_result *r);

/* Of the pass; NULL: the system's, or its mode has none. */
const char *run_result_congestion(const struct run_set *set, const struct run_result *r);

/* Its place in the plan; mode_cnt: it is not there, or name is NULL. */
size_t plan_mode(const struct run_plan *plan, const char *name);

/* How often a cell is run in this pass. */
static inline unsigned int plan_passes(const struct run_plan *plan, enum pass pass)
{
	return pass == PASS_ATTRIBUTION && plan->attributions ? plan->attributions : plan->repetitions;
}

/* How passes of this variant are run; 0: the plan's own way. */
struct run_variant plan_variant(const struct run_plan *plan, unsigned int variant);
/* What its passes are called beside the others: "rr", "cubic". */
const char *plan_variant_label(const struct run_plan *plan, unsigned int variant);
/* Whether a message answers a request, so that its time is a round trip. */
bool plan_is_rr(const struct run_plan *plan);
/* Whether any mode of the plan is carried by this. */
bool plan_has(const struct run_plan *plan, enum transport transport);
/* What it has beside TCP, by EXTRA_BIT(). */
unsigned int plan_extras(const struct run_plan *plan);
/* All passes of the run. */
size_t plan_pass_cnt(const struct run_plan *plan);
bool plan_variant_covers(const struct run_plan *plan, unsigned int variant, uint64_t size_bytes,
			 unsigned int threads);
/* Whether it is anything to this mode: another congestion control is to TCP alone. */
bool plan_variant_concerns(const struct run_plan *plan, unsigned int variant, const struct mode_info *mode);

/* The passes of one variant (0: the matrix) as a set of their own, with a plan that says so: what reads a set need
 * not know of variants. It borrows everything from set, which must stay as it is; only the view itself is freed.
 */
struct run_set *run_set_view(const struct run_set *set, unsigned int variant);
void run_set_view_free(struct run_set **view);

/* Of an observation that goes on, the only result of each: what was counted between. Metrics, calls and drops; stacks and
 * what is read from them, and sockets, are of the whole. before NULL: from its beginning. The plan is empty.
 */
struct run_set *run_set_since(const struct run_set *now, const struct run_set *before);

/* What another copyscope counted of one of its owners, in its first result, becomes what was counted of an owner of r:
 * BPF metrics, what else is known there, waits, copies and stacks; and its losses are r's, too.
 */
void run_result_take(struct run_set *set, struct run_result *r, unsigned int owner, const struct run_set *from,
		     unsigned int from_owner);

/* First result with this key or NULL. */
const struct run_result *run_set_find(const struct run_set *set, const struct run_key *key);

/* What the probes counted becomes a lower bound where the workload or the kernel's own flags tell of more,
 * and what they inferred is exact where those bear it out. For an attribution pass, when both are in.
 */
void run_result_doubt(const struct run_set *set, struct run_result *r);

/* Fill the DERIVED metrics of all results from what was measured. Idempotent. */
void run_set_derive(struct run_set *set);

#endif
