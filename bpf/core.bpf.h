/* SPDX-License-Identifier: GPL-2.0-only */
/* What all BPF programs share: the maps, the run gate, and accounting. */
#ifndef CORE_BPF_H
#define CORE_BPF_H

#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "copyscope_abi.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, CS_ACCOUNTS); /* user space makes it as long as it has owners */
	__type(key, __u32); /* account */
	__type(value, struct cs_counts);
} cs_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, CS_DROP_MAX_);
	__type(key, __u32); /* enum cs_drop */
	__type(value, __u64);
} cs_drops SEC(".maps");

/* The TCP send a task is in or was in last, as the function tier sees it. */
struct cs_send {
	const struct sock *sk; /* NULL: of nobody's socket */
	__u32 owner;
	__u32 seq;	/* its write_seq: bytes before that are accounted, or not this send's */
	__u32 way;	/* of the bytes behind: CS_Q_USER_TO_KERNEL, CS_Q_ZEROCOPY, CS_Q_SPLICE or CS_Q_TLS_PUSH */
	__u32 pushed;	/* tcp_push() since the last of its steps: it waits, or is over */
	__u32 counted;	/* a bit a quantity that counts sends: this one is in it */
	__u32 has_id;	/* took a zero-copy id */
	__u32 copies, ref_calls; /* seen since seq, and their amounts */
	__u64 copied, refs;
	__u32 call;	/* enum cs_call */
	__u16 loops_back, misaligned;
	__u64 sent;	/* accounted so far */
};

/* The TCP receive a task is in or was in last; kprobe tier, zcrx in both. */
struct cs_receive {
	const struct sock *sk; /* NULL: of nobody's socket, or over */
	__u32 owner;
	__u32 seq; /* its copied_seq when it began */
	__u32 taken;
	__u32 way;  /* of the bytes, as on_recv() has it */
	__u32 call; /* enum cs_call */
};

/* The TLS record that a task is about to have encrypted; function tiers. */
struct cs_tls {
	const struct sock *sk; /* NULL: none */
	__u32 owner;
	__u32 copies, copied; /* from user memory; bytes */
};

/* The send or receive on an AF_UNIX stream that a task is in or was in last; kprobe tier. */
struct cs_unix_call {
	__u32 owner;
	__u32 moved;  /* bytes: it is counted */
	__u32 copied; /* into an skb that the other end does not have yet */
};

/* The datagram that a task makes, until it is sent; function tiers. */
struct cs_datagram {
	const struct sock *sk; /* NULL: of nobody's socket */
	__u32 owner;
	__u32 copies, copied, ref_calls, refs;
};

/* The state of one task: since when it is off the CPU, and the calls it is in. What each switch and each turn of a
 * send need lies in the first 56 bytes, which are in the cache line that finds it (struct bpf_local_storage_elem).
 */
struct cs_task {
	const struct sock *step_sk; /* tracepoint tier: socket, owner and way of its last send step */
	__u8 step_owner;
	__u8 step_call;		    /* enum cs_call */
	__u8 step_loops_back;
	__u8 step_misaligned;	    /* from the first step */
	__u32 offcpu_owner;
	__u64 offcpu_since_ns;	    /* 0: on CPU, or switched out before we looked */
	__s32 user_stack;
	__u32 voluntary;
	struct cs_send send;
	struct cs_receive receive;
	struct cs_tls tls;
	__u32 mapped_owner;	    /* kprobe tier: owner of the socket of tcp_zerocopy_receive(), */
	const void *mapped;	    /* and its argument */
	struct cs_unix_call unix_call;
	struct cs_datagram udp;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct cs_task);
} cs_tasks SEC(".maps");

/* A stack map keeps one stack a bucket. Of n distinct stacks n^2/2m collide in m buckets: a few in each
 * pass, so those go to a second map, where next to none does.
 */
struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, CS_STACK_BUCKETS);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, CS_STACK_DEPTH * sizeof(__u64));
} cs_stacks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, CS_SPILL_BUCKETS);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, CS_STACK_DEPTH * sizeof(__u64));
} cs_stacks_spill SEC(".maps");

/* The reason of a copy shows in the frames nearest to it. Whole stacks would be thousands, since a softirq
 * begins wherever it interrupted.
 */
struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, CS_STACK_BUCKETS);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, CS_PATH_DEPTH * sizeof(__u64));
} cs_path_stacks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CS_PATH_MAX);
	__type(key, struct cs_path_key);
	__type(value, struct cs_path);
} cs_path SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, CS_HIST_BUCKETS);
	__type(key, __u32);
	__type(value, __u64);
} cs_latency SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CS_SAMPLES_MAX);
	__type(key, struct cs_sample_key);
	__type(value, __u64);
} cs_samples SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CS_OFFCPU_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct cs_offcpu_key);
	__type(value, struct cs_offcpu);
} cs_offcpu SEC(".maps");

/* Off-CPU time since the last sample, by account. User space begins it anywhere below the sample's time, so that
 * what is regular is not hit always or never.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, CS_ACCOUNTS);
	__type(key, __u32);
	__type(value, __u64); /* ns */
} cs_offcpu_due SEC(".maps");

/* Where a sample is put together: too large for the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct cs_offcpu);
} cs_offcpu_new SEC(".maps");

const volatile struct cs_config cs_cfg = {};
/* The run gate: attaching takes milliseconds a program, counting starts and stops at one instant. */
__u32 cs_active = 0;
/* Since then a send of an owner has gone by reference: there may be skbs with user pages, and completions. */
__u32 cs_zc_seen = 0;

#define READ_ONCE(x)	    (*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, value) (*(volatile typeof(x) *)&(x) = (value))

/* Typed arguments (of tp_btf and fentry programs) are loaded from, which costs next to nothing. A pointer that is
 * only a number, a kprobe's argument or one that was computed, must be asked for. typed: a constant.
 */
#define CS_READ(typed, src, ...) ((typed) ? ___arrow(src, __VA_ARGS__) : BPF_CORE_READ(src, __VA_ARGS__))

/* Since 6.2 (a35b9af4ec2c) any pointer can be told its type. A computed one is then to be read as CS_TYPED(typed). */
extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym __weak;
#define CS_TYPED(typed) ((typed) && cs_cfg.casts)
#define CS_CAST(typed, type, ptr) \
	((const type *)(CS_TYPED(typed) ? bpf_rdonly_cast((ptr), bpf_core_type_id_kernel(type)) : (ptr)))

/* CS_READ() of a pointer, or through one. For each that it gets from an argument, which is to be trusted, the verifier
 * looks up to four times through all of BTF whether it is, too (btf_nested_type_is_trusted(): half of all the time that
 * loading took); what was told its type is not to be trusted anyway.
 */
#define CS_FOLLOW(typed, type, src, ...) CS_READ(typed, CS_CAST(typed, type, src), __VA_ARGS__)

/* The programs of the function tiers come in pairs, NAME_fentry and NAME_kprobe. At a function's entry both
 * see its arguments, and call is made with typed. On its return fexit sees them, too, but kernels differ in
 * their number and with it in the place of the result, so it asks for that; ret is its name in the call.
 */
#define CS_AT_ENTRY(function, name, call, args...)                            \
	SEC("?fentry/" #function) int BPF_PROG(name##_fentry, ##args)         \
	{                                                                     \
		const bool typed = true;                                      \
									      \
		(void)typed;                                                  \
		return call;                                                  \
	}                                                                     \
	SEC("?kprobe/" #function) int BPF_KPROBE(name##_kprobe, ##args)       \
	{                                                                     \
		const bool typed = false;                                     \
									      \
		(void)typed;                                                  \
		return call;                                                  \
	}
#define CS_AT_RETURN(function, name, call, type)                              \
	SEC("?fexit/" #function) int BPF_PROG(name##_fentry)                  \
	{                                                                     \
		type ret = (type)cs_func_ret(ctx);                            \
									      \
		(void)ret;                                                    \
		return call;                                                  \
	}                                                                     \
	SEC("?kretprobe/" #function) int BPF_KRETPROBE(name##_kprobe, type ret) { return call; }

static __always_inline __u64 cs_func_ret(void *ctx)
{
	__u64 ret = 0;

	bpf_get_func_ret(ctx, &ret);
	return ret;
}

/* Atomic although per CPU: of two programs one may interrupt the other in the middle of the same counter. */
static __always_inline void cs_add_to(struct cs_counts *counts, enum cs_bank bank, enum cs_quantity quantity,
				      __u64 count, __u64 amount)
{
	if (count)
		__sync_fetch_and_add(&counts->stat[bank][quantity].count, count);
	if (amount)
		__sync_fetch_and_add(&counts->stat[bank][quantity].amount, amount);
}

static __always_inline void cs_add(enum cs_bank bank, __u32 owner, enum cs_quantity quantity,
				   __u64 count, __u64 amount)
{
	struct cs_counts *counts = bpf_map_lookup_elem(&cs_counts, &owner);

	if (counts)
		cs_add_to(counts, bank, quantity, count, amount);
}

/* The same for a counter that no other program writes: the kernel runs none twice at a time on a CPU, but skips the
 * second run and tells (__bpf_trace_run(), __bpf_prog_enter_recur(), trace_call_bpf()).
 */
static __always_inline void cs_add_alone(struct cs_counts *counts, enum cs_bank bank, enum cs_quantity quantity,
					 __u64 count, __u64 amount)
{
	counts->stat[bank][quantity].count += count;
	counts->stat[bank][quantity].amount += amount;
}

/* NULL: of nobody. */
static __always_inline struct cs_counts *cs_counts_of(__u32 owner)
{
	return owner ? bpf_map_lookup_elem(&cs_counts, &owner) : NULL;
}

static __always_inline void cs_drop(enum cs_drop drop, __u64 events)
{
	__u32 key = drop;
	__u64 *n = bpf_map_lookup_elem(&cs_drops, &key);

	if (n)
		__sync_fetch_and_add(n, events);
}

static __always_inline void cs_drop_one(enum cs_drop drop)
{
	cs_drop(drop, 1);
}

static __always_inline struct cs_task *cs_this_task(void)
{
	return bpf_task_storage_get(&cs_tasks, bpf_get_current_task_btf(), 0, 0);
}

static __always_inline struct cs_task *cs_this_task_new(void)
{
	struct cs_task *task = bpf_task_storage_get(&cs_tasks, bpf_get_current_task_btf(), 0,
						    BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!task)
		cs_drop_one(CS_DROP_TASK_STORAGE);
	return task;
}

/* For what a call leaves to its return. Nobody's call needs no state, but must not be taken for an owner's
 * whose return was missed.
 */
static __always_inline struct cs_task *cs_task_of_call(__u32 owner)
{
	return owner ? cs_this_task_new() : cs_this_task();
}

/* FNV-1a, by words of 64 bits. */
#define CS_FNV_BASIS	      0xcbf29ce484222325ULL
#define CS_FNV_1A(hash, word) (((hash) ^ (word)) * 0x100000001b3ULL)

/* Another CPU may add the same key just now: whoever comes second finds it. */
#define cs_lookup_or_init(map, key, zero)                                  \
	({                                                                 \
		void *__value = bpf_map_lookup_elem((map), (key));         \
									   \
		if (!__value) {                                            \
			bpf_map_update_elem((map), (key), (zero), BPF_NOEXIST); \
			__value = bpf_map_lookup_elem((map), (key));       \
		}                                                          \
		__value;                                                   \
	})

/* Into the first map; where that bucket has another stack, into the second. */
#define cs_stack_id_in(map, ctx, flags)                                          \
	({                                                                       \
		long __id = bpf_get_stackid((ctx), (map), (flags));              \
										 \
		if (__id == -EEXIST) {                                           \
			__id = bpf_get_stackid((ctx), &cs_stacks_spill, (flags)); \
			if (__id >= 0)                                           \
				__id += CS_STACK_SPILL;                          \
		}                                                                \
		(__s32)__id;                                                     \
	})

/* A negative id says why there are no frames; only what no table could keep is our loss. */
static __always_inline __s32 cs_stack_id(void *ctx, __u64 flags)
{
	__s32 id = cs_stack_id_in(&cs_stacks, ctx, flags);

	if (id == -EEXIST || id == -ENOMEM)
		cs_drop_one(CS_DROP_STACK);
	return id;
}

#endif
