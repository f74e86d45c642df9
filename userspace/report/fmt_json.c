// SPDX-License-Identifier: GPL-2.0-only
/* results.json. */
#include "core/result_json.h"
#include "report/report_ctx.h"

int fmt_json(const struct report_part *part, FILE *out)
{
	return run_set_write_json(part->ctx->all, out);
}
