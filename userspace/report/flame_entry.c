// SPDX-License-Identifier: GPL-2.0-only
/* The way into the kernel: what a program calls until the protocol, or a file, has its turn. Of two modes it
 * differs in names alone, and would keep apart in a difference what both have in common. x86_64 and arm64.
 */
#include "analysis/category.h"
#include "report/flame.h"

const struct frame flame_entry = {.name = "[system call]", .kind = FRAME_KERNEL};

/* A stack goes through a system call where one of these comes first in the kernel ... */
static const char *const calls[] = {
	"entry_SYSCALL_*", "entry_SYSENTER_*", "entry_INT80_*", "asm_int80_emulation", "int80_emulation",
	"do_syscall_64", "do_int80_*", "do_fast_syscall_32", "__do_fast_syscall_32", "x64_sys_call", "ia32_sys_call",
	"el0_svc*", "do_el0_svc*",
};

/* ... and these belong to the way. */
static const char *const doors[] = {
	"el0t_*", "invoke_syscall*",
	"__x64_sys_*", "__arm64_sys_*", "__ia32_*", "__se_sys_*", "__do_sys_*", "ksys_*", "__sys_send*", "__sys_recv*",
	"___sys_send*", "___sys_recv*", "____sys_send*", "____sys_recv*", "do_recvmmsg",
	"sock_sendmsg*", "__sock_sendmsg*", "sock_recvmsg*", "__sock_recvmsg*", "sock_write_iter", "sock_read_iter",
	"inet_sendmsg", "inet6_sendmsg", "inet_recvmsg", "inet6_recvmsg",
	"vfs_write", "vfs_read", "vfs_writev", "vfs_readv", "do_writev", "do_readv", "do_iter_readv_writev",
	"new_sync_write", "new_sync_read",
	/* sendfile, splice */
	"do_sendfile", "do_splice", "do_splice_direct*", "splice_direct_to_actor", "direct_splice_actor",
	"do_splice_from", "splice_file_to_pipe", "splice_to_socket", "generic_splice_sendpage", "iter_to_pipe",
	/* io_uring */
	"io_submit_sqes", "io_submit_sqe", "io_queue_sqe*", "io_issue_sqe", "__io_issue_sqe", "io_send*", "io_recv*",
};

static bool matches_any(const struct frame *f, const char *const *pattern, size_t cnt)
{
	size_t i;

	for (i = 0; f->kind == FRAME_KERNEL && i < cnt; i++)
		if (function_matches(f->name, pattern[i]))
			return true;
	return false;
}

enum flame_way *flame_ways(const struct run_set *set)
{
	enum flame_way *way = xcalloc(set->frame_cnt + 1, sizeof(*way));
	size_t i;

	for (i = 0; i < set->frame_cnt; i++)
		way[i] = matches_any(&set->frame[i], calls, ARRAY_SIZE(calls)) ? FLAME_CALL :
			 matches_any(&set->frame[i], doors, ARRAY_SIZE(doors)) ? FLAME_DOOR :
			 set->frame[i].kind == FRAME_USER ? FLAME_USER : FLAME_NONE;
	return way;
}

unsigned int flame_entry_depth(const struct stack *s, const enum flame_way *way)
{
	bool called = false;
	unsigned int i = 0;

	while (i < s->depth && way[s->frame[i]] == FLAME_USER)
		i++;
	for (; i < s->depth && (way[s->frame[i]] == FLAME_CALL || way[s->frame[i]] == FLAME_DOOR); i++)
		called |= way[s->frame[i]] == FLAME_CALL;
	return called ? i : 0;
}
