// SPDX-License-Identifier: GPL-2.0-only
/* client IP SIZE THREADS SECONDS */
#include "workload/client.h"

int main(int argc, char **argv)
{
	struct client_options opt;
	int status;

	if (!client_options_parse(argc, argv, &opt, &status))
		return status;
	status = client_run(&opt);
	workload_options_free(&opt.common);
	return status;
}
