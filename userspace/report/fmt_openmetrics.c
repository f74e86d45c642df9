// SPDX-License-Identifier: GPL-2.0-only
/* metrics.om: every value that was measured, as OpenMetrics text (which Prometheus' own format can be
 * read as, too). Base units, as both ask for: seconds, bytes. What was not measured is left out.
 */
#include <math.h>
#include <string.h>

#include "core/json_fields.h"
#include "report/escape.h"
#include "report/report_ctx.h"

/* How a unit of ours is said there: the end of our name that goes, what takes its place, the UNIT line. */
static const struct {
	const char *strip, *suffix, *unit;
	double factor;
} units[] = {
	[UNIT_COUNT] = {"", "", NULL, 1},
	[UNIT_BYTES] = {"_bytes", "_bytes", "bytes", 1},
	[UNIT_NS] = {"_ns", "_seconds", "seconds", 1e-9},
	[UNIT_US] = {"_us", "_seconds", "seconds", 1e-6},
	[UNIT_GBPS] = {"_gbps", "_bytes_per_second", "bytes_per_second", 1e9 / 8},
	[UNIT_RATIO] = {"", "", NULL, 1},
	[UNIT_PER_BYTE] = {"", "", NULL, 1},
	[UNIT_NS_PER_BYTE] = {"_ns_per_byte", "_seconds_per_byte", "seconds_per_byte", 1e-9},
};
static_assert_complete(units, UNIT_MAX_);

/* The caller frees. */
static char *family_name(enum metric_id m)
{
	const char *name = metric_defs[m].name, *strip = units[metric_defs[m].unit].strip;
	size_t len = strlen(name), end = strlen(strip);

	if (end && len > end && !strcmp(name + len - end, strip))
		len -= end;
	return xasprintf("copyscope_%.*s%s", (int)len, name, units[metric_defs[m].unit].suffix);
}

static void put_sample(FILE *out, const char *family, const struct run_set *set,
		       const struct run_result *r, unsigned int owner, enum metric_id m)
{
	const char *bound = bound_names[r->v[owner][m].bound];
	struct run_variant how = plan_variant(&set->plan, r->key.variant);

	fputs(family, out);
	put_jsonf(out, "{mode=%s,size=\"%llu\",threads=\"%u\",role=%s,pass=%s,repetition=\"%u\"",
		  r->key.mode, (unsigned long long)r->key.size_bytes, r->key.threads,
		  set->owner[owner].label, pass_names[r->key.pass], r->key.repetition);
	if (r->key.variant)
		put_jsonf(out, ",pattern=%s,congestion=%s", how.pattern, run_result_congestion(set, r) ?: "");
	if (bound)
		fprintf(out, ",bound=\"%s\"", bound);
	fputs("} ", out);
	put_double(out, r->v[owner][m].value * units[metric_defs[m].unit].factor);
	fputc('\n', out);
}

static void put_metadata(FILE *out, const char *family, enum metric_id m)
{
	const char *unit = units[metric_defs[m].unit].unit;

	fprintf(out, "# TYPE %s gauge\n", family);
	if (unit)
		fprintf(out, "# UNIT %s %s\n", family, unit);
	fprintf(out, "# HELP %s %s\n", family, metric_defs[m].help);
}

static void put_family(const struct run_set *set, enum metric_id m, FILE *out)
{
	_cleanup_free_ char *family = family_name(m);
	bool told = false;
	unsigned int o;
	size_t i;

	for (i = 0; i < set->result_cnt; i++) {
		const struct run_result *r = &set->result[i];

		for (o = 0; r->status == RESULT_OK && o < r->owner_cnt; o++) {
			if (!value_known(&r->v[o][m]) || !isfinite(r->v[o][m].value))
				continue;
			if (!told)
				put_metadata(out, family, m);
			told = true;
			put_sample(out, family, set, r, o, m);
		}
	}
}

/* A gauge and not an info family: Prometheus' text format has no such type. */
static void put_run(const struct run_set *set, FILE *out)
{
	const struct {
		const char *label, *value;
	} labels[] = {
		{"version", set->tool_version}, {"started", set->started_utc},
		{"command", set->command},	{"path", set->plan.path},
		{"ip", set->plan.ipv6 ? "6" : NULL}, {"receive", set->plan.receive},
		{"pattern", set->plan.pattern}, {"congestion", set->plan.congestion},
		{"tier", set->plan.tier},	{"level", set->plan.level},
		{"partial", set->partial_reason},
	};
	const char *separator = "{";
	size_t i;

	fputs("# TYPE copyscope_run_info gauge\n"
	      "# HELP copyscope_run_info the run all other metrics are of; always 1\n"
	      "copyscope_run_info",
	      out);
	for (i = 0; i < ARRAY_SIZE(labels); i++) {
		if (!labels[i].value)
			continue;
		fprintf(out, "%s%s=", separator, labels[i].label);
		put_json(out, labels[i].value);
		separator = ",";
	}
	fputs(*separator == '{' ? " 1\n" : "} 1\n", out);
}

int fmt_openmetrics(const struct report_part *part, FILE *out)
{
	enum metric_id m;

	put_run(part->ctx->all, out);
	for (m = 0; m < METRIC_MAX_; m++)
		put_family(part->ctx->all, m, out);
	fputs("# EOF\n", out);
	return 0;
}
