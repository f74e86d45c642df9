// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/invoker.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "core/log.h"

/* SUDO_UID is only believed by root: who else sets it can give away only what is theirs. */
static unsigned int sudo_id(const char *variable, unsigned int fallback)
{
	const char *text = getenv(variable);
	uint64_t id;

	if (geteuid() == 0 && text && !parse_u64(text, 0, UINT32_MAX - 1, &id))
		return (unsigned int)id;
	return fallback;
}

struct invoker invoker_get(void)
{
	return (struct invoker){
		.uid = sudo_id("SUDO_UID", getuid()),
		.gid = sudo_id("SUDO_GID", getgid()),
	};
}

/* ---- becoming ------------------------------------------------------------------------------ */

/* The groups of the user; one without an entry in the user database has none but its own. */
static int set_groups(struct invoker who)
{
	const struct passwd *user = getpwuid(who.uid);

	return user ? initgroups(user->pw_name, who.gid) : setgroups(1, &who.gid);
}

static int become(struct invoker who)
{
	if (set_groups(who) || setresgid(who.gid, who.gid, who.gid) || setresuid(who.uid, who.uid, who.uid))
		return err_r(-errno, "become user %u to write the report", who.uid);
	/* Some day this may not hold (a user namespace, a security module), and all rests on it. */
	if (!setresuid(0, 0, 0))
		return fail_r(-EPERM, "user %u can become root again: refusing to write a report", who.uid);
	return 0;
}

/* An ordinary user with some capabilities: theirs end here. */
static int drop_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) || syscall(SYS_capset, &header, none))
		return err_r(-errno, "give up capabilities");
	return 0;
}

/* ---- whom to become ------------------------------------------------------------------------ */

/* The nearest directory on the way to path that exists; the caller frees. */
static char *nearest_directory(const char *path)
{
	_cleanup_free_ char *above = xstrdup(*path ? path : ".");
	struct stat st;

	while ((stat(above, &st) || !S_ISDIR(st.st_mode)) && strcmp(above, "/") && strcmp(above, ".")) {
		char *parent = xstrdup(dirname(above));

		free(above);
		above = parent;
	}
	return take_ptr(above);
}

/* As that user, for a moment. */
static bool may_write(struct invoker who, const char *dir)
{
	bool may;

	if (set_groups(who) || setegid(who.gid) || seteuid(who.uid))
		return true; /* become() will say why not */
	may = !faccessat(AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS);
	if (seteuid(0) || setegid(0))
		abort();
	return may;
}

static struct invoker owner_instead(struct invoker who, const char *dir)
{
	struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS};
	_cleanup_close_ int fd = (int)syscall(SYS_openat2, AT_FDCWD, dir, &how, sizeof(how));
	struct stat st;

	if (fd < 0 || fstat(fd, &st) || st.st_uid == who.uid)
		return who; /* writing will tell what is wrong */
	log_info("user %u may not write to %s: the report is written as its owner, user %u", who.uid, dir,
		 st.st_uid);
	return (struct invoker){st.st_uid, st.st_gid};
}

int invoker_become(const char *place)
{
	struct invoker who = invoker_get();
	_cleanup_free_ char *dir = NULL;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return err_r(-errno, "forbid new privileges");
	if (geteuid())
		return drop_capabilities();
	if (who.uid && place) {
		dir = nearest_directory(place);
		if (!may_write(who, dir))
			who = owner_instead(who, dir);
	}
	return who.uid ? become(who) : 0;
}

/* ---- a file of theirs ------------------------------------------------------------------------ */

static int pass_fd(int to, int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {.header = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))}};
	struct iovec byte = {.iov_base = (char[]){0}, .iov_len = 1};
	struct msghdr msg = {.msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	return sendmsg(to, &msg, 0) == 1 ? 0 : -errno;
}

static int take_passed_fd(int from)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec byte = {.iov_base = (char[]){0}, .iov_len = 1};
	struct msghdr msg = {.msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	int fd;

	if (recvmsg(from, &msg, MSG_CMSG_CLOEXEC) != 1 || msg.msg_controllen < CMSG_LEN(sizeof(int)))
		return -EACCES;
	memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

int invoker_do(const char *place, int (*work)(void *ctx), void *ctx)
{
	int pid, status;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return err_r(-errno, "start a process to write with");
	if (!pid)
		_exit(invoker_become(place) || work(ctx) ? EXIT_FAILED : EXIT_OK);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_r(-errno, "wait for the process that writes");
	return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_OK ? 0 : -EIO; /* it said why */
}

struct passed {
	const char *path;
	int to;
};

static int open_and_pass(void *ctx)
{
	const struct passed *p = ctx;
	int fd = open(p->path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);

	if (fd < 0)
		return fail_r(-errno, "cannot write to %s: %s", p->path, strerror(errno));
	return pass_fd(p->to, fd);
}

int invoker_open(const char *path)
{
	int pair[2], fd;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return err_r(-errno, "make a socket");
	fd = invoker_do(NULL, open_and_pass, &(struct passed){path, pair[1]});
	if (!fd)
		fd = take_passed_fd(pair[0]);
	close(pair[0]);
	close(pair[1]);
	return fd;
}

struct content {
	const char *path, *text; /* text NULL: only to try */
	size_t len;
};

static int write_all(int fd, const char *text, size_t len)
{
	ssize_t n;

	for (; len; text += n, len -= (size_t)n) {
		n = write(fd, text, len);
		if (n < 0)
			return -errno;
	}
	return 0;
}

/* Not a device or a pipe, which would be gone; nor a link, which somebody else may have laid. */
static int may_be_replaced(const char *path)
{
	struct stat st;

	if (!lstat(path, &st) && !S_ISREG(st.st_mode))
		return fail_r(-EINVAL, "%s is not a file: it would be replaced by one", path);
	return 0;
}

static int replace(void *ctx)
{
	const struct content *c = ctx;
	_cleanup_free_ char *beside = xasprintf("%s.%d", c->path, getpid());
	_cleanup_close_ int fd = -1;
	int err = may_be_replaced(c->path);

	if (err)
		return err;
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return err_r(-errno, "make a file beside %s", c->path);
	if (c->text)
		err = write_all(fd, c->text, c->len);
	if (c->text && !err && rename(beside, c->path))
		err = -errno;
	if (!c->text || err)
		unlink(beside);
	return err ? err_r(err, "write %s", c->path) : 0;
}

int invoker_replace(const char *path, const char *text, size_t len)
{
	return invoker_do(path, replace, &(struct content){path, text, len});
}
