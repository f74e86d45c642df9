/* SPDX-License-Identifier: GPL-2.0-only */
/* The two sides of a race: race.c is root, race_user.c the user who cheats. */
#ifndef RACE_H
#define RACE_H

#include <sys/types.h>

#include "core/util.h"

#define USER  1000
#define PLOTS 5

/* Of one mode, size and number of threads these are drawn. */
extern const char *const plots[PLOTS];
extern volatile unsigned int *strikes; /* of all attackers; shared with them */

extern const struct attack {
	const char *name, *help;
	void (*prepare)(void);		  /* before the victim starts; NULL: nothing */
	void (*strike)(const char *path); /* at a temporary directory, once; NULL: not at all */
	bool unnamed;			  /* against a run without --out */
} attacks[];
extern const size_t attacks_cnt;

/* As the user, in the current directory, which is the user's; returns when it is ready. */
pid_t attacker_start(const struct attack *attack);

void put(const char *path, const char *text);

#endif
