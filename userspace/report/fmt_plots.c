// SPDX-License-Identifier: GPL-2.0-only
/* plots/: report_write() has them drawn before any format that shows them; asking for the format is
 * all it takes.
 */
#include "report/report_ctx.h"

int fmt_plots_write(struct report_ctx *ctx)
{
	(void)ctx;
	return 0;
}
