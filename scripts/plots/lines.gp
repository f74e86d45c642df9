# SPDX-License-Identifier: GPL-2.0-only
# A line a mode over a log2 axis with the data's own labels; error bars are the range of repetitions.
data = ARG2; base = ARG3; modes = int(ARG4); bars = int(ARG8)
name = ARG5; xname = ARG6; yname = ARG7; yformat = ARG9
load ARG1
set logscale x 2
set offsets graph 0.04, graph 0.04, 0, 0
do for [t=1:2] {
	eval (t == 1 ? term_svg : term_png)
	set output base.(t == 1 ? ".svg" : ".png")
	if (bars) {
		plot for [i=0:modes-1] data index i using 1:3:4:5:xtic(2) \
			with yerrorlines lc rgb rgb(i) lw 1.8 pt 7 ps 0.5 title columnheader(1)
	} else {
		plot for [i=0:modes-1] data index i using 1:3:xtic(2) \
			with linespoints lc rgb rgb(i) lw 1.8 pt 7 ps 0.5 title columnheader(1)
	}
	unset output
}
