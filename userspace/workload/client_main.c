// SPDX-License-Identifier: GPL-2.0-only
/* client IP SIZE THREADS SECONDS */
#include "workload/main.h"

int main(int argc, char **argv)
{
	struct client_options opt;
	int code = client_options_parse(argc, argv, &opt);

	if (code != CLI_GO_ON)
		return code;
	code = client_run(&opt);
	workload_options_free(&opt.common);
	return code;
}
