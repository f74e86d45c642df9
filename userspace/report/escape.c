// SPDX-License-Identifier: GPL-2.0-only
#include "report/escape.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "core/utf8.h"
#include "core/util.h"

/* Characters that change what the reader sees around them, or that he cannot see. */
static bool is_treacherous(uint32_t c)
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

struct target {
	/* The replacement of an ASCII character, or NULL for itself. */
	const char *(*replace)(char c, char before, char after);
	const char *visible; /* format of a treacherous code point */
};

static void put(FILE *out, const char *s, const struct target *to)
{
	const char *replacement, *start = s;
	char utf8[5];
	uint32_t c;

	while (*s) {
		const char *here = s;

		/* nearly all of a report is letters */
		if (isalnum((unsigned char)*s) && !((unsigned char)*s & 0x80)) {
			putc_unlocked(*s++, out);
			continue;
		}
		s += utf8_decode(s, &c);
		if (is_treacherous(c)) {
			fprintf(out, to->visible, c);
			continue;
		}
		replacement = NULL;
		if (c < 0x80 && to->replace)
			replacement = to->replace((char)c, here > start ? here[-1] : ' ',
						  *s ? *s : ' ');
		if (!replacement) {
			utf8_encode(c, utf8);
			replacement = utf8;
		}
		fputs(replacement, out);
	}
}

static const char *replace_xml(char c, char before, char after)
{
	static const char *const entities[128] = {
		['&'] = "&amp;",  ['<'] = "&lt;",   ['>'] = "&gt;",
		['"'] = "&quot;", ['\''] = "&#39;",
	};

	(void)before;
	(void)after;
	return entities[(unsigned char)c];
}

void put_xml(FILE *out, const char *s)
{
	static const struct target xml = {replace_xml, "&lt;U+%04X&gt;"};

	put(out, s, &xml);
}

static const char *replace_csv(char c, char before, char after)
{
	(void)before;
	(void)after;
	return c == '"' ? "\"\"" : NULL;
}

/* A spreadsheet takes a field that begins with one of these for a formula. */
void put_csv(FILE *out, const char *s)
{
	static const struct target csv = {replace_csv, "<U+%04X>"};
	bool formula = *s && strchr("=+-@\t\r", *s);
	bool quoted = formula || strpbrk(s, "\",;\r\n") || *s == ' ';

	fputs(quoted ? "\"" : "", out);
	fputs(formula ? "'" : "", out);
	put(out, s, &csv);
	fputs(quoted ? "\"" : "", out);
}

/* Entities and backslashes; '_' inside a word is no markup in CommonMark and stays readable. */
static const char *replace_md(char c, char before, char after)
{
	static const char *const escapes[128] = {
		['\\'] = "\\\\", ['`'] = "\\`",	 ['*'] = "\\*",	  ['['] = "\\[",  [']'] = "\\]",
		['|'] = "\\|",	 ['<'] = "&lt;", ['>'] = "&gt;", ['&'] = "&amp;", ['~'] = "\\~",
		['$'] = "\\$",
	};

	if (c == '_')
		return isalnum((unsigned char)before) && isalnum((unsigned char)after) ? NULL
										       : "\\_";
	return escapes[(unsigned char)c];
}

void put_md(FILE *out, const char *s)
{
	static const struct target md = {replace_md, "&lt;U+%04X&gt;"};

	/* what would begin a heading or a list at the start of a line */
	if (*s && strchr("#+-=", *s))
		fputc('\\', out);
	put(out, s, &md);
}

/* ';' separates frames; the count follows the last blank, so blanks are allowed. */
static const char *replace_folded(char c, char before, char after)
{
	(void)before;
	(void)after;
	return c == ';' ? ":" : NULL;
}

void put_folded(FILE *out, const char *s)
{
	static const struct target folded = {replace_folded, "<U+%04X>"};

	put(out, *s ? s : "[unnamed]", &folded);
}

static const char *replace_json(char c, char before, char after)
{
	(void)before;
	(void)after;
	return c == '"' ? "\\\"" : c == '\\' ? "\\\\" : NULL;
}

void put_json(FILE *out, const char *s)
{
	static const struct target json = {replace_json, "<U+%04X>"};

	fputc('"', out);
	put(out, s, &json);
	fputc('"', out);
}

void put_plain(FILE *out, const char *s)
{
	static const struct target plain = {NULL, "<U+%04X>"};

	put(out, s, &plain);
}

char *plain_text(const char *s)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return xstrdup("?");
	put_plain(out, s);
	fclose(out);
	return text;
}

char *safe_file_name(const char *s)
{
	char *name = xmalloc(65);
	size_t i;

	for (i = 0; s[i] && i < 64; i++) {
		bool ok = isalnum((unsigned char)s[i]) || strchr("_-", s[i]) ||
			  (s[i] == '.' && i > 0);

		name[i] = ok && !((unsigned char)s[i] & 0x80) ? s[i] : '_';
	}
	if (!i)
		name[i++] = '_';
	name[i] = '\0';
	return name;
}
