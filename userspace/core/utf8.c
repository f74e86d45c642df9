// SPDX-License-Identifier: GPL-2.0-only
#include "core/utf8.h"

#include <stddef.h>

unsigned int utf8_decode(const char *s, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *p = (const unsigned char *)s;
	unsigned int len, i;
	uint32_t c;

	*code = UTF8_REPLACEMENT;
	if (*p < 0x80) {
		*code = *p;
		return 1;
	}
	len = *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : 2;
	if (*p < 0xc2 || *p > 0xf4)
		return 1;
	c = *p & (0x7fu >> len);
	for (i = 1; i < len; i++) {
		/* also stops at the terminating NUL */
		if ((p[i] & 0xc0) != 0x80)
			return 1;
		c = c << 6 | (p[i] & 0x3fu);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 1;
	*code = c;
	return len;
}

unsigned int utf8_encode(uint32_t code, char *buf)
{
	unsigned int len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4, i;
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (i = len - 1; i > 0; i--) {
		buf[i] = (char)(0x80 | (code & 0x3f));
		code >>= 6;
	}
	buf[0] = (char)(lead[len] | code);
	buf[len] = '\0';
	return len;
}
