/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses to names: the kernel's from /proc/kallsyms, a process's through libdwfl while it lives.
 * Names are untrusted text (any program may call its functions anything).
 */
#ifndef SYM_SYM_H
#define SYM_SYM_H

#include "core/util.h"

struct symbolizer;

/* /proc/kallsyms is read at the first look-up of a kernel address (some 5 MiB while in use). Returns 0, -EPERM
 * when kernel addresses are hidden (kptr_restrict, no CAP_SYSLOG) or another -errno; prints nothing: names are a
 * comfort, not a must. *out is to be freed in any case.
 */
int sym_new(struct symbolizer **out);
void sym_free(struct symbolizer **s);

struct symbol {
	const char *name;   /* NULL: unknown. Valid until sym_free() / sym_forget(). */
	const char *module; /* kernel: NULL for built in; user: file name without directory or NULL */
};

struct symbol sym_kernel(struct symbolizer *s, uint64_t addr);

/* What lies there is the observer's own code, and is called so until sym_forget(). */
#define SYM_OWN "[copyscope]"
void sym_add_own(struct symbolizer *s, uint64_t addr, uint64_t len);
/* So is the trampoline of this number, wherever it lies: it is looked up when an address has no other name, and again
 * only with another link.
 */
void sym_add_own_trampoline(struct symbolizer *s, uint64_t number, uint32_t link);
/* Finds those, in text as of /proc/kallsyms; for tests. */
void sym_read_trampolines(struct symbolizer *s, FILE *kallsyms);

/* The mappings of the process are read at its first look-up: ask before it exits. */
struct symbol sym_user(struct symbolizer *s, int pid, uint64_t addr);
/* Drop what is cached of all processes (before pids may be used again), and own code (which may go). */
void sym_forget(struct symbolizer *s);

#endif
