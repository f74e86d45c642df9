// SPDX-License-Identifier: GPL-2.0-only
/* index.html: one file, no request to anywhere; a Content-Security-Policy holds it to that. */
#include "report/assets.h"
#include "report/escape.h"
#include "report/sections.h"

static const struct {
	const char *id, *title;
} sections[] = {
	{"verdict", "Verdict"},		{"copies", "Copies"},	  {"ledger", "Ledger"},
	{"plots", "Plots"},		{"cpu", "CPU"},		  {"waits", "Waiting"},
	{"flamegraphs", "Flamegraphs"}, {"counters", "Counters"},
	{"environment", "Environment"},
};

static void put_head(const struct report_ctx *ctx, FILE *out)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>copyscope report",
	      out);
	if (ctx->set->started_utc) {
		fputs(", ", out);
		put_xml(out, ctx->set->started_utc);
	}
	fprintf(out, "</title>\n<style>\n%.*s%.*s</style>\n</head>\n", ASSET(report_css),
		ASSET(flame_css));
}

static void put_title(const struct report_ctx *ctx, FILE *out)
{
	const struct run_plan *plan = &ctx->set->plan;
	size_t i;

	fputs("<body>\n<header>\n<h1>What the kernel did with each byte</h1>\n<p>", out);
	for (i = 0; i < plan->mode_cnt; i++) {
		fprintf(out, "%s<i style=\"background:%s\"></i><b>", i ? " " : "", mode_colour(i));
		put_xml(out, plan->mode[i].name);
		fputs("</b> ", out);
		put_xml(out, plan->mode[i].title ? plan->mode[i].title : "");
	}
	fputs("</p>\n<p class=\"muted\">copyscope ", out);
	put_xml(out, ctx->set->tool_version ? ctx->set->tool_version : "");
	fputs(" \u00b7 ", out);
	put_xml(out, ctx->set->started_utc ? ctx->set->started_utc : "time unknown");
	fputs(" \u00b7 path ", out);
	put_xml(out, plan->path ? plan->path : "unknown");
	fputs(" \u00b7 pattern ", out);
	put_xml(out, plan->pattern ? plan->pattern : "unknown");
	fprintf(out, " \u00b7 %u repetition%s</p>\n<nav>", plan->repetitions,
		plan->repetitions == 1 ? "" : "s");
	for (i = 0; i < ARRAY_SIZE(sections); i++)
		fprintf(out, "<a href=\"#%s\">%s</a> ", sections[i].id, sections[i].title);
	fputs("</nav>\n</header>\n<main>\n", out);
}

static int fill(struct report_ctx *ctx, FILE *out, size_t unused)
{
	struct doc d = {.ops = &doc_html, .out = out};

	(void)unused;
	put_head(ctx, out);
	put_title(ctx, out);
	sections_write(&d, ctx);
	/* what is folded is printed, too */
	fprintf(out,
		"</main>\n<script>\n%.*saddEventListener(\"beforeprint\", function () {\n"
		"  document.querySelectorAll(\"details\").forEach(function (d) { d.open = true; });\n"
		"});\n</script>\n</body>\n</html>\n",
		ASSET(flame_js));
	return 0;
}

int fmt_html_write(struct report_ctx *ctx)
{
	return report_put_file(ctx, "index.html", fill, 0);
}
