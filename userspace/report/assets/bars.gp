# SPDX-License-Identifier: GPL-2.0-only
# A group of bars for each tick, a bar a mode; a dot is a repetition. A second series is pale and stands on the
# first: its values come with the first's median added, and it is drawn before the first, which covers it up to there.
w = 0.8 / modes
at(x, i) = x + (mode[i] - (modes - 1) / 2.0) * w
fill(i) = level[i] ? light(mode[i]) : rgb(mode[i])
set style fill solid 0.95 noborder
do for [t=1:2] {
	eval (t == 1 ? term_svg : term_png)
	set output (t == 1 ? out_svg : out_png)
	plot for [i=1:blocks] $data index i - 1 using (at($1, i)):2:(w * 0.9) with boxes lc rgb fill(i) title key[i], \
		for [i=1:blocks] $dots index i - 1 using (at($1, i)):(dots ? $2 : NaN) with points \
		pt level[i] + 6 ps 0.35 lc rgb "#606060" notitle
	unset output
}
