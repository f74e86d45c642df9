// SPDX-License-Identifier: GPL-2.0-only
/* report.md. */
#include "report/escape.h"
#include "report/sections.h"

static int fill(struct report_ctx *ctx, FILE *out, size_t unused)
{
	struct doc d = {.ops = &doc_md, .out = out};

	(void)unused;
	fputs("# copyscope report\n\n", out);
	if (ctx->set->started_utc) {
		put_md(out, ctx->set->started_utc);
		fputc('\n', out);
	}
	sections_write(&d, ctx);
	return 0;
}

int fmt_md_write(struct report_ctx *ctx)
{
	return report_put_file(ctx, "report.md", fill, 0);
}
