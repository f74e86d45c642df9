// SPDX-License-Identifier: GPL-2.0-only
/* Between two hosts: what the NICs at both ends do or leave to the CPU, where that makes or breaks zero-copy, and how
 * much the link can carry at all.
 */
#include <string.h>

#include "report/sections.h"

/* Each by the name of its fact, when it is "off". */
static const struct {
	const char *fact, *means;
} offloads[] = {
	/* TCP offers scatter-gather to itself whatever the NIC does (sk_setup_caps()). */
	{"Server scatter-gather", "the NIC takes no packet in pieces, so the kernel joins each before it gets there: what was "
				  "sent by reference is copied then, and completions tell of a part only (ethtool -K NIC sg on)"},
	{"Server TX checksum", "the kernel sums up each byte itself, of pages that a program shares from a copy: what was sent by "
			       "reference is copied then (ethtool -K NIC tx on)"},
	{"Server TSO", "the kernel cuts the stream into packets itself: more CPU a byte, and copies where scatter-gather "
		       "is off, too (ethtool -K NIC tso on)"},
	{"Client GRO", "the receiver takes each packet by itself: more CPU a byte there (ethtool -K NIC gro on)"},
};

/* What the NIC of an end says it can carry, in Gbit/s; 0: nothing. A device without a wire makes it up. */
static double speed_gbps(const struct run_set *set, const char *speed_fact, const char *driver_fact)
{
	static const char *const unwired[] = {"veth", "tun"};
	const char *speed = run_set_env_value(set, speed_fact), *driver = run_set_env_value(set, driver_fact);
	size_t i;

	for (i = 0; driver && i < ARRAY_SIZE(unwired); i++)
		if (!strcmp(driver, unwired[i]))
			return 0;
	return speed ? strtod(speed, NULL) / 1000 : 0;
}

double link_limit_gbps(const struct run_set *set)
{
	double here = speed_gbps(set, "Server link Mbit/s", "Server NIC driver");
	double there = speed_gbps(set, "Client link Mbit/s", "Client NIC driver");

	return here > 0 && there > 0 ? MIN(here, there) : 0;
}

static void write_limit(struct doc *d, const struct run_set *set)
{
	double limit_gbps = link_limit_gbps(set);

	if (limit_gbps > 0)
		doc_item(d, TONE_PLAIN, "Link", "%.3g\u00a0Gbit/s by what both NICs say: the payload of TCP gets about 95 %% of it, "
						"whatever the mode; at that, compare CPU.", limit_gbps);
}

void link_write(struct doc *d, const struct report_ctx *ctx)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(offloads); i++) {
		const char *value = run_set_env_value(ctx->set, offloads[i].fact);

		if (value && !strcmp(value, "off"))
			doc_item(d, TONE_WARN, offloads[i].fact, "off: %s.", offloads[i].means);
	}
	write_limit(d, ctx->set);
}
