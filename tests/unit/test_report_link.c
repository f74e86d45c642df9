// SPDX-License-Identifier: GPL-2.0-only
/* What the link between two hosts can carry, in words and in the plot of the throughput. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "rendered.h"
#include "report/sections.h"
#include "result_fixture.h"

/* What both NICs tell; NULL: nothing. */
static struct run_set *make(const char *here, const char *there, const char *driver)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);

	if (here)
		run_set_env(set, "Server link Mbit/s", "%s", here);
	if (there)
		run_set_env(set, "Client link Mbit/s", "%s", there);
	run_set_env(set, "Server NIC driver", "%s", "mlx5_core");
	run_set_env(set, "Client NIC driver", "%s", driver);
	return set;
}

static void the_slower_nic_is_the_limit(void **state)
{
	static const struct {
		const char *here, *there, *driver;
		double gbps;
	} rows[] = {
		{"100000", "25000", "ice", 25},
		{"10000", "25000", "ice", 10},
		{"2500", "2500", "igc", 2.5},
		{"10000", NULL, "virtio_net", 0}, /* does not tell */
		{NULL, NULL, "virtio_net", 0},
		{"10000", "10000", "veth", 0}, /* has no wire */
		{"10000", "10000", "tun", 0},
		{"10000", "fast", "ice", 0},
		{"-1", "10000", "ice", 0},
		{"nan", "10000", "ice", 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct run_set *set = make(rows[i].here, rows[i].there, rows[i].driver);

		assert_float_equal(link_limit_gbps(set), rows[i].gbps, 1e-9);
		run_set_free(&set);
	}
}

static void it_is_drawn_where_it_does_not_squeeze_the_plot(void **state)
{
	static const struct {
		const char *mbit, *driver;
		bool drawn;
	} rows[] = {
		{"40000", "ice", true},
		{"1000", "ice", true},
		{"400000", "ice", false},
		{"40000", "veth", false},
	};
	size_t i;

	(void)state;
	if (system("command -v gnuplot >/dev/null")) {
		print_message("gnuplot is not installed: scripts/deps.sh run\n");
		skip();
	}
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct run_set *set = make(rows[i].mbit, rows[i].mbit, rows[i].driver);
		_cleanup_free_ char *throughput = rendered(set, "plots", "plots/throughput.svg");
		_cleanup_free_ char *cpu = rendered(set, "plots", "plots/cpu-per-byte.svg");

		assert_int_equal(!!strstr(throughput, "link: "), rows[i].drawn);
		assert_null(strstr(cpu, "link: "));
		run_set_free(&set);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_slower_nic_is_the_limit),
		cmocka_unit_test(it_is_drawn_where_it_does_not_squeeze_the_plot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
