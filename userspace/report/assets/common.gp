# SPDX-License-Identifier: GPL-2.0-only
# What all plots share. The program feeds gnuplot with settings, this file and the plot's own (bars.gp or
# lines.gp), in that order. The settings are $data, a block for each mode and series that has points (lines of:
# tick median), and $dots, such blocks of each repetition (tick value); name, the title; blocks, key[], mode[],
# level[] (series) of each; series, modes, ticks; dots (there are repetitions); most and least (extreme values); limit
# and limitname, a line across all (0: none); logy; the axes' names and ticks; and out_svg and out_png, where to write. Colours are Okabe-Ito's and, from the seventh mode on, others, in the order of the
# modes, as everywhere in the report; more than six nobody tells apart by colour alone (tests/palettes.py). All ranges are set: one tick or nothing but zeros is a plot, too.
array colour[16] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8f8f8f", \
	"#8f295c", "#999933", "#593da5", "#a5552a", "#6f6f00", "#117733", "#44aa99", "#aa4499", "#b5a64f"]
array pale[16] = ["#8fc3e3", "#f0b58a", "#8ad6bf", "#e6c3d6", "#f3d58f", "#b5dcf3", "#cccccc", \
	"#cd9fb6", "#d1d1a3", "#b4a8d6", "#d6b29f", "#bebe8c", "#94c2a3", "#abd9d1", "#d9abd1", "#ded7b0"]
rgb(i) = colour[(i % 16) + 1]
light(i) = pale[(i % 16) + 1]
set encoding utf8
set title name noenhanced
set xlabel (dots ? xname . " (median; a dot is a repetition)" : xname) noenhanced
set ylabel yname noenhanced
set border 3 lw 1
set tics out nomirror
set grid ytics lc rgb "#9aa0aa" lw 0.5 dt 3
if (blocks > 6) { # more do not fit below
	set key outside right top vertical Left reverse noenhanced samplen 1.5
	if (blocks > 14) { set key spacing 0.9 font ",8" } else { set key spacing 0.95 font ",10" }
} else {
	set key below center horizontal Left reverse noenhanced samplen 2 maxcols 3 height 0.7
}
set format y yformat
set xrange [-0.5:ticks - 0.5]
if (logy) {
	set logscale y
	set yrange [least / 1.3:most * 1.3]
} else {
	set yrange [0:(most > 0 ? most * 1.06 : 1)]
}
term_svg = "set term svg size 640,400 dynamic font 'system-ui,DejaVu Sans,sans-serif,13'"
term_png = "set term pngcairo size 1280,800 font 'DejaVu Sans,13' fontscale 1.8 linewidth 2 pointscale 1.8"
