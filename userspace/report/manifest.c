// SPDX-License-Identifier: GPL-2.0-only
#include "report/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "core/util.h"

#define FIRST_LINE "copyscope report manifest 1"
#define LAST_LINE  "end"
#define BYTES_MAX  (256 * KIB)
#define NAMES_MAX  4096 /* hundreds are written */
#define NAME_BYTES_MAX 200

bool manifest_has(const struct manifest *m, const char *name)
{
	size_t i;

	for (i = 0; i < m->cnt; i++)
		if (!strcmp(m->name[i], name))
			return true;
	return false;
}

void manifest_add(struct manifest *m, const char *name)
{
	if (manifest_has(m, name))
		return;
	array_grow(m->name, m->cnt, m->cap);
	m->name[m->cnt++] = xstrdup(name);
}

void manifest_free(struct manifest *m)
{
	while (m->cnt)
		free(m->name[--m->cnt]);
	free(m->name);
	*m = (struct manifest){0};
}

/* ---- writing ------------------------------------------------------------------------------- */

static int write_all(int fd, const char *text)
{
	size_t len = strlen(text);
	ssize_t n = pwrite(fd, text, len, 0);

	return n < 0 ? -errno : (size_t)n < len ? -ENOSPC : 0;
}

int manifest_begin(int fd)
{
	return write_all(fd, FIRST_LINE "\n");
}

int manifest_write(const struct manifest *m, int fd)
{
	_cleanup_free_ char *text = xstrdup(FIRST_LINE);
	size_t i;

	for (i = 0; i < m->cnt; i++)
		xappend(&text, "\n", "%s", m->name[i]);
	xappend(&text, "\n", LAST_LINE "\n");
	return write_all(fd, text);
}

/* ---- reading ------------------------------------------------------------------------------- */

/* A file of the report itself or of plots/, in the characters that safe_file_name() leaves; nothing hidden. */
static bool is_name(const char *s)
{
	static const char word[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";

	if (!strncmp(s, "plots/", 6))
		s += 6;
	return *s && *s != '.' && strlen(s) < NAME_BYTES_MAX && !s[strspn(s, word)];
}

int manifest_parse(const char *text, struct manifest *m)
{
	_cleanup_free_ char *copy = xstrdup(text);
	char *rest = copy, *line = strsep(&rest, "\n");

	*m = (struct manifest){0};
	if (!*text)
		return 0; /* only just made */
	if (!rest || strcmp(line, FIRST_LINE))
		return -EINVAL;
	/* a torn line has no newline behind it */
	while ((line = strsep(&rest, "\n")) && rest && !m->complete && m->cnt < NAMES_MAX) {
		if (!strcmp(line, LAST_LINE))
			m->complete = true;
		else if (is_name(line))
			manifest_add(m, line);
	}
	return 0;
}

int manifest_read(int dirfd, struct manifest *m)
{
	_cleanup_close_ int fd = openat(dirfd, MANIFEST_NAME,
					O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	_cleanup_free_ char *text = NULL;
	struct stat st;
	ssize_t n;

	*m = (struct manifest){0};
	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
		return -EPERM;
	text = xmalloc(BYTES_MAX + 1);
	n = read(fd, text, BYTES_MAX);
	text[MAX(n, (ssize_t)0)] = '\0';
	return n < 0 ? -errno : manifest_parse(text, m);
}
