// SPDX-License-Identifier: GPL-2.0-only
/* Core PMUs out of made-up sysfs trees, CPU lists, and the sampler on this machine. */
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "perf/counters.h"
#include "perf/pmu.h"
#include "perf/sampler.h"

struct device {
	const char *name, *type, *cpus; /* cpus NULL: no such file */
};

/* A sysfs of the devices in a temporary directory; drop_sysfs removes it. */
static char *make_sysfs(const struct device *devices, size_t n)
{
	char *root = xstrdup("/tmp/copyscope-sysfs.XXXXXX"), path[256];
	static const char *const dirs[] = {"bus", "bus/event_source", "bus/event_source/devices"};
	const char *files[2], *names[] = {"type", "cpus"};
	size_t i, k;
	FILE *f;

	assert_non_null(mkdtemp(root));
	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		snprintf(path, sizeof(path), "%s/%s", root, dirs[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s/%s", root, dirs[2], devices[i].name);
		assert_int_equal(mkdir(path, 0700), 0);
		files[0] = devices[i].type;
		files[1] = devices[i].cpus;
		for (k = 0; k < 2; k++) {
			snprintf(path, sizeof(path), "%s/%s/%s/%s", root, dirs[2], devices[i].name,
				 names[k]);
			f = files[k] ? fopen(path, "we") : NULL;
			if (f) {
				fprintf(f, "%s\n", files[k]);
				fclose(f);
			}
		}
	}
	return root;
}

static void drop_sysfs(char *root)
{
	_cleanup_free_ char *command = xasprintf("rm -r '%s'", root);

	assert_int_equal(system(command), 0);
	free(root);
}

static struct core_pmu_list find(const struct device *devices, size_t n)
{
	struct core_pmu_list list;
	char *root = make_sysfs(devices, n);

	core_pmus_find(root, &list);
	drop_sysfs(root);
	return list;
}

static void hybrid_intel(void **state)
{
	static const struct device devices[] = {
		{"cpu_core", "4", "0-15"},    {"cpu_atom", "10", "16-23"}, {"msr", "13", NULL},
		{"uncore_imc_0", "24", NULL}, {"software", "1", NULL},
	};
	struct core_pmu_list list = find(devices, ARRAY_SIZE(devices));

	(void)state;
	assert_int_equal(list.cnt, 2);
	assert_string_equal(list.pmu[0].name, "cpu_atom");
	assert_int_equal(list.pmu[0].type, 10);
	assert_string_equal(list.pmu[0].cpus, "16-23");
	assert_string_equal(list.pmu[1].name, "cpu_core");
	assert_true(pmu_bound_config(10, PERF_COUNT_HW_INSTRUCTIONS) == 0xa00000001ULL);
	core_pmus_free(&list);
	assert_int_equal(list.cnt, 0);
}

static void big_little(void **state)
{
	static const struct device devices[] = {
		{"armv8_cortex_a53", "8", "0-3"},
		{"armv8_cortex_a72", "9", "4,5"},
		{"arm_cmn_0", "11", NULL},
	};
	struct core_pmu_list list = find(devices, ARRAY_SIZE(devices));

	(void)state;
	assert_int_equal(list.cnt, 2);
	assert_int_equal(list.pmu[1].type, 9);
	core_pmus_free(&list);
}

/* One kind of core needs no binding; broken entries are no PMUs. */
static void not_hybrid(void **state)
{
	static const struct device plain[] = {{"cpu", "4", NULL}, {"software", "1", NULL}};
	static const struct device broken[] = {
		{"all_offline", "7", ""},      {"no_type", NULL, "0-3"}, {"word", "four", "0-3"},
		{"huge", "4294967296", "0-3"}, {"minus", "-1", "0-3"},
	};
	static const struct device one[] = {{"armv8_pmuv3_0", "8", "0-3"}};
	struct core_pmu_list list;

	(void)state;
	list = find(plain, ARRAY_SIZE(plain));
	assert_int_equal(list.cnt, 0);
	core_pmus_free(&list);
	list = find(broken, ARRAY_SIZE(broken));
	assert_int_equal(list.cnt, 0);
	core_pmus_free(&list);
	list = find(one, ARRAY_SIZE(one));
	assert_int_equal(list.cnt, 1);
	core_pmus_free(&list);
	core_pmus_find("/no/such/sysfs", &list);
	assert_int_equal(list.cnt, 0);
	core_pmus_free(&list);
}

static void cpu_lists(void **state)
{
	(void)state;
	assert_true(cpulist_has("0", 0));
	assert_false(cpulist_has("0", 1));
	assert_true(cpulist_has("0-3,8,10-11", 3));
	assert_true(cpulist_has("0-3,8,10-11", 8));
	assert_false(cpulist_has("0-3,8,10-11", 9));
	assert_true(cpulist_has("0-3,8,10-11", 11));
	assert_false(cpulist_has("", 0));
	assert_false(cpulist_has("0-", 0));
	assert_false(cpulist_has("x,1", 1));
	assert_false(cpulist_has("0;1", 1));
}

/* On a machine said to be hybrid each PMU is asked; where none answers, each says so. */
static void counters_ask_each_pmu(void **state)
{
	static const struct device devices[] = {{"cpu_core", "200", "0"}, {"cpu_atom", "201", "1"}};
	char *root = make_sysfs(devices, ARRAY_SIZE(devices));
	struct metric_value v[METRIC_MAX_] = {0};
	struct run_set *set = run_set_new();
	_cleanup_free_ char *why = NULL, *page_faults = NULL;
	struct perf_counters *c = NULL;

	(void)state;
	assert_int_equal(perf_counters_open(getpid(), root, &c), 0);
	perf_counters_read(c, set, v);
	why = reason_text(v[M_CYCLES].reason);
	if (v[M_CYCLES].status == VALUE_UNSUPPORTED && strstr(why, "not counted")) {
		assert_non_null(strstr(why, "not counted on cpu_atom: "));
		assert_non_null(strstr(why, "; not counted on cpu_core: "));
	} else { /* kernels that take any PMU for one that does not exist */
		assert_false(value_known(&v[M_CYCLES]));
	}
	page_faults = reason_text(v[M_PAGE_FAULTS].reason);
	assert_null(strstr(page_faults, "cpu_core")); /* software events have no PMU */
	perf_counters_close(&c);
	run_set_free(&set);
	drop_sysfs(root);
}

static void sampler(void **state)
{
	struct perf_sampler *s = NULL;
	size_t i;

	(void)state;
	assert_int_equal(perf_sampler_open(0, &s), -EINVAL);
	if (geteuid()) {
		print_message("skipped: needs root\n");
		skip();
	}
	assert_int_equal(perf_sampler_open(999, &s), 0);
	assert_int_equal(perf_sampler_cnt(s), sysconf(_SC_NPROCESSORS_ONLN));
	assert_int_equal(perf_sampler_hz(s), 999);
	for (i = 0; i < perf_sampler_cnt(s); i++)
		assert_true(fcntl(perf_sampler_fd(s, i), F_GETFD) & FD_CLOEXEC);
	assert_true(!strcmp(perf_sampler_event(s), "cycles") ||
		    !strcmp(perf_sampler_event(s), "cpu-clock"));
	perf_sampler_close(&s);
	assert_null(s);
	perf_sampler_close(&s);
	/* more than the kernel allows: as much as it allows */
	assert_int_equal(perf_sampler_open(2000000000, &s), 0);
	assert_true(perf_sampler_hz(s) < 2000000000);
	perf_sampler_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hybrid_intel),
		cmocka_unit_test(big_little),
		cmocka_unit_test(not_hybrid),
		cmocka_unit_test(cpu_lists),
		cmocka_unit_test(counters_ask_each_pmu),
		cmocka_unit_test(sampler),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
