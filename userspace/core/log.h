/* SPDX-License-Identifier: GPL-2.0-only */
/* Words go to stderr, data to stdout. A message is one line and names the remedy where one exists. */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include "core/util.h"

enum log_level { LOG_SILENT = -1, LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Prefix of every line (the program's name) and the most talkative level shown (default LOG_INFO). */
void log_init(const char *program, enum log_level max);
enum log_level log_max_level(void);

void log_msg(enum log_level level, const char *fmt, ...) __printf(2, 3);

#define log_error(...) log_msg(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_msg(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_msg(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_msg(LOG_DEBUG, __VA_ARGS__)

/* Log where the cause is known, and hand the error on in one statement:
 * `return err_r(-errno, "open %s", path)` prints "open x: Permission denied".
 */
int err_r(int err, const char *fmt, ...) __printf(2, 3);

/* Like err_r, for a failure whose remedy says more than strerror(): prints the text alone. */
#define fail_r(err, ...) (log_error(__VA_ARGS__), (err))

#endif
