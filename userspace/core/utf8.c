// SPDX-License-Identifier: GPL-2.0-only
#include "core/utf8.h"

#include <string.h>

#include "core/util.h"

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

unsigned int utf8_put(uint32_t code, char *buf)
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

size_t utf8_length(const char *s)
{
	size_t len = 0;
	char utf8[5];
	uint32_t c;

	while (*s) {
		s += utf8_decode(s, &c);
		len += utf8_put(c, utf8);
	}
	return len;
}

bool utf8_treacherous(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0x00, 0x1f},	    /* C0 */
		{0x7f, 0x9f},	    /* DEL, C1 */
		{0xad, 0xad},	    /* soft hyphen */
		{0x061c, 0x061c},   /* Arabic letter mark */
		{0x180e, 0x180e},   /* Mongolian vowel separator */
		{0x200b, 0x200f},   /* zero width, directional marks */
		{0x2028, 0x202e},   /* line separators, bidi embeddings and overrides */
		{0x2060, 0x206f},   /* word joiner, isolates */
		{0xfe00, 0xfe0f},   /* variation selectors */
		{0xfeff, 0xfeff},   /* byte order mark */
		{0xfff9, 0xfffb},   /* interlinear annotation */
		{0xfffe, 0xffff},   /* not characters, not XML */
		{0xe0000, 0xe0fff}, /* tags, variation selectors */
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ranges); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

/* What takes most room for what it was is a control character of one byte: <U+001B>. */
char *utf8_visible(const char *s)
{
	char *text = xmalloc(8 * strlen(s) + 1), *end = text;
	uint32_t c;

	while (*s) {
		s += utf8_decode(s, &c);
		end += utf8_treacherous(c) ? (unsigned int)sprintf(end, "<U+%04X>", c)
					   : utf8_put(c, end);
	}
	*end = '\0';
	return text;
}
