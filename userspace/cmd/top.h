/* SPDX-License-Identifier: GPL-2.0-only */
/* The terminal under `copyscope attach --top`: its screen is another while it lasts, and the old one comes back however it
 * ends but by SIGKILL.
 */
#ifndef CMD_TOP_H
#define CMD_TOP_H

#include "report/attach_top.h"

struct top;

/* -ENOTTY after one line if stdin and stdout are no terminal. */
int top_open(struct top **out);
/* Keys that have been typed. Returns false if one of them is the end. */
bool top_keys(struct top *t);
/* All so far, and what has come since the last time. Nothing while it pauses. */
void top_draw(struct top *t, const struct run_set *now, const struct run_set *interval, bool by_way);
void top_close(struct top **t); /* safe on NULL */

#endif
