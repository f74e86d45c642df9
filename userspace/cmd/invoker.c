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
#include <sys/stat.h>
#include <sys/syscall.h>

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
