// SPDX-License-Identifier: GPL-2.0-only
#include "core/log.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

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

/* One write() a line, so that lines of several processes on one terminal do not mix. */
static void vlog_line(const char *fmt, va_list ap, const char *suffix)
{
	char line[2048];
	int n = snprintf(line, sizeof(line), "%s: ", program_name), m;

	m = vsnprintf(line + n, sizeof(line) - (size_t)n, fmt, ap);
	if (m > 0)
		n = MIN(n + m, (int)sizeof(line) - 1);
	if (suffix) {
		m = snprintf(line + n, sizeof(line) - (size_t)n, ": %s", suffix);
		if (m > 0)
			n = MIN(n + m, (int)sizeof(line) - 1);
	}
	n = MIN(n, (int)sizeof(line) - 2);
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
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
