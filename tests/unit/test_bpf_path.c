// SPDX-License-Identifier: GPL-2.0-only
/* Copies inside the path: a way to one that was unwound before is known by the return addresses on the stack. */
#define __TARGET_ARCH_x86 /* the only one that unwinds by tables */
#include "bpf_host/parties.h"

#define TEXT 0xffffffff81000000ULL

static __u64 stack[CS_PATH_WORDS];

static void reset_stack(void)
{
	__u32 i;

	for (i = 0; i < CS_PATH_WORDS; i++) /* data of the kernel and of a program, and small numbers */
		stack[i] = i % 3 == 0 ? 0xffff888100000000ULL + i : i % 3 == 1 ? 0x7f0000000000ULL + i : i;
	stack[4] = TEXT + 0x10;
	stack[20] = TEXT + 0x200;
	stack[CS_PATH_WORDS - 1] = TEXT + 0x3000;
}

/* Copies bytes of the server's from there; were it unwound, it would be the stack of this id. */
static void copy(__u32 bytes, __s32 stack_id)
{
	struct skb_shared_info shinfo = {0};
	struct sk_buff skb = {.sk = server_sk, .head = (void *)&shinfo};

	host.stack_id = stack_id;
	copy_bits_fentry((void *)stack, &skb, 0, NULL, (int)bytes);
}

/* What is kept under the stack of this id, by whatever signature; maps of the host are walked as they are. */
static void assert_path(__s32 stack_id, __u64 count, __u64 bytes)
{
	const struct host_map *map = HOST_MAP(&cs_path);
	__u64 counts = 0, sum = 0;
	size_t i;

	for (i = 0; i < map->max_entries; i++) {
		const struct cs_path *path = (const void *)map->cell[i].value;

		if (!map->cell[i].last_use || path->kernel_stack != stack_id)
			continue;
		counts += path->count;
		sum += path->bytes;
	}
	assert_int_equal(counts, count);
	assert_int_equal(sum, bytes);
}

static void begin(struct cs_config config)
{
	reset_stack();
	configure(config);
}

static void a_known_way_is_not_unwound_again(void **state)
{
	(void)state;
	begin((struct cs_config){.casts = 1});
	copy(100, 1);
	stack[0]++, stack[1]++, stack[CS_PATH_WORDS - 2] = 77; /* no return addresses */
	copy(10, 2);
	assert_path(1, 2, 110);
	assert_path(2, 0, 0);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_PATH_COPY, 2, 110);
	assert_no_drops();
}

static void another_way_is(void **state)
{
	(void)state;
	begin((struct cs_config){.casts = 1});
	copy(100, 1);
	stack[CS_PATH_WORDS - 1]++; /* the last that counts */
	copy(10, 2);
	reset_stack();
	stack[21] = stack[20], stack[20] = 0; /* the same, but from elsewhere on the stack */
	copy(1, 3);
	assert_path(1, 1, 100);
	assert_path(2, 1, 10);
	assert_path(3, 1, 1);
}

static void a_cross_check_unwinds_all(void **state)
{
	(void)state;
	begin((struct cs_config){.casts = 1, .all_path_stacks = 1});
	copy(100, 1);
	copy(10, 2);
	assert_path(1, 1, 100);
	assert_path(2, 1, 10);
}

static void so_does_a_kernel_without_casts(void **state)
{
	(void)state;
	begin((struct cs_config){0});
	copy(100, 1);
	copy(10, 2);
	assert_path(2, 1, 10);
}

static void what_no_table_could_keep_is_a_drop_each_time(void **state)
{
	(void)state;
	begin((struct cs_config){.casts = 1});
	copy(100, -ENOMEM);
	copy(10, -ENOMEM);
	assert_drops(CS_DROP_PATH, 2);
	assert_stat(CS_BANK_FUNCTION, SERVER, CS_Q_PATH_COPY, 2, 110);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_known_way_is_not_unwound_again),
		TEST(another_way_is),
		TEST(a_cross_check_unwinds_all),
		TEST(so_does_a_kernel_without_casts),
		TEST(what_no_table_could_keep_is_a_drop_each_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
