// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel tells of our programs: where they lie, what their runs took, and those that it left out, each of which
 * is an event that was not counted.
 */
#include "probe/session.h"

#include <string.h>

/* All 0 where it is not loaded. */
static struct bpf_prog_info info_of(const struct probe *p, const struct program_state *program)
{
	struct bpf_prog_info info = {0};
	__u32 len = sizeof(info);
	int fd = bpf_program__fd(bpf_of(p, program));

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len))
		return (struct bpf_prog_info){0};
	return info;
}

static void each_function(int fd, void (*fn)(uint64_t addr, uint64_t len, void *ctx), void *ctx)
{
	__u64 addr[64] = {0}; /* more than any program of ours has functions */
	__u32 bytes[ARRAY_SIZE(addr)] = {0}, i;
	struct bpf_prog_info info = {
		.nr_jited_ksyms = ARRAY_SIZE(addr), .jited_ksyms = (uintptr_t)addr,
		.nr_jited_func_lens = ARRAY_SIZE(addr), .jited_func_lens = (uintptr_t)bytes,
	};
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return;
	for (i = 0; i < ARRAY_SIZE(addr); i++)
		if (addr[i] && bytes[i])
			fn(addr[i], bytes[i], ctx);
}

void probe_for_each_code(const struct probe *p, void (*fn)(uint64_t addr, uint64_t len, void *ctx), void *ctx)
{
	size_t i;
	int fd;

	for (i = 0; i < p->plan.program_cnt; i++) {
		fd = p->plan.program[i].wanted ? bpf_program__fd(bpf_of(p, &p->plan.program[i])) : -1;
		if (fd >= 0)
			each_function(fd, fn, ctx);
	}
}

/* A trampoline is the function's it is entered from, and numbered after that: bpf_trampoline_compute_key(). */
void probe_for_each_trampoline(const struct probe *p, void (*fn)(uint64_t number, uint32_t link, void *ctx), void *ctx)
{
	size_t i;

	for (i = 0; i < p->link_cnt; i++) {
		struct bpf_link_info info = {0};
		__u32 len = sizeof(info);

		if (!bpf_obj_get_info_by_fd(bpf_link__fd(p->link[i].link), &info, &len) && info.type == BPF_LINK_TYPE_TRACING)
			fn((uint64_t)info.tracing.target_obj_id << 32 | 1U << 31 | info.tracing.target_btf_id, info.id, ctx);
	}
}

void probe_note_costs(const struct probe *p, struct run_set *set)
{
	size_t i;

	for (i = 0; i < p->plan.program_cnt; i++) {
		const struct program_state *program = &p->plan.program[i];
		struct bpf_prog_info info = program->wanted ? info_of(p, program) : (struct bpf_prog_info){0};

		if (info.run_cnt)
			run_set_note(set, "probe", "%s: %llu runs of %.0f ns, the kernel's clock readings included; "
				     "%u bytes", program->name, (unsigned long long)info.run_cnt,
				     (double)info.run_time_ns / (double)info.run_cnt, info.xlated_prog_len);
	}
}

/* A kprobe hit while another kprobe's handler runs on the CPU is not even passed on to BPF. Kernels from
 * 6.7 on tell ("bpf: Add missed value to kprobe perf link info"); the headers we
 * build with do not know the members yet.
 */
static uint64_t kprobe_misses(const struct bpf_link *link)
{
	struct {
		__u32 type, id, prog_id, pad;
		__u32 perf_type, pad2;
		__u64 func_name;
		__u32 name_len, offset;
		__u64 addr, missed, cookie;
	} info = {0};
	__u32 len = sizeof(info);

	_Static_assert(offsetof(__typeof__(info), missed) == 48, "struct bpf_link_info");
	if (bpf_obj_get_info_by_fd(bpf_link__fd(link), &info, &len))
		return 0;
	return info.missed;
}

static uint64_t skipped_runs(const struct probe *p, const struct program_state *program)
{
	uint64_t skipped = info_of(p, program).recursion_misses;
	size_t i;

	for (i = 0; program->tier == TIER_KPROBE && i < p->link_cnt; i++)
		if (p->link[i].program == program)
			skipped += kprobe_misses(p->link[i].link);
	return skipped;
}

uint64_t program_skipped_runs(const struct probe *p, const struct program_state *program)
{
	return skipped_runs(p, program) - p->skipped_at_start[program - p->plan.program];
}

void programs_note_skipped_runs(struct probe *p)
{
	size_t i;

	for (i = 0; i < p->plan.program_cnt; i++)
		if (p->plan.program[i].wanted)
			p->skipped_at_start[i] = skipped_runs(p, &p->plan.program[i]);
}

static bool copies_in_path(const struct program_state *program)
{
	const struct probe_impl *impl = probe_defs[CS_Q_PATH_COPY].impl;
	const char *name;
	size_t i;

	for (i = 0; (name = impl_program(impl, EXTRAS_ALL, i)); i++)
		if (!strcmp(name, program->name))
			return true;
	return false;
}

/* A kprobe is never preempted, and in a task's own calls none interrupts another. Inside the path a softirq may,
 * where kprobes lose as much: any two of them nest, of fentry programs only a program with itself.
 */
uint64_t preempted_runs(const struct probe *p)
{
	uint64_t skipped = 0;
	size_t i;

	for (i = 0; i < p->plan.program_cnt; i++) {
		const struct program_state *program = &p->plan.program[i];

		if (program->wanted && program->tier == TIER_FENTRY && !copies_in_path(program))
			skipped += program_skipped_runs(p, program);
	}
	return skipped;
}

const struct reason *probe_skipped(const struct probe *p, const struct probe_impl *impl, struct run_set *set)
{
	uint64_t skipped = 0, lost = 0, unclassified = 0;
	_cleanup_free_ char *runs = NULL;
	enum reason_code why;
	const char *name;
	size_t i;

	for (i = 0; (name = impl_program(impl, p->plan.extras, i)); i++) {
		const struct program_state *program = plan_program(&p->plan, name);

		skipped += program_skipped_runs(p, program);
		if (program->begins_state) {
			lost = p->dropped[CS_DROP_TASK_STORAGE];
			unclassified = p->dropped[CS_DROP_UNCLASSIFIED];
		}
	}
	if (!skipped && !lost && !unclassified)
		return NULL;
	why = skipped ? REASON_SKIPPED_RUNS : lost ? REASON_LOST_STATES : REASON_UNCLASSIFIED;
	runs = xasprintf("%llu", (unsigned long long)(skipped ?: lost ?: unclassified));
	return run_set_reason(set, &(struct reason){.code = why, .detail = runs});
}
