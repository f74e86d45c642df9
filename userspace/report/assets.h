/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of report/assets/ as linked into the program (ld -b binary). */
#ifndef REPORT_ASSETS_H
#define REPORT_ASSETS_H

#define DECLARE_ASSET(name) extern const char _binary_##name##_start[], _binary_##name##_end[]

DECLARE_ASSET(bars_gp);
DECLARE_ASSET(common_gp);
DECLARE_ASSET(flame_css);
DECLARE_ASSET(flame_js);
DECLARE_ASSET(lines_gp);
DECLARE_ASSET(pace_css);
DECLARE_ASSET(report_css);
DECLARE_ASSET(table_js);
DECLARE_ASSET(waterfall_css);

/* The two arguments of a "%.*s". */
#define ASSET(name) (int)(_binary_##name##_end - _binary_##name##_start), _binary_##name##_start

#endif
