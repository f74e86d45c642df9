/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of the BPF programs share: the programs, compiled for the host, two owners and nobody, each a
 * cgroup with a task and a TCP socket, and how to look at what was counted.
 */
#ifndef BPF_HOST_PARTIES_H
#define BPF_HOST_PARTIES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "../../../bpf/owner.bpf.h"
#include "../../../bpf/follow.bpf.c"
#include "../../../bpf/receive.bpf.c"
#include "../../../bpf/send.bpf.c"
#include "../../../bpf/sched.bpf.c"
#include "../../../bpf/skb.bpf.c"
#include "../../../bpf/tls.bpf.c"
#include "../../../bpf/udp.bpf.c"
#include "../../../bpf/unix.bpf.c"
#include "../../../bpf/zcrx.bpf.c"
#include "../../../bpf/zerocopy.bpf.c"

#define TCP_ESTABLISHED	   1
#define TASK_RUNNING	   0
#define TASK_INTERRUPTIBLE 1

enum { NOBODY = CS_NOBODY, SERVER, CLIENT, PARTIES };

/* A task and a socket, both in one cgroup. */
struct party {
	struct kernfs_node kn;
	struct cgroup cgroup;
	struct css_set css;
	struct task_struct task;
	struct tcp_sock tcp;
};

/* Of the one CPU. */
static struct rq rq;
static struct cfs_rq cfs_rq = {.rq = &rq};

static inline void set_now(__u64 ns)
{
	host.now_ns = rq.clock = ns;
}

static struct party parties[PARTIES]; /* that of NOBODY is in a cgroup without an owner */
#define SOCKET(party) (&parties[party].tcp.inet_conn.icsk_inet.sk)
static struct sock *const server_sk = SOCKET(SERVER), *const client_sk = SOCKET(CLIENT);
static struct sock *const foreign_sk = SOCKET(NOBODY);
static struct msghdr plain __attribute__((unused)); /* a message without flags */
static struct task_struct *const server = &parties[SERVER].task;
static struct task_struct *const idle = &parties[NOBODY].task;

/* What it does not say of owners. */
static inline void configure(struct cs_config config)
{
	for (config.owner_cnt = 0; config.owner_cnt < PARTIES - 1; config.owner_cnt++)
		config.owner[config.owner_cnt] = parties[config.owner_cnt + 1].kn.id;
	host_set_rodata(&cs_cfg, &config, sizeof(config));
}

static inline int setup(void **state)
{
	__u32 i;

	(void)state;
	host_reset();
	set_now(0);
	for (i = 0; i < PARTIES; i++) {
		struct party *p = &parties[i];
		__u64 id = 100 + i;

		*p = (struct party){.kn.id = id, .cgroup.kn = &p->kn, .css.dfl_cgrp = &p->cgroup};
		p->task = (struct task_struct){.pid = (int)i, .tgid = (int)i, .cgroups = &p->css, .se.cfs_rq = &cfs_rq};
		*SOCKET(i) = (struct sock){
			.__sk_common = {.skc_family = AF_INET, .skc_state = TCP_ESTABLISHED},
			.sk_protocol = IPPROTO_TCP,
			.sk_cgrp_data.cgroup = &p->cgroup,
		};
	}
	host.current_task = server;
	configure((struct cs_config){0});
	cs_active = 1;
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	host_reset();
	return 0;
}

static inline void assert_stat(enum cs_bank bank, __u32 owner, enum cs_quantity quantity, __u64 count,
			__u64 amount)
{
	const struct cs_counts *counts = bpf_map_lookup_elem(&cs_counts, &owner);

	assert_int_equal(counts->stat[bank][quantity].count, count);
	assert_int_equal(counts->stat[bank][quantity].amount, amount);
}

/* Nothing but n of this kind. */
static inline void assert_drops(enum cs_drop kind, __u64 n)
{
	__u32 i;

	for (i = 0; i < CS_DROP_MAX_; i++)
		assert_int_equal(*(__u64 *)bpf_map_lookup_elem(&cs_drops, &i), i == kind ? n : 0);
}

static inline void assert_no_drops(void)
{
	assert_drops(CS_DROP_STACK, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

#endif
