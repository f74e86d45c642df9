/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel types our BPF programs touch, and only their fields that we read.
 *
 * CO-RE makes this enough: with preserve_access_index each access is recorded by name and libbpf puts
 * in the running kernel's offset when it loads the program, through anonymous unions too. Order and
 * completeness do not matter here, names and types do. scripts/check-vmlinux.sh holds every field
 * against a kernel's BTF. Constants that are macros in the kernel (and so not in BTF) are at the end,
 * each with the header it comes from.
 */
#ifndef VMLINUX_H
#define VMLINUX_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/ptrace.h>   /* struct pt_regs with the UAPI register names bpf_tracing.h expects */

typedef __u64 netdev_features_t;
typedef unsigned int sk_buff_data_t; /* NET_SKBUFF_DATA_USES_OFFSET: every 64-bit kernel */

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	int counter;
} atomic_t;

/* ---- cgroups and tasks ------------------------------------------------------------------- */
struct kernfs_node {
	__u64 id;
};

struct cgroup {
	int level;
	struct kernfs_node *kn;
};

struct cgroup___ancestors { /* since 6.1 (7f203bc89eb6); apart, as no structure may contain one with such a list */
	int level;
	struct cgroup *ancestors[];
};

struct css_set {
	struct cgroup *dfl_cgrp;
};

struct rq {
	__u64 clock;
};

struct cfs_rq {
	struct rq *rq;
};

struct sched_entity {
	struct cfs_rq *cfs_rq;
};

struct signal_struct {
	atomic_t live;
};

struct task_struct {
	unsigned int flags;
	void *worker_private; /* since 5.17 (e32cf5dfbe22), before: pf_io_worker */
	int pid;
	int tgid;
	char comm[16];
	struct sched_entity se;
	struct css_set *cgroups;
	struct signal_struct *signal;
	struct task_struct *group_leader;
	void *io_uring;
};

struct task_struct___5_16 {
	void *pf_io_worker;
};

/* ---- network namespaces and devices ------------------------------------------------------ */
struct ns_common {
	unsigned int inum;
};

struct net {
	struct ns_common ns;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct net_device {
	possible_net_t nd_net;
	unsigned int flags;
};

struct dst_entry {
	struct net_device *dev;
};

/* ---- sockets ----------------------------------------------------------------------------- */
struct in6_addr {
	union {
		__u8 u6_addr8[16];
	} in6_u;
};

struct sock_common {
	unsigned short skc_family;
	volatile unsigned char skc_state;
	unsigned long skc_flags;
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	struct in6_addr skc_v6_daddr; /* CONFIG_IPV6 */
	struct in6_addr skc_v6_rcv_saddr;
};

struct sock_cgroup_data {
	struct cgroup *cgroup;
};

struct sock {
	struct sock_common __sk_common;
	netdev_features_t sk_route_caps;
	int sk_sndbuf;
	__u16 sk_type;
	__u16 sk_protocol;
	struct sock_cgroup_data sk_cgrp_data;
	struct dst_entry *sk_dst_cache;
};

struct socket {
	struct sock *sk;
};

struct inet_sock {
	struct sock sk;
};

struct tcp_ulp_ops {
	char name[16];
};

struct inet_connection_sock {
	struct inet_sock icsk_inet;
	const struct tcp_ulp_ops *icsk_ulp_ops;
};

/* A struct sock, too: it begins with one. */
struct tcp_sock {
	struct inet_connection_sock inet_conn;
	__u32 copied_seq;
	__u32 write_seq;
};

struct udp_sock {
	struct inet_sock inet;
	int pending; /* a datagram that is not whole yet: MSG_MORE */
};

/* Only for its size. */
struct udphdr {
	__be16 source;
	__be16 dest;
	__be16 len;
	__sum16 check;
};

enum sock_flags {
	SOCK_ZEROCOPY = 0, /* the running kernel's value comes from bpf_core_enum_value() */
};

typedef struct refcount_struct {
	atomic_t refs;
} refcount_t;

struct ubuf_info {
	refcount_t refcnt;
};

/* Since 6.1 ("net: introduce struct ubuf_info_msgzc"). */
struct ubuf_info_msgzc {
	struct ubuf_info ubuf;
	__u32 id;
	__u16 len;
	__u16 zerocopy : 1;
};

struct tcp_zerocopy_receive {
	__u32 length;
	__s32 copybuf_len;
};

struct iov_iter;

struct iovec {
	void *iov_base;
};

/* A union has the pointers: to the memory itself, or to a list. */
struct iov_iter {
	__u8 iter_type;
	size_t iov_offset;
	void *ubuf;
};

struct iov_iter___6_4 { /* de4f5fed3f23 */
	__u8 iter_type;
	size_t iov_offset;
	void *ubuf;
	const struct iovec *__iov;
};

struct iov_iter___before {
	const struct iovec *iov;
};

enum iter_type { ITER_UBUF, ITER_IOVEC };

struct msghdr {
	struct iov_iter msg_iter;
	unsigned int msg_flags;
	struct ubuf_info *msg_ubuf;
};

struct sk_msg_sg {
	__u32 size;
};

struct sk_msg {
	struct sk_msg_sg sg;
};

struct crypto_alg {
	char cra_name[128];
};

struct crypto_tfm {
	struct crypto_alg *__crt_alg;
};

struct crypto_async_request {
	struct crypto_tfm *tfm;
};

struct aead_request {
	struct crypto_async_request base;
	unsigned int assoclen;
	unsigned int cryptlen;
};

/* ---- skbs -------------------------------------------------------------------------------- */
struct sk_buff {
	struct net_device *dev;
	struct sock *sk;
	char cb[48];
	unsigned int len;
	unsigned int data_len;
	__u16 transport_header;
	__u16 network_header;
	sk_buff_data_t tail;
	sk_buff_data_t end;
	unsigned char *head;
	unsigned char *data;
};

struct skb_shared_info {
	__u8 flags;
	__u8 nr_frags;
	void *destructor_arg; /* of a zero-copy skb: its struct ubuf_info */
};

/* Only for its size: MAX_SKB_FRAGS elements (17, or CONFIG_MAX_SKB_FRAGS since 6.4, 3948b05950fd), whose type
 * was a struct bio_vec before 6.9.
 */
struct skb_frag___sized {
	unsigned int len;
};

struct skb_shared_info___sized {
	struct skb_frag___sized frags[17];
};

struct sock_extended_err {
	__u8 ee_origin;
	__u8 ee_code;
	__u32 ee_info;
	__u32 ee_data;
};

struct sock_exterr_skb {
	struct sock_extended_err ee;
};

/* What the event records since it also tells of attempts that failed: ad892e912b84, 6.17. */
struct trace_event_raw_tcp_retransmit_skb___err {
	int err;
};

struct io_uring_cqe {
	__s32 res;
	__u32 flags;
};

/* The registers by the kernel's names, not by those of UAPI: the system call that a task is in. */
struct pt_regs___kernel {
#if defined(__TARGET_ARCH_arm64)
	__s32 syscallno;
#else
	unsigned long orig_ax;
#endif
};

#pragma clang attribute pop

/* ---- constants that BTF does not carry --------------------------------------------------- */
#define AF_UNIX			   1	      /* linux/socket.h */
#define AF_INET			   2	      /* linux/socket.h */
#define AF_INET6		   10	      /* linux/socket.h */
#define SOCK_STREAM		   1	      /* linux/net.h; an enumerator, of mips another */
#define IPPROTO_TCP		   6	      /* linux/in.h */
#define IPPROTO_UDP		   17	      /* linux/in.h */
#define TCP_TIME_WAIT		   6	      /* net/tcp_states.h: a minisock, not a struct sock */
#define TCP_NEW_SYN_RECV	   12	      /* net/tcp_states.h: a minisock, not a struct sock */
#define MSG_PEEK		   0x2	      /* linux/socket.h */
#define MSG_TRUNC		   0x20	      /* linux/socket.h */
#define MSG_ZEROCOPY		   0x4000000  /* linux/socket.h */
#define MSG_SPLICE_PAGES	   0x8000000  /* linux/socket.h, since 6.5 */
#if defined(__TARGET_ARCH_arm64) /* asm-generic/unistd.h */
#define __NR_write		   64
#define __NR_writev		   66
#define __NR_sendfile		   71
#define __NR_vmsplice		   75
#define __NR_splice		   76
#define __NR_sendto		   206
#define __NR_sendmsg		   211
#define __NR_sendmmsg		   269
#else /* arch/x86/entry/syscalls/syscall_64.tbl */
#define __NR_write		   1
#define __NR_writev		   20
#define __NR_sendfile		   40
#define __NR_sendto		   44
#define __NR_sendmsg		   46
#define __NR_splice		   275
#define __NR_vmsplice		   278
#define __NR_sendmmsg		   307
#endif
#define IFF_LOOPBACK		   0x8	      /* linux/if.h */
#define NETIF_F_SG		   1ULL	      /* linux/netdev_features.h: 1 << NETIF_F_SG_BIT (0) */
#define SKBFL_ZEROCOPY_ENABLE	   1	      /* linux/skbuff.h */
#define SO_EE_ORIGIN_ZEROCOPY	   5	      /* linux/errqueue.h */
#define SO_EE_CODE_ZEROCOPY_COPIED 1	      /* linux/errqueue.h */
#define IORING_CQE_F_NOTIF	   8	      /* linux/io_uring.h */
#define ENOMEM			   12	      /* asm-generic/errno-base.h */
#define EEXIST			   17	      /* asm-generic/errno-base.h */
#define PF_IO_WORKER		   0x00000010 /* linux/sched.h */
#define PF_KTHREAD		   0x00200000 /* linux/sched.h */

#endif
