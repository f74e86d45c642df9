// SPDX-License-Identifier: GPL-2.0-only
/* io_uring's zero-copy receive: io_zcrx_recv() has tcp_read_sock() take bytes from a socket, as others do. What does not
 * lie in memory of the receiver's already, where a NIC puts it, is copied there, by the same task.
 */
#include "calls.bpf.h"

static __always_inline int on_zcrx_enter(const struct socket *sock, bool typed)
{
	const struct sock *sk = CS_FOLLOW(typed, struct socket, sock, sk);

	on_recv_enter(sk, cs_watched_call(sk, typed), CS_Q_ZCRX, CS_CALL_RECV_ZCRX);
	return 0;
}

/* That the current task is in, or was in last; NULL: none, of nobody's socket, or over. */
static __always_inline struct cs_receive *current_zcrx(void)
{
	struct cs_task *task = cs_active ? cs_this_task() : NULL;

	return task && task->receive.sk && task->receive.way == CS_Q_ZCRX ? &task->receive : NULL;
}

static __always_inline int on_zcrx_copy(long bytes)
{
	const struct cs_receive *receive = bytes > 0 ? current_zcrx() : NULL;

	if (receive)
		cs_add(CS_BANK_FUNCTION, receive->owner, CS_Q_ZCRX_COPY, 1, (__u64)bytes);
	return 0;
}

CS_AT_ENTRY(io_zcrx_recv, zcrx_enter, on_zcrx_enter(sock, typed), void *req, void *ifq, struct socket *sock)
CS_AT_RETURN(io_zcrx_copy_chunk, zcrx_copy, on_zcrx_copy(ret), long)

/* By kprobes: recv_copied_kprobe, since it ends in tcp_cleanup_rbuf(). */
SEC("?fexit/tcp_read_sock")
int BPF_PROG(zcrx_taken_fentry, struct sock *sk)
{
	struct cs_receive *receive = current_zcrx();
	int bytes = (int)cs_func_ret(ctx);

	if (!receive || receive->sk != sk)
		return 0;
	receive->sk = NULL;
	if (bytes <= 0)
		return 0;
	cs_add(CS_BANK_FUNCTION, receive->owner, CS_Q_RECV, 1, (__u64)bytes);
	cs_add_bytes(CS_BANK_FUNCTION, sk, receive->owner, CS_CALL_RECV_ZCRX, 0, (__u64)bytes);
	cs_add(CS_BANK_FUNCTION, receive->owner, CS_Q_ZCRX, 1, (__u64)bytes);
	return 0;
}
