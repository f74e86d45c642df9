// SPDX-License-Identifier: GPL-2.0-only
#include "report/escape.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "core/utf8.h"

struct language {
	const char *replacement[128]; /* of an ASCII character; NULL: itself */
	const char *visible;	      /* format of a treacherous code point */
	const char *underscore;	      /* of one that is not inside a word; NULL: itself */
};

static bool is_word(char c)
{
	return isalnum((unsigned char)c) && !((unsigned char)c & 0x80);
}

static void put(FILE *out, const char *s, const struct language *to)
{
	const char *start = s;
	char utf8[5];
	uint32_t c;

	while (*s) {
		const char *here = s, *replacement;

		/* nearly all of a report is letters */
		if (is_word(*s)) {
			putc_unlocked(*s++, out);
			continue;
		}
		s += utf8_decode(s, &c);
		if (utf8_treacherous(c)) {
			fprintf(out, to->visible, c);
			continue;
		}
		replacement = c < 0x80 ? to->replacement[c] : NULL;
		if (c == '_' && (here == start || !is_word(here[-1]) || !is_word(*s)))
			replacement = to->underscore;
		if (!replacement)
			utf8_put(c, utf8);
		fputs(replacement ?: utf8, out);
	}
}

void put_xml(FILE *out, const char *s)
{
	static const struct language xml = {
		.replacement = {['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;",
				['\''] = "&#39;"},
		.visible = "&lt;U+%04X&gt;",
	};

	put(out, s, &xml);
}

/* A spreadsheet takes a field that begins with one of these for a formula. */
void put_csv(FILE *out, const char *s)
{
	static const struct language csv = {.replacement = {['"'] = "\"\""}, .visible = "<U+%04X>"};
	bool formula = *s && strchr("=+-@\t\r", *s);
	bool quoted = formula || strpbrk(s, "\",;\r\n") || *s == ' ';

	fputs(quoted ? "\"" : "", out);
	fputs(formula ? "'" : "", out);
	put(out, s, &csv);
	fputs(quoted ? "\"" : "", out);
}

/* Entities and backslashes; '_' inside a word is no markup in CommonMark and stays readable. */
void put_md(FILE *out, const char *s)
{
	static const struct language md = {
		.replacement = {['\\'] = "\\\\", ['`'] = "\\`", ['*'] = "\\*", ['['] = "\\[",
				[']'] = "\\]", ['|'] = "\\|", ['<'] = "&lt;", ['>'] = "&gt;",
				['&'] = "&amp;", ['~'] = "\\~", ['$'] = "\\$"},
		.visible = "&lt;U+%04X&gt;",
		.underscore = "\\_",
	};

	/* what would begin a heading or a list at the start of a line */
	if (*s && strchr("#+-=", *s))
		fputc('\\', out);
	put(out, s, &md);
}

/* ';' separates frames; the count follows the last blank, so blanks are allowed. */
void put_folded(FILE *out, const char *s)
{
	static const struct language folded = {.replacement = {[';'] = ":"}, .visible = "<U+%04X>"};

	put(out, *s ? s : "[unnamed]", &folded);
}

void put_json(FILE *out, const char *s)
{
	static const struct language json = {
		.replacement = {['"'] = "\\\"", ['\\'] = "\\\\"},
		.visible = "<U+%04X>",
	};

	fputc('"', out);
	put(out, s, &json);
	fputc('"', out);
}

void put_plain(FILE *out, const char *s)
{
	static const struct language plain = {.visible = "<U+%04X>"};

	put(out, s, &plain);
}

void put_escaped(FILE *out, void (*put_text)(FILE *out, const char *s), const char *fmt, ...)
{
	char spec[16];
	size_t len;
	va_list ap;

	va_start(ap, fmt);
	for (; *fmt; fmt += len) {
		len = strcspn(fmt, "%");
		fwrite(fmt, 1, len, out);
		if (!fmt[len])
			break;
		fmt += len;
		len = strcspn(fmt + 1, "%sduf") + 2;
		snprintf(spec, sizeof(spec), "%.*s", (int)len, fmt);
		if (fmt[len - 1] == 's')
			put_text(out, va_arg(ap, const char *));
		else if (fmt[len - 1] == 'f')
			fprintf(out, spec, va_arg(ap, double));
		else if (fmt[len - 1] == '%')
			fputc('%', out);
		else if (strstr(spec, "ll"))
			fprintf(out, spec, va_arg(ap, unsigned long long));
		else if (strchr(spec, 'z'))
			fprintf(out, spec, va_arg(ap, size_t));
		else
			fprintf(out, spec, va_arg(ap, int));
	}
	va_end(ap);
}

void put_xml_cut(FILE *out, const char *s, size_t fits, size_t kept)
{
	_cleanup_free_ char *cut = xstrdup(s);
	const char *end = s;
	uint32_t c;
	size_t i;

	for (i = 0; *end && i <= fits; i++) {
		if (i == kept)
			cut[end - s] = '\0';
		end += utf8_decode(end, &c);
	}
	put_xml(out, i > fits ? cut : s);
	fputs(i > fits ? "\u2026" : "", out);
}

char *plain_text(const char *s)
{
	return utf8_visible(s);
}

char *safe_file_name(const char *s)
{
	char *name = xmalloc(65);
	size_t i;

	for (i = 0; s[i] && i < 64; i++) {
		bool ok = is_word(s[i]) || strchr("_-", s[i]) || (s[i] == '.' && i > 0);

		name[i] = ok ? s[i] : '_';
	}
	if (!i)
		name[i++] = '_';
	name[i] = '\0';
	return name;
}
