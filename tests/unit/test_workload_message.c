// SPDX-License-Identifier: GPL-2.0-only
/* Fields, iovecs and the verifiable pattern. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "workload/block.h"

static struct memory_budget plenty;

static void fields_sum_to_size(void **state)
{
	static const size_t sizes[] = {1, 7, 8, 9, 63, 64, 65537, 1000003};
	struct message m;
	size_t i, j, sum;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		assert_int_equal(message_alloc(&m, sizes[i], BUFFERS_HEAP, &plenty), 0);
		for (sum = 0, j = 0; j < MESSAGE_FIELDS; j++) {
			sum += m.len[j];
			if (j < MESSAGE_FIELDS - 1)
				assert_int_equal(m.len[j], sizes[i] / 8);
			assert_int_equal(m.field[j] != NULL, m.len[j] != 0);
		}
		assert_int_equal(sum, sizes[i]);
		message_free(&m);
		message_free(&m); /* safe twice */
	}
}

static void budget_is_kept(void **state)
{
	struct memory_budget small;
	struct message m;
	void *p;

	(void)state;
	atomic_init(&small.left_bytes, 100);
	assert_int_equal(message_alloc(&m, 101, BUFFERS_HEAP, &small), -ENOMEM);
	message_free(&m);
	atomic_store(&small.left_bytes, 100 + sysconf(_SC_PAGESIZE));
	p = memory_take(&small, 60);
	assert_non_null(p);
	assert_int_equal((uintptr_t)p % (uintptr_t)sysconf(_SC_PAGESIZE), 0);
	assert_null(memory_take(&small, 41));
	assert_int_equal(atomic_load(&small.left_bytes), 40);
	free(p);
}

/* Pages by the definition: each byte's, as often as the field changes. */
static size_t pages_by_bytes(const struct message *m, size_t from, size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), i, j, at = 0, pages = 0;
	uintptr_t last;

	for (i = 0; i < MESSAGE_FIELDS; i++) {
		last = UINTPTR_MAX;
		for (j = 0; j < m->len[i]; j++, at++) {
			uintptr_t of = (uintptr_t)(m->field[i] + j) / page;

			if (at < from || at >= from + bytes || of == last)
				continue;
			pages++;
			last = of;
		}
	}
	return pages;
}

static void pages_are_those_of_the_addresses(void **state)
{
	static const size_t sizes[] = {1, 7, 8, 4097, 16 * KIB, 64 * KIB, 100003};
	size_t page = (size_t)sysconf(_SC_PAGESIZE), i, from;
	_cleanup_free_ uint8_t *memory = xmalloc(128 * KIB);
	struct message m[3];

	(void)state;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t bytes = sizes[i], k;

		assert_int_equal(message_alloc(&m[0], bytes, BUFFERS_HEAP, &plenty), 0);
		assert_int_equal(message_alloc(&m[1], bytes, BUFFERS_PAGE, &plenty), 0);
		message_place(&m[2], bytes, memory + 100);
		for (k = 0; k < ARRAY_SIZE(m); k++) {
			assert_int_equal(m[k].least_pages, (bytes + page - 1) / page);
			assert_true(m[k].pages >= m[k].least_pages);
			for (from = 0; from < bytes; from += bytes / 3 + 1)
				assert_int_equal(message_pages(&m[k], from, bytes - from),
						 pages_by_bytes(&m[k], from, bytes - from));
			message_free(&m[k]);
		}
	}
}

/* 64 KiB: malloc()'s header pushes a field of two pages over three. */
static void fields_lie_where_asked(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), i, bytes = 16 * page;
	struct block block;
	struct message m;

	(void)state;
	assert_int_equal(message_alloc(&m, bytes, BUFFERS_HEAP, &plenty), 0);
	assert_int_equal(m.pages, 24);
	message_free(&m);
	assert_int_equal(message_alloc(&m, bytes, BUFFERS_PAGE, &plenty), 0);
	for (i = 0; i < MESSAGE_FIELDS; i++)
		assert_int_equal((uintptr_t)m.field[i] % page, 0);
	assert_int_equal(m.pages, 16);
	message_free(&m);
	assert_int_equal(block_map_huge(&block, bytes, &plenty), 0);
	assert_int_equal((uintptr_t)block.start % HUGE_PAGE_BYTES, 0);
	assert_int_equal(block.bytes, HUGE_PAGE_BYTES);
	message_place(&m, bytes, block.start);
	message_fill(&m, 0);
	assert_int_equal(pattern_check(block.start, bytes, 0, &(uint64_t){0}), 0);
	assert_int_equal(m.pages, 16);
	assert_true(block_granted_bytes(&block) <= block.bytes);
	message_free(&m);
	block_unmap(&block);
	block_unmap(&block); /* safe twice */
}

/* Any cut of the message into pieces gives the same bytes in the same order. */
static void iov_covers_every_cut(void **state)
{
	struct iovec iov[MESSAGE_FIELDS];
	uint8_t whole[83], got[83];
	struct message m;
	size_t step, from, n, i, bytes;

	(void)state;
	assert_int_equal(message_alloc(&m, sizeof(whole), BUFFERS_HEAP, &plenty), 0);
	message_fill(&m, 5);
	pattern_fill(whole, sizeof(whole), 5);
	for (step = 1; step <= sizeof(whole) + 1; step++) {
		for (from = 0; from < sizeof(whole); from += bytes) {
			size_t at = from;

			n = message_iov(&m, from, step, iov, &bytes);
			assert_int_equal(bytes, MIN(step, sizeof(whole) - from));
			for (i = 0; i < n; at += iov[i++].iov_len)
				memcpy(got + at, iov[i].iov_base, iov[i].iov_len);
			assert_int_equal(at, from + bytes);
		}
		assert_memory_equal(got, whole, sizeof(whole));
	}
	message_free(&m);
}

/* A fill of any length at any offset is a window on the same stream. */
static void pattern_at_odd_offsets(void **state)
{
	uint8_t stream[256], part[256];
	size_t from, len;

	(void)state;
	pattern_fill(stream, sizeof(stream), 1000003);
	for (from = 0; from < 24; from++) {
		for (len = 0; len < 64; len++) {
			uint64_t first = 42;

			memset(part, 0xee, sizeof(part));
			pattern_fill(part + 1, len, 1000003 + from);
			assert_memory_equal(part + 1, stream + from, len);
			assert_int_equal(part[1 + len], 0xee);
			assert_int_equal(pattern_check(part + 1, len, 1000003 + from, &first), 0);
			assert_int_equal(first, 42);
		}
	}
}

static void check_finds_each_byte(void **state)
{
	uint8_t buf[61];
	uint64_t first;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(buf); i++) {
		pattern_fill(buf, sizeof(buf), 13);
		buf[i] ^= 0x10;
		assert_int_equal(pattern_check(buf, sizeof(buf), 13, &first), 1);
		assert_int_equal(first, 13 + i);
		buf[sizeof(buf) - 1 - i] ^= 1;
		assert_int_equal(pattern_check(buf, sizeof(buf), 13, &first),
				 i == sizeof(buf) / 2 ? 1 : 2);
		assert_int_equal(first, 13 + MIN(i, sizeof(buf) - 1 - i));
	}
}

/* What early reuse looks like: the right bytes of the wrong place. */
static void shifted_data_is_corrupt(void **state)
{
	uint8_t buf[4096];
	uint64_t first = 0;

	(void)state;
	pattern_fill(buf, sizeof(buf), 65536);
	assert_true(pattern_check(buf, sizeof(buf), 0, &first) > sizeof(buf) * 9 / 10);
	assert_true(pattern_check(buf, sizeof(buf), 65537, &first) > sizeof(buf) * 9 / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_sum_to_size),	 cmocka_unit_test(budget_is_kept),
		cmocka_unit_test(pages_are_those_of_the_addresses),
		cmocka_unit_test(fields_lie_where_asked),
		cmocka_unit_test(iov_covers_every_cut),	 cmocka_unit_test(pattern_at_odd_offsets),
		cmocka_unit_test(check_finds_each_byte), cmocka_unit_test(shifted_data_is_corrupt),
	};

	memory_budget_init(&plenty);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
