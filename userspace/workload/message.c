// SPDX-License-Identifier: GPL-2.0-only
/* Messages and their verifiable content. The byte at stream offset p is byte p % 8 of a 64-bit mix
 * of p / 8: no two places of a stream look alike, so stale, shifted or swapped data is caught.
 */
#include "workload/message.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

void memory_budget_init(struct memory_budget *budget)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/meminfo", "re");
	int64_t left = INT64_MAX, kib;
	char line[128];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "MemAvailable: %" SCNd64 " kB", &kib) == 1)
			left = kib * (int64_t)KIB;
	}
	atomic_init(&budget->left_bytes, left);
}

int memory_charge(struct memory_budget *budget, size_t bytes)
{
	int64_t want = (int64_t)bytes;

	if (atomic_fetch_sub(&budget->left_bytes, want) >= want)
		return 0;
	atomic_fetch_add(&budget->left_bytes, want);
	return -ENOMEM;
}

/* align: a page, or 0 for what malloc() gives. */
static void *take_aligned(struct memory_budget *budget, size_t bytes, size_t align)
{
	void *p = NULL;

	if (!memory_charge(budget, bytes + align)) {
		if (!align)
			p = malloc(bytes ? bytes : 1);
		else if (posix_memalign(&p, align, bytes))
			p = NULL;
		if (!p)
			atomic_fetch_add(&budget->left_bytes, (int64_t)(bytes + align));
	}
	if (!p)
		errno = ENOMEM;
	return p;
}

static size_t page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

void *memory_take(struct memory_budget *budget, size_t bytes)
{
	return take_aligned(budget, bytes, page_bytes());
}

static void set_lengths(struct message *m, size_t bytes)
{
	size_t i;

	*m = (struct message){.bytes = bytes, .least_pages = (bytes + page_bytes() - 1) / page_bytes()};
	for (i = 0; i < MESSAGE_FIELDS; i++)
		m->len[i] = bytes / MESSAGE_FIELDS;
	m->len[MESSAGE_FIELDS - 1] += bytes % MESSAGE_FIELDS;
}

static size_t count_pages(const struct message *m, size_t from, size_t bytes)
{
	struct iovec iov[MESSAGE_FIELDS];
	size_t page = page_bytes(), n = message_iov(m, from, bytes, iov, &bytes), pages = 0;

	while (n--)
		pages += memory_pages(iov[n].iov_base, iov[n].iov_len, page);
	return pages;
}

size_t message_pages(const struct message *m, size_t from, size_t bytes)
{
	return bytes == m->bytes ? m->pages : count_pages(m, from, bytes);
}

int message_alloc(struct message *m, size_t bytes, enum buffers buffers, struct memory_budget *budget)
{
	size_t align = buffers == BUFFERS_PAGE ? page_bytes() : 0, i;

	set_lengths(m, bytes);
	for (i = 0; i < MESSAGE_FIELDS; i++) {
		if (!m->len[i])
			continue;
		m->field[i] = take_aligned(budget, m->len[i], align);
		if (!m->field[i]) {
			message_free(m);
			return -ENOMEM;
		}
	}
	m->pages = count_pages(m, 0, bytes);
	return 0;
}

void message_place(struct message *m, size_t bytes, uint8_t *at)
{
	size_t i;

	set_lengths(m, bytes);
	m->placed = true;
	for (i = 0; i < MESSAGE_FIELDS; at += m->len[i++])
		m->field[i] = m->len[i] ? at : NULL;
	m->pages = count_pages(m, 0, bytes);
}

void message_free(struct message *m)
{
	size_t i;

	for (i = 0; !m->placed && i < MESSAGE_FIELDS; i++)
		free(m->field[i]);
	*m = (struct message){0};
}

size_t message_iov(const struct message *m, size_t from, size_t max,
		   struct iovec iov[MESSAGE_FIELDS], size_t *bytes)
{
	size_t i, n = 0, take, total = 0;

	for (i = 0; i < MESSAGE_FIELDS && total < max; i++) {
		if (from >= m->len[i]) {
			from -= m->len[i];
			continue;
		}
		take = MIN(m->len[i] - from, max - total);
		iov[n++] = (struct iovec){.iov_base = m->field[i] + from, .iov_len = take};
		total += take;
		from = 0;
	}
	*bytes = total;
	return n;
}

void message_fill(struct message *m, uint64_t offset)
{
	size_t i;

	for (i = 0; i < MESSAGE_FIELDS; i++) {
		pattern_fill(m->field[i], m->len[i], offset);
		offset += m->len[i];
	}
}

/* splitmix64's finaliser: a bijection whose every output bit depends on every input bit. */
static uint64_t pattern_word(uint64_t index)
{
	uint64_t z = index + 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* Shifts, not memory order, so that two machines of unlike endianness agree. */
static uint8_t pattern_byte(uint64_t offset)
{
	return (uint8_t)(pattern_word(offset / 8) >> (8 * (offset % 8)));
}

static uint64_t pattern_word_le(uint64_t index)
{
	return htole64(pattern_word(index));
}

void pattern_fill(uint8_t *buf, size_t len, uint64_t offset)
{
	uint64_t word;

	for (; len && offset % 8; len--)
		*buf++ = pattern_byte(offset++);
	for (; len >= 8; len -= 8, buf += 8, offset += 8) {
		word = pattern_word_le(offset / 8);
		memcpy(buf, &word, 8);
	}
	for (; len; len--)
		*buf++ = pattern_byte(offset++);
}

static uint64_t check_bytes(const uint8_t *buf, size_t len, uint64_t offset, uint64_t *first_bad,
			    uint64_t bad_before)
{
	uint64_t bad = 0;

	for (; len; len--, buf++, offset++) {
		if (*buf == pattern_byte(offset))
			continue;
		if (!bad_before && !bad)
			*first_bad = offset;
		bad++;
	}
	return bad;
}

uint64_t pattern_check(const uint8_t *buf, size_t len, uint64_t offset, uint64_t *first_bad)
{
	size_t head = MIN(len, (size_t)(-offset % 8));
	uint64_t bad, word;

	bad = check_bytes(buf, head, offset, first_bad, 0);
	for (buf += head, offset += head, len -= head; len >= 8; len -= 8, buf += 8, offset += 8) {
		memcpy(&word, buf, 8);
		if (word != pattern_word_le(offset / 8))
			bad += check_bytes(buf, 8, offset, first_bad, bad);
	}
	return bad + check_bytes(buf, len, offset, first_bad, bad);
}
