/* SPDX-License-Identifier: GPL-2.0-only */
/* Report formats, one row each, in the order in which they are written:
 *
 *   FORMAT(name, file, help, fill, members of struct report_format ...)
 *
 * fill is the function of report/fmt_NAME.c. Included several times, so it has no include guard.
 */
FORMAT("json", "results.json",
       "everything that was measured; all other formats are made from it", fmt_json,
       .of_observation = true)
FORMAT("csv", "results.csv", "one row for each cell and repetition; of an observation for each owner", fmt_csv,
       .of_observation = true)
FORMAT("folded", "*.folded",
       "stacks of each mode, as flamegraph.pl and speedscope read them", fmt_folded,
       .path = {"%1$s.folded", "offcpu-%1$s.folded"}, .wanted = if_sampled, .of_observation = true)
FORMAT("flame", "*-*.svg",
       "flamegraphs on-CPU (flame-MODE.svg) and off-CPU (offcpu-MODE.svg)", fmt_flame,
       .path = {"flame-%1$s.svg", "offcpu-%1$s.svg"}, .wanted = if_sampled, .of_observation = true)
FORMAT("flame-diff", "diff-*.svg",
       "flamegraphs of what differs between the first mode and each later one, per byte",
       fmt_flame_diff, .path = {"diff-%2$s-%1$s.svg"}, .wanted = fmt_flame_diff_wanted)
FORMAT("speedscope", "speedscope.json",
       "all stacks for speedscope: a profile for each mode, role and kind", fmt_speedscope,
       .wanted = if_any_sampled, .of_observation = true) /* without profiles the file is an error to speedscope */
FORMAT("pprof", "profile-*.pb.gz",
       "stacks of each mode for pprof (profile.proto, gzip), labelled mode and role", fmt_pprof,
       .path = {"profile-%1$s.pb.gz"}, .wanted = if_mode_sampled, .of_observation = true)
FORMAT("openmetrics", "metrics.om",
       "every measured value as OpenMetrics text, for Prometheus", fmt_openmetrics)
FORMAT_WITHOUT_FILE("plots", "plots", "gnuplot plots, SVG and PNG", .shows_plots = true)
FORMAT("md", "report.md",
       "the report as Markdown; brings the plots", fmt_md, .shows_plots = true, .of_observation = true)
FORMAT("html", "index.html",
       "the report as one self-contained page; brings the plots", fmt_html, .shows_plots = true, .of_observation = true)
