// SPDX-License-Identifier: GPL-2.0-only
/* The client on another host, over ssh; the server here, in the network namespace we are in: what is between them is
 * what is there. Nothing is made but the server's cgroup.
 *
 * The client program is brought along, unless the same version is installed there. It never lies there under a
 * name: the file is opened, removed and then written, and is run by that descriptor, /proc/PID/fd/9 of a process that
 * waits for the end of its standard input. So it goes with the last process that uses it, however that ends.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "core/log.h"
#include "testbed/internal.h"

#define CLIENT_VERSION	 "client (copyscope) " COPYSCOPE_VERSION
#define OBSERVER_VERSION "copyscope " COPYSCOPE_VERSION

/* Its one line: what the host is, the client there, whether it still has to be written, from where the connection
 * comes, as it sees it, and how the same copyscope is root there. A shell reads ahead: nothing may follow before that line
 * is here.
 */
static const char script[] =
	"umask 077\n"
	"seen=${SSH_CONNECTION:--}\n"
	"root=none\n"
	"if [ \"$(copyscope --version 2>/dev/null)\" = '" OBSERVER_VERSION "' ]; then\n"
	"	root=no\n"
	"	if [ \"$(id -u)\" = 0 ]; then root=yes; elif sudo -n true 2>/dev/null; then root=sudo; fi\n"
	"fi\n"
	"for client in /usr/local/libexec/copyscope/client /usr/libexec/copyscope/client; do\n"
	"	[ \"$($client --version 2>/dev/null)\" = '" CLIENT_VERSION "' ] || continue\n"
	"	echo \"copyscope $(uname -s)/$(uname -m) $client found ${seen%% *} $root\"\n"
	"	exec cat >/dev/null\n"
	"done\n"
	"file=$(mktemp \"${TMPDIR:-/tmp}/copyscope.XXXXXX\") || exit 3\n"
	"chmod 700 \"$file\"\n"
	"exec 9<\"$file\"\n"
	"rm -f \"$file\"\n"
	"echo \"copyscope $(uname -s)/$(uname -m) /proc/$$/fd/9 copy ${seen%% *} $root\"\n"
	"exec cat >/dev/null\n";

struct remote {
	struct ssh ssh;
	char *host;	    /* owned */
	const char *asked;  /* ADDRESS; NULL: as the other host sees us */
	const char *program; /* the client here */
	char *client;	    /* owned; there */
	enum { AS_NOBODY, AS_USER, AS_ROOT, BY_SUDO } root; /* how copyscope observes there: not there, or not allowed to */
};

static const char *const root_words[] = {[AS_NOBODY] = "none", [AS_USER] = "no", [AS_ROOT] = "yes", [BY_SUDO] = "sudo"};

/* ---- bringing the client ------------------------------------------------------------------- */

static int no_client_r(const struct remote *r, int words_fd, const char *what)
{
	_cleanup_free_ char *said = ssh_words(words_fd);

	return fail_r(-EIO, "%s: %s the client: %s: make room in /tmp there, where programs may be run, set TMPDIR there to such "
			    "a place, or install copyscope %s there",
		      r->host, what, *said ? said : "no reason is given", COPYSCOPE_VERSION);
}

static int copy_client(struct remote *r, int words_fd)
{
	_cleanup_close_ int program = open(r->program, O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *command = xasprintf("cat >%s", r->client);
	int code;

	if (program < 0)
		return err_r(-errno, "open %s", r->program);
	code = ssh_run(&r->ssh, command, program, words_fd, words_fd);
	if (code == 255)
		return ssh_failed_r(&r->ssh, words_fd);
	return code > 0 ? no_client_r(r, words_fd, "cannot copy") : code;
}

/* It runs there, and is the one we know how to talk to: it takes libraries, too. */
static int try_client(struct remote *r, int words_fd)
{
	_cleanup_free_ char *command = xasprintf("%s --version </dev/null", r->client), *said = NULL;
	int code = ssh_run(&r->ssh, command, words_fd, words_fd, words_fd);

	if (code == 255)
		return ssh_failed_r(&r->ssh, words_fd);
	if (code < 0)
		return code;
	said = ssh_words(words_fd);
	return strcmp(said, CLIENT_VERSION) ? no_client_r(r, words_fd, "cannot run") : 0;
}

static int bring_client(struct remote *r, const char *machine)
{
	_cleanup_close_ int words_fd = memfd_create("ssh-messages", MFD_CLOEXEC);
	_cleanup_free_ char *ours = NULL;
	struct utsname u;
	int err;

	if (words_fd < 0 || uname(&u))
		return err_r(-errno, "memfd_create");
	ours = xasprintf("%s/%s", u.sysname, u.machine);
	if (strcmp(ours, machine))
		return fail_r(-ENOTSUP, "%s is %s and not %s, as this host: install copyscope %s there", r->host, machine,
			      ours, COPYSCOPE_VERSION);
	err = copy_client(r, words_fd);
	return err ?: try_client(r, words_fd);
}

/* ---- our address --------------------------------------------------------------------------- */

static bool is_ours(const char *address, bool ipv6)
{
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	struct sockaddr_in in = {.sin_family = AF_INET};
	_cleanup_close_ int fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (ipv6)
		return inet_pton(AF_INET6, address, &in6.sin6_addr) == 1 &&
		       !bind(fd, (struct sockaddr *)&in6, sizeof(in6));
	return inet_pton(AF_INET, address, &in.sin_addr) == 1 && !bind(fd, (struct sockaddr *)&in, sizeof(in));
}

/* Where the client finds the server: from where our connection comes, unless we are told. */
static int find_address(struct testbed *tb, const char *seen)
{
	const struct remote *r = tb->remote;
	const char *address = r->asked ?: seen;

	if (!is_ours(address, tb->ipv6))
		return fail_r(-EADDRNOTAVAIL, "%s%s %s is no %s address of this host: give the one that %s reaches it at: "
					      "--path ssh:%s,ADDRESS",
			      r->asked ? "--path ssh:" : "", r->asked ? r->host : "seen from there,", address,
			      tb->ipv6 ? "IPv6" : "IPv4", r->host, r->host);
	free(tb->address);
	tb->address = xstrdup(address);
	return 0;
}

/* ---- the connection ------------------------------------------------------------------------ */

static int connect_remote(struct testbed *tb)
{
	char line[512], machine[96], client[128], how[8], seen[64], root[8];
	struct remote *r = tb->remote;
	int err = ssh_connect(&r->ssh, script, line, sizeof(line));

	if (err)
		return err;
	if (sscanf(line, "copyscope %95s %127s %7s %63s %7s", machine, client, how, seen, root) != 5)
		return fail_r(-EPROTO, "%s: its shell prints \"%s\" when it starts: have it print nothing where no terminal is",
			      r->host, line);
	free(r->client);
	r->client = xstrdup(client);
	for (r->root = BY_SUDO; r->root && strcmp(root, root_words[r->root]); r->root--)
		;
	err = strcmp(how, "copy") ? 0 : bring_client(r, machine);
	return err ?: find_address(tb, seen);
}

/* Ours alone would do, but the socket in it is made by the user whose ssh it is. */
static int make_place(struct testbed *tb, uid_t uid, gid_t gid)
{
	_cleanup_free_ char *path = ssh_place(tb->run.id);

	if (mkdir(path, 0700))
		return err_r(-errno, "cannot make %s", path);
	tb->remote->ssh.dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (tb->remote->ssh.dir_fd < 0 || fchown(tb->remote->ssh.dir_fd, uid, gid))
		return err_r(-errno, "cannot use %s", path);
	return 0;
}

int testbed_connect(struct testbed *tb, const char *program, const struct testbed_user *user)
{
	struct remote *r = tb->remote;

	if (!r)
		return 0;
	r->program = program;
	r->ssh.become = user->become;
	return make_place(tb, user->uid, user->gid) ?: connect_remote(tb);
}

bool testbed_is_remote(const struct testbed *tb, enum role role)
{
	return tb->remote && role == ROLE_CLIENT;
}

/* In single quotes a shell leaves all as it is but these. */
static void add_word(char **line, const char *word)
{
	const char *end;

	xappend(line, " ", "'");
	for (; (end = strchr(word, '\'')); word = end + 1)
		xappend(line, "", "%.*s'\\''", (int)(end - word), word);
	xappend(line, "", "%s'", word);
}

/* A line for its shell. */
static pid_t start_there(struct testbed *tb, const char *line, int err_fd, int *stream)
{
	struct remote *r = tb->remote;
	_cleanup_close_ int theirs = -1, ours = -1;
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return err_r(-errno, "make a socket for ssh");
	ours = pair[0];
	theirs = pair[1];
	if (send(ours, line, strlen(line), MSG_NOSIGNAL) < 0)
		return err_r(-errno, "write to ssh");
	pid = ssh_start(&r->ssh, "sh", theirs, theirs, err_fd);
	if (pid > 0)
		*stream = take_fd(&ours);
	return pid;
}

static char *shell_line(const char *program, char *const argv[])
{
	char *line = xasprintf("exec %s", program);

	while (*++argv)
		add_word(&line, *argv);
	xappend(&line, "", "\n");
	return line;
}

pid_t testbed_remote_start(struct testbed *tb, char *const argv[], int err_fd, int *stream)
{
	struct remote *r = tb->remote;
	_cleanup_free_ char *line = NULL;
	int err;

	if (!ssh_alive(&r->ssh)) {
		log_info("the ssh connection to %s is gone: connecting again", r->host);
		err = connect_remote(tb);
		if (err)
			return err;
	}
	line = shell_line(r->client, argv);
	return start_there(tb, line, err_fd, stream);
}

pid_t testbed_remote_observe(struct testbed *tb, char *const argv[], int err_fd, int *stream)
{
	_cleanup_free_ char *line = shell_line(tb->remote->root == BY_SUDO ? "sudo -n copyscope" : "copyscope", argv);

	return start_there(tb, line, err_fd, stream);
}

char *testbed_remote_words(int err_fd)
{
	return ssh_words(err_fd);
}

const char *testbed_unobserved(const struct testbed *tb)
{
	switch (tb->remote->root) {
	case AS_NOBODY:
		return "copyscope " COPYSCOPE_VERSION " is not installed there";
	case AS_USER:
		return "we may not be root there";
	default:
		return NULL;
	}
}

/* ---- the path ------------------------------------------------------------------------------ */

static int ssh_up(struct testbed *tb)
{
	struct remote *r = xcalloc(1, sizeof(*r));
	char *comma;

	tb->remote = r;
	r->ssh = SSH_NONE;
	r->host = xstrdup(tb->argument);
	r->ssh.host = r->host;
	comma = strchr(r->host, ',');
	if (comma) {
		*comma = '\0';
		r->asked = comma + 1;
	}
	if (!*r->host || *r->host == '-')
		return fail_r(-EINVAL, "--path ssh:%s: '%s' is no host: ssh:[USER@]HOST[,ADDRESS]", tb->argument, r->host);
	return r->asked ? find_address(tb, NULL) : 0;
}

static void ssh_down(struct testbed *tb)
{
	struct remote *r = take_ptr(tb->remote);

	if (!r)
		return;
	ssh_close(&r->ssh);
	cleanup_close(&r->ssh.dir_fd);
	free(r->client);
	free(r->host);
	free(r);
}

const struct testbed_path path_ssh = {
	.name = "ssh",
	.argument = "[USER@]HOST[,ADDRESS]",
	.help = "the client on another host, over your ssh; ADDRESS: of this host, if not the one ssh connects from",
	.remote = true,
	.up = ssh_up,
	.down = ssh_down,
};
