// SPDX-License-Identifier: GPL-2.0-only
/* report.md. */
#include "report/escape.h"
#include "report/sections.h"

int fmt_md(const struct report_part *part, FILE *out)
{
	struct doc d = {.ops = &doc_md, .out = out};

	fputs("# copyscope report\n\n", out);
	if (part->ctx->set->started_utc)
		put_mdf(out, "%s\n", part->ctx->set->started_utc);
	sections_write(&d, part->ctx);
	return 0;
}
