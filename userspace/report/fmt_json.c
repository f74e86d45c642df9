// SPDX-License-Identifier: GPL-2.0-only
/* results.json. */
#include "core/result_json.h"
#include "report/report_ctx.h"

static int fill(struct report_ctx *ctx, FILE *out, size_t unused)
{
	(void)unused;
	return run_set_write_json(ctx->set, out);
}

int fmt_json_write(struct report_ctx *ctx)
{
	return report_put_file(ctx, "results.json", fill, 0);
}
