/* SPDX-License-Identifier: GPL-2.0-only */
/* Private to probe/: the loaded object, shared by session.c (life cycle) and collect.c (reading). */
#ifndef PROBE_SESSION_H
#define PROBE_SESSION_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "probe/select.h"
/* after copyscope_abi.h: the skeleton names its types */
#include "copyscope.skel.h"

struct attached {
	struct bpf_link *link;
	size_t program;
};

struct probe {
	struct copyscope_bpf *skel;
	struct plan plan;
	struct probe_config config;
	uint64_t owner_cgroup[ROLE_MAX_]; /* 0: not told */
	struct attached *link;
	size_t link_cnt, link_cap;
	uint64_t first_attach_ns;
	uint64_t *skipped_at_start; /* a program: runs skipped when counting began */
};

/* Times the kernel came by and did not run the program, since it was loaded (attached: kprobes) because
 * one was already running on that CPU.
 */
uint64_t program_skipped_runs(const struct probe *p, size_t program);

/* Whose slot it is; by enum cs_slot. */
extern const enum role slot_role[CS_SLOT_MAX_];

struct bpf_program *program_of(const struct probe *p, size_t program);

#endif
