// SPDX-License-Identifier: GPL-2.0-only
/* The state file: lines "temp PATH", each appended with one write(2). What is read back decides
 * what root removes, so nothing in it is trusted.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "testbed/state.h"
#include "testbed/testbed.h"

#define STATE_BYTES_MAX (1 * MIB)
#define TEMP		"temp "

bool temp_path_valid(const char *path)
{
	const char *name = strrchr(path, '/'), *p;
	size_t n;

	if (path[0] != '/' || strlen(path) >= PATH_MAX)
		return false;
	for (p = path; *p; p++)
		if (iscntrl((unsigned char)*p))
			return false;
	for (p = path; *p; p += n) {
		p++; /* the slash */
		n = strcspn(p, "/");
		if (!n || (n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
			return false;
	}
	name += name[1] == '.' ? 2 : 1;
	return !strncmp(name, TESTBED_TEMP_MARK, strlen(TESTBED_TEMP_MARK));
}

int state_append(const struct run_dir *run, const char *path)
{
	_cleanup_free_ char *line = xasprintf(TEMP "%s\n", path);
	_cleanup_close_ int fd = openat(
		run->dir_fd, "state", O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, line, strlen(line));
	return n < 0 ? -errno : (size_t)n < strlen(line) ? -ENOSPC : 0;
}

void state_parse(char *text, struct path_list *temps, size_t *rejected)
{
	const char *line;

	*rejected = 0;
	while ((line = strsep(&text, "\n")) && text) { /* a torn line has no newline behind it */
		if (strncmp(line, TEMP, strlen(TEMP)) || !temp_path_valid(line + strlen(TEMP))) {
			++*rejected;
			continue;
		}
		array_grow(temps->path, temps->cnt, temps->cap);
		temps->path[temps->cnt++] = xstrdup(line + strlen(TEMP));
	}
}

int state_read(const struct run_dir *run, struct path_list *temps, size_t *rejected)
{
	_cleanup_close_ int fd = openat(run->dir_fd, "state", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	ssize_t n;

	*rejected = 0;
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	text = xmalloc(STATE_BYTES_MAX + 1);
	while (len < STATE_BYTES_MAX && (n = read(fd, text + len, STATE_BYTES_MAX - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	state_parse(text, temps, rejected);
	return 0;
}

void path_list_free(struct path_list *list)
{
	while (list->cnt)
		free(list->path[--list->cnt]);
	free(list->path);
	*list = (struct path_list){0};
}
