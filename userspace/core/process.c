// SPDX-License-Identifier: GPL-2.0-only
#include "core/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "core/log.h"

/* The wrong way round, so that nobody takes reading or printing for a success; but what is said on
 * stderr, by us and by those we start, may go nowhere.
 */
int process_begin(void)
{
	static const int mode[] = {O_WRONLY, O_RDONLY, O_WRONLY};
	static char buffer[64 * KIB]; /* for all that a command prints */
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", mode[fd]) < 0)
			return err_r(-errno, "open /dev/null for a standard stream that is closed");
	if (!isatty(STDOUT_FILENO)) /* so that what cannot be written fails where process_end() sees why */
		setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	return 0;
}

/* The stream forgets the error number of a write before the last. */
int process_end(int code)
{
	bool lost = ferror(stdout);

	errno = 0;
	lost |= fclose(stdout) != 0;
	if (!lost)
		return code;
	log_error("cannot write to standard output%s%s", errno ? ": " : "",
		  errno == EBADF ? "it is closed" : errno ? strerror(errno) : "");
	return EXIT_FAILED;
}

int process_need_files(size_t n, const char *what)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return 0;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (n <= limit.rlim_cur)
		return 0;
	return fail_r(-EMFILE, "%s needs %zu open files, RLIMIT_NOFILE allows %llu: raise it, as root if "
			       "need be, with `ulimit -n %zu`",
		      what, n, (unsigned long long)limit.rlim_cur, n);
}

bool process_reap(pid_t pid, uint64_t timeout_ns, int *status)
{
	uint64_t give_up_ns = monotonic_ns() + timeout_ns;
	bool forced = false;

	for (;;) {
		pid_t done = waitpid(pid, status, WNOHANG);

		if (done == pid || (done < 0 && errno != EINTR))
			return done == pid && !forced;
		if (monotonic_ns() > give_up_ns)
			forced = !kill(pid, SIGKILL);
		usleep(500);
	}
}
