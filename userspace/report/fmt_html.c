// SPDX-License-Identifier: GPL-2.0-only
/* index.html: one file, no request to anywhere; a Content-Security-Policy holds it to that. */
#include "report/assets.h"
#include "report/attach_text.h"
#include "report/escape.h"
#include "report/glossary.h"
#include "report/sections.h"

static const struct {
	const char *id, *title;
} sections[] = {
	{"verdict", "Verdict"},		{"copies", "Copies"},	  {"ledger", "Ledger"},
	{"plots", "Plots"},		{"cpu", "CPU"},		  {"difference", "Difference"}, {"waits", "Waiting"},
	{"time", "Time"},
	{"flamegraphs", "Flamegraphs"}, {"counters", "Counters"},
	{"environment", "Environment"}, {"words", "Words"},
};

static void put_head(const struct run_set *set, FILE *out)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>copyscope report",
	      out);
	if (set->started_utc)
		put_xmlf(out, ", %s", set->started_utc);
	fprintf(out, "</title>\n<style>\n%.*s%.*s%.*s%.*s</style>\n</head>\n", ASSET(report_css),
		ASSET(waterfall_css), ASSET(pace_css), ASSET(flame_css));
}

static void put_title(const struct report_ctx *ctx, FILE *out)
{
	const struct run_set *set = ctx->set;
	const struct run_plan *plan = &set->plan;
	size_t i;

	fputs("<body>\n<header>\n<h1>What the kernel did with each byte</h1>\n<p>", out);
	for (i = 0; i < plan->mode_cnt; i++) {
		fputs(i ? " " : "", out);
		put_mode_key(ctx, i, out);
	}
	put_xmlf(out,
		 "</p>\n<p class=\"muted\">copyscope %s \u00b7 %s \u00b7 path %s%s \u00b7 pattern %s "
		 "\u00b7 %u repetition%s</p>\n</header>\n<nav>",
		 set->tool_version ?: "", set->started_utc ?: "time unknown",
		 plan->path ?: "unknown", plan->ipv6 ? " over IPv6" : "", plan->pattern ?: "unknown", plan->repetitions,
		 plan->repetitions == 1 ? "" : "s");
	for (i = 0; i < ARRAY_SIZE(sections); i++)
		put_xmlf(out, "<a href=\"#%s\">%s</a> ", sections[i].id, sections[i].title);
	fputs("</nav>\n<main>\n", out);
}

/* Of what programs did by themselves: the answers, and their stacks. */
static void put_observed(const struct report_ctx *ctx, FILE *out)
{
	const struct run_set *set = ctx->set;
	struct doc d = {.ops = &doc_html, .out = out};

	put_xmlf(out,
		 "<body>\n<header>\n<h1>What the kernel did with each byte</h1>\n<p class=\"muted\">copyscope %s \u00b7 %s "
		 "\u00b7 %s</p>\n</header>\n<main>\n", set->tool_version ?: "", set->started_utc ?: "time unknown",
		 set->command ?: "");
	attach_write(&d, set, OWNERS_MAX);
	doc_heading(&d, 2, "flamegraphs", "Flamegraphs");
	figure_flames(&d, ctx);
	probes_write(&d, ctx);
	glossary_write(&d, "Words");
	doc_end(&d);
}

int fmt_html(const struct report_part *part, FILE *out)
{
	struct doc d = {.ops = &doc_html, .out = out};

	put_head(part->ctx->set, out);
	if (part->ctx->set->plan.attached) {
		put_observed(part->ctx, out);
	} else {
		put_title(part->ctx, out);
		sections_write(&d, part->ctx);
		doc_end(&d);
	}
	/* what is folded is printed, too */
	fprintf(out,
		"</main>\n<script>\n%.*s%.*saddEventListener(\"beforeprint\", function () {\n"
		"  document.querySelectorAll(\"details\").forEach(function (d) { d.open = true; });\n"
		"});\n</script>\n</body>\n</html>\n",
		ASSET(flame_js), ASSET(table_js));
	return 0;
}
