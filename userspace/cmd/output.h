/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a run's report goes. It grows in a temporary directory beside its place, which the testbed
 * remembers: whenever the run is killed, the next one removes it.
 */
#ifndef CMD_OUTPUT_H
#define CMD_OUTPUT_H

#include "cmd/run.h"

/* Fill options->out_dir if --out did not; refuse a directory that holds something else. */
int output_choose(struct run_options *options, struct run_set *set);

/* Make the temporary directory (the testbed is up): what cannot be written to is found out before the
 * measurement, not after it. Returns 0 or -errno after one line.
 */
int output_stage(struct run_context *ctx);

/* Write the report into it, rename it to options->out_dir, and lead reports/latest there. The testbed
 * must still be up.
 */
int output_write(const struct run_context *ctx);

#endif
