// SPDX-License-Identifier: GPL-2.0-only
/* Any text as a condition of `copyscope diff --fail-if`: refused, or one that means what it says. */
#include <math.h>
#include <string.h>

#include "analysis/diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = xasprintf("%.*s", (int)size, (const char *)data);
	struct diff_condition condition = {0};

	if (diff_parse_condition(text, &condition)) {
		if (condition.text)
			abort(); /* touched on failure */
		return 0;
	}
	if (condition.text != text || !isfinite(condition.bound) || condition.bound < 0 ||
	    condition.pick.metric >= METRIC_MAX_ ||
	    !strchr("<>", condition.op[0]) || !strstr(text, condition.op))
		abort();
	return 0;
}
