// SPDX-License-Identifier: GPL-2.0-only
/* The common part of both command lines. */
#include "workload/options_parse.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <string.h>

#include "core/log.h"

enum {
	OPT_PORT = OPT_COMMON,
	OPT_JSON,
	OPT_CONTROL,
	OPT_VERIFY,
	OPT_PATTERN,
	OPT_CC,
	OPT_SNDBUF,
	OPT_RCVBUF,
	OPT_CPUS,
	OPT_VERSION,
};

static const struct argp_option common_rows[] = {
	{"port", OPT_PORT, "N", 0, "TCP port, 9711 if not given", 0},
	{"json", OPT_JSON, NULL, 0, "print the result as a JSON object on standard output", 0},
	{"verify", OPT_VERIFY, NULL, 0, "fill and check every byte (give it to both sides)", 0},
	{"pattern", OPT_PATTERN, "stream|rr", 0,
	 "stream (default), or rr: one message for each 8-byte request (give it to both sides)", 0},
	{"cc", OPT_CC, "NAME", 0, "TCP congestion control", 0},
	{"sndbuf", OPT_SNDBUF, "BYTES", 0, "SO_SNDBUF", 0},
	{"rcvbuf", OPT_RCVBUF, "BYTES", 0, "SO_RCVBUF", 0},
	{"cpus", OPT_CPUS, "LIST", 0, "run thread i on the CPU at place i modulo length (0,2,3)",
	 0},
	{"control", OPT_CONTROL, "FD", 0, "report to copyscope over this inherited socket", 0},
	{"help", '?', NULL, 0, "this text", -1},
	{"version", OPT_VERSION, NULL, 0, "print the version", -1},
	{0},
};

int usage_error(struct option_context *ctx, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!ctx->reported)
		log_error("%s", text);
	ctx->reported = true;
	return EINVAL;
}

int want_u64(struct option_context *ctx, const char *what, const char *arg, uint64_t min,
	     uint64_t max, uint64_t *out)
{
	if (!parse_u64(arg, min, max, out))
		return 0;
	return usage_error(ctx, "%s '%s': give a whole number from %llu to %llu", what, arg,
			   (unsigned long long)min, (unsigned long long)max);
}

int want_size(struct option_context *ctx, const char *what, const char *arg, uint64_t max,
	      uint64_t *bytes)
{
	char limit[24];

	if (!parse_size(arg, 1, max, bytes))
		return 0;
	return usage_error(ctx, "%s '%s': give bytes from 1 to %s; 64K, 1M are understood", what,
			   arg, format_size(max, limit));
}

int want_seconds(struct option_context *ctx, const char *what, const char *arg, uint64_t min_ns,
		 uint64_t *ns)
{
	if (!parse_seconds(arg, min_ns, WORKLOAD_DURATION_MAX_S * NSEC_PER_SEC, ns))
		return 0;
	return usage_error(ctx,
			   "%s '%s': give seconds from %g to %d; fractions such as 0.5 are "
			   "understood",
			   what, arg, (double)min_ns / NSEC_PER_SEC, WORKLOAD_DURATION_MAX_S);
}

static int add_cpu(const char *item, void *arg)
{
	struct workload_options *o = arg;
	cpu_set_t allowed;
	uint64_t cpu;
	int err = parse_u64(item, 0, CPU_SETSIZE - 1, &cpu);

	if (err)
		return err;
	if (sched_getaffinity(0, sizeof(allowed), &allowed) || !CPU_ISSET(cpu, &allowed))
		return -ENODEV;
	array_grow(o->cpu, o->cpu_cnt, o->cpu_cap);
	o->cpu[o->cpu_cnt++] = (unsigned int)cpu;
	return 0;
}

static int parse_cpus(struct option_context *ctx, const char *arg)
{
	int err;

	ctx->common->cpu_cnt = 0;
	err = parse_list(arg, add_cpu, ctx->common, NULL);
	if (err == -ENODEV)
		return usage_error(ctx,
				   "--cpus '%s': not all of these CPUs may be used here: see "
				   "`taskset -pc $$`",
				   arg);
	if (err)
		return usage_error(ctx, "--cpus '%s': give CPU numbers, for example 0,2,3", arg);
	return 0;
}

static int parse_pattern(struct option_context *ctx, const char *arg)
{
	size_t i;

	for (i = 0; i < PATTERN_MAX_; i++) {
		if (!strcmp(arg, pattern_names[i])) {
			ctx->common->pattern = (enum pattern)i;
			return 0;
		}
	}
	return usage_error(ctx, "unknown pattern '%s': choose stream or rr", arg);
}

static int parse_control(struct option_context *ctx, const char *arg)
{
	uint64_t fd;

	if (want_u64(ctx, "--control", arg, 0, INT32_MAX, &fd))
		return EINVAL;
	if (fcntl((int)fd, F_SETFD, FD_CLOEXEC))
		return usage_error(
			ctx, "--control %s: no such file descriptor; copyscope passes it", arg);
	ctx->common->control_fd = (int)fd;
	return 0;
}

static int parse_number_option(struct option_context *ctx, int key, const char *arg)
{
	uint64_t value;

	switch (key) {
	case OPT_PORT:
		if (want_u64(ctx, "--port", arg, ctx->port_min, UINT16_MAX, &value))
			return EINVAL;
		ctx->common->port = (uint16_t)value;
		return 0;
	case OPT_SNDBUF:
		return want_size(ctx, "--sndbuf", arg, GIB / 2, &ctx->common->sndbuf_bytes);
	case OPT_RCVBUF:
		return want_size(ctx, "--rcvbuf", arg, GIB / 2, &ctx->common->rcvbuf_bytes);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* The long option nearest to the word, of both tables; NULL if none is near. */
static const char *nearest_option(const struct option_context *ctx, const char *word)
{
	const struct argp_option *const tables[] = {common_rows, ctx->own};
	_cleanup_free_ const char **names = NULL;
	size_t cnt = 0, cap = 0, i;
	const struct argp_option *row;

	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		for (row = tables[i]; row->name; row++) {
			array_grow(names, cnt, cap);
			names[cnt++] = row->name;
		}
	}
	return nearest_name(word, names, cnt);
}

/* argp stopped at a word that getopt did not take. */
static void report_bad_option(struct option_context *ctx, const struct argp_state *state)
{
	const char *word = state->next > 0 ? state->argv[state->next - 1] : "", *near;
	_cleanup_free_ char *name = NULL;

	if (word[0] != '-' && state->next < state->argc)
		word = state->argv[state->next];
	if (isdigit((unsigned char)word[word[0] == '-'])) {
		usage_error(ctx, "'%s': numbers must not be negative; see `%s --help`", word,
			    ctx->program);
		return;
	}
	name = xstrdup(word + strspn(word, "-"));
	name[strcspn(name, "=")] = '\0';
	near = nearest_option(ctx, name);
	if (near && !strcmp(near, name))
		usage_error(ctx,
			    "option '--%s': its value is missing or it takes none; see `%s --help`",
			    name, ctx->program);
	else if (near)
		usage_error(ctx, "unknown option '%s': did you mean --%s? See `%s --help`", word,
			    near, ctx->program);
	else
		usage_error(ctx, "unknown option '%s': see `%s --help`", word, ctx->program);
}

static error_t parse_common(int key, char *arg, struct argp_state *state)
{
	struct option_context *ctx = state->input;

	switch (key) {
	case OPT_JSON:
		ctx->common->json = true;
		return 0;
	case OPT_VERIFY:
		ctx->common->verify = true;
		return 0;
	case OPT_CC:
		ctx->common->cc = arg;
		return 0;
	case OPT_PATTERN:
		return parse_pattern(ctx, arg);
	case OPT_CPUS:
		return parse_cpus(ctx, arg);
	case OPT_CONTROL:
		return parse_control(ctx, arg);
	case '?':
		argp_help(state->root_argp, stdout, ARGP_HELP_STD_HELP, (char *)ctx->program);
		ctx->finished = true;
		return ECANCELED;
	case OPT_VERSION:
		printf("%s (copyscope) %s\n", ctx->program, COPYSCOPE_VERSION);
		ctx->finished = true;
		return ECANCELED;
	case ARGP_KEY_ARG:
		if (state->arg_num >= ctx->arg_cnt)
			return usage_error(ctx,
					   "'%s' is one argument too many: the arguments are %s",
					   arg, ctx->usage);
		return ctx->args[state->arg_num].parse(ctx, arg);
	case ARGP_KEY_END:
		if (state->arg_num < ctx->arg_cnt)
			return usage_error(ctx,
					   "%s is missing: the arguments are %s; see `%s --help`",
					   ctx->args[state->arg_num].name, ctx->usage,
					   ctx->program);
		return 0;
	case ARGP_KEY_ERROR:
		if (!ctx->reported && !ctx->finished)
			report_bad_option(ctx, state);
		return 0;
	default:
		return parse_number_option(ctx, key, arg);
	}
}

const struct argp common_argp = {.options = common_rows, .parser = parse_common};

bool options_parse(const struct argp *argp, int argc, char **argv, struct option_context *ctx,
		   int *status)
{
	*ctx->common = (struct workload_options){.control_fd = -1, .port = WORKLOAD_DEFAULT_PORT};
	log_init(ctx->program, LOG_INFO);
	if (argp_parse(argp, argc, argv, ARGP_NO_HELP | ARGP_NO_ERRS | ARGP_NO_EXIT, NULL, ctx)) {
		*status = ctx->finished ? EXIT_OK : EXIT_USAGE;
		workload_options_free(ctx->common);
		return false;
	}
	if (ctx->common->control_fd >= 0)
		log_init(ctx->program, LOG_WARN);
	return true;
}

void workload_options_free(struct workload_options *o)
{
	free(o->cpu);
	o->cpu = NULL;
	o->cpu_cnt = o->cpu_cap = 0;
}
