// SPDX-License-Identifier: GPL-2.0-only
/* Any results.json that can be read, as a whole report: every format that needs no other program, into
 * a directory in memory. Slower than fuzz_results_json, but all writers are in it.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "core/result_json.h"
#include "report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* $TMPDIR is run.sh's to remove, also after a crash. */
static void prepare(char *dir, size_t len)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, len, "%s/fuzz-XXXXXX", tmp ? tmp : "/dev/shm");
	if (!mkdtemp(dir))
		abort();
	strcat(dir, "/r");
	/* no gnuplot: its plots are not ours to fuzz, and a process a run is slow */
	setenv("PATH", "/nonexistent", 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char dir[256];
	struct run_set *set = NULL;
	char path[64];
	int fd;

	if (!*dir)
		prepare(dir, sizeof(dir) - 2);
	fd = memfd_create("results.json", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!run_set_read_json(path, &set)) {
		run_set_derive(set);
		if (set->plan.mode_cnt * set->plan.size_cnt * set->plan.thread_cnt <= 64 &&
		    report_write(set, dir, NULL, NULL))
			abort();
		run_set_free(&set);
	}
	close(fd);
	return 0;
}
