/* SPDX-License-Identifier: GPL-2.0-only */
/* One connection of the server: what its thread owns, and what a send mode may use of it. */
#ifndef WORKLOAD_SENDER_H
#define WORKLOAD_SENDER_H

#include <stdatomic.h>
#include <sys/socket.h>

#include "workload/account.h"
#include "workload/block.h"
#include "workload/crew.h"
#include "workload/datagram.h"

struct sender {
	/* set by the server before the thread starts */
	const struct server_options *opt;
	struct crew *crew;
	struct memory_budget *budget;
	int session_fd; /* the client's connection; owned, closed by the server after the thread has ended */

	int fd; /* what it sends by: the same, or that of its datagrams, owned */
	struct datagram_sender datagrams;

	/* the thread's own while it runs; the server's after it is done */
	struct account account;
	struct message *message; /* message_cnt buffers, made by the mode's init */
	unsigned int message_cnt;
	struct block block; /* the messages lie in it, one behind the other; empty: each field by itself */
	uint64_t offset; /* stream offset of the next message */
	uint64_t next;	 /* its number */
	void *mode_data;
	char *error; /* one line, NULL = ended well */
	/* The thread is through with the connection. Written once, read by the server. */
	atomic_bool finished;
};

/* Thread body; arg is the struct sender. */
void *sender_main(void *arg);
void sender_free(struct sender *s);

/* For modes: allocate n buffers (0 or -ENOMEM), filled once so that their pages exist. */
int sender_alloc_messages(struct sender *s, unsigned int n);
/* The same, in a file's pages. */
int sender_map_file(struct sender *s, unsigned int n, int fd);
/* Send the message by calls that each get what is left of its fields and return how much they took, or -errno. */
int sender_gather(struct sender *s, const struct message *m,
		  ssize_t (*call)(struct sender *s, const struct msghdr *msg));
/* Send flat bytes by send(), at most chunk a call: MSG_MORE says of all but the last that more follows. */
int sender_send(struct sender *s, const uint8_t *from, size_t bytes, size_t chunk);
/* Send the message, which is flat, by write(): as much a call as sender_claim() lets it. */
int sender_write(struct sender *s, struct message *m);
/* Before a send: how many of so many bytes one call may take, once there is room for them; or -errno. */
ssize_t sender_claim(struct sender *s, size_t bytes);
/* Account for a send call that took `got` of `offered` bytes. */
void sender_count(struct sender *s, size_t got, size_t offered);

#endif
