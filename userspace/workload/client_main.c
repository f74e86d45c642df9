// SPDX-License-Identifier: GPL-2.0-only
/* client IP SIZE THREADS SECONDS */
#include "core/process.h"
#include "workload/main.h"

static int run(int argc, char **argv)
{
	struct client_options opt;
	int code = client_options_parse(argc, argv, &opt);

	if (code != CLI_GO_ON)
		return code;
	code = client_run(&opt);
	workload_options_free(&opt.common);
	return code;
}

int main(int argc, char **argv)
{
	return process_begin() ? EXIT_FAILED : process_end(run(argc, argv));
}
