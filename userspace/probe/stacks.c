// SPDX-License-Identifier: GPL-2.0-only
/* Walking the maps that hold stacks: CPU samples, off-CPU spans, copies inside the path. */
#include "probe/session.h"

#include <string.h>

static const char *const function_names[] = {
	[CS_F_SKB_COPY_UBUFS] = "skb_copy_ubufs",
	[CS_F_SKB_COPY_BITS] = "skb_copy_bits",
	[CS_F_SKB_COPY_AND_CSUM_BITS] = "skb_copy_and_csum_bits",
	[CS_F_PSKB_EXPAND_HEAD] = "pskb_expand_head",
	[CS_F_PSKB_COPY_FCLONE] = "__pskb_copy_fclone",
};
static_assert_complete(function_names, CS_F_MAX_);

_Static_assert(PROBE_STACK_DEPTH == CS_STACK_DEPTH, "as the BPF programs keep them");

/* At most depth frames of a stack in the map, or in the second map where it collided. */
static unsigned int read_stack(struct probe *p, struct bpf_map *map, unsigned int depth, __s32 id,
			       uint64_t *addr)
{
	__u32 key = (__u32)id;
	unsigned int n = 0;

	if (id >= CS_STACK_SPILL) {
		map = p->skel->maps.cs_stacks_spill;
		depth = CS_STACK_DEPTH;
		key -= CS_STACK_SPILL;
	}
	if (id < 0 || bpf_map__lookup_elem(map, &key, sizeof(key), addr, depth * sizeof(*addr), 0))
		return 0;
	while (n < depth && addr[n])
		n++;
	return n;
}

static int emit_stack(struct raw_stack *s, const uint64_t *kernel, unsigned int kernel_cnt, struct probe *p,
		      __s32 user, int (*fn)(const struct raw_stack *s, void *ctx), void *ctx)
{
	uint64_t user_addr[CS_STACK_DEPTH];

	s->kernel = kernel;
	s->kernel_cnt = kernel_cnt;
	s->user = user_addr;
	s->user_cnt = read_stack(p, p->skel->maps.cs_stacks, CS_STACK_DEPTH, user, user_addr);
	return fn(s, ctx);
}

static int each_sample(struct probe *p, int (*fn)(const struct raw_stack *s, void *ctx), void *ctx)
{
	struct bpf_map *map = p->skel->maps.cs_samples;
	struct cs_sample_key key, *prev = NULL, next;
	uint64_t kernel[CS_STACK_DEPTH];
	unsigned int cnt;
	__u64 n;
	int err;

	for (; !bpf_map__get_next_key(map, prev, &next, sizeof(next)); prev = &key) {
		key = next;
		if (bpf_map__lookup_elem(map, &key, sizeof(key), &n, sizeof(n), 0))
			continue;
		cnt = read_stack(p, p->skel->maps.cs_stacks, CS_STACK_DEPTH, key.kernel_stack, kernel);
		err = emit_stack(
			&(struct raw_stack){
				.kind = STACK_ONCPU,
				.owner = key.owner,
				.tgid = (int)key.tgid,
				.count = n,
			},
			kernel, cnt, p, key.user_stack, fn, ctx);
		if (err)
			return err;
	}
	return 0;
}

static int each_offcpu(struct probe *p, int (*fn)(const struct raw_stack *s, void *ctx), void *ctx)
{
	struct bpf_map *map = p->skel->maps.cs_offcpu;
	struct cs_offcpu_key key, *prev = NULL, next;
	struct cs_offcpu sample;
	int err;

	for (; !bpf_map__get_next_key(map, prev, &next, sizeof(next)); prev = &key) {
		key = next;
		if (bpf_map__lookup_elem(map, &key, sizeof(key), &sample, sizeof(sample), 0))
			continue;
		err = emit_stack(
			&(struct raw_stack){
				.kind = STACK_OFFCPU,
				.owner = key.owner,
				.tgid = (int)key.tgid,
				.voluntary = key.voluntary,
				.main_thread = key.main_thread,
				.count = sample.samples,
				.ns = sample.samples * p->config.offcpu_sample_ns,
			},
			(const uint64_t *)sample.kernel, sample.frames > 0 ? (unsigned int)sample.frames : 0, p,
			key.user_stack, fn, ctx);
		if (err)
			return err;
	}
	return 0;
}

int probe_for_each_stack(struct probe *p, int (*fn)(const struct raw_stack *s, void *ctx), void *ctx)
{
	return each_sample(p, fn, ctx) ?: each_offcpu(p, fn, ctx);
}

/* The stack of a copy, with the caller put where the kernel's unwinder could not see it. */
static unsigned int read_path_stack(struct probe *p, const struct cs_path_key *key, __s32 kernel_stack,
				    uint64_t *addr)
{
	unsigned int n = read_stack(p, p->skel->maps.cs_path_stacks, CS_PATH_DEPTH, kernel_stack, addr);

	if (!key->caller || !n || n == CS_STACK_DEPTH)
		return n;
	memmove(addr + 2, addr + 1, (n - 1) * sizeof(*addr));
	addr[1] = key->caller;
	return n + 1;
}

int probe_for_each_path(struct probe *p, int (*fn)(const struct raw_path *path, void *ctx), void *ctx)
{
	struct bpf_map *map = p->skel->maps.cs_path;
	struct cs_path_key key, *prev = NULL, next;
	uint64_t addr[CS_STACK_DEPTH];
	struct cs_path path;
	int err;

	for (; !bpf_map__get_next_key(map, prev, &next, sizeof(next)); prev = &key) {
		key = next;
		if (key.function >= CS_F_MAX_ ||
		    bpf_map__lookup_elem(map, &key, sizeof(key), &path, sizeof(path), 0))
			continue;
		err = fn(&(struct raw_path){
				 .owner = key.owner,
				 .function = function_names[key.function],
				 .count = path.count,
				 .bytes = path.bytes,
				 .kernel_cnt = read_path_stack(p, &key, path.kernel_stack, addr),
				 .kernel = addr,
			 },
			 ctx);
		if (err)
			return err;
	}
	return 0;
}
