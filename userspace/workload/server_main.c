// SPDX-License-Identifier: GPL-2.0-only
/* server MODE SIZE SECONDS */
#include "core/process.h"
#include "workload/main.h"

static int run(int argc, char **argv)
{
	struct server_options opt;
	int code = server_options_parse(argc, argv, &opt);

	if (code != CLI_GO_ON)
		return code;
	code = server_run(&opt);
	workload_options_free(&opt.common);
	return code;
}

int main(int argc, char **argv)
{
	return process_begin() ? EXIT_FAILED : process_end(run(argc, argv));
}
