// SPDX-License-Identifier: GPL-2.0-only
/* The state file: one line an operation, "temp PATH" or "forget PATH", appended with one write(2)
 * each. What is read back decides what root removes, so nothing in it is trusted.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "testbed/state.h"
#include "testbed/testbed.h"

#define STATE_BYTES_MAX (1 * MIB)

static const char *const op_names[] = {
	[STATE_TEMP] = "temp ",
	[STATE_FORGET] = "forget ",
};
static_assert_complete(op_names, STATE_OP_MAX_);

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

int state_append(const struct run_dir *run, enum state_op op, const char *path)
{
	_cleanup_free_ char *line = xasprintf("%s%s\n", op_names[op], path);
	_cleanup_close_ int fd = openat(
		run->dir_fd, "state", O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, line, strlen(line));
	return n < 0 ? -errno : (size_t)n < strlen(line) ? -ENOSPC : 0;
}

static void forget(struct path_list *temps, const char *path)
{
	size_t i;

	for (i = 0; i < temps->cnt; i++) {
		if (strcmp(temps->path[i], path))
			continue;
		free(temps->path[i]);
		temps->path[i--] = temps->path[--temps->cnt];
	}
}

static bool apply_line(const char *line, struct path_list *temps)
{
	enum state_op op;
	const char *path;

	for (op = 0; op < STATE_OP_MAX_; op++)
		if (!strncmp(line, op_names[op], strlen(op_names[op])))
			break;
	if (op == STATE_OP_MAX_)
		return false;
	path = line + strlen(op_names[op]);
	if (!temp_path_valid(path))
		return false;
	forget(temps, path);
	if (op == STATE_TEMP) {
		array_grow(temps->path, temps->cnt, temps->cap);
		temps->path[temps->cnt++] = xstrdup(path);
	}
	return true;
}

void state_parse(const char *text, struct path_list *temps, size_t *rejected)
{
	const char *end;

	*rejected = 0;
	for (; (end = strchr(text, '\n')); text = end + 1) {
		_cleanup_free_ char *line = xmalloc((size_t)(end - text) + 1);

		memcpy(line, text, (size_t)(end - text));
		line[end - text] = '\0';
		if (!apply_line(line, temps))
			++*rejected;
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
