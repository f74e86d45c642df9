/* SPDX-License-Identifier: GPL-2.0-only */
/* The way of the bytes of one mode, drawn: from the sender's buffer to the receiver's, with the copies
 * and references on each edge, as wide as the bytes they moved. What was not seen is drawn as unknown.
 */
#ifndef REPORT_PATH_SVG_H
#define REPORT_PATH_SVG_H

#include "analysis/copies.h"

void path_svg(const struct mode_copies *copies, FILE *out);

#endif
