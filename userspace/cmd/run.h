/* SPDX-License-Identifier: GPL-2.0-only */
/* `copyscope run` in parts: options (run_options.c), modes (run_modes.c), one pass of one cell (cell.c), all of them in order
 * (matrix.c), the machine's facts (environment.c), the report's place (output.c), wiring (cmd_run.c).
 */
#ifndef CMD_RUN_H
#define CMD_RUN_H

#include <jansson.h>

#include "core/result.h"
#include "observe/observer.h"
#include "testbed/testbed.h"

struct run_options {
	enum tier tier;	     /* TIER_NONE: auto */
	const char *cpus;    /* NULL: not pinned */
	const char *out_dir; /* NULL: reports/<UTC>-<host> */
	const char *formats; /* NULL: all */
	const char *without; /* modes that "all" had to leave out, and why; NULL: none */
	bool quiet, verbose;
	bool cross_check;
};

/* Fill options and set->plan from the command line. Returns -1 to go on, or an exit code. */
int run_options_parse(int argc, char **argv, struct run_options *options, struct run_set *set);

/* The modes of --mode, each by its row in send_modes[]. Zero-initialise. */
struct mode_choice {
	const struct send_mode **mode;
	size_t cnt;
	bool original;		/* "original" was named */
	const char **left_out;	/* by send mode: why "all" is without it; NULL: not asked for all */
};
struct recv_mode;
struct send_mode;
/* A mode's name, "all" or "original": 0, or -EINVAL after one line. */
int mode_choice_add(struct mode_choice *c, const char *item);
/* "all" is without what cannot be received so, or on another host. */
void mode_choice_fit(struct mode_choice *c, const struct recv_mode *recv, bool remote);
/* Into the plan, with strings of the set. */
void mode_choice_keep(const struct mode_choice *c, enum buffers buffers, struct run_plan *plan, struct run_set *set);
/* What "all" is without is noted; returned in one line, NULL: nothing. */
const char *mode_choice_note(const struct mode_choice *c, struct run_set *set);
void mode_choice_free(struct mode_choice *c);

/* What the default run takes beside the matrix (beside.c), and which congestion control the system's is. */
enum beside { BESIDE_CC = 1, BESIDE_RR = 2 };
void beside_add(unsigned int which, struct run_set *set);
/* One more variant, unless there are too many: 0 or -EINVAL, after one line. */
int beside_add_variant(struct run_set *set, const struct run_variant *variant);

/* 0, or -EINVAL after one line: modes, receive mode and options that make no sense together (combine.c). */
int plan_combines(const struct run_plan *plan, bool congestion_asked);

/* --versus MODE,MODE into the plan, which has its modes: CLI_GO_ON, or an exit code after one line. */
#define VERSUS_HELP "tell from which size on one of these two is better than the other"
int versus_parse(const char *arg, struct run_set *set);

/* The values of --tier, here and elsewhere: "auto" (TIER_NONE), "fentry" ... */
extern const char *const tier_choices[TIER_TRACEPOINT + 1];

/* Everything a pass needs; owned by cmd_run. */
struct run_context {
	const struct run_options *options;
	struct run_set *set;
	struct testbed *testbed;
	struct observer *observer;
	const char *server_path, *client_path;
};

/* Run one pass and fill r (its key says which). Returns 0; -EINTR when a stop was asked for; another
 * -errno with *reason set (pool) when the pass failed and may be tried again.
 */
int cell_run_pass(struct run_context *ctx, struct run_result *r, const char **reason);

/* All passes of all cells, interleaved, with retries and progress. Returns the number of passes that
 * failed for good, or -EINTR (set->partial_reason is set).
 */
int matrix_run(struct run_context *ctx);

/* When it began, by which copyscope, and how to repeat it: program and what follows its name. */
void environment_begin(struct run_set *set, const char *program, int argc, char **argv);

/* Facts of the machine and of the run for the report. */
void environment_describe(struct run_set *set);

/* Facts that a role told of its host, once: "Client kernel". host: an object of texts, or NULL. */
void environment_of_role(struct run_set *set, enum role role, const json_t *host);

/* That this process has the rights it takes, to run or only to attach. Returns 0 or -EPERM after one line. */
int environment_may_observe(bool to_attach);

/* That the files open at once, here and in a workload (NULL: there is none), may be as many as they will
 * be: too few show late, in odd places, and not as what they are. Returns 0 or -EMFILE after one line.
 */
int environment_need_files(const struct run_plan *plan);

/* The process that writes the report (output.c). */
struct output {
	const struct run_options *options;
	pid_t pid; /* 0: none */
	int socket_fd, json_fd;
	unsigned int attempt; /* how many there have been */
};

#define OUTPUT_NONE ((struct output){.socket_fd = -1, .json_fd = -1})

/* Start it: what cannot be written to is found out before the measurement, not after it. Call it before
 * anything is opened that only root should have. Returns 0, or -errno after one line (-EPIPE, without: it was
 * killed).
 */
int output_open(const struct run_options *options, struct output *out);

/* The report of set, whose derived metrics it fills in: options->out_dir, or reports/<UTC time>-<host>, under $COPYSCOPE_REPORTS if set, which
 * reports/latest then leads to. Prints its path. A failure says where the measurement is.
 */
int output_write(struct output *out, struct run_set *set);

/* Without output_write() nothing of it stays. Safe on OUTPUT_NONE, and twice. */
void output_close(struct output *out);

#endif
