// SPDX-License-Identifier: GPL-2.0-only
/* The first thing that is said: what to use on this machine and path, and how sure that is. */
#include "analysis/advice.h"
#include "report/sections.h"

#define NAMES_SHOWN 4

static const char *const purpose_words[] = {
	[PURPOSE_MEMORY] = "From memory",
	[PURPOSE_FILE] = "From files",
	[PURPOSE_ENCRYPT] = "Encrypted by the kernel",
	[PURPOSE_DATAGRAM] = "In datagrams",
};
static_assert_complete(purpose_words, PURPOSE_MAX_);

/* "A1, A2 or write"; the caller frees. */
char *modes_text(const struct report_ctx *ctx, uint64_t modes, const char *last)
{
	size_t left = (size_t)__builtin_popcountll(modes), shown = 0, i;
	char *text = NULL;

	for (i = 0; i < ctx->verdict.mode_cnt; i++) {
		if (!(modes >> i & 1))
			continue;
		left--;
		if (shown == NAMES_SHOWN) {
			xappend(&text, last, "%zu more", left + 1);
			break;
		}
		xappend(&text, shown && !left ? last : ", ", "%s", mode_name(ctx, i));
		shown++;
	}
	return text ?: xstrdup("");
}

/* In a few words; NULL: there is nothing to choose. */
static char *choice(const struct report_ctx *ctx, const struct advice *a)
{
	if (__builtin_popcountll(a->modes) < 2 || !a->cells)
		return NULL;
	if (!a->best)
		return xstrdup("it depends on size and threads");
	return a->best == a->modes ? xstrdup("undecided") : modes_text(ctx, a->best, " or ");
}

/* What this run is sure of. */
static void add_behind(const struct report_ctx *ctx, const struct advice *a, char **text)
{
	_cleanup_free_ char *names = NULL;
	size_t i;

	for (i = 0; i < ctx->verdict.mode_cnt; i++)
		if (a->behind[i])
			xappend(&names, ", ", "%s in %zu", mode_name(ctx, i), a->behind[i]);
	if (names)
		xappend(text, " ", "Behind for sure, by throughput or by CPU time: %s of %zu cell%s.", names, a->cells,
			a->cells == 1 ? "" : "s");
}

/* And what it is not. */
static void add_undecided(const struct report_ctx *ctx, const struct advice *a, char **text)
{
	const struct verdict *v = &ctx->verdict;
	_cleanup_free_ char *names = modes_text(ctx, a->best, " and ");
	_cleanup_free_ char *how = verdict_decides(ctx, MAX(v->throughput.need, v->cpu.need));

	if (__builtin_popcountll(a->best) > 1)
		xappend(text, " ", "%s are not told apart%s%s.", names, how ? ": " : "", how ?: "");
}

static void add_saving(const struct report_ctx *ctx, char **text)
{
	static const char *const words[] = {
		[SAVING_UNSEEN] = "Whether zero-copy saves a copy over %s was not visible.",
		[SAVING_NONE] = "Over %s zero-copy saves no copy: what was sent by reference was copied all the same.",
		[SAVING_PART] = "Over %s zero-copy saves copies only in part, or in some modes.",
		[SAVING_ALL] = "Over %s zero-copy saves the copy from user memory.",
	};
	enum saving saving = advice_saving(ctx->set, &ctx->verdict);
	_cleanup_free_ char *said = NULL;

	if (saving == SAVING_NOT_ASKED)
		return;
	said = text_with(words[saving], ctx->set->plan.path ?: "this path");
	xappend(text, " ", "%s", said);
}

void advice_card(struct doc *d, const struct report_ctx *ctx)
{
	_cleanup_free_ char *answer = NULL, *text = NULL;
	enum purpose p;

	add_saving(ctx, &text);
	for (p = 0; p < PURPOSE_MAX_; p++) {
		struct advice a = advice_build(ctx->set, &ctx->verdict, p);
		_cleanup_free_ char *chosen = choice(ctx, &a);

		if (chosen) {
			xappend(&answer, "; ", "%s: %s", purpose_words[p], chosen);
			add_behind(ctx, &a, &text);
			add_undecided(ctx, &a, &text);
		}
		free(a.behind);
	}
	if (answer)
		doc_card(d, TONE_STRONG, "What to use?", answer, "%s", text ?: "");
}
