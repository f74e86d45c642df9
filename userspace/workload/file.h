/* SPDX-License-Identifier: GPL-2.0-only */
/* The file that sendfile and splice send: without a name, so that nothing of it is left and nobody's file is in
 * danger, and wholly in the page cache, since the messages were written into its pages.
 */
#ifndef WORKLOAD_FILE_H
#define WORKLOAD_FILE_H

#include "workload/sender.h"

/* The sender's messages, opt->ring of them, in a file's pages; *fd is the file's, and stays the caller's. 0, or
 * -errno with s->error set where it says more.
 */
int file_alloc_messages(struct sender *s, int *fd);

/* -errno of a sendfile() or splice() from it that returned n, and so nothing; s->error as above. */
int file_error(struct sender *s, ssize_t n);

/* Where a message lies in it. */
static inline off_t file_offset(const struct sender *s, const struct message *m)
{
	return message_flat(m) - s->block.start;
}

#endif
