// SPDX-License-Identifier: GPL-2.0-only
/* The report of a run is the work of another process, which becomes the invoking user for good before it does
 * anything: root measures, and never touches the user's files. It starts before the measurement, to find out
 * whether there is a place for the report, and waits. The results reach it as JSON in a memory file. Should the
 * run be killed, it leaves nothing; once it has the results, it completes the report whatever becomes of the run.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "cmd/invoker.h"
#include "cmd/run.h"
#include "core/log.h"
#include "core/result_json.h"
#include "report/escape.h"
#include "report/report.h"

#define RENDER_ATTEMPTS 2

/* ---- in the other process ------------------------------------------------------------------ */

struct writer {
	const struct run_options *options;
	int socket_fd, json_fd;
	bool save_only; /* others died over the rest */
	struct report_place *place;
};

static int open_place(struct writer *w)
{
	const char *parent = getenv("COPYSCOPE_REPORTS") ?: "reports";
	char stamp[32], host[HOST_NAME_MAX + 1] = "localhost";
	_cleanup_free_ char *path = NULL, *host_part = NULL;
	time_t now = time(NULL);
	int err = invoker_become(w->options->out_dir ?: parent);

	if (err || w->options->out_dir)
		return err ?: report_open(w->options->out_dir, false, &w->place);
	if (mkdir(parent, 0777) && errno != EEXIST)
		return err_r(-errno, "cannot make %s (choose a writable place with --out)", parent);
	gethostname(host, sizeof(host) - 1);
	host_part = safe_file_name(host);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", gmtime(&now));
	path = xasprintf("%s/%s-%s", parent, stamp, host_part);
	return report_open(path, true, &w->place);
}

/* There was no room for it in its place. */
static void save_elsewhere(const struct writer *w, int why)
{
	const char *const base[] = {getenv("TMPDIR"), "/var/tmp", "/tmp"};
	struct report_place *place = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(base); i++) {
		_cleanup_free_ char *path = base[i] ? xasprintf("%s/copyscope-XXXXXX", base[i]) : NULL;
		bool saved = path && mkdtemp(path) && !report_open(path, false, &place) &&
			     !report_save(place, w->json_fd, false) && !report_commit(place);

		report_close(&place);
		if (saved) {
			log_error("cannot write the report to %s: %s; the measurement is in %s: when there is room, "
				  "`copyscope report %s --out DIR` makes the report", report_path(w->place),
				  strerror(-why), path, path);
			return;
		}
		if (path)
			rmdir(path);
	}
	log_error("cannot write the report to %s: %s; nor could the measurement be saved elsewhere: it is lost",
		  report_path(w->place), strerror(-why));
}

/* Returns 0 or with what some of it could not be written. */
static int render(struct writer *w)
{
	struct run_set *set = NULL;
	int fd = dup(w->json_fd), err;
	_cleanup_fclose_ FILE *in = fd < 0 ? NULL : fdopen(fd, "r");

	if (!in)
		return err_r(-errno, "read the results");
	rewind(in);
	err = run_set_read_json_from(in, "results.json", &set);
	if (err)
		return err;
	run_set_derive(set); /* what a reader computes anew, whoever wrote it */
	err = report_render(w->place, set, w->options->formats, w->options->quiet ? NULL : stderr);
	run_set_free(&set);
	return err;
}

static void tell_incomplete(const struct writer *w)
{
	const char *path = report_path(w->place);
	_cleanup_free_ char *remedy = xasprintf("the measurement is there: free some space and run `copyscope "
						"report %s`", path);

	if (w->save_only)
		log_error("the measurement is in %s: `copyscope report %s` makes its report", path, path);
	else
		report_tell_failed(w->place, remedy);
}

/* Whatever fails, what was measured comes first, and is kept. */
static int write_report(struct writer *w)
{
	int err = report_save(w->place, w->json_fd, true), unwritten = 0;

	if (!err)
		unwritten = w->save_only ? -ECANCELED : render(w);

	err = err ?: report_commit(w->place);
	if (err && err != -EEXIST)
		save_elsewhere(w, err);
	else if (unwritten)
		tell_incomplete(w);
	if (!err && !w->options->out_dir)
		report_link_latest(w->place);
	return err ?: unwritten;
}

static int writer_main(struct writer *w)
{
	char c = 0;
	int err;

	prctl(PR_SET_NAME, "copyscope-report");
	signal(SIGINT, SIG_IGN); /* the run decides, and says so */
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	err = open_place(w);
	if (!err && (write(w->socket_fd, &c, 1) != 1 || read(w->socket_fd, &c, 1) != 1))
		err = -ECANCELED; /* the run came to nothing */
	err = err ?: write_report(w);
	if (w->place && err != -ECANCELED)
		dprintf(w->socket_fd, "%s", report_path(w->place));
	report_close(&w->place);
	return err ? EXIT_FAILED : EXIT_OK;
}

/* ---- in the run ---------------------------------------------------------------------------- */

static ssize_t receive(int fd, char *buffer, size_t size)
{
	ssize_t n;

	do {
		n = read(fd, buffer, size);
	} while (n < 0 && errno == EINTR);
	return n;
}

static int wait_for_writer(struct output *out)
{
	int status = 0;

	while (waitpid(out->pid, &status, 0) < 0 && errno == EINTR)
		;
	out->pid = 0;
	return status;
}

int output_open(const struct run_options *options, struct output *out)
{
	int pair[2], json_fd = memfd_create("results.json", MFD_CLOEXEC);
	char c;

	*out = (struct output){
		.options = options, .socket_fd = -1, .json_fd = json_fd, .attempt = out->attempt + 1};
	if (json_fd < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return err_r(-errno, "prepare the report");
	fflush(NULL);
	out->pid = fork();
	if (!out->pid) {
		struct writer w = {
			.options = options,
			.socket_fd = pair[1],
			.json_fd = json_fd,
			.save_only = out->attempt > RENDER_ATTEMPTS,
		};

		close(pair[0]);
		_exit(writer_main(&w));
	}
	close(pair[1]);
	out->socket_fd = pair[0];
	if (out->pid < 0)
		return err_r(-errno, "start the writer of the report");
	if (receive(pair[0], &c, 1) == 1)
		return 0;
	return WIFSIGNALED(wait_for_writer(out)) ? -EPIPE : -EIO; /* else it said why */
}

static int deliver(const struct output *out, const struct run_set *set)
{
	_cleanup_fclose_ FILE *json = fdopen(dup(out->json_fd), "w");
	int err = json ? run_set_write_json(set, json) : -errno;

	if (!err && fflush(json))
		err = -errno;
	if (err)
		return err_r(err, "hand over the results for the report");
	return write(out->socket_fd, "w", 1) == 1 ? 0 : -errno; /* it is dead */
}

/* Returns the writer's wait status, or -errno after one line. */
static int write_once(struct output *out, const struct run_set *set)
{
	char path[PATH_MAX] = "";
	size_t len = 0;
	ssize_t n;
	int err = deliver(out, set), status;

	while (!err && len < sizeof(path) - 1 &&
	       (n = receive(out->socket_fd, path + len, sizeof(path) - 1 - len)) > 0)
		len += (size_t)n;
	if (err && err != -EPIPE)
		return err;
	status = wait_for_writer(out);
	if (len)
		puts(path);
	return status;
}

/* It was killed, or never had the results: nobody has saved them. */
static bool saved_nothing(int status)
{
	return status < 0 || WIFSIGNALED(status);
}

/* Such a writer is followed by another; the last does no more than save what was measured. */
int output_write(struct output *out, struct run_set *set)
{
	int status;

	run_set_derive(set);
	status = write_once(out, set);
	while (saved_nothing(status) && out->attempt <= RENDER_ATTEMPTS) {
		log_warn("the writer of the report %s: another begins",
			 status < 0 && status != -EPIPE ? "has not got the results" : "was killed");
		output_close(out);
		status = output_open(out->options, out) ?: write_once(out, set);
	}
	if (saved_nothing(status))
		log_error("every writer of the report was killed, or got no results: what was measured is lost");
	return status ? -EIO : 0;
}

void output_close(struct output *out)
{
	/* the writer takes it for a cancel */
	cleanup_close(&out->socket_fd);
	cleanup_close(&out->json_fd);
	out->socket_fd = out->json_fd = -1;
	if (out->pid > 0)
		wait_for_writer(out);
}
