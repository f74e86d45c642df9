/* SPDX-License-Identifier: GPL-2.0-only */
/* One connection of the client: what its thread owns. */
#ifndef WORKLOAD_RECEIVER_H
#define WORKLOAD_RECEIVER_H

#include "workload/account.h"
#include "workload/crew.h"
#include "workload/datagram.h"
#include "workload/message.h"

struct receiver {
	/* set by the client before the thread starts */
	const struct client_options *opt;
	struct crew *crew;
	struct memory_budget *budget;
	int session_fd; /* the connection to the server; owned, closed by receiver_free() */
	int fd;		/* what it receives by: the same, or that of its datagrams, owned */
	struct datagram_receiver datagrams;

	/* the thread's own while it runs; the client's after it is done */
	struct account account;
	uint8_t *buf;		/* one message */
	void *mode_data;
	uint64_t offset;	/* stream offset of the next one */
	uint64_t first_corrupt; /* stream offset; meaningless without verify_errors */
	char *error;		/* one line, NULL = ended well */
};

/* Thread body; arg is the struct receiver. */
void *receiver_main(void *arg);
void receiver_free(struct receiver *r);

/* For modes: recv(2) into the message, from its byte `at` on, and account for it; as recv_mode.receive. */
ssize_t receiver_recv(struct receiver *r, size_t at, size_t len, int flags);

#endif
