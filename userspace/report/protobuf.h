/* SPDX-License-Identifier: GPL-2.0-only */
/* As much of the protobuf wire format as profile.proto needs: varints, strings, nested and packed
 * fields, appended to a growing buffer. https://protobuf.dev/programming-guides/encoding/
 */
#ifndef REPORT_PROTOBUF_H
#define REPORT_PROTOBUF_H

#include <string.h>

#include "core/util.h"

struct pb {
	unsigned char *data;
	size_t len, cap;
};

static inline void pb_free(struct pb *pb)
{
	free(pb->data);
	*pb = (struct pb){0};
}

static inline void pb_append(struct pb *pb, const void *data, size_t len)
{
	if (pb->len + len > pb->cap) {
		pb->cap = MAX(pb->cap * 2, pb->len + len + 256);
		pb->data = xreallocarray(pb->data, pb->cap, 1);
	}
	if (len)
		memcpy(pb->data + pb->len, data, len);
	pb->len += len;
}

static inline void pb_varint(struct pb *pb, uint64_t v)
{
	unsigned char byte[10];
	size_t n = 0;

	do {
		byte[n] = (unsigned char)(v & 0x7f);
		v >>= 7;
		byte[n++] |= v ? 0x80 : 0;
	} while (v);
	pb_append(pb, byte, n);
}

/* A field of type (u)int64, enum or bool. 0 is the default and need not be written. */
static inline void pb_int(struct pb *pb, unsigned int field, uint64_t v)
{
	if (!v)
		return;
	pb_varint(pb, field << 3);
	pb_varint(pb, v);
}

/* A field of type string, bytes, message or packed repeated. */
static inline void pb_bytes(struct pb *pb, unsigned int field, const void *data, size_t len)
{
	pb_varint(pb, field << 3 | 2);
	pb_varint(pb, len);
	pb_append(pb, data, len);
}

/* As pb_bytes; the part is emptied, to be filled again. */
static inline void pb_part(struct pb *pb, unsigned int field, struct pb *part)
{
	pb_bytes(pb, field, part->data, part->len);
	part->len = 0;
}

#endif
