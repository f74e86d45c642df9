# SPDX-License-Identifier: GPL-2.0-only
# A line a mode and series, evenly spaced ticks; the second series is dashed. Error bars are the range
# of the repetitions, set apart a little where modes would hide each other's.
at(x, i) = x + (mode[i] - (modes - 1) / 2.0) * 0.03
do for [t=1:2] {
	eval (t == 1 ? term_svg : term_png)
	set output (t == 1 ? out_svg : out_png)
	if (bars) {
		plot for [i=1:blocks] $data index i - 1 using (at($1, i)):2:3:4 with yerrorlines \
			lc rgb rgb(mode[i]) lw 1.8 dt 1 + level[i] pt 7 - level[i] ps 0.5 title key[i]
	} else {
		plot for [i=1:blocks] $data index i - 1 using (at($1, i)):2 with linespoints \
			lc rgb rgb(mode[i]) lw 1.8 dt 1 + level[i] pt 7 - level[i] ps 0.5 title key[i]
	}
	unset output
}
