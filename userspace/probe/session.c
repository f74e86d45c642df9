// SPDX-License-Identifier: GPL-2.0-only
/* Loading and attaching. What a kernel allows cannot be told from its version, its BTF or even from a
 * successful load, so the choice of tier is made by really attaching; each refusal costs one program
 * and the plan is made again without it.
 */
#include "probe/session.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "core/log.h"
#include "probe/feature.h"

#define VMLINUX_BTF "/sys/kernel/btf/vmlinux"

/* libbpf names the program that failed to load only in its messages. */
static char load_culprit[64];

static int on_libbpf_message(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char text[1024], name[64];

	if (level == LIBBPF_DEBUG)
		return 0; /* pages of relocations */
	vsnprintf(text, sizeof(text), fmt, ap);
	if (level == LIBBPF_WARN && sscanf(text, "libbpf: prog '%63[^']'", name) == 1)
		memcpy(load_culprit, name, sizeof(name));
	text[strcspn(text, "\n")] = '\0';
	log_debug("%s", text); /* a library's warning is our debug line: we print the consequence */
	return 0;
}

struct bpf_program *program_of(const struct probe *p, size_t program)
{
	return bpf_object__find_program_by_name(p->skel->obj, probe_programs[program].name);
}

static uint64_t recursion_misses(const struct probe *p, size_t program)
{
	struct bpf_prog_info info = {0};
	__u32 len = sizeof(info);
	int fd = bpf_program__fd(program_of(p, program));

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len))
		return 0;
	return info.recursion_misses;
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

uint64_t program_skipped_runs(const struct probe *p, size_t program)
{
	enum attach_kind kind = probe_programs[program].kind;
	uint64_t skipped = recursion_misses(p, program);
	size_t i;

	if (kind != ATTACH_KPROBE && kind != ATTACH_KRETPROBE)
		return skipped;
	for (i = 0; i < p->link_cnt; i++)
		if (p->link[i].program == program)
			skipped += kprobe_misses(p->link[i].link);
	return skipped;
}

/* Tests show here what happens when a kernel renames a function: COPYSCOPE_TEST_RENAMED names the
 * programs (comma separated) whose target then does not exist.
 */
static char *target_of(const struct probe_program *def)
{
	const char *renamed = getenv("COPYSCOPE_TEST_RENAMED");
	const char *at = renamed ? strstr(renamed, def->name) : NULL;
	size_t len = strlen(def->name);

	if (at && (at == renamed || at[-1] == ',') && (at[len] == '\0' || at[len] == ','))
		return xasprintf("%s__renamed", def->target);
	return xstrdup(def->target);
}

/* The program's kernel name, resolved against BTF. Absence is known before anything is loaded. */
static int set_target(struct probe *p, size_t i)
{
	const struct probe_program *def = &probe_programs[i];
	_cleanup_free_ char *reason = NULL, *target = NULL;

	if (def->kind != ATTACH_TP_BTF && def->kind != ATTACH_FENTRY)
		return 0; /* kprobes are attached by name, after loading */
	target = target_of(def);
	if (!bpf_program__set_attach_target(program_of(p, i), 0, target))
		return 0;
	reason = xasprintf("this kernel has no %s", target);
	plan_reject(&p->plan, (int)i, reason);
	return -ENOENT;
}

static int open_object(struct probe *p)
{
	size_t i;

	copyscope_bpf__destroy(p->skel);
	p->skel = copyscope_bpf__open();
	if (!p->skel)
		return err_r(-errno, "open the BPF object");
	p->skel->rodata->cs_cfg.receive_netns = p->config.receive_netns;
	p->skel->rodata->cs_cfg.offcpu_stacks = p->config.full ? CS_OFFCPU_ALL : CS_OFFCPU_KERNEL;
	for (i = 0; i < probe_program_cnt; i++)
		if (!p->plan.program[i].reason)
			set_target(p, i);
	return 0;
}

static int explain_load_failure(int err)
{
	if (err == -EPERM)
		return fail_r(err, "the kernel refuses to load BPF programs: run as root, or with "
				   "CAP_BPF and CAP_PERFMON");
	return err_r(err, "load the BPF programs (see them with --verbose)");
}

/* One try: 0, -EAGAIN when a program was rejected and another try makes sense, or an error. */
static int try_load(struct probe *p)
{
	const struct wish wish = {
		.tier = p->config.tier,
		.full = p->config.full,
		.cross_check = p->config.cross_check,
	};
	_cleanup_free_ char *reason = NULL;
	size_t i;
	int err, culprit;

	err = open_object(p);
	if (err)
		return err;
	if (!plan_select(&p->plan, &wish))
		return fail_r(-ENOTSUP, "nothing can be observed on this kernel with this --tier: "
					"try --tier auto");
	for (i = 0; i < probe_program_cnt; i++)
		bpf_program__set_autoload(program_of(p, i), p->plan.program[i].wanted);
	p->skel->rodata->cs_cfg.send_steps =
		p->plan.program[probe_program_index("send_step_tp")].wanted;
	load_culprit[0] = '\0';
	err = copyscope_bpf__load(p->skel);
	if (!err)
		return 0;
	culprit = probe_program_index(load_culprit);
	if (err == -EPERM || culprit < 0)
		return explain_load_failure(err);
	reason = xasprintf("does not load: %s", strerror(-err));
	plan_reject(&p->plan, culprit, reason);
	return -EAGAIN;
}

static bool kind_excluded(const struct probe_config *config, enum attach_kind kind)
{
	return config->tier == TIER_TRACEPOINT && !config->cross_check &&
	       (kind == ATTACH_FENTRY || kind == ATTACH_KPROBE || kind == ATTACH_KRETPROBE);
}

/* What the kernel refuses as a kind need not be tried program by program. */
static void reject_refused_kinds(struct probe *p)
{
	enum attach_kind kind;
	size_t i;

	for (kind = 0; kind < ATTACH_MAX_; kind++) {
		_cleanup_free_ char *why = NULL;

		if (kind_excluded(&p->config, kind))
			continue;
		why = feature_refusal(kind);
		for (i = 0; why && i < probe_program_cnt; i++)
			if (probe_programs[i].kind == kind)
				plan_reject(&p->plan, (int)i, why);
	}
}

static int load(struct probe *p)
{
	size_t tries;
	int err = -EAGAIN;

	for (tries = 0; err == -EAGAIN && tries <= probe_program_cnt; tries++)
		err = try_load(p);
	return err;
}

static void add_link(struct probe *p, size_t program, struct bpf_link *link)
{
	array_grow(p->link, p->link_cnt, p->link_cap);
	p->link[p->link_cnt++] = (struct attached){.link = link, .program = program};
	if (!p->first_attach_ns)
		p->first_attach_ns = monotonic_ns();
}

static int attach_sampler(struct probe *p, size_t program, const int *fds, size_t cnt)
{
	struct bpf_link *link;
	size_t i;
	int fd;

	for (i = 0; i < cnt; i++) {
		fd = dup(fds[i]); /* the link closes its event when it is destroyed */
		if (fd < 0)
			return -errno;
		link = bpf_program__attach_perf_event(program_of(p, program), fd);
		if (!link) {
			int err = -errno;

			close(fd);
			return err;
		}
		add_link(p, program, link);
	}
	return 0;
}

static int attach_program(struct probe *p, size_t i)
{
	const struct probe_program *def = &probe_programs[i];
	struct bpf_link *link;

	if (def->kind == ATTACH_KPROBE || def->kind == ATTACH_KRETPROBE) {
		_cleanup_free_ char *target = target_of(def);

		link = bpf_program__attach_kprobe(program_of(p, i), def->kind == ATTACH_KRETPROBE,
						  target);
	} else {
		link = bpf_program__attach(program_of(p, i));
	}
	if (!link)
		return -errno;
	add_link(p, i, link);
	return 0;
}

/* Attach all wanted programs; those that refuse are rejected with the reason. Returns how many. */
static int attach_all(struct probe *p, const int *sampler_fd, size_t sampler_cnt)
{
	int refused = 0, err;
	size_t i;

	for (i = 0; i < probe_program_cnt; i++) {
		_cleanup_free_ char *reason = NULL;

		if (!p->plan.program[i].wanted)
			continue;
		if (probe_programs[i].kind == ATTACH_PERF_EVENT)
			err = attach_sampler(p, i, sampler_fd, sampler_cnt);
		else
			err = attach_program(p, i);
		if (!err)
			continue;
		reason = xasprintf("does not attach to %s: %s", probe_programs[i].target ?: "events",
				   err == -524 /* ENOTSUPP */ ? "not supported" : strerror(-err));
		plan_reject(&p->plan, (int)i, reason);
		refused++;
	}
	return refused;
}

/* Load and attach for a trial until nothing more is refused; the owners known so far are told again. */
static int establish(struct probe *p)
{
	int err, refused;
	enum role role;

	do {
		err = load(p);
		if (err)
			return err;
		refused = attach_all(p, NULL, 0);
		probe_detach(p);
	} while (refused);
	for (role = 0; role < ROLE_MAX_ && !err; role++)
		if (p->owner_cgroup[role])
			err = probe_set_owner(p, role, p->owner_cgroup[role]);
	return err;
}

int probe_open(const struct probe_config *config, struct probe **out)
{
	struct probe *p;
	int err;

	if (access(VMLINUX_BTF, R_OK))
		return fail_r(-ENOTSUP, "this kernel has no BTF (" VMLINUX_BTF "): needs "
					"CONFIG_DEBUG_INFO_BTF=y");
	libbpf_set_print(on_libbpf_message);
	p = xcalloc(1, sizeof(*p));
	p->config = *config;
	p->skipped_at_start = xcalloc(probe_program_cnt, sizeof(*p->skipped_at_start));
	plan_init(&p->plan);
	reject_refused_kinds(p);
	err = establish(p);
	if (err) {
		probe_close(&p);
		return err;
	}
	*out = p;
	return 0;
}

static uint64_t fentry_runs_skipped(const struct probe *p)
{
	uint64_t skipped = 0;
	size_t i;

	for (i = 0; i < probe_program_cnt; i++)
		if (p->plan.program[i].wanted && probe_programs[i].kind == ATTACH_FENTRY)
			skipped += recursion_misses(p, i) - p->skipped_at_start[i];
	return skipped;
}

/* A preemptible kernel may switch tasks in the middle of an fentry program, and skips the program for
 * the next task of that CPU that comes by, as if it were recursion. Kprobes run with preemption off.
 */
int probe_adapt(struct probe *p)
{
	uint64_t skipped = fentry_runs_skipped(p);
	_cleanup_free_ char *refusal = NULL, *why = NULL;
	size_t i;
	int err;

	if (!skipped || p->config.tier != TIER_NONE)
		return 0;
	refusal = feature_refusal(ATTACH_KPROBE);
	if (refusal)
		return 0;
	why = xasprintf("preempted, so that %llu runs were skipped", (unsigned long long)skipped);
	for (i = 0; i < probe_program_cnt; i++)
		if (probe_programs[i].kind == ATTACH_FENTRY)
			plan_reject(&p->plan, (int)i, why);
	err = establish(p);
	return err ? err : 1;
}

void probe_close(struct probe **p)
{
	if (!*p)
		return;
	probe_detach(*p);
	copyscope_bpf__destroy((*p)->skel);
	plan_free(&(*p)->plan);
	free((*p)->skipped_at_start);
	free((*p)->link);
	free(*p);
	*p = NULL;
}

int probe_attach(struct probe *p, const int *sampler_fd, size_t sampler_cnt)
{
	size_t i;

	if (!attach_all(p, sampler_fd, sampler_cnt))
		return 0;
	probe_detach(p);
	for (i = 0; i < probe_program_cnt; i++)
		if (p->plan.program[i].wanted && p->plan.program[i].reason)
			log_error("BPF program %s %s, although it did before: run again",
				  probe_programs[i].name, p->plan.program[i].reason);
	return -EIO;
}

void probe_detach(struct probe *p)
{
	while (p->link_cnt)
		bpf_link__destroy(p->link[--p->link_cnt].link);
}

size_t probe_cross_checked(const struct probe *p)
{
	size_t q, n = 0;

	for (q = 0; q < CS_Q_MAX_; q++)
		n += p->plan.quantity[q].check != NULL;
	return n;
}

uint64_t probe_first_attach_ns(const struct probe *p)
{
	return p->first_attach_ns;
}

int probe_set_owner(struct probe *p, enum role role, uint64_t cgroup_id)
{
	__u32 slot = role == ROLE_SERVER ? CS_SLOT_SERVER : CS_SLOT_CLIENT;

	p->owner_cgroup[role] = cgroup_id;
	if (bpf_map__update_elem(p->skel->maps.cs_owners, &cgroup_id, sizeof(cgroup_id), &slot,
				 sizeof(slot), BPF_ANY))
		return err_r(-errno, "tell the probes the %s's cgroup", role_names[role]);
	return 0;
}
