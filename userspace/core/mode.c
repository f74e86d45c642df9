// SPDX-License-Identifier: GPL-2.0-only
#include "core/mode.h"

const char *const way_names[] = {
	[WAY_COPY] = "copy",
	[WAY_ZEROCOPY] = "zerocopy",
	[WAY_SPLICE] = "splice",
	[WAY_ENCRYPT] = "encrypt",
	[WAY_OTHER] = "other",
};
static_assert_complete(way_names, WAY_MAX_);

const char *const receive_way_names[] = {
	[RECEIVE_COPY] = "copy",
	[RECEIVE_DISCARD] = "discard",
	[RECEIVE_SPLICE] = "splice",
	[RECEIVE_MAP] = "map",
	[RECEIVE_ZCRX] = "zcrx",
	[RECEIVE_OTHER] = "other",
};
static_assert_complete(receive_way_names, RECEIVE_WAY_MAX_);

const char *const buffers_names[] = {
	[BUFFERS_HEAP] = "heap",
	[BUFFERS_PAGE] = "page",
	[BUFFERS_FLAT] = "flat",
	[BUFFERS_HUGE] = "huge",
	[BUFFERS_FILE] = "file",
	[BUFFERS_OTHER] = "other",
};
static_assert_complete(buffers_names, BUFFERS_MAX_);

const char *const issue_names[] = {
	[ISSUE_CALLER] = "caller",
	[ISSUE_SQPOLL] = "sqpoll",
	[ISSUE_IOWQ] = "iowq",
	[ISSUE_OTHER] = "other",
};
static_assert_complete(issue_names, ISSUE_MAX_);

const char *const transport_names[] = {
	[TRANSPORT_TCP] = "tcp",
	[TRANSPORT_UDP] = "udp",
	[TRANSPORT_UNIX] = "unix",
	[TRANSPORT_OTHER] = "other",
};
static_assert_complete(transport_names, TRANSPORT_MAX_);
