// SPDX-License-Identifier: GPL-2.0-only
#include "report/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "core/util.h"

#define NOBODY 65534 /* nobody:nogroup, the kernel's overflow id */

enum { SVG_FD = 3, PNG_FD };

int gnuplot_open(struct gnuplot *g)
{
	int fd = memfd_create("gnuplot-commands", MFD_CLOEXEC);

	*g = (struct gnuplot){
		.commands = fd < 0 ? NULL : fdopen(fd, "w+"),
		.svg_fd = memfd_create("gnuplot-svg", MFD_CLOEXEC),
		.png_fd = memfd_create("gnuplot-png", MFD_CLOEXEC),
		.words_fd = memfd_create("gnuplot-words", MFD_CLOEXEC),
	};
	if (!g->commands || g->svg_fd < 0 || g->png_fd < 0 || g->words_fd < 0) {
		int err = -errno;

		gnuplot_close(g);
		return err;
	}
	fprintf(g->commands, "out_svg = \"/proc/self/fd/%d\"\nout_png = \"/proc/self/fd/%d\"\n", SVG_FD,
		PNG_FD);
	return 0;
}

/* ---- the child, up to exec ----------------------------------------------------------------- */

/* To where none of the numbers it gets is. */
static int moved(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, 16);
}

static bool place_files(const struct gnuplot *g)
{
	const int from[] = {moved(fileno(g->commands)), open("/dev/null", O_WRONLY | O_CLOEXEC),
			    moved(g->words_fd), moved(g->svg_fd), moved(g->png_fd)};
	int fd;

	for (fd = 0; fd < (int)ARRAY_SIZE(from); fd++)
		if (from[fd] < 0 || dup2(from[fd], fd) < 0)
			return false;
	return true;
}

/* Memory files are open to whoever has them, so it can be anybody. */
static bool give_up_root(void)
{
	return geteuid() || (!setgroups(0, NULL) && !setresgid(NOBODY, NOBODY, NOBODY) &&
			     !setresuid(NOBODY, NOBODY, NOBODY));
}

static void become_gnuplot(const struct gnuplot *g, int complain_fd)
{
	const char *const argv[] = {"gnuplot", "-d", NULL};
	/* Some symbols of gnuplot's come through iconv, which in the C locale knows none of them. */
	char *const env[] = {"LC_ALL=C.UTF-8", NULL};
	int err;

	complain_fd = moved(complain_fd);
	if (place_files(g) && give_up_root() && !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
		signal(SIGINT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		signal(SIGHUP, SIG_DFL);
		signal(SIGPIPE, SIG_DFL);
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* changing credentials clears it */
		execvpe(*argv, (char *const *)argv, env);
	}
	err = errno;
	if (write(complain_fd, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(127);
}

/* -------------------------------------------------------------------------------------------- */

int gnuplot_start(struct gnuplot *g)
{
	int complaint[2], err = 0;
	ssize_t n;

	if (fflush(g->commands) || lseek(fileno(g->commands), 0, SEEK_SET) || pipe2(complaint, O_CLOEXEC))
		return -errno;
	g->pid = fork();
	if (!g->pid)
		become_gnuplot(g, complaint[1]);
	close(complaint[1]);
	n = g->pid < 0 ? -1 : read(complaint[0], &err, sizeof(err));
	close(complaint[0]);
	if (!n)
		return 0; /* exec closed it */
	if (g->pid > 0)
		waitpid(g->pid, NULL, 0);
	g->pid = 0;
	return n > 0 ? -err : -EAGAIN;
}

/* The first line that it wrote to stderr, NULL if there is none. */
static char *first_words(int fd)
{
	char text[256];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0), start = 0;

	text[MAX(n, (ssize_t)0)] = '\0';
	start = (ssize_t)strspn(text, "\n ");
	text[start + (ssize_t)strcspn(text + start, "\n")] = '\0';
	return text[start] ? xasprintf("gnuplot says: %s", text + start) : NULL;
}

char *gnuplot_finish(struct gnuplot *g)
{
	int status = 0;

	while (waitpid(g->pid, &status, 0) < 0 && errno == EINTR)
		;
	g->pid = 0;
	lseek(g->svg_fd, 0, SEEK_SET);
	lseek(g->png_fd, 0, SEEK_SET);
	if (WIFSIGNALED(status))
		return xasprintf("gnuplot was ended by signal %d (%s)", WTERMSIG(status),
				 strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status))
		return first_words(g->words_fd) ?: xasprintf("gnuplot ended with status %d and not a word",
							     WEXITSTATUS(status));
	return NULL;
}

static void close_one(int *fd)
{
	if (*fd > 0) /* 0: was never opened */
		close(*fd);
}

void gnuplot_close(struct gnuplot *g)
{
	if (g->pid) {
		kill(g->pid, SIGKILL);
		waitpid(g->pid, NULL, 0);
	}
	if (g->commands)
		fclose(g->commands);
	close_one(&g->svg_fd);
	close_one(&g->png_fd);
	close_one(&g->words_fd);
	*g = (struct gnuplot){0};
}
