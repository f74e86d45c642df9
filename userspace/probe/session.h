/* SPDX-License-Identifier: GPL-2.0-only */
/* Private to probe/: the loaded object, shared by load.c and session.c (life cycle), skipped.c and collect.c (reading). */
#ifndef PROBE_SESSION_H
#define PROBE_SESSION_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <string.h>

#include "probe/select.h"
/* after copyscope_abi.h: the skeleton names its types */
#include "copyscope.skel.h"

struct attached {
	struct bpf_link *link;
	const struct program_state *program;
};

struct probe {
	struct copyscope_bpf *skel;
	bool load_tried; /* skel cannot be loaded again */
	struct plan plan;
	struct probe_config config;
	struct probe_owner owner[CS_NAMED_MAX]; /* config.owner points here */
	bool casts; /* the kernel has bpf_rdonly_cast(): probe_find_targets() */
	struct attached *link;
	size_t link_cnt, link_cap;
	uint64_t first_attach_ns;
	struct cs_counts counted[CS_ACCOUNTS]; /* of the pass, by owner: all CPUs together */
	uint64_t dropped[CS_DROP_MAX_];
	uint64_t *skipped_at_start; /* by program: runs skipped when counting began */
};

static inline struct bpf_program *bpf_of(const struct probe *p, const struct program_state *program)
{
	return bpf_object__find_program_by_name(p->skel->obj, program->name);
}

/* By a kretprobe, of which each call that is inside takes an instance. */
static inline bool at_return(const struct probe *p, const struct program_state *program)
{
	return !strncmp(bpf_program__section_name(bpf_of(p, program)), "kretprobe/", 10);
}

/* The kernel name in "kretprobe/tcp_sendmsg_locked"; the caller frees it. NULL: it has none. */
char *program_target(const struct bpf_program *bpf);
/* Rejects the programs whose target neither this kernel nor a module of it has, in one pass over its BTF: libbpf's own
 * search is one a program. Takes away extras that the kernel has no functions for. Before probe_load(). Returns 0, or
 * -errno after one line.
 */
int probe_find_targets(struct probe *p, const struct btf *kernel);
/* Loads what the plan wants; what the verifier refuses is rejected, and the plan is made again. Returns 0, or -errno
 * after one line.
 */
int probe_load(struct probe *p);

/* Times the kernel came by and did not run the program since counting began, because it or another kprobe was
 * already running on that CPU, or for want of an instance.
 */
uint64_t program_skipped_runs(const struct probe *p, const struct program_state *program);
/* Those of fentry programs that kprobes would not have lost. */
uint64_t preempted_runs(const struct probe *p);
/* Why a count is too small: runs that the kernel skipped are events not seen, and so are calls for which it had no
 * memory, or whose way was not seen. NULL: it is not.
 */
const struct reason *probe_skipped(const struct probe *p, const struct probe_impl *impl, struct run_set *set);
/* What was counted, a bound for a reason of its own or none, while runs were skipped or not (NULL). Those make it
 * too small: what was an upper bound is then none at all, and no value.
 */
struct metric_value counted_value(double value, const char *via, enum bound bound,
				  const struct reason *why, const struct reason *skipped);
/* The calls of each owner into r (calls.c). Returns 0, or -errno after one line. */
int probe_collect_calls(struct probe *p, struct run_result *r);
/* Counting begins. */
void programs_note_skipped_runs(struct probe *p);

#endif
