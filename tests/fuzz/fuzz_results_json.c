// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes as results.json: refused, or a set that all text formats and the comparison can take, and
 * that is the same after being written and read again.
 */
#include <string.h>
#include <sys/mman.h>

#include "core/result_json.h"
#include "report/diff_print.h"
#include "report/report_ctx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file in memory, by a name the reader can open. The caller closes. */
static int memory_file(const void *data, size_t size, char path[64])
{
	int fd = memfd_create("results.json", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}

static int read_set(const void *data, size_t size, struct run_set **set)
{
	char path[64];
	int fd = memory_file(data, size, path), err = run_set_read_json(path, set);

	close(fd);
	return err;
}

static void write_set(const struct run_set *set, char **text, size_t *len)
{
	FILE *out = open_memstream(text, len);

	if (run_set_write_json(set, out))
		abort();
	fclose(out);
}

static void must_survive_a_round_trip(const struct run_set *set)
{
	_cleanup_free_ char *first = NULL, *second = NULL;
	struct run_set *again = NULL;
	size_t first_len, second_len;

	write_set(set, &first, &first_len);
	if (read_set(first, first_len, &again))
		abort();
	write_set(again, &second, &second_len);
	if (first_len != second_len || memcmp(first, second, first_len))
		abort();
	run_set_free(&again);
}

static void render(const struct run_set *set, FILE *out)
{
	struct report_ctx ctx = {.set = set};
	struct report_part part = {.ctx = &ctx};
	struct diff_side side = {.set = set, .label = "x"};
	struct diff diff;

	verdict_build(set, &ctx.verdict);
	verdict_free(&ctx.verdict);
	for (part.mode = 0; part.mode < set->plan.mode_cnt; part.mode++) {
		fmt_folded(&part, out);
		fmt_flame(&part, out);
	}
	diff_init(&diff, &side, &side);
	diff_compare(&diff, &(struct diff_pick){.metric = M_CPU_NS_PER_BYTE});
	diff_compare(&diff, &(struct diff_pick){.metric = M_THROUGHPUT_GBPS});
	diff_put_text(&diff, out);
	diff_put_md(&diff, out);
	diff_put_json(&diff, NULL, 0, out);
	if (!diff_flame_missing(&diff))
		diff_put_flame(&diff, true, out);
	diff_free(&diff);
}

/* What is quadratic in the plan takes seconds for a plan of 64 x 64 x 64: allowed, but no way to fuzz. */
static bool is_small(const struct run_set *set)
{
	return set->plan.mode_cnt * set->plan.size_cnt * set->plan.thread_cnt <= 64 &&
	       set->result_cnt <= 64;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *nowhere;
	struct run_set *set = NULL;

	if (!nowhere)
		nowhere = fopen("/dev/null", "w");
	if (read_set(data, size, &set))
		return 0;
	run_set_derive(set);
	must_survive_a_round_trip(set);
	if (is_small(set))
		render(set, nowhere);
	run_set_free(&set);
	return 0;
}
