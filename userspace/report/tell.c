// SPDX-License-Identifier: GPL-2.0-only
/* The verdict in a few lines, at the end of a run: the cards of the report and what must not be overlooked. The report
 * has the rest.
 */
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "report/escape.h"
#include "report/sections.h"

#define INDENT 2
#define LINES  2 /* of a text, roughly */
#define WIDTH_MIN 40
#define WIDTH_MAX 110 /* and where it is no terminal */

static const char *const tone_colour[] = {
	[TONE_PLAIN] = "\033[1m",   [TONE_STRONG] = "\033[1;32m", [TONE_MUTED] = "",
	[TONE_WARN] = "\033[1;33m", [TONE_ALARM] = "\033[1;31m",
};
static_assert_complete(tone_colour, TONE_MAX_);

static int columns_of(FILE *out)
{
	struct winsize size;

	if (ioctl(fileno(out), TIOCGWINSZ, &size) || !size.ws_col)
		return WIDTH_MAX;
	return MIN(MAX(size.ws_col, WIDTH_MIN), WIDTH_MAX);
}

/* no-color.org */
static bool wants_colour(FILE *out)
{
	const char *terminal = getenv("TERM"), *no = getenv("NO_COLOR");

	return isatty(fileno(out)) && !(no && *no) && terminal && strcmp(terminal, "dumb");
}

/* To a word's end. */
static void cut(char *text, size_t most)
{
	size_t len = strlen(text);

	if (len <= most)
		return;
	while (most && text[most] != ' ')
		most--;
	strcpy(text + most, len > most + 4 ? " ..." : "");
}

static void put_answer(struct doc *d, enum tone tone, const char *label, const char *answer, const char *text)
{
	bool colour = wants_colour(d->out);
	int width = columns_of(d->out);
	_cleanup_free_ char *question = plain_text(label), *said = plain_text(answer), *more = plain_text(text);

	fprintf(d->out, "%s %s%s%s\n", question, colour ? tone_colour[tone] : "", said, colour ? "\033[0m" : "");
	if (tone != TONE_STRONG)
		cut(more, (size_t)(LINES * (width - INDENT)));
	fprintf(d->out, "%*s", INDENT, "");
	put_wrapped(d->out, more, INDENT, width);
}

static void put_alarm(struct doc *d, enum tone tone, const char *label, const char *text)
{
	if (tone == TONE_ALARM)
		put_answer(d, tone, label ?: "", "", text);
}

/* For the rest there is no room. */
static const struct doc_ops doc_told = {.item = put_alarm, .card = put_answer};

void verdict_tell(const struct report_ctx *ctx, FILE *out)
{
	struct doc d = {.ops = &doc_told, .out = out};

	verdict_write(&d, ctx);
	doc_end(&d);
}
