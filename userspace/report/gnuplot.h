/* SPDX-License-Identifier: GPL-2.0-only */
/* gnuplot, held at arm's length: it reads its commands from one memory file and writes two pictures and its
 * complaints into others. It needs no path, reads no settings of the user's, and when we are root it is nobody.
 */
#ifndef REPORT_GNUPLOT_H
#define REPORT_GNUPLOT_H

#include <stdio.h>
#include <sys/types.h>

struct gnuplot {
	pid_t pid;	/* while it draws; else 0 */
	FILE *commands; /* to be written before gnuplot_start(): out_svg and out_png are set already */
	int svg_fd, png_fd, words_fd;
};

/* 0 or -errno. */
int gnuplot_open(struct gnuplot *g);
int gnuplot_start(struct gnuplot *g);

/* Waits until it is done, and rewinds the pictures. Returns NULL, or why there are none, in one line without
 * full stop; the caller frees.
 */
char *gnuplot_finish(struct gnuplot *g);

/* Safe at any time after gnuplot_open() or {0}, also twice. */
void gnuplot_close(struct gnuplot *g);

#endif
