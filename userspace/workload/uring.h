/* SPDX-License-Identifier: GPL-2.0-only */
/* io_uring as the modes use it: a ring for each connection, of its thread's own. The bytes of two requests on one socket
 * may enter it in any order, so the next is submitted when the one before is through, or linked to it.
 */
#ifndef WORKLOAD_URING_H
#define WORKLOAD_URING_H

#include <liburing.h>

#include "core/mode.h"
#include "core/util.h"

struct crew;

/* liburing before 2.4 has no names for them. */
#ifndef IORING_SEND_ZC_REPORT_USAGE
#define IORING_SEND_ZC_REPORT_USAGE (1U << 3) /* a notification is to say how it went: */
#endif
#ifndef IORING_NOTIF_USAGE_ZC_COPIED
#define IORING_NOTIF_USAGE_ZC_COPIED (1U << 31)
#endif

/* 0, or -errno: no ring is to be had, or it knows no such request (-EOPNOTSUPP). */
int uring_supported(int opcode);
/* What try returns, which makes rings of its own; or -errno: the workload is to have none. */
int uring_try(int (*try)(int arg), int arg);
/* For the calling thread, with room for so many requests and completions at a time; closed by io_uring_queue_exit(). 0,
 * or -errno with *error set.
 */
int uring_open(struct io_uring *ring, enum issue issue, unsigned int requests, unsigned int completions, char **error);
/* The same with completions of 32 bytes, for one request at a time. 0 or -errno. */
int uring_open_large(struct io_uring *ring, unsigned int completions);
/* Of a request that the one named is to make: for io_uring_sqe.flags. */
unsigned int uring_issued_by(enum issue issue);
/* Submit the requests that were filled, and wait until the ring has so many completions to read, so that
 * io_uring_get_sqe() always has another. 0 or -errno.
 */
int uring_submit(struct io_uring *ring, unsigned int completions);
/* Wait until the ring has something to read. Without a timeout (0): as long as it takes. 0, -ETIME or another -errno. */
int uring_wait(struct io_uring *ring, struct io_uring_cqe **cqe, uint64_t timeout_ns);
/* Submit, and wait for the next completion: 0; -EINTR: a pause came instead; or another -errno. */
int uring_next(struct io_uring *ring, struct io_uring_cqe **cqe, struct crew *crew);

#endif
