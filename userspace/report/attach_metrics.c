// SPDX-License-Identifier: GPL-2.0-only
/* Prometheus' text format, which its textfile collector and all that scrape read. Names, labels and units as its conventions
 * want them: base units, _total for counters. What was not counted is left out, and a bound says so.
 */
#include "report/attach_metrics.h"

#include "core/json_fields.h"
#include "report/escape.h"

/* One metric of each owner; the label, if any, tells rows of one family apart. */
static const struct {
	const char *family, *help, *label;
	enum metric_id metric;
	double factor;
} rows[] = {
	{"copyscope_retransmitted_bytes_total", "payload that TCP sent again", NULL, M_RETRANSMIT_BYTES, 1},
	{"copyscope_zerocopy_ids_total", "completed ids of MSG_ZEROCOPY sends", NULL, M_COMPLETION_IDS, 1},
	{"copyscope_zerocopy_ids_copied_total", "those whose bytes the kernel copied after all", NULL, M_COMPLETION_COPIED_IDS, 1},
	{"copyscope_uring_notifications_total", "notifications of zero-copy sends of io_uring", NULL, M_NOTIFICATIONS, 1},
	{"copyscope_uring_notifications_copied_total", "those whose bytes the kernel copied after all", NULL,
	 M_NOTIFICATIONS_COPIED, 1},
	{"copyscope_loopback_bytes_total", "sent by TCP over a loopback device", NULL, M_SENT_LOOPBACK_BYTES, 1},
	{"copyscope_context_switches_total", "of its threads", "kind=\"voluntary\"", M_CTX_VOLUNTARY, 1},
	{"copyscope_context_switches_total", NULL, "kind=\"involuntary\"", M_CTX_INVOLUNTARY, 1},
	{"copyscope_offcpu_seconds_total", "time its threads did not run, added up", NULL, M_OFFCPU_NS, 1e-9},
	{"copyscope_cpu_samples_total", "samples of its CPU time", NULL, M_CPU_SAMPLES, 1},
	{"copyscope_sockets_total", "sockets of TCP and UDP that it has used", NULL, M_SOCKETS_USED, 1},
};

static void put_family(FILE *out, const char *family, const char *type, const char *help)
{
	fprintf(out, "# TYPE %s %s\n# HELP %s %s\n", family, type, family, help);
}

static void put_labels(FILE *out, const char *family, const struct run_set *set, unsigned int owner)
{
	fprintf(out, "%s{program=", family);
	put_json(out, set->owner[owner].label);
}

static void put_number(FILE *out, const struct metric_value *v, double factor)
{
	if (v->bound)
		fprintf(out, ",bound=\"%s\"", bound_names[v->bound]);
	fputs("} ", out);
	put_double(out, v->value * factor);
	fputc('\n', out);
}

static void put_rows(FILE *out, const struct run_set *set, const struct run_result *r)
{
	unsigned int o;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].help)
			put_family(out, rows[i].family, "counter", rows[i].help);
		for (o = 1; o + 1 < set->owner_cnt; o++) {
			if (!value_known(&r->v[o][rows[i].metric]))
				continue;
			put_labels(out, rows[i].family, set, o);
			if (rows[i].label)
				fprintf(out, ",%s", rows[i].label);
			put_number(out, &r->v[o][rows[i].metric], rows[i].factor);
		}
	}
}

static void put_stages(FILE *out, const struct run_set *set, const struct run_result *r)
{
	unsigned int o;
	enum stage s;

	put_family(out, "copyscope_stage_bytes_total", "counter", "where bytes were copied, referenced, encrypted or discarded");
	for (s = 0; s < STAGE_MAX_; s++) {
		for (o = 1; o + 1 < set->owner_cnt; o++) {
			if (!value_known(&r->v[o][stage_defs[s].bytes]))
				continue;
			put_labels(out, "copyscope_stage_bytes_total", set, o);
			fprintf(out, ",stage=\"%s\",kind=\"%s\"", stage_defs[s].name, stage_kind_nouns[stage_defs[s].kind]);
			put_number(out, &r->v[o][stage_defs[s].bytes], 1);
		}
	}
}

/* Of all sizes together. */
static void put_ways(FILE *out, const struct run_set *set, const struct run_result *r, bool bytes)
{
	const char *family = bytes ? "copyscope_moved_bytes_total" : "copyscope_calls_total";
	uint64_t sum[OWNERS_MAX][CALL_WAY_MAX_] = {{0}};
	enum call_way way;
	unsigned int o;
	size_t i;

	put_family(out, family, "counter", bytes ? "sent and received, by way" : "sends and receives that moved bytes, by way");
	for (i = 0; i < r->call_cnt; i++)
		sum[r->call[i].owner][r->call[i].way] += bytes ? r->call[i].bytes : r->call[i].calls;
	for (o = 1; o + 1 < set->owner_cnt; o++) {
		for (way = 0; way < CALL_WAY_MAX_; way++) {
			if (!sum[o][way])
				continue;
			put_labels(out, family, set, o);
			fprintf(out, ",direction=\"%s\",way=\"%s\"} %llu\n",
				call_way_defs[way].flow == FLOW_SENDS ? "transmit" : "receive", call_way_defs[way].name,
				(unsigned long long)sum[o][way]);
		}
	}
}

static void put_lost(FILE *out, const struct run_result *r)
{
	uint64_t lost[DROP_MAX_] = {0};
	enum drop_kind kind;
	size_t i;

	put_family(out, "copyscope_lost_events_total", "counter", "what was seen and could not be accounted");
	for (i = 0; i < r->drop_cnt; i++)
		lost[r->drop[i].kind] += r->drop[i].count;
	for (kind = 0; kind < DROP_MAX_; kind++)
		fprintf(out, "copyscope_lost_events_total{kind=\"%s\"} %llu\n", drop_defs[kind].name,
			(unsigned long long)lost[kind]);
}

static void put_probes(FILE *out, const struct run_set *probes)
{
	size_t i;

	put_family(out, "copyscope_probe_up", "gauge", "whether a quantity is observed, and by which tier");
	for (i = 0; i < probes->probe_cnt; i++)
		fprintf(out, "copyscope_probe_up{quantity=\"%s\",tier=\"%s\"} %d\n", probes->probe[i].quantity,
			tier_names[probes->probe[i].tier] ?: "none", probes->probe[i].tier != TIER_NONE);
}

void attach_metrics(FILE *out, const struct run_set *set, const struct run_set *probes)
{
	const struct run_result *r = &set->result[0];

	put_family(out, "copyscope_build_info", "gauge", "which copyscope this is; always 1");
	fprintf(out, "copyscope_build_info{version=\"%s\"} 1\n", COPYSCOPE_VERSION);
	put_family(out, "copyscope_observed_seconds", "gauge", "since the counters began at 0");
	fprintf(out, "copyscope_observed_seconds %.3f\n", (double)set->elapsed_ns / NSEC_PER_SEC);
	put_ways(out, set, r, true);
	put_ways(out, set, r, false);
	put_stages(out, set, r);
	put_rows(out, set, r);
	put_lost(out, r);
	put_probes(out, probes);
}
