// SPDX-License-Identifier: GPL-2.0-only
/* A local socket that both ends of a run reach, whatever their namespaces, and nobody else: it has a name for as long
 * as it takes to get a handle of it, in the directory of the runs' states, which is ours alone.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "core/log.h"
#include "testbed/internal.h"

char *ssh_place(const char *id)
{
	_cleanup_free_ char *base = state_base();

	return xasprintf("%s/%s.ssh", base, id);
}

/* It is the user's, who may have changed it meanwhile: by descriptor, and following nothing. */
int ssh_place_remove(const char *id)
{
	_cleanup_free_ char *path = ssh_place(id);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		unlinkat(fd, e->d_name, 0); /* fails for . and .. */
	if (dir)
		closedir(dir);
	return rmdir(path) && errno != ENOENT ? err_r(-errno, "cannot remove %s (remove it by hand)", path) : 0;
}

static char *socket_path(const char *id)
{
	_cleanup_free_ char *base = state_base();

	return xasprintf("%s/%s.sock", base, id);
}

/* A run that was killed in that moment. */
int local_socket_remove(const char *id)
{
	_cleanup_free_ char *path = socket_path(id);

	return unlink(path) && errno != ENOENT ? err_r(-errno, "cannot remove %s (remove it by hand)", path) : 0;
}

int testbed_local_socket(const struct testbed *tb, int *bound, int *handle)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), at = -1;
	_cleanup_free_ char *path = socket_path(tb->run.id);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int err;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return err_r(-errno, "cannot make a local socket at %s", path);
	at = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	err = at < 0 || chmod(path, 0666) ? err_r(-errno, "cannot share the local socket %s", path) : 0;
	err = local_socket_remove(tb->run.id) ?: err;
	if (err)
		return err;
	*bound = take_fd(&fd);
	*handle = take_fd(&at);
	return 0;
}
