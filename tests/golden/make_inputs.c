// SPDX-License-Identifier: GPL-2.0-only
/* usage: make_inputs DIR: writes the inputs of the golden tests, a DIR/FLAVOUR.json for each flavour
 * of tests/unit/result_fixture.h. Deterministic: the same files on every machine. For `make bless`.
 */
#include "core/log.h"
#include "core/result_json.h"
#include "result_fixture.h"

static int write_input(const char *dir, const char *flavour, unsigned int flags)
{
	_cleanup_free_ char *path = xasprintf("%s/%s.json", dir, flavour);
	struct run_set *set = fixture_make(flags);
	FILE *out = fopen(path, "we");
	int err;

	err = out ? run_set_write_json(set, out) : -1;
	run_set_free(&set);
	if (!out || fclose(out) || err)
		return fail_r(-1, "cannot write %s: make its directory writable", path);
	return 0;
}

int main(int argc, char **argv)
{
	size_t i;

	log_init("make_inputs", LOG_INFO);
	if (argc != 2)
		return fail_r(EXIT_USAGE, "name the directory to write to");
	for (i = 0; i < ARRAY_SIZE(fixtures); i++)
		if (write_input(argv[1], fixtures[i].flavour, fixtures[i].flags))
			return EXIT_FAILED;
	return EXIT_OK;
}
