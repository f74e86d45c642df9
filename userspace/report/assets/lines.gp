# SPDX-License-Identifier: GPL-2.0-only
# A line a mode and series through the medians, over evenly spaced ticks; the second series is dashed and hollow. A dot
# is a repetition; modes stand apart a little where they would hide each other's. Those with the same mark differ in colour
# for whoever sees it.
mark(i) = int(word("7 5 9 13 11 15", mode[i] % 6 + 1)) - level[i]
at(x, i) = x + (mode[i] - (modes - 1) / 2.0) * 0.03
if (limit > 0) {
	set arrow from graph 0, first limit to graph 1, first limit nohead dt 2 lw 1.2 lc rgb "black"
	set label limitname at graph 0.01, first limit left offset 0, 0.5 noenhanced
}
do for [t=1:2] {
	eval (t == 1 ? term_svg : term_png)
	set output (t == 1 ? out_svg : out_png)
	plot for [i=1:blocks] $dots index i - 1 using (at($1, i)):(dots ? $2 : NaN) with points \
		pt 7 - level[i] ps 0.4 lc rgb light(mode[i]) notitle, \
		for [i=1:blocks] $data index i - 1 using (at($1, i)):2 with linespoints \
		lc rgb rgb(mode[i]) lw 1.8 dt 1 + level[i] pt mark(i) ps 0.8 title key[i]
	unset output
}
