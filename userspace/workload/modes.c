// SPDX-License-Identifier: GPL-2.0-only
/* The table of send modes: a new one is its own file and one row here. */
#include <strings.h>

#include "workload/sender.h"

#define SEND_MODES(ROW)    \
	ROW(mode_twocopy) \
	ROW(mode_onecopy) \
	ROW(mode_zerocopy) \
	ROW(mode_zerocopy_page) \
	ROW(mode_write) \
	ROW(mode_writev) \
	ROW(mode_sendfile) \
	ROW(mode_splice) \
	ROW(mode_vmsplice) \
	ROW(mode_uring) \
	ROW(mode_uring_zc) \
	ROW(mode_uring_zc_fixed) \
	ROW(mode_ktls) \
	ROW(mode_ktls_sendfile) \
	ROW(mode_udp_gso) \
	ROW(mode_udp_gso_zc) \
	ROW(mode_unix)

#define DECLARE(mode) extern const struct send_mode mode;
SEND_MODES(DECLARE)
#define ADDRESS(mode) &mode,
const struct send_mode *const send_modes[] = {SEND_MODES(ADDRESS)};
const size_t send_mode_cnt = ARRAY_SIZE(send_modes);

const char *const pattern_names[] = {
	[PATTERN_STREAM] = "stream",
	[PATTERN_RR] = "rr",
};
static_assert_complete(pattern_names, PATTERN_MAX_);

/* Enough to keep a short path full, few enough to stay in the cache. */
#define RING_BYTES (1 * MIB)
#define RING_MIN   2u
#define RING_MAX   64u

unsigned int send_ring(uint64_t size_bytes, unsigned int asked)
{
	return asked ?: MAX((unsigned int)MIN(RING_BYTES / size_bytes, (uint64_t)RING_MAX), RING_MIN);
}

enum buffers send_mode_buffers(const struct send_mode *mode, enum buffers asked)
{
	enum buffers own = mode->traits.buffers;

	return own == BUFFERS_HEAP || (own == BUFFERS_FLAT && asked == BUFFERS_HUGE) ? asked : own;
}

const struct send_mode *send_mode_find(const char *word)
{
	size_t i, j;

	for (i = 0; i < send_mode_cnt; i++) {
		if (!strcasecmp(word, send_modes[i]->name))
			return send_modes[i];
		for (j = 0; send_modes[i]->aliases[j]; j++) {
			if (!strcasecmp(word, send_modes[i]->aliases[j]))
				return send_modes[i];
		}
	}
	return NULL;
}

int send_mode_unsupported(const struct send_mode *mode)
{
	return mode->supported ? mode->supported() : 0;
}

const char *send_mode_nearest(const char *word)
{
	_cleanup_free_ const char **names = NULL;
	size_t cnt = 0, cap = 0, i, j;

	for (i = 0; i < send_mode_cnt; i++) {
		array_grow(names, cnt, cap);
		names[cnt++] = send_modes[i]->name;
		for (j = 0; send_modes[i]->aliases[j]; j++) {
			array_grow(names, cnt, cap);
			names[cnt++] = send_modes[i]->aliases[j];
		}
	}
	return nearest_name(word, names, cnt);
}

char *send_mode_list(void)
{
	char *list = xstrdup(send_modes[0]->name);
	size_t i;

	for (i = 1; i < send_mode_cnt; i++) {
		_cleanup_free_ char *before = list;

		list = xasprintf("%s, %s", before, send_modes[i]->name);
	}
	return list;
}
