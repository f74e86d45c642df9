// SPDX-License-Identifier: GPL-2.0-only
/* report.md. */
#include "report/attach_text.h"
#include "report/escape.h"
#include "report/sections.h"

int fmt_md(const struct report_part *part, FILE *out)
{
	struct doc d = {.ops = &doc_md, .out = out};

	fputs("# copyscope report\n\n", out);
	if (part->ctx->set->started_utc)
		put_mdf(out, "%s\n", part->ctx->set->started_utc);
	if (part->ctx->set->plan.attached)
		attach_write(&d, part->ctx->set, OWNERS_MAX);
	else
		sections_write(&d, part->ctx);
	doc_end(&d);
	return 0;
}
