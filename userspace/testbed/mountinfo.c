// SPDX-License-Identifier: GPL-2.0-only
/* Lines of mountinfo (proc(5)):
 *   ID PARENT MAJ:MIN ROOT MOUNT_POINT OPTIONS [OPTIONAL...] - TYPE SOURCE SUPER_OPTIONS
 * Blanks in paths are written as octal escapes.
 */
#include "testbed/mountinfo.h"

#include <string.h>

enum field { ROOT = 3, MOUNT_POINT = 4, OPTIONS = 5, FIRST_OPTIONAL = 6 };

#define FIELDS_MAX 32 /* 6, the optional ones (4 kinds today), the dash and 3 more */

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (*s == '\\' && is_octal(s[1]) && is_octal(s[2]) && is_octal(s[3])) {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

static bool has_option(const char *options, const char *name)
{
	size_t n = strlen(name);
	const char *p;

	for (p = options; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL)
		if (!strncmp(p, name, n) && (p[n] == ',' || !p[n]))
			return true;
	return false;
}

bool mountinfo_parse_cgroup2(const char *line, struct cgroup2_mount *out)
{
	_cleanup_free_ char *copy = xstrdup(line);
	char *field[FIELDS_MAX], *save = NULL, *word;
	size_t n = 0, dash;

	for (word = strtok_r(copy, " \n", &save); word && n < FIELDS_MAX;
	     word = strtok_r(NULL, " \n", &save))
		field[n++] = word;
	for (dash = FIRST_OPTIONAL; dash < n; dash++)
		if (!strcmp(field[dash], "-"))
			break;
	if (dash + 3 >= n || strcmp(field[dash + 1], "cgroup2"))
		return false;
	unescape(field[MOUNT_POINT]);
	*out = (struct cgroup2_mount){
		.mount_point = xstrdup(field[MOUNT_POINT]),
		.super_options = xstrdup(field[dash + 3]),
		.whole = !strcmp(field[ROOT], "/"),
		.read_only = has_option(field[OPTIONS], "ro") || has_option(field[dash + 3], "ro"),
	};
	return true;
}

void cgroup2_mount_clear(struct cgroup2_mount *m)
{
	free(m->mount_point);
	free(m->super_options);
	*m = (struct cgroup2_mount){0};
}
