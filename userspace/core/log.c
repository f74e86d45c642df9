// SPDX-License-Identifier: GPL-2.0-only
#include "core/log.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "core/utf8.h"

static enum log_level max_level = LOG_INFO;
static const char *program_name = "copyscope";

void log_init(const char *program, enum log_level max)
{
	program_name = program;
	max_level = max;
}

enum log_level log_max_level(void)
{
	return max_level;
}

/* Of a text that is too long the beginning, which says what it is about, and the end, which has the
 * remedy.
 */
static void shorten(char *text)
{
	static const char gap[] = " ... ";
	const size_t head = 1500, tail = 500, len = strlen(text);

	if (len > head + strlen(gap) + tail)
		memmove(stpcpy(text + head, gap), text + len - tail, tail + 1);
}

/* One line whatever is in it: names of files, processes and functions, and texts of a results.json may
 * be anybody's. One write() a line, so that lines of several processes on one terminal do not mix.
 */
static void vlog_line(const char *fmt, va_list ap, const char *suffix)
{
	_cleanup_free_ char *text = NULL, *visible = NULL, *line = NULL;

	if (vasprintf(&text, fmt, ap) < 0)
		text = xstrdup(fmt);
	shorten(text);
	visible = utf8_visible(text);
	line = xasprintf("%s: %s%s%s\n", program_name, visible, suffix ? ": " : "", suffix ?: "");
	if (write(STDERR_FILENO, line, strlen(line)) < 0)
		return; /* nowhere left to complain */
}

void log_msg(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	if (level > max_level)
		return;
	va_start(ap, fmt);
	vlog_line(fmt, ap, NULL);
	va_end(ap);
}

int err_r(int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vlog_line(fmt, ap, strerror(err < 0 ? -err : err));
	va_end(ap);
	return err < 0 ? err : -err;
}
