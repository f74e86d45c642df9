/* SPDX-License-Identifier: GPL-2.0-only */
/* By which way a call sends or receives, one row each, in the order of enum cs_call, which probe/calls.c asserts:
 *
 *   CALL_WAY(id, name, title, flow, kind, remedy)
 *
 * name is the key in results.json and what is printed, title says which calls these are. flow is SENDS or RECEIVES, kind
 * what the call itself does with the bytes. remedy, of a send that copies: what would change it; NULL: nothing, or that
 * is for the sizes of the calls to say. Included several times, so it has no include guard.
 */
CALL_WAY(SEND_UNSEEN, "tcp", "sends by TCP whose way was not seen", SENDS, UNSEEN, NULL)
CALL_WAY(SEND, "send", "write(), send(), sendmsg() and the like", SENDS, COPIES, NULL)
CALL_WAY(ZEROCOPY, "zerocopy", "MSG_ZEROCOPY", SENDS, REFERS, NULL)
CALL_WAY(ZEROCOPY_UNSET, "zerocopy-unset", "MSG_ZEROCOPY on a socket without SO_ZEROCOPY, which the kernel takes for a plain send",
	 SENDS, COPIES, "setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY) on the socket; of an accepted one, on the listener or itself")
CALL_WAY(NO_SG, "no-sg", "by reference, over a route whose device has no scatter-gather", SENDS, COPIES,
	 "switch scatter-gather and checksums on (ethtool -K DEV sg on tx on), or use a device that has them")
CALL_WAY(SENDFILE, "sendfile", "sendfile() and splice()", SENDS, REFERS, NULL)
CALL_WAY(URING, "uring", "IORING_OP_SEND and the like", SENDS, COPIES, NULL)
CALL_WAY(URING_ZC, "uring-zc", "IORING_OP_SEND_ZC", SENDS, REFERS, NULL)
CALL_WAY(KTLS, "ktls", "into kTLS's records", SENDS, ENCRYPTS, NULL)
CALL_WAY(UDP, "udp", "datagrams", SENDS, COPIES, NULL)
CALL_WAY(UNIX, "unix", "AF_UNIX streams", SENDS, COPIES,
	 "a local socket always copies; shared memory does not")
CALL_WAY(RECV, "recv", "read(), recv(), recvmsg() and the like", RECEIVES, COPIES, NULL)
CALL_WAY(RECV_DISCARD, "recv-discard", "recv() with MSG_TRUNC", RECEIVES, DISCARDS, NULL)
CALL_WAY(RECV_SPLICE, "recv-splice", "splice() from a socket", RECEIVES, REFERS, NULL)
CALL_WAY(RECV_MAP, "recv-map", "TCP_ZEROCOPY_RECEIVE", RECEIVES, REFERS, NULL)
CALL_WAY(RECV_ZCRX, "recv-zcrx", "io_uring's zero-copy receive", RECEIVES, REFERS, NULL)
CALL_WAY(RECV_KTLS, "recv-ktls", "kTLS's records", RECEIVES, ENCRYPTS, NULL)
CALL_WAY(RECV_UDP, "recv-udp", "datagrams", RECEIVES, COPIES, NULL)
CALL_WAY(RECV_UNIX, "recv-unix", "AF_UNIX streams", RECEIVES, COPIES, NULL)
