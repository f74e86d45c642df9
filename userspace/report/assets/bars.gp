# SPDX-License-Identifier: GPL-2.0-only
# A group of bars for each tick, a bar a mode; error bars are the range of the repetitions. A second
# series is pale and stands on the first: its values come with the first's median added, and it
# is drawn before the first, which covers it up to there. Whiskers are vectors: error bars would cut a gap at the point.
w = 0.8 / modes
at(x, i) = x + (mode[i] - (modes - 1) / 2.0) * w
fill(i) = level[i] ? light(mode[i]) : rgb(mode[i])
set style fill solid 0.95 noborder
do for [t=1:2] {
	eval (t == 1 ? term_svg : term_png)
	set output (t == 1 ? out_svg : out_png)
	if (bars) {
		plot for [i=1:blocks] $data index i - 1 using (at($1, i)):2:(w * 0.9) with boxes \
			lc rgb fill(i) title key[i], \
			for [i=1:blocks] $data index i - 1 using (at($1, i)):3:(0):($4 - $3) with vectors \
			heads size graph 0.008,90 lc rgb "#808080" lw 1.2 notitle
	} else {
		plot for [i=1:blocks] $data index i - 1 using (at($1, i)):2:(w * 0.9) with boxes \
			lc rgb fill(i) title key[i]
	}
	unset output
}
