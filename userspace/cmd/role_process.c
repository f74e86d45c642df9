// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/role_process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "cmd/invoker.h"
#include "core/log.h"
#include "core/process.h"
#include "workload/sock.h"

#define NOBODY		65534 /* nobody:nogroup, the kernel's overflow id */
#define EXIT_TIMEOUT_NS (3 * NSEC_PER_SEC)

/* ---- the child, up to exec --------------------------------------------------------------- */

static void child_fail(const char *what)
{
	err_r(-errno, "%s", what);
	_exit(EXIT_FAILED);
}

/* Zero-copy sends pin pages against RLIMIT_MEMLOCK, often 8 MiB for ordinary users: beyond it the send
 * fails with ENOBUFS, and the limit would be what is measured. Lifted while we still may; a root without
 * CAP_SYS_RESOURCE may not, and leaves the workload CAP_IPC_LOCK instead.
 */
static bool lift_memlock(void)
{
	static const struct rlimit no_limit = {RLIM_INFINITY, RLIM_INFINITY};

	return !setrlimit(RLIMIT_MEMLOCK, &no_limit);
}

/* Its only privileges: bits of capabilities that we have. */
static int keep_only(__u32 kept)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3] = {
		{.effective = kept, .permitted = kept, .inheritable = kept}};
	unsigned long cap;

	if (syscall(SYS_capset, &header, caps))
		return -errno;
	for (cap = 0; cap < 32; cap++)
		if (kept & 1u << cap && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0))
			return -errno;
	return 0;
}

static void give_up_root(bool net_admin)
{
	struct invoker who = invoker_get();
	bool lifted = lift_memlock();
	__u32 kept = net_admin ? 1u << CAP_NET_ADMIN : 0;

	if (geteuid()) { /* an ordinary user with some capabilities: others end with this exec */
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
			child_fail("give up capabilities");
		if (kept) /* or the mode says what it lacks */
			keep_only(kept);
		return;
	}
	if (!lifted)
		kept |= 1u << CAP_IPC_LOCK;
	if (!who.uid)
		who.uid = who.gid = NOBODY;
	if (kept && prctl(PR_SET_KEEPCAPS, 1))
		child_fail("keep capabilities");
	if (setgroups(0, NULL) || setresgid(who.gid, who.gid, who.gid) ||
	    setresuid(who.uid, who.uid, who.uid))
		child_fail("give up root");
	/* Without CAP_IPC_LOCK either there will be ENOBUFS: handled, counted and reported. */
	if (kept)
		keep_only(kept);
}

static void add_socket(struct role_args *args)
{
	int fd;

	if (!args->congestion)
		return;
	if (sock_with_congestion(args->address, args->congestion, &fd) || fcntl(fd, F_SETFD, 0))
		_exit(EXIT_FAILED);
	args->v[args->n++] = xstrdup("--socket");
	args->v[args->n++] = xasprintf("%d", fd);
}

static void keep_open(int fd, const char *what)
{
	if (fcntl(fd, F_SETFD, 0))
		child_fail(what);
}

static void become_workload(const struct testbed *tb, enum role role, pid_t parent, struct role_args *args)
{
	if (testbed_enter_netns(tb, role))
		_exit(EXIT_FAILED);
	add_socket(args);
	setsid(); /* Ctrl-C on the terminal is for the orchestrator */
	give_up_root(args->net_admin);
	/* After the credentials: changing them clears it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILED);
}

/* Say "at the gate", and wait to be let through. The signal mask and handlers are the defaults then. */
static void wait_at_gate(int control)
{
	char c = 'g';

	if (write(control, &c, 1) != 1 || read(control, &c, 1) != 1)
		_exit(EXIT_FAILED);
}

static void child_main(const struct role_process *p, const struct testbed *tb, pid_t parent,
		       int control, int program, struct role_args args)
{
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(p->stderr_fd, STDERR_FILENO) < 0)
		child_fail("redirect the standard streams");
	become_workload(tb, p->role, parent, &args);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	keep_open(control, "keep the control socket");
	if (args.keep_fd >= 0)
		keep_open(args.keep_fd, "keep the local socket");
	args.v[args.n++] = xstrdup("--control");
	args.v[args.n++] = xasprintf("%d", control);
	wait_at_gate(control);
	/* By descriptor: the path may lead through directories only root may enter. */
	fexecve(program, args.v, environ);
	child_fail("execute the workload");
}

static int rest(struct role_process *p)
{
	int err = switches_at_rest(p->pid, &p->before);

	if (!err)
		perf_counters_start(p->counters);
	return err;
}

static int settle(struct role_process *p, struct run_set *set, struct run_result *r)
{
	struct metric_value *v = r->v[owner_of_role(p->role)];
	struct switch_count now;
	int err = switches_at_rest(p->pid, &now);

	if (err)
		return err;
	switches_since(&p->before, &now, v);
	perf_counters_read(p->counters, set, v);
	return 0;
}

/* ---- life cycle -------------------------------------------------------------------------- */

static int fork_workload(struct role_process *p, const struct testbed *tb,
			 const struct role_args *args)
{
	_cleanup_close_ int program = open(args->v[0], O_PATH | O_CLOEXEC), control = -1;
	pid_t parent = getpid();
	int pair[2];

	if (program < 0)
		return err_r(-errno, "open %s", args->v[0]);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return err_r(-errno, "make a control socket");
	p->reader.fd = pair[0];
	control = pair[1];
	p->stderr_fd = memfd_create("workload-stderr", MFD_CLOEXEC);
	if (p->stderr_fd < 0)
		return err_r(-errno, "make a buffer for the %s's messages", role_names[p->role]);
	/* In its cgroup from the beginning: a socket is of the one in which it was made. */
	p->pid = testbed_fork(tb, p->role);
	if (p->pid == 0)
		child_main(p, tb, parent, control, program, *args);
	if (p->pid > 0)
		return 0;
	p->pid = 0;
	return err_r(-errno, "fork the %s", role_names[p->role]);
}

static int reach_gate(struct role_process *p)
{
	char c;

	if (read(p->reader.fd, &c, 1) != 1)
		return -EPIPE;
	return perf_counters_open(p->pid, "/sys", &p->counters);
}

static int release(const struct role_process *p)
{
	if (write(p->reader.fd, "g", 1) != 1)
		return err_r(-errno, "let the %s go", role_names[p->role]);
	return 0;
}

static int start(struct role_process *p, struct testbed *tb, const struct role_args *args, char **why)
{
	int err = fork_workload(p, tb, args);

	err = err ?: reach_gate(p);
	if (err)
		role_process_end(p, why);
	return err ?: release(p);
}

const struct role_kind role_local = {.start = start, .rest = rest, .settle = settle};

int role_process_start(struct role_process *p, struct testbed *tb, const struct role_args *args, char **why)
{
	return p->kind->start(p, tb, args, why);
}

int role_process_rest(struct role_process *p)
{
	return p->kind->rest(p);
}

int role_process_settle(struct role_process *p, struct run_set *set, struct run_result *r)
{
	return p->kind->settle(p, set, r);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(take_fd(fd));
}

/* How it ended, in its own words where it left any; NULL: well. What it said first is the cause, what
 * came later its consequences; "server: " goes before it anyway.
 */
static char *explain_end(int stderr_fd, enum role role, int status)
{
	_cleanup_free_ char *name = xasprintf("%s: ", role_names[role]);
	char said[1024], *from;
	ssize_t n = stderr_fd >= 0 ? pread(stderr_fd, said, sizeof(said) - 1, 0) : 0;

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return NULL;
	if (WIFSIGNALED(status))
		return xasprintf("killed by signal %d (%s)", WTERMSIG(status),
				 strsignal(WTERMSIG(status)));
	said[MAX(n, 0)] = '\0';
	from = strstr(said, name);
	from = from ? from + strlen(name) : said;
	from[strcspn(from, "\n")] = '\0';
	return *from ? xstrdup(from) : xasprintf("exited with code %d", WEXITSTATUS(status));
}

void role_process_end(struct role_process *p, char **why)
{
	close_fd(&p->reader.fd);
	control_reader_free(&p->reader);
	perf_counters_close(&p->counters);
	if (p->pid) {
		int status = 0;
		bool by_itself = process_reap(p->pid, EXIT_TIMEOUT_NS, &status);
		char *said = by_itself ? explain_end(p->stderr_fd, p->role, status) : NULL;

		p->crashed = by_itself && WIFSIGNALED(status);
		p->pid = 0;
		if (why)
			*why = said;
		else
			free(said);
	}
	close_fd(&p->stderr_fd);
}
