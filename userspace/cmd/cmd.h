/* SPDX-License-Identifier: GPL-2.0-only */
/* The subcommands. Each gets argv with its own name first and returns an exit code (core/util.h). */
#ifndef CMD_CMD_H
#define CMD_CMD_H

int cmd_run(int argc, char **argv);
int cmd_attach(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_list(int argc, char **argv);

#endif
