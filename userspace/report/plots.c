// SPDX-License-Identifier: GPL-2.0-only
#include "report/plots.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "core/log.h"
#include "report/number.h"
#include "report/report_ctx.h"

extern char **environ;

#define ORIGINAL_THREADS 4
#define ORIGINAL_SIZE	 (64 * KIB)

enum axis { AXIS_SIZE, AXIS_THREADS };

struct plot_def {
	const char *name, *script, *title;
	enum axis axis;
	/* the first that was measured anywhere is drawn */
	struct {
		enum role role;
		enum metric_id metric;
		const char *label;
	} source[2];
};

static const struct plot_def plot_defs[] = {
	[PLOT_THROUGHPUT] = {"throughput", "lines.gp", "Throughput by message size", AXIS_SIZE,
			     {{ROLE_CLIENT, M_THROUGHPUT_GBPS, "received, Gbit/s"}}},
	[PLOT_LATENCY] = {"latency", "lines.gp", "Latency by threads", AXIS_THREADS,
			  {{ROLE_CLIENT, M_LATENCY_AVG_US, "mean, µs a message"}}},
	[PLOT_LLC] = {"llc-misses", "bars.gp", "LLC misses of the sender", AXIS_SIZE,
		      {{ROLE_SERVER, M_LLC_MISSES, "misses a pass"}}},
	[PLOT_CPU] = {"cpu-per-byte", "lines.gp", "CPU cost of a byte, both ends", AXIS_SIZE,
		      {{ROLE_CELL, M_CYCLES_PER_BYTE, "cycles per byte"},
		       {ROLE_CELL, M_CPU_NS_PER_BYTE, "CPU ns per byte"}}},
	[PLOT_COPIES] = {"copies-per-byte", "bars.gp", "Copies of a byte that were seen", AXIS_SIZE,
			 {{ROLE_CELL, M_COPIES_PER_BYTE, "copies per byte"}}},
	[PLOT_SWITCHES] = {"context-switches", "bars.gp", "Context switches of the sender",
			   AXIS_SIZE, {{ROLE_SERVER, M_CONTEXT_SWITCHES, "switches a pass"}}},
};
static_assert_complete(plot_defs, PLOT_MAX_);

const char *plot_name(enum plot plot)
{
	return plot_defs[plot].name;
}

const char *mode_colour(size_t mode)
{
	static const char *const okabe_ito[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
						"#e69f00", "#56b4e9", "#8f8f8f"};

	return okabe_ito[mode % ARRAY_SIZE(okabe_ito)];
}

/* ---- scripts ------------------------------------------------------------------------------- */

static bool has_scripts(const char *dir)
{
	_cleanup_free_ char *path = xasprintf("%s/common.gp", dir);

	return !access(path, R_OK);
}

/* Directory with the *.gp; the caller frees. NULL if there is none. */
static char *find_scripts(const struct report_opts *opts)
{
	const char *wish[] = {opts->datadir, getenv("COPYSCOPE_DATADIR")};
	static const char *const beside[] = {"../scripts/plots", "../share/copyscope"};
	char exe[4096];
	ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash, *dir;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wish); i++)
		if (wish[i] && has_scripts(wish[i]))
			return realpath(wish[i], NULL);
	exe[MAX(len, (ssize_t)0)] = '\0';
	slash = strrchr(exe, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	for (i = 0; i < ARRAY_SIZE(beside); i++) {
		_cleanup_free_ char *path = xasprintf("%s/%s", exe, beside[i]);

		if (has_scripts(path)) {
			dir = realpath(path, NULL);
			return dir;
		}
	}
	return NULL;
}

/* ---- data ---------------------------------------------------------------------------------- */

struct job {
	const struct plot_def *def;
	enum metric_id metric;
	const char *ylabel;
	bool bars; /* error bars: some cell has repetitions */
	char *title;
	pid_t pid;
};

/* Points of one mode: x, median, low, high. Returns how many were known. */
static size_t put_mode(const struct run_set *set, const struct plot_def *def, size_t source,
		       size_t mode, FILE *out, bool *spread_seen)
{
	const struct run_plan *plan = &set->plan;
	bool by_size = def->axis == AXIS_SIZE;
	size_t cnt = by_size ? plan->size_cnt : plan->thread_cnt, i, known = 0;
	char label[NUMBER_LEN];

	for (i = 0; i < cnt; i++) {
		enum metric_id m = def->source[source].metric;
		struct selection sel = {
			.mode = plan->mode[mode].name,
			.size_bytes = by_size ? plan->size_bytes[i]
					      : nearest_size(plan, ORIGINAL_SIZE),
			.threads = by_size ? nearest_threads(plan, ORIGINAL_THREADS)
					   : plan->threads[i],
			.pass = metric_pass(m),
			.role = def->source[source].role,
			.metric = m,
		};
		struct spread s = spread_of(set, &sel);

		known += s.n > 0;
		*spread_seen |= s.n > 1;
		if (!out)
			continue;
		if (by_size)
			number_size(sel.size_bytes, label);
		else
			snprintf(label, sizeof(label), "%u", sel.threads);
		fprintf(out, "%llu \"%s\" ",
			(unsigned long long)(by_size ? sel.size_bytes : sel.threads), label);
		if (s.n)
			fprintf(out, "%.9g %.9g %.9g\n", s.median, s.min, s.max);
		else
			fputs("NaN NaN NaN\n", out);
	}
	return known;
}

/* A key entry of harmless ASCII: gnuplot interprets quotes and backslashes, and what it writes into an
 * SVG it escapes only in part.
 */
static void put_key(const struct mode_info *mode, FILE *out)
{
	_cleanup_free_ char *text = xasprintf("%s%s%s", mode->name, mode->title ? " " : "",
					      mode->title ? mode->title : "");
	char *p;

	for (p = text; *p; p++)
		if ((unsigned char)*p >= 0x80 || (!isalnum((unsigned char)*p) && !strchr(" -_.,+:/", *p)))
			*p = '_';
	fprintf(out, "\"%.40s\"\n", text);
}

static int fill_data(struct report_ctx *ctx, FILE *out, size_t arg)
{
	const struct plot_def *def = &plot_defs[arg / ARRAY_SIZE(def->source)];
	size_t source = arg % ARRAY_SIZE(def->source), mode;
	bool ignored = false;

	for (mode = 0; mode < ctx->set->plan.mode_cnt; mode++) {
		fputs(mode ? "\n\n" : "", out);
		put_key(&ctx->set->plan.mode[mode], out);
		put_mode(ctx->set, def, source, mode, out, &ignored);
	}
	return 0;
}

/* Why no cell has this metric: the reason of the first that says one. */
static const char *why_absent(const struct run_set *set, const struct plot_def *def)
{
	size_t i, s;

	for (s = ARRAY_SIZE(def->source); s-- > 0;)
		for (i = 0; def->source[s].label && i < set->result_cnt; i++) {
			const struct run_result *r = &set->result[i];
			const struct metric_value *v =
				&r->v[def->source[s].role][def->source[s].metric];

			if (r->key.pass == metric_pass(def->source[s].metric) && v->reason &&
			    !value_known(v))
				return v->reason;
		}
	return "not measured in this run";
}

/* ---- drawing ------------------------------------------------------------------------------- */

static int start_gnuplot(struct report_ctx *ctx, const char *scripts, struct job *job)
{
	_cleanup_free_ char *script = xasprintf("%s/%s", scripts, job->def->script);
	_cleanup_free_ char *common = xasprintf("%s/common.gp", scripts);
	_cleanup_free_ char *data = xasprintf("%s/plots/%s.dat", ctx->dir, job->def->name);
	_cleanup_free_ char *base = xasprintf("%s/plots/%s", ctx->dir, job->def->name);
	char modes[24];
	const char *const argv[] = {"gnuplot", "-c", script, common, data, base, modes, job->title,
				    job->def->axis == AXIS_SIZE ? "message size" : "threads",
				    job->ylabel, job->bars ? "1" : "0",
				    metric_defs[job->metric].unit == UNIT_COUNT ? "%.1s%c" : "%g",
				    NULL};
	posix_spawn_file_actions_t actions;
	int err;

	snprintf(modes, sizeof(modes), "%zu", ctx->set->plan.mode_cnt);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	if (log_max_level() < LOG_DEBUG)
		posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	err = posix_spawnp(&job->pid, "gnuplot", &actions, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -err;
}

/* gnuplot draws in black: a dark page needs it light. The rules override its attributes. */
static int adapt_svg(struct report_ctx *ctx, const char *name)
{
	static const char style[] =
		"<style>@media (prefers-color-scheme:dark){text,[fill=\"black\"]{fill:#e6e7ea}"
		"[stroke=\"black\"],[stroke=\"rgb(  0,   0,   0)\"]{stroke:#a3a9b3}"
		"[color=\"black\"]{color:#a3a9b3}}</style>\n";
	_cleanup_free_ char *path = xasprintf("%s/plots/%s.svg", ctx->dir, name), *text = NULL;
	_cleanup_fclose_ FILE *f = fopen(path, "r+");
	const char *root, *end;
	size_t len;
	long size;

	if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) <= 0)
		return -ENOENT;
	rewind(f);
	text = xmalloc((size_t)size + 1);
	len = fread(text, 1, (size_t)size, f);
	text[len] = '\0';
	root = strstr(text, "<svg");
	end = root ? strchr(root, '>') : NULL;
	if (!end || !strstr(end, "</svg>"))
		return -ENOENT;
	rewind(f);
	fwrite(text, 1, (size_t)(end + 1 - text), f);
	fputs(style, f);
	fputs(end + 1, f);
	return fflush(f) || ferror(f) ? -EIO : 0;
}

static void forget(struct report_ctx *ctx, const char *name, bool picture)
{
	static const char *const ends[] = {"dat", "svg", "png"};
	size_t i;

	for (i = 0; i < (picture ? ARRAY_SIZE(ends) : 1); i++) {
		_cleanup_free_ char *path = xasprintf("plots/%s.%s", name, ends[i]);

		unlinkat(ctx->dirfd, path, 0);
	}
}

static void finish_job(struct report_ctx *ctx, struct job *job, struct plot_outcome *out)
{
	int status = -1, err;

	while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
		;
	err = status ? -EIO : adapt_svg(ctx, job->def->name);
	out->drawn = !err;
	if (err) {
		out->reason = xstrdup("gnuplot failed: --debug shows what it says");
		log_warn("plot %s: %s", job->def->name, out->reason);
	}
	forget(ctx, job->def->name, err != 0);
}

/* Which source is drawn and what the plot is called; false when there is nothing to draw. */
static bool prepare(struct report_ctx *ctx, enum plot p, struct job *job, size_t *source)
{
	const struct plot_def *def = &plot_defs[p];
	const struct run_plan *plan = &ctx->set->plan;
	char size[NUMBER_LEN];
	size_t s, mode, known = 0;

	job->def = def;
	job->pid = -1;
	if (def->axis == AXIS_SIZE)
		job->title = xasprintf("%s (%u thread%s)", def->title,
				       nearest_threads(plan, ORIGINAL_THREADS),
				       nearest_threads(plan, ORIGINAL_THREADS) == 1 ? "" : "s");
	else
		job->title = xasprintf("%s (%s)", def->title,
				       number_size(nearest_size(plan, ORIGINAL_SIZE), size));
	for (s = 0; s < ARRAY_SIZE(def->source) && def->source[s].label && !known; s++) {
		for (mode = 0; mode < plan->mode_cnt; mode++)
			known += put_mode(ctx->set, def, s, mode, NULL, &job->bars);
		*source = s;
	}
	if (!known)
		return false;
	job->metric = def->source[*source].metric;
	job->ylabel = def->source[*source].label;
	return true;
}

int plots_draw(struct report_ctx *ctx)
{
	_cleanup_free_ char *scripts = find_scripts(ctx->opts);
	struct job jobs[PLOT_MAX_] = {0};
	const char *cannot = NULL;
	size_t source;
	enum plot p;
	int err = 0;

	if (mkdirat(ctx->dirfd, "plots", 0755))
		return err_r(-errno, "create plots/");
	if (!scripts)
		cannot = "the plot scripts were not found: set COPYSCOPE_DATADIR to scripts/plots";
	for (p = 0; p < PLOT_MAX_ && !err; p++) {
		struct plot_outcome *out = &ctx->plot[p];
		bool wanted = prepare(ctx, p, &jobs[p], &source);

		out->title = jobs[p].title;
		if (!wanted || cannot) {
			out->reason = xstrdup(!wanted ? why_absent(ctx->set, &plot_defs[p]) : cannot);
			continue;
		}
		_cleanup_free_ char *data = xasprintf("plots/%s.dat", plot_defs[p].name);

		err = report_put_file(ctx, data, fill_data,
				      p * ARRAY_SIZE(plot_defs[p].source) + source);
		if (!err && start_gnuplot(ctx, scripts, &jobs[p])) {
			cannot = "gnuplot could not be started: install it (apt-get install "
				 "gnuplot-nox) and run `copyscope report` again";
			out->reason = xstrdup(cannot);
			jobs[p].pid = -1;
			forget(ctx, plot_defs[p].name, true);
		}
	}
	for (p = 0; p < PLOT_MAX_; p++)
		if (jobs[p].def && jobs[p].pid > 0)
			finish_job(ctx, &jobs[p], &ctx->plot[p]);
	if (cannot)
		log_warn("no plots: %s", cannot);
	return err;
}

void plots_free(struct report_ctx *ctx)
{
	enum plot p;

	for (p = 0; p < PLOT_MAX_; p++) {
		free(ctx->plot[p].title);
		free(ctx->plot[p].reason);
	}
}
