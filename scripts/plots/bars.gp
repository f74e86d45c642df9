# SPDX-License-Identifier: GPL-2.0-only
# A group of bars for each x, a bar a mode; error bars are the range of repetitions.
data = ARG2; base = ARG3; modes = int(ARG4); bars = int(ARG8)
name = ARG5; xname = ARG6; yname = ARG7; yformat = ARG9
load ARG1
w = 0.8 / modes
at(n, i) = n + (i - (modes - 1) / 2.0) * w
set style fill solid 0.9 noborder
set xrange [-0.6:*]
set offsets 0, 0.6, graph 0.08, 0
do for [t=1:2] {
	eval (t == 1 ? term_svg : term_png)
	set output base.(t == 1 ? ".svg" : ".png")
	if (bars) {
		plot for [i=0:modes-1] data index i using (at($0, i)):3:4:5:(w * 0.9) \
			with boxerrorbars lc rgb rgb(i) lw 1 title columnheader(1), \
			data index 0 skip 1 using 0:(NaN):xtic(2) notitle
	} else {
		plot for [i=0:modes-1] data index i using (at($0, i)):3:(w * 0.9) \
			with boxes lc rgb rgb(i) title columnheader(1), \
			data index 0 skip 1 using 0:(NaN):xtic(2) notitle
	}
	unset output
}
