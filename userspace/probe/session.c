// SPDX-License-Identifier: GPL-2.0-only
/* The life of a session. What a kernel allows cannot be told from its version, its BTF or even from a
 * successful load, so the choice of tier is made by really attaching; each refusal costs one program
 * and the plan is made again without it.
 */
#include "probe/session.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "core/caps.h"
#include "core/log.h"
#include "probe/feature.h"

#define VMLINUX_BTF "/sys/kernel/btf/vmlinux"

static int on_libbpf_message(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	char text[1024];

	if (level == LIBBPF_DEBUG)
		return 0; /* pages of relocations */
	vsnprintf(text, sizeof(text), fmt, ap);
	text[strcspn(text, "\n")] = '\0';
	log_debug("%s", text); /* a library's warning is our debug line: we print the consequence */
	return 0;
}

static bool tier_excluded(const struct probe_config *config, enum tier tier)
{
	return config->tier == TIER_TRACEPOINT && !config->cross_check && tier != TIER_TRACEPOINT;
}

static void reject_tier(struct probe *p, enum tier tier, enum reason_code why, const char *detail)
{
	size_t i;

	for (i = 0; i < p->plan.program_cnt; i++)
		if (p->plan.program[i].tier == tier)
			plan_reject(&p->plan.program[i], why, detail);
}

/* What the kernel refuses as a kind need not be tried program by program. */
static void reject_refused_tiers(struct probe *p, const struct btf *kernel)
{
	struct reason why;
	enum tier tier;

	for (tier = TIER_FENTRY; tier < TIER_MAX_; tier++)
		if (!tier_excluded(&p->config, tier) && feature_refused(kernel, tier, &why))
			reject_tier(p, tier, why.code, why.detail);
}

/* Confidentiality is to hide the kernel's memory from BPF. That the kernel does not look at typed loads is not for us
 * to use.
 */
static void respect_lockdown(struct probe *p)
{
	_cleanup_free_ char *level = lockdown_level(LOCKDOWN_FILE), *detail = NULL;
	enum tier tier;

	if (!lockdown_hides_kernel(level))
		return;
	detail = xasprintf("lockdown=%s", level);
	for (tier = TIER_FENTRY; tier < TIER_MAX_; tier++)
		reject_tier(p, tier, REASON_LOAD_REFUSED, detail);
}

static void add_link(struct probe *p, const struct program_state *program, struct bpf_link *link)
{
	array_grow(p->link, p->link_cnt, p->link_cap);
	p->link[p->link_cnt++] = (struct attached){.link = link, .program = program};
	if (!p->first_attach_ns)
		p->first_attach_ns = monotonic_ns();
}

static int attach_sampler(struct probe *p, const struct program_state *program, const int *fds,
			  size_t cnt)
{
	struct bpf_link *link;
	size_t i;
	int fd;

	for (i = 0; i < cnt; i++) {
		fd = dup(fds[i]); /* the link closes its event when it is destroyed */
		if (fd < 0)
			return -errno;
		link = bpf_program__attach_perf_event(bpf_of(p, program), fd);
		if (!link) {
			int err = -errno;

			close(fd);
			return err;
		}
		add_link(p, program, link);
	}
	return 0;
}

static int attach_program(struct probe *p, const struct program_state *program)
{
	struct bpf_program *bpf = bpf_of(p, program);
	struct bpf_link *link;

	if (program->tier == TIER_KPROBE) {
		_cleanup_free_ char *target = program_target(bpf);

		link = bpf_program__attach_kprobe(bpf, at_return(p, program), target);
	} else {
		link = bpf_program__attach(bpf);
	}
	if (!link)
		return -errno;
	add_link(p, program, link);
	return 0;
}

/* Attach all wanted programs; those that refuse are rejected with the reason. Returns how many. */
static int attach_all(struct probe *p, const int *sampler_fd, size_t sampler_cnt)
{
	int refused = 0, err;
	size_t i;

	for (i = 0; i < p->plan.program_cnt; i++) {
		struct program_state *program = &p->plan.program[i];
		_cleanup_free_ char *target = NULL, *detail = NULL;

		if (!program->wanted)
			continue;
		if (program->tier == TIER_PERF_EVENT)
			err = attach_sampler(p, program, sampler_fd, sampler_cnt);
		else
			err = attach_program(p, program);
		if (!err)
			continue;
		target = program_target(bpf_of(p, program));
		detail = xasprintf("%s: %s", target ?: "events",
				   err == -524 /* ENOTSUPP */ ? "not supported" : strerror(-err));
		plan_reject(program, REASON_DOES_NOT_ATTACH, detail);
		refused++;
	}
	return refused;
}

/* Load and attach for a trial until nothing more is refused. */
static int establish(struct probe *p)
{
	int err, refused;

	do {
		err = probe_load(p);
		if (err)
			return err;
		refused = attach_all(p, NULL, 0);
		probe_detach(p);
	} while (refused);
	return 0;
}

static struct probe *new_probe(const struct probe_config *config)
{
	struct probe *p = xcalloc(1, sizeof(*p));

	libbpf_set_print(on_libbpf_message);
	p->config = *config;
	p->config.owner_cnt = MIN(config->owner_cnt, (unsigned int)CS_NAMED_MAX);
	if (p->config.owner_cnt)
		memcpy(p->owner, config->owner, p->config.owner_cnt * sizeof(p->owner[0]));
	p->config.owner = p->owner;
	if (p->config.everyone)
		p->config.owner_cnt = CS_OWNERS_MAX;
	plan_init(&p->plan);
	p->skipped_at_start = xcalloc(p->plan.program_cnt, sizeof(*p->skipped_at_start));
	return p;
}

static int choose(struct probe *p)
{
	struct btf *kernel = access(VMLINUX_BTF, R_OK) ? NULL : btf__load_vmlinux_btf();
	int err;

	if (!kernel)
		return fail_r(-ENOTSUP, "this kernel has no BTF (" VMLINUX_BTF "): needs "
					"CONFIG_DEBUG_INFO_BTF=y");
	respect_lockdown(p);
	reject_refused_tiers(p, kernel);
	err = probe_find_targets(p, kernel);
	btf__free(kernel);
	return err ? err : establish(p);
}

int probe_open(const struct probe_config *config, struct probe **out)
{
	struct probe *p = new_probe(config);
	int err = choose(p);

	if (err)
		probe_close(&p);
	else
		*out = p;
	return err;
}

int probe_survey(const struct probe_config *config, struct run_set *set)
{
	static const struct probe_owner someone = {.cgroup_id = UINT64_MAX}; /* no cgroup has this id */
	struct probe_config as_run = *config;
	struct probe *p;
	int err;

	/* What is done for an owner, and for a sample, is only verified where there may be one. */
	as_run.owner = &someone;
	as_run.owner_cnt = 1;
	as_run.offcpu_sample_ns = NSEC_PER_SEC;
	p = new_probe(&as_run);
	err = choose(p);
	if (!err || (err == -ENOTSUP && p->skel)) /* with an object there was a plan */
		probe_describe(p, set);
	probe_close(&p);
	return err;
}

static bool is_absent(const struct run_set *set, const char *quantity)
{
	size_t i;

	for (i = 0; i < set->probe_cnt; i++)
		if (!strcmp(set->probe[i].quantity, quantity))
			return !set->probe[i].tier;
	return true;
}

char *probe_lacks(const struct run_set *set)
{
	char *names = NULL;
	size_t i;

	for (i = 0; i < CS_Q_MAX_; i++)
		if (probe_defs[i].matters && is_absent(set, probe_defs[i].name))
			xappend(&names, ", ", "%s", probe_defs[i].name);
	return names;
}

/* A preemptible kernel may switch tasks in the middle of an fentry program, and skips the program for
 * the next task of that CPU that comes by, as if it were recursion. Kprobes run with preemption off.
 */
int probe_adapt(struct probe *p)
{
	uint64_t skipped = preempted_runs(p);
	_cleanup_free_ char *runs = NULL;
	struct reason why;
	int err;

	if (!skipped || p->config.tier != TIER_NONE || feature_refused(NULL, TIER_KPROBE, &why))
		return 0;
	runs = xasprintf("%llu", (unsigned long long)skipped);
	reject_tier(p, TIER_FENTRY, REASON_PREEMPTED, runs);
	probe_detach(p);
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
	for (i = 0; i < p->plan.program_cnt; i++) {
		const struct program_state *program = &p->plan.program[i];
		_cleanup_free_ char *why = reason_text_one(&program->reason);

		if (program->wanted && program->rejected)
			log_error("BPF program %s %s, although it did before: run again",
				  program->name, why);
	}
	return -EIO;
}

void probe_detach(struct probe *p)
{
	while (p->link_cnt)
		bpf_link__destroy(p->link[--p->link_cnt].link);
}

int probe_watch(struct probe *p, unsigned int owner, int tgid)
{
	__u32 key = (__u32)tgid, value = owner;

	return bpf_map__update_elem(p->skel->maps.cs_processes, &key, sizeof(key), &value, sizeof(value), BPF_ANY);
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
