# SPDX-License-Identifier: GPL-2.0-only
# What all plots share. Arguments of every script: common.gp DATA BASE MODES TITLE XLABEL YLABEL BARS
# YFORMAT. DATA: one block a mode, first line its key, then: x "label" median low high. BASE.svg and BASE.png
# are written. The callers keep the arguments, because load hides them. Colours are Okabe-Ito's, in
# the order of the modes, as everywhere in the report.
array colour[7] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8f8f8f"]
rgb(i) = colour[(i % 7) + 1]
set encoding utf8
set title name noenhanced offset 0, 1.3
set xlabel xname noenhanced
set ylabel yname noenhanced
set border 3 lw 1
set tics out nomirror
set grid ytics lc rgb "#9aa0aa" lw 0.5 dt 3
set tmargin 4.5
set key at graph 0.5, 1.13 center horizontal noenhanced samplen 2
set datafile missing "NaN"
set format y yformat
set yrange [0:*]
term_svg = "set term svg size 640,400 dynamic font 'system-ui,DejaVu Sans,sans-serif,13'"
term_png = "set term pngcairo size 1280,800 font 'DejaVu Sans,13' fontscale 1.8 linewidth 2 pointscale 1.8"
