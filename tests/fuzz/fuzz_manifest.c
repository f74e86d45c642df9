// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes as a report's MANIFEST: refused, or names that stay inside the report and that are the same
 * after being written and read again.
 */
#include <string.h>
#include <sys/mman.h>

#include "core/util.h"
#include "report/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void must_stay_inside(const char *name)
{
	const char *slash = strchr(name, '/');

	must(*name && *name != '/' && *name != '.' && !strstr(name, "/.") && !strpbrk(name, "\n\t \\"));
	must(!slash || (slash - name == 5 && !strncmp(name, "plots", 5) && slash[1] && !strchr(slash + 1, '/')));
}

static char *written(const struct manifest *m)
{
	_cleanup_close_ int fd = memfd_create("MANIFEST", MFD_CLOEXEC);
	char *text;
	off_t len;

	must(fd >= 0 && !manifest_write(m, fd));
	len = lseek(fd, 0, SEEK_END);
	text = xcalloc((size_t)len + 1, 1);
	must(pread(fd, text, (size_t)len, 0) == len);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = xasprintf("%.*s", (int)size, (const char *)data), *again = NULL;
	struct manifest m, second;
	size_t i;

	if (manifest_parse(text, &m)) {
		must(!m.cnt);
		return 0;
	}
	for (i = 0; i < m.cnt; i++)
		must_stay_inside(m.name[i]);
	again = written(&m);
	must(!manifest_parse(again, &second));
	must(second.complete && second.cnt == m.cnt);
	for (i = 0; i < m.cnt; i++)
		must(!strcmp(m.name[i], second.name[i]));
	manifest_free(&m);
	manifest_free(&second);
	return 0;
}
