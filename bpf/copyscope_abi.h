/* SPDX-License-Identifier: GPL-2.0-only */
/* The contract between the BPF programs and user space, and the only header both include.
 * Fixed-width types, explicit padding, sizes asserted; enums are numbered and append-only.
 */
#ifndef COPYSCOPE_ABI_H
#define COPYSCOPE_ABI_H

#include <linux/types.h>

/* Whose bytes, switches, samples: a numbered account. User space numbers the owners from 1 and tells in
 * cs_config who they are; what they are called, and which way their payload goes, is its business.
 */
#define CS_NOBODY     0
#define CS_KERNEL     CS_NOBODY /* in CPU samples: softirq work outside any owner's task */
#define CS_NAMED_MAX  15 /* that are told in cs_config */
#define CS_OWNERS_MAX 34
#define CS_ACCOUNTS   (CS_OWNERS_MAX + 1)

/* Where everyone is an owner, programs have accounts by their names, in the order in which they first send or receive. */
#define CS_OTHERS	  1 /* those that came too late for one */
#define CS_KERNEL_THREADS 2 /* on sockets of their own: NFS, NVMe over TCP ... */
#define CS_FIRST_PROGRAM  3

struct cs_program {
	char comm[16]; /* of the thread that leads it */
};

struct cs_stat {
	__u64 count;
	__u64 amount;
};
_Static_assert(sizeof(struct cs_stat) == 16, "cs_stat");

/* What is counted. In comments: what `count` and `amount` of struct cs_stat mean. */
enum cs_quantity {
	CS_Q_SEND = 0,		      /* send calls; bytes they returned */
	CS_Q_USER_TO_KERNEL = 1,      /* copies; bytes */
	CS_Q_ZEROCOPY = 2,	      /* send calls; bytes referenced instead of copied */
	CS_Q_SPLICE = 3,	      /* send calls; bytes handed over as kernel pages */
	CS_Q_COPY_UBUFS = 4,	      /* skbs; bytes of user pages replaced by copies */
	CS_Q_RETRANSMIT = 5,	      /* skbs; payload bytes */
	CS_Q_COMPLETION = 6,	      /* ranges; ids */
	CS_Q_COMPLETION_COPIED = 7,   /* ranges; ids: the part flagged COPIED */
	CS_Q_RECV = 8,		      /* receive calls; bytes they took from the socket */
	CS_Q_KERNEL_TO_USER = 9,      /* copies; bytes */
	CS_Q_SWITCH_VOLUNTARY = 10,   /* switches; - */
	CS_Q_SWITCH_INVOLUNTARY = 11, /* switches; - */
	CS_Q_OFFCPU = 12,	      /* spans; ns: all of them, whatever cs_offcpu has samples of */
	CS_Q_CPU_SAMPLE = 13,	      /* samples; - */
	CS_Q_PAGE_REF = 14,	      /* get_user_pages calls; references taken */
	CS_Q_ZC_ID = 15,	      /* ids of sends that returned bytes; - */
	CS_Q_PATH_COPY = 16,	      /* copies; bytes: all of cs_path together, by place there */
	CS_Q_MAPPED = 17,	      /* calls; bytes mapped to the receiver */
	CS_Q_ZC_LATENCY = 18,	      /* ids; ns from send to completion: a histogram in cs_latency */
	CS_Q_KERNEL_TO_USER_TIME = 19, /* calls; ns inside, --level full */
	CS_Q_COPY_UBUFS_HOPS = 20,    /* as COPY_UBUFS by tracepoint, but in any namespace */
	CS_Q_COPY_UBUFS_TIME = 21,    /* calls; ns inside, --level full */
	CS_Q_ZEROCOPY_TIME = 22,      /* calls; ns inside, --level full */
	CS_Q_ZC_FRAGS = 23,	      /* zero-copy skbs received or copied, each hop; fragments (page references) in them */
	CS_Q_ZC_FULL = 24,	      /* those that had no fragment left to add; - */
	CS_Q_DISCARD = 25,	      /* receive calls with MSG_TRUNC; bytes they returned */
	CS_Q_NOTIFICATION = 26,	      /* notifications of io_uring's zero-copy sends; those flagged COPIED */
	CS_Q_ENCRYPT = 27,	      /* TLS records; bytes that the cipher read where they were sent from */
	CS_Q_ENCRYPT_COPY = 28,	      /* TLS records; bytes that were copied for the cipher */
	CS_Q_TLS_FRAMING = 29,	      /* TLS records; bytes of their headers and tags, by the cipher's requests */
	CS_Q_TLS_PUSH = 30,	      /* TCP sends; bytes of TLS records in them */
	CS_Q_DECRYPT = 31,	      /* TLS records; bytes of payload */
	CS_Q_SPLICE_READ = 32,	      /* calls; bytes of a file read into pages of the splice's own */
	CS_Q_SPLICED_TO_PIPE = 33,    /* splices from a socket; bytes they took, as pages */
	CS_Q_ZCRX = 34,		      /* calls of io_uring's zero-copy receive; bytes they took from the socket */
	CS_Q_ZCRX_COPY = 35,	      /* of it: copies; bytes */
	CS_Q_SEND_IOWQ = 36,	      /* those of SEND that a worker of io_uring's made, */
	CS_Q_SEND_SQPOLL = 37,	      /* and a thread that polls such a ring; their bytes */
	CS_Q_FOLLOWED = 38,	      /* processes that an owner's forked; - */
	CS_Q_SOCKET = 39,	      /* sockets of TCP and UDP that an owner has used; - */
	CS_Q_SEND_LOOPBACK = 40,      /* those of SEND, of TCP, whose route leads to a loopback device; their bytes */
	CS_Q_ZC_MISALIGNED = 41,      /* those of ZEROCOPY, of TCP, whose memory does not begin at a page; bytes they returned */
	CS_Q_MAX_ = 42,
};

/* By which way a call sends, as it was asked for and as the socket and its route grant it, or receives. */
enum cs_call {
	CS_CALL_SEND_UNSEEN = 0,   /* of TCP, by whatever way: only its end was seen */
	CS_CALL_SEND = 1,	   /* write(), send(), sendmsg() ...: copied */
	CS_CALL_ZEROCOPY = 2,	   /* MSG_ZEROCOPY */
	CS_CALL_ZEROCOPY_UNSET = 3, /* the same on a socket without SO_ZEROCOPY: copied */
	CS_CALL_NO_SG = 4,	   /* any way but copying, over a route without scatter-gather: copied */
	CS_CALL_SENDFILE = 5,	   /* pages of a file or a pipe: sendfile(), splice() */
	CS_CALL_URING = 6,	   /* asked for by way of an io_uring: copied */
	CS_CALL_URING_ZC = 7,	   /* the same, by reference */
	CS_CALL_KTLS = 8,	   /* by functions a TLS record, by tracepoints a call */
	CS_CALL_UDP = 9,
	CS_CALL_UNIX = 10,
	CS_CALL_RECV = 11, /* from here on receives; read(), recv(), recvmsg() ...: copied */
	CS_CALL_RECV_DISCARD = 12, /* MSG_TRUNC */
	CS_CALL_RECV_SPLICE = 13,  /* pages into a pipe */
	CS_CALL_RECV_MAP = 14,	   /* TCP_ZEROCOPY_RECEIVE */
	CS_CALL_RECV_ZCRX = 15,	   /* io_uring's zero-copy receive */
	CS_CALL_RECV_KTLS = 16,	   /* by functions a record */
	CS_CALL_RECV_UDP = 17,
	CS_CALL_RECV_UNIX = 18,
	CS_CALL_MAX_ = 19,
};

/* Calls of one owner and way by size: size[n] is of those that moved 2^n to 2^(n+1)-1 bytes. */
#define CS_SIZES 32

struct cs_sizes {
	struct cs_stat size[CS_SIZES];
};

/* Two ways to see the same thing are counted apart, so that they can be held against each other. */
enum cs_bank {
	CS_BANK_TRACEPOINT = 0, /* and perf events */
	CS_BANK_FUNCTION = 1,	/* fentry or kprobe */
	CS_BANK_MAX_ = 2,
};

/* A socket of TCP or UDP that an owner has used, and what moved over it since. */
struct cs_socket {
	__u32 owner;
	__u16 family, protocol;
	__u16 local_port, remote_port;
	__u32 ktls;
	__u8 local[16], remote[16]; /* of IPv4 the first 4 */
	struct cs_stat sent, received; /* calls, bytes */
};
_Static_assert(sizeof(struct cs_socket) == 80, "cs_socket");

#define CS_CLOSED_MAX	1024  /* sockets remembered after they are gone, those over which */
#define CS_CLOSED_BYTES 65536 /* so much moved */

#define CS_PROCESSES_MAX 65536
#define CS_SOCKETS_MAX	 262144 /* that are open at a time */

/* Events a program saw and could not account. Any non-zero one is printed with the result. */
enum cs_drop {
	CS_DROP_STACK = 0,	   /* stack id not available: bucket collision, map full, fault */
	CS_DROP_SAMPLE = 1,	   /* CPU sample: table full */
	CS_DROP_OFFCPU = 2,	   /* off-CPU samples: table full */
	CS_DROP_TASK_STORAGE = 3,  /* no memory for a task's state: its call is lost */
	CS_DROP_UNCLASSIFIED = 4,  /* send whose way (copy, zero-copy, splice) was not seen */
	CS_DROP_ORPHAN = 5,	   /* zero-copy skb received whose owner could not be told */
	CS_DROP_PATH = 6,	   /* copy inside the path: table full, its place is lost */
	CS_DROP_OFFCPU_OPEN = 7,   /* off-CPU span whose beginning could not be kept, or whose end was not seen */
	CS_DROP_ZC_SEND = 8,	   /* zero-copy id completed whose send time the table has evicted */
	CS_DROP_PROCESS = 9,	   /* process not followed: table full */
	CS_DROP_SOCKET = 10,	   /* socket not remembered: table full; what softirqs do for it is nobody's */
	CS_DROP_MAX_ = 11,
};


/* All that is counted of one account on one CPU: what an event counts lies together. */
struct cs_counts {
	struct cs_stat stat[CS_BANK_MAX_][CS_Q_MAX_];
};
_Static_assert(sizeof(struct cs_counts) == CS_BANK_MAX_ * CS_Q_MAX_ * sizeof(struct cs_stat), "cs_counts");

#define CS_STACK_DEPTH	 96    /* frames kept of each stack */
#define CS_STACK_BUCKETS 16384 /* of the first stack map */
#define CS_SPILL_BUCKETS 8192  /* of the second, for stacks that collide in the first */
#define CS_STACK_SPILL	 (1 << 24) /* added to the ids of the second map */
#define CS_SAMPLES_MAX	 16384
#define CS_OFFCPU_MAX	 4096

struct cs_sample_key {
	__u32 owner;
	__u32 tgid;
	__s32 kernel_stack; /* stack id, or -errno: -EFAULT = no such frames */
	__s32 user_stack;
};
_Static_assert(sizeof(struct cs_sample_key) == 16, "cs_sample_key");

struct cs_offcpu_key {
	__u32 owner;
	__u32 tgid;
	__s32 user_stack; /* --level full; else -1 */
	__u32 voluntary;   /* 1: went to sleep; 0: was preempted */
	__u32 main_thread; /* pid == tgid: often only waits for the others */
	__u32 pad;
	__u64 kernel_hash; /* of the frames */
};
_Static_assert(sizeof(struct cs_offcpu_key) == 32, "cs_offcpu_key");

/* The stack of a thread that is not running is had as addresses, not as an id. */
struct cs_offcpu {
	__u64 samples;
	__s64 frames; /* or -errno: the kernel gave none */
	__u64 kernel[CS_STACK_DEPTH];
};
_Static_assert(sizeof(struct cs_offcpu) == 16 + 8 * CS_STACK_DEPTH, "cs_offcpu");

/* Functions that copy inside the path, each counted where it copies itself, never through another. */
enum cs_function {
	CS_F_SKB_COPY_UBUFS = 0,
	CS_F_SKB_COPY_BITS = 1,
	CS_F_SKB_COPY_AND_CSUM_BITS = 2,
	CS_F_PSKB_EXPAND_HEAD = 3,
	CS_F_PSKB_COPY_FCLONE = 4,
	CS_F_MAX_ = 5,
};

#define CS_PATH_MAX   4096
#define CS_PATH_DEPTH 16 /* frames, those of the probe itself included */
#define CS_PATH_WORDS 32 /* of the stack, from the probe's arguments on, that tell a way to a copy */

struct cs_path_key {
	__u32 owner;
	__u32 function; /* enum cs_function */
	__u64 way;	/* the stack: its id, or a signature, of which a stack may have more than one */
	__u64 caller;	/* where the stack does not show it: arm64 kprobes; else 0 */
};
_Static_assert(sizeof(struct cs_path_key) == 24, "cs_path_key");

struct cs_path {
	__u64 count;
	__u64 bytes;
	__s32 kernel_stack; /* id, or -errno */
	__u32 pad;
};
_Static_assert(sizeof(struct cs_path) == 24, "cs_path");

/* Log-linear histogram as in core/hist.h: the layout must stay the same. */
#define CS_HIST_SUB_BITS 6
#define CS_HIST_SUB	 (1 << CS_HIST_SUB_BITS)
#define CS_HIST_BUCKETS	 ((64 - CS_HIST_SUB_BITS + 1) * CS_HIST_SUB)

/* Set once before load: the programs are compiled with it, and what it turns off is not in them. */
struct cs_config {
	__u32 owner_cnt;
	__u32 offcpu_user_stacks;   /* --level full: of all spans */
	__u32 send_steps;	    /* send_step_tp is loaded: send_done_tp may expect its word */
	__u32 zc_times;		    /* cs_zc_sends is filled: a completion may expect its ids there */
	__u32 tls;		    /* what kTLS encrypts is seen: its sends are counted there */
	__u32 casts;		    /* the kernel has bpf_rdonly_cast() */
	__u32 all_path_stacks;	    /* --cross-check: a stack of each copy inside the path, however well known */
	__u32 unix_streams;	    /* of AF_UNIX sockets, too */
	__u32 udp;		    /* datagrams, too */
	__u32 by_task;		    /* owners' processes are in cs_processes, and who uses a socket has it */
	__u32 everyone;		    /* and who is in none is an owner as soon as it sends or receives */
	__u32 by_cgroup;	    /* there are ids in owner[] */
	__u32 subtrees;		    /* they stand for all cgroups below, too */
	__u32 calls[2];		    /* sends, receives: 1 + the bank that counts them in cs_sizes; 0: none does */
	__u32 level[CS_NAMED_MAX];  /* of the cgroups of owner[]: 0 is the root */
	__u32 page_bytes;
	__u32 sockets;		    /* those that owners use are listed */
	__u64 receive_netns;	    /* the receiver's network namespace (inode): tells delivery from a hop */
	__u64 offcpu_sample_ns;	    /* off-CPU time a stack; 0: none are taken */
	__u64 owner[CS_NAMED_MAX];  /* cgroup (v2) ids: account i + 1 is the i-th's; 0: it has none */
};
_Static_assert(sizeof(struct cs_config) == 12 * CS_NAMED_MAX + 84, "cs_config");

#endif
