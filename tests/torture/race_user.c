// SPDX-License-Identifier: GPL-2.0-only
/* The user: owns the directory that the report goes into, and strikes at what appears there. */
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "race.h"

#define EVIL	     "system(\"id -u >> pwned\")\n"
#define DELAY_MAX_US 700000

volatile unsigned int *strikes;

/* Plots that are drawn of one mode, size and number of threads. */
const char *const plots[PLOTS] = {"throughput", "latency", "cpu-per-byte", "context-switches",
				    "copies-per-byte"};

void put(const char *path, const char *text)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0644);

	if (fd >= 0 && write(fd, text, strlen(text)) < 0)
		unlink(path);
}

/* All gnuplot could be told to load from there. */
static void plant_commands(const char *dir)
{
	size_t i;

	for (i = 0; i < PLOTS; i++) {
		_cleanup_free_ char *set = xasprintf("%s/%s.set", dir, plots[i]);
		_cleanup_free_ char *data = xasprintf("%s/%s.dat", dir, plots[i]);

		unlink(set);
		put(set, EVIL);
		put(data, "0 1 1 1\n");
	}
}

/* Away with what is there; false: it could not be taken. */
static bool take_away(const char *path)
{
	static unsigned int number;
	_cleanup_free_ char *away = xasprintf("taken-%u", number++);

	return !rename(path, away);
}

/* A link at path to something of root's, wherever it is moved. */
static int link_to(const char *what, const char *path)
{
	_cleanup_free_ char *here = getcwd(NULL, 0), *target = xasprintf("%s/../vault%s", here, what);

	return symlink(target, path);
}

/* A stage of the user's own, with commands in it. */
static void strike_plant(const char *path)
{
	_cleanup_free_ char *dir = xasprintf("%s/plots", path);

	if (!take_away(path) || mkdir(path, 0777))
		return;
	++*strikes;
	mkdir(dir, 0777);
	chmod(dir, 0777);
	plant_commands(dir);
}

static void strike_link(const char *path)
{
	if (take_away(path) && !link_to("", path))
		++*strikes;
}

static bool is_temporary(const char *name)
{
	return strstr(name, ".copyscope-tmp-") || strstr(name, ".tmp-") || strstr(name, ".new-");
}

static void swap_plots(const char *in, const char *name)
{
	_cleanup_free_ char *path = xasprintf("%s/%s/plots", in, name);

	if (!renameat2(AT_FDCWD, "link", AT_FDCWD, path, RENAME_EXCHANGE))
		++*strikes;
}

/* All that is written to or removed from now on: its plots are now the vault, now themselves. */
static void strike_swap(const char *path)
{
	static const char *const places[] = {".", "r"};
	const bool report_too = random() % 2;
	const struct dirent *e;
	size_t i;

	(void)path;
	for (;;)
		for (i = 0; i < ARRAY_SIZE(places); i++) {
			DIR *d = opendir(places[i]);

			while (d && (e = readdir(d)))
				if (is_temporary(e->d_name) || (report_too && !i && !strcmp(e->d_name, "r")))
					swap_plots(places[i], e->d_name);
			if (d)
				closedir(d);
		}
}

static void prepare_links(void)
{
	++*strikes;
	if (!take_away("r/plots") || link_to("", "r/plots") || link_to("", "latest") ||
	    unlink("r/report.md") || link_to("/precious", "r/report.md") ||
	    unlink("r/results.csv") || link_to("/new", "r/results.csv"))
		_exit(1);
}

/* Where reports without a name would go. */
static void prepare_reports(void)
{
	++*strikes;
	if (link_to("", "reports"))
		_exit(1);
}

const struct attack attacks[] = {
	{.name = "plant", .strike = strike_plant,
	 .help = "the stage becomes the user's, with commands for gnuplot in it"},
	{.name = "link", .strike = strike_link,
	 .help = "the stage becomes a link to root's directory"},
	{.name = "swap", .strike = strike_swap,
	 .help = "plots/ and a link to root's directory change places, again and again"},
	{.name = "links", .prepare = prepare_links,
	 .help = "the earlier report has links to root's files"},
	{.name = "reports", .prepare = prepare_reports, .unnamed = true,
	 .help = "the reports directory is a link to root's"},
};
const size_t attacks_cnt = ARRAY_SIZE(attacks);

/* Where we look: at the user's directory and the report in it, then at each stage and its plots. */
struct watch {
	int fd, parent, report;
	char *stage; /* the last one that was seen */
};

/* Returns whether something happens to or in a stage. */
static bool notice(struct watch *w, const struct inotify_event *e)
{
	const unsigned int mask = IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_CLOSE_WRITE;
	const bool above = e->wd == w->parent || e->wd == w->report;
	_cleanup_free_ char *plots_path = NULL;

	if (!e->len || (above && !is_temporary(e->name)))
		return false;
	if (above) {
		free(w->stage);
		w->stage = xasprintf("%s%s", e->wd == w->parent ? "" : "r/", e->name);
	}
	plots_path = xasprintf("%s/plots", w->stage);
	inotify_add_watch(w->fd, w->stage, mask); /* as soon as root lets us */
	inotify_add_watch(w->fd, plots_path, mask);
	return true;
}

/* Strikes once: when a stage appears, or after any number of things that happen in it, or some time. */
static _Noreturn void watch(const struct attack *attack)
{
	char buf[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	struct watch w = {.fd = inotify_init1(IN_CLOEXEC)};
	long left = random() % 2 ? 0 : random() % 40;
	bool pause = random() % 4 == 0;
	int n, at;

	w.parent = inotify_add_watch(w.fd, ".", IN_CREATE | IN_MOVED_TO | IN_ATTRIB);
	w.report = inotify_add_watch(w.fd, "r", IN_CREATE | IN_MOVED_TO | IN_ATTRIB);
	while ((n = (int)read(w.fd, buf, sizeof(buf))) > 0)
		for (at = 0; at < n; at += (int)(sizeof(struct inotify_event) +
						 ((struct inotify_event *)(buf + at))->len)) {
			if (!notice(&w, (struct inotify_event *)(buf + at)) || left--)
				continue;
			if (pause)
				usleep((useconds_t)(random() % DELAY_MAX_US));
			if (attack->strike)
				attack->strike(w.stage);
		}
	_exit(0);
}

pid_t attacker_start(const struct attack *attack)
{
	int ready[2];
	pid_t pid;
	char c;

	if (pipe2(ready, O_CLOEXEC))
		abort();
	pid = fork();
	if (!pid) {
		if (setgroups(0, NULL) || setresgid(USER, USER, USER) || setresuid(USER, USER, USER))
			_exit(1);
		srandom((unsigned int)getpid());
		if (link_to("", "link"))
			_exit(1);
		if (attack->prepare)
			attack->prepare();
		close(ready[1]);
		watch(attack);
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) < 0)
		abort();
	close(ready[0]);
	usleep(2000); /* until it watches */
	return pid;
}

