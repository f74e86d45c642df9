/* SPDX-License-Identifier: GPL-2.0-only */
/* A stream in datagrams: UDP beside the connection that the client has made, between the same addresses and ports. The
 * kernel or the device makes segments of what is sent by one call (UDP_SEGMENT), and the receiver gets as many by one
 * call as came together (UDP_GRO). Nothing is sent again: what is lost ends the run.
 *
 * What UDP does not tell comes back by the connection, in words of 8 bytes, little endian: first the receiver's buffer,
 * then how many bytes it has taken since the beginning, with DATAGRAM_REQUEST in a word that asks for the next message.
 */
#ifndef WORKLOAD_DATAGRAM_H
#define WORKLOAD_DATAGRAM_H

#include "workload/crew.h"

#define DATAGRAM_REQUEST (1ULL << 63)

struct account;

/* The socket beside a connection, with the buffers asked for. 0 or -errno, printed with the remedy. */
int datagram_socket(int session_fd, const struct workload_options *o, int *fd);
/* 0, or -errno: this kernel makes no segments. */
int datagram_supported(void);

/* ---- the sender's end --------------------------------------------------------------------- */

struct datagram_sender {
	const struct crew *crew;
	struct account *account; /* gets what comes back */
	int session_fd;
	size_t message_bytes;
	bool by_reference;
	size_t segment_bytes, call_bytes; /* that a datagram has, and that one send may take */
	uint64_t sent;	   /* by whoever sends */
	uint64_t taken;	   /* as the receiver says */
	uint64_t window;   /* that may be on the way; 0: it has not said yet */
	uint8_t heard[64 * sizeof(uint64_t)]; /* of words that were not looked at yet */
	size_t heard_cnt;
};

/* Segments are of Ethernet's size, or what the path allows. 0 or -errno. */
int datagram_sender_init(struct datagram_sender *d, int fd);
/* Wait until the receiver has room for so many more bytes. 0; -EPIPE: it is gone; -ETIMEDOUT: it
 * took nothing for DATAGRAM_STALL_NS; or another -errno.
 */
int datagram_claim(struct datagram_sender *d, size_t bytes);
/* Wait until it has taken all that was sent, by its word; or, of what it has asked for, only hear what it has said. As
 * datagram_claim().
 */
int datagram_settle(struct datagram_sender *d, bool asked);
/* 1: it asks for a message; 0: end of file; -EINTR: a pause came instead; or another -errno. */
int datagram_await_request(struct datagram_sender *d);
#define DATAGRAM_STALL_NS (3 * NSEC_PER_SEC)

/* ---- the receiver's end ------------------------------------------------------------------- */

struct datagram_receiver {
	const struct crew *crew;
	struct account *account;
	int session_fd, fd;
	bool asks; /* for each message: then it tells no more than that takes */
	uint64_t buffer_bytes, taken, told;
	uint8_t *spill; /* what came beyond the end of a message; owned */
	size_t spill_at, spill_cnt;
};

int datagram_receiver_init(struct datagram_receiver *d);
void datagram_receiver_free(struct datagram_receiver *d);
/* Once, when the gate is open: the sender sends nothing before. 0 or -errno. */
int datagram_begin(struct datagram_receiver *d);
int datagram_request(struct datagram_receiver *d);
/* As recv_mode.receive: into `to`, of a message of which len bytes are to come. */
ssize_t datagram_receive(struct datagram_receiver *d, uint8_t *to, size_t len);
/* As crew_await(). */
int datagram_await(const struct datagram_receiver *d);

#endif
