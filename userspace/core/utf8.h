/* SPDX-License-Identifier: GPL-2.0-only */
/* Decoding of text that may be anything: names of processes, symbols, paths. */
#ifndef CORE_UTF8_H
#define CORE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_REPLACEMENT 0xFFFDu

/* The code point at s (not at its end) and, as return value, the bytes it takes (1..4). A byte that
 * begins no valid sequence (overlong forms and surrogates included) gives U+FFFD and takes 1.
 */
unsigned int utf8_decode(const char *s, uint32_t *code);

/* Encodes a code point into buf (at least 5 bytes, NUL-terminated); returns its length. */
unsigned int utf8_put(uint32_t code, char *buf);

/* Bytes of a text once what is not UTF-8 has become U+FFFD. */
size_t utf8_length(const char *s);

/* Characters that change what the reader sees around them, or that he cannot see: controls, line
 * separators, directional and zero-width ones.
 */
bool utf8_treacherous(uint32_t code);

/* One line that can do nothing to a terminal: those as <U+001B>, the rest as it is. The caller frees. */
char *utf8_visible(const char *s);

#endif
