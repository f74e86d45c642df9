// SPDX-License-Identifier: GPL-2.0-only
#include "testbed/ssh.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "core/log.h"

#define SOCKET_NAME	"master"
#define GREETING_MS	30000 /* ssh gives up after ConnectTimeout; then the other host's shell starts */
#define RUN_TIMEOUT_NS	(60 * NSEC_PER_SEC)
#define CLOSE_TIMEOUT_NS (3 * NSEC_PER_SEC)
#define LOOK_AGAIN_US	2000

/* What the user may have configured for sessions by hand must not reach ours. */
#define OPTIONS                                                                                        \
	"-T", "-x", "-a", "-S", SOCKET_NAME, "-o", "BatchMode=yes", "-o", "ConnectTimeout=10",         \
		"-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3", "-o", "LogLevel=INFO",  \
		"-o", "ControlPersist=no", "-o", "RemoteCommand=none", "-o", "ClearAllForwardings=yes", \
		"-o", "PermitLocalCommand=no", "-o"

/* ---- starting it ------------------------------------------------------------------------- */

/* ssh asks the user database where their files are; what it starts, as a ProxyCommand, asks these. */
static void set_home(void)
{
	const struct passwd *user = getpwuid(getuid());

	if (!user)
		return;
	setenv("HOME", user->pw_dir, 1);
	setenv("USER", user->pw_name, 1);
	setenv("LOGNAME", user->pw_name, 1);
}

static void child_main(const struct ssh *s, const char *control, const char *command, pid_t parent, const int fd[3])
{
	char *const argv[] = {"ssh", OPTIONS, (char *)control, "--", (char *)s->host, (char *)command, NULL};
	sigset_t none;
	int i;

	/* The directory is in one that only root may enter: it is found by being there. */
	if (fchdir(s->dir_fd))
		_exit(255);
	for (i = 0; i < 3; i++)
		if (dup2(fd[i], i) < 0)
			_exit(255);
	setsid(); /* Ctrl-C on the terminal is for copyscope */
	if (s->become(NULL))
		_exit(255);
	set_home();
	prctl(PR_SET_PDEATHSIG, SIGTERM); /* after the credentials, which clear it */
	if (getppid() != parent)
		_exit(255);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(argv[0], argv);
	log_error("the ssh program is missing: apt-get install openssh-client");
	_exit(255);
}

static pid_t spawn(const struct ssh *s, const char *control, const char *command, int in, int out, int err)
{
	const int fd[3] = {in, out, err};
	pid_t parent = getpid(), pid = fork();

	if (!pid)
		child_main(s, control, command, parent, fd);
	return pid > 0 ? pid : err_r(-errno, "start ssh");
}

pid_t ssh_start(const struct ssh *s, const char *command, int in, int out, int err)
{
	return spawn(s, "ControlMaster=no", command, in, out, err);
}

/* Until it has ended by itself; else it is made to. 0 or -EINTR, -ETIMEDOUT. */
static int wait_for(pid_t pid, uint64_t timeout_ns, int *status)
{
	uint64_t give_up_ns = monotonic_ns() + timeout_ns;
	int err = 0;

	while (waitpid(pid, status, WNOHANG) == 0) {
		if (usleep(LOOK_AGAIN_US) && errno == EINTR)
			err = -EINTR;
		else if (monotonic_ns() > give_up_ns)
			err = -ETIMEDOUT;
		if (!err)
			continue;
		kill(pid, SIGKILL);
		TEMP_FAILURE_RETRY(waitpid(pid, status, 0));
		return err;
	}
	return 0;
}

int ssh_run(const struct ssh *s, const char *command, int in, int out, int err)
{
	pid_t pid = ssh_start(s, command, in, out, err);
	int status = 0, failed = pid < 0 ? pid : wait_for(pid, RUN_TIMEOUT_NS, &status);

	return failed ?: WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

/* ---- why not ------------------------------------------------------------------------------- */

static const struct {
	const char *said, *remedy; /* %s: the host */
} failures[] = {
	{"Could not resolve hostname", "check the name, or give it an entry in ~/.ssh/config"},
	{"Host key verification failed", "connect once by hand and look at its key: ssh %s"},
	{"Permission denied (", "no password is asked for here: ssh-copy-id %s; keys of an agent need "
				"sudo --preserve-env=SSH_AUTH_SOCK"},
	{"Connection refused", "start sshd there, or say in ~/.ssh/config at which port it is"},
	{"timed out", "check the address, the link and the firewall"},
	{"No route to host", "check the address, the link and the firewall"},
	{"the ssh program is missing", NULL},
};

char *ssh_words(int err_fd)
{
	char text[2048], *line;
	ssize_t n = pread(err_fd, text, sizeof(text) - 1, 0);

	do
		text[MAX(n, 0)] = '\0';
	while (n > 0 && strchr("\r\n", text[--n]));
	line = strrchr(text, '\n');
	return xstrdup(line ? line + 1 : text);
}

int ssh_failed_r(const struct ssh *s, int err_fd)
{
	_cleanup_free_ char *said = ssh_words(err_fd), *remedy = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(failures); i++) {
		if (!strstr(said, failures[i].said))
			continue;
		remedy = failures[i].remedy ? text_with(failures[i].remedy, s->host) : xstrdup("");
		return fail_r(-EHOSTUNREACH, "ssh %s: %s%s%s", s->host, said, *remedy ? ": " : "", remedy);
	}
	return fail_r(-EHOSTUNREACH, "ssh %s: %s: try it by hand: ssh %s true", s->host,
		      *said ? said : "it ended without a word", s->host);
}

/* ---- the master ---------------------------------------------------------------------------- */

/* A byte at a time: what follows is not ours to take. */
static int read_line(int fd, char *line, size_t size)
{
	uint64_t give_up_ns = monotonic_ns() + GREETING_MS * NSEC_PER_MSEC;
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	size_t n = 0;

	while (n < size - 1) {
		if (monotonic_ns() > give_up_ns)
			return -ETIMEDOUT;
		if (poll(&pfd, 1, GREETING_MS) < 0)
			return -errno;
		if (pfd.revents && read(fd, &line[n], 1) != 1)
			return -EPIPE;
		if (pfd.revents && line[n++] == '\n')
			break;
	}
	line[n] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	return 0;
}

static int no_greeting_r(struct ssh *s, int err)
{
	_cleanup_free_ char *said = NULL;
	int status = 0;

	if (err == -EINTR)
		return err;
	if (err == -ETIMEDOUT)
		return fail_r(err, "ssh %s: no word from its shell for %d s: try it by hand: ssh %s true", s->host,
			      GREETING_MS / 1000, s->host);
	err = wait_for(s->master, CLOSE_TIMEOUT_NS, &status);
	s->master = 0;
	if (err || !WIFEXITED(status) || WEXITSTATUS(status) == 255)
		return err == -EINTR ? err : ssh_failed_r(s, s->err_fd);
	said = ssh_words(s->err_fd);
	return fail_r(-EIO, "%s: %s: make room there, set TMPDIR there to where it is, or install copyscope there",
		      s->host, *said ? said : "its shell ended without a word");
}

int ssh_connect(struct ssh *s, const char *script, char *line, size_t line_size)
{
	_cleanup_close_ int theirs = -1;
	int pair[2], err;
	pid_t pid;

	ssh_close(s);
	unlinkat(s->dir_fd, SOCKET_NAME, 0);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return err_r(-errno, "make a socket for ssh");
	s->stream_fd = pair[0];
	theirs = pair[1];
	s->err_fd = memfd_create("ssh-messages", MFD_CLOEXEC);
	if (s->err_fd < 0)
		return err_r(-errno, "memfd_create");
	pid = spawn(s, "ControlMaster=yes", "sh", theirs, theirs, s->err_fd);
	if (pid < 0)
		return pid;
	s->master = pid;
	close(take_fd(&theirs));
	if (send(s->stream_fd, script, strlen(script), MSG_NOSIGNAL) < 0)
		return no_greeting_r(s, -EPIPE);
	err = read_line(s->stream_fd, line, line_size);
	return err ? no_greeting_r(s, err) : 0;
}

bool ssh_alive(struct ssh *s)
{
	int status;

	if (s->master && waitpid(s->master, &status, WNOHANG) == s->master)
		s->master = 0;
	return s->master != 0;
}

void ssh_close(struct ssh *s)
{
	int status;

	if (s->stream_fd >= 0)
		close(take_fd(&s->stream_fd));
	if (s->master && wait_for(s->master, CLOSE_TIMEOUT_NS, &status) == -EINTR)
		log_debug("ssh was ended by force");
	s->master = 0;
	if (s->err_fd >= 0)
		close(take_fd(&s->err_fd));
}
