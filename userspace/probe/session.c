// SPDX-License-Identifier: GPL-2.0-only
/* Loading and attaching. What a kernel allows cannot be told from its version, its BTF or even from a
 * successful load, so the choice of tier is made by really attaching; each refusal costs one program
 * and the plan is made again without it.
 */
#include "probe/session.h"

#include <bpf/btf.h>
#include <errno.h>
#include <linux/capability.h>
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

/* The kernel name in "kretprobe/tcp_sendmsg_locked". Tests show what happens when a kernel renames a
 * function: COPYSCOPE_TEST_RENAMED names the programs (comma separated) whose target then does not exist.
 */
static char *target_of(const struct bpf_program *bpf)
{
	const char *name = bpf_program__name(bpf), *slash = strchr(bpf_program__section_name(bpf), '/');
	const char *renamed = getenv("COPYSCOPE_TEST_RENAMED");
	const char *at = renamed ? strstr(renamed, name) : NULL;
	size_t len = strlen(name);

	if (!slash)
		return NULL;
	if (at && (at == renamed || at[-1] == ',') && (at[len] == '\0' || at[len] == ','))
		return xasprintf("%s__renamed", slash + 1);
	return xstrdup(slash + 1);
}

/* Resolve the program's kernel name against BTF: absence is known before anything is loaded. Kprobes are
 * attached by name, after loading.
 */
static void set_target(struct probe *p, struct program_state *program)
{
	struct bpf_program *bpf = bpf_of(p, program);
	_cleanup_free_ char *target = target_of(bpf);

	if (bpf_program__type(bpf) == BPF_PROG_TYPE_TRACING &&
	    bpf_program__set_attach_target(bpf, 0, target))
		plan_reject(program, REASON_NO_TARGET, target);
}

static int open_object(struct probe *p)
{
	struct cs_config *cfg;
	size_t i;

	copyscope_bpf__destroy(p->skel);
	p->skel = copyscope_bpf__open();
	if (!p->skel)
		return err_r(-errno, "open the BPF object");
	cfg = &p->skel->rodata->cs_cfg;
	memcpy(cfg->owner, p->owner_cgroup, sizeof(cfg->owner));
	cfg->owner_cnt = p->config.owner_cnt;
	cfg->casts = p->casts;
	cfg->all_path_stacks = p->config.cross_check;
	cfg->udp = !!(p->config.extras & EXTRA_BIT(EXTRA_UDP));
	cfg->unix_streams = !!(p->config.extras & EXTRA_BIT(EXTRA_UNIX));
	cfg->receive_netns = p->config.receive_netns;
	cfg->offcpu_sample_ns = p->config.offcpu_sample_ns;
	cfg->offcpu_user_stacks = p->config.full && p->config.offcpu_sample_ns;
	bpf_map__set_max_entries(p->skel->maps.cs_counts, p->config.owner_cnt + 1);
	for (i = 0; i < p->plan.program_cnt; i++)
		if (!p->plan.program[i].rejected)
			set_target(p, &p->plan.program[i]);
	return 0;
}

static void set_flag(struct probe *p, const struct probe_impl *impl)
{
	if (impl && impl->sets_flag)
		*(__u32 *)((char *)&p->skel->rodata->cs_cfg + impl->sets_flag) = 1;
}

static int refused_r(const struct probe *p, int err)
{
	_cleanup_free_ char *lockdown = lockdown_level(LOCKDOWN_FILE);
	_cleanup_free_ char *text = refusal_text(&(struct refusal){
		.err = err,
		.tier = p->config.tier,
		.namespaced = in_user_namespace(),
		.privileged = capability_held(CAP_BPF) && capability_held(CAP_PERFMON),
		.lockdown = lockdown,
	});

	return fail_r(err, "%s", text);
}

static int explain_load_failure(const struct probe *p, int err)
{
	if (err == -EPERM)
		return refused_r(p, err);
	return err_r(err, "load the BPF programs (see them with --verbose)");
}

/* Loads the wanted programs, or only one of them. */
static int load_wanted(struct probe *p, const struct program_state *only)
{
	size_t i;

	for (i = 0; i < p->plan.program_cnt; i++) {
		const struct program_state *program = &p->plan.program[i];

		bpf_program__set_autoload(bpf_of(p, program),
					  only ? program == only : program->wanted);
	}
	for (i = 0; i < CS_Q_MAX_; i++) {
		set_flag(p, p->plan.quantity[i].impl);
		set_flag(p, p->plan.quantity[i].check);
	}
	return copyscope_bpf__load(p->skel);
}

/* Which of the wanted programs is it that does not load? libbpf tells only in words: each is tried alone.
 * Returns how many were rejected, or -errno.
 */
static int reject_unloadable(struct probe *p)
{
	int rejected = 0, err;
	size_t i;

	for (i = 0; i < p->plan.program_cnt; i++) {
		struct program_state *program = &p->plan.program[i];

		if (!program->wanted)
			continue;
		err = open_object(p);
		if (err)
			return err;
		err = load_wanted(p, program);
		if (!err)
			continue;
		plan_reject(program, REASON_DOES_NOT_LOAD, strerror(-err));
		rejected++;
	}
	return rejected;
}

/* One try: 0, -EAGAIN when programs were rejected and another try makes sense, or an error. */
static int try_load(struct probe *p)
{
	const struct wish wish = {
		.tier = p->config.tier,
		.extras = p->config.extras,
		.full = p->config.full,
		.cross_check = p->config.cross_check,
	};
	int err = open_object(p), rejected;

	if (err)
		return err;
	if (!plan_select(&p->plan, &wish))
		return refused_r(p, -ENOTSUP);
	err = load_wanted(p, NULL);
	if (!err || err == -EPERM)
		return err ? explain_load_failure(p, err) : 0;
	rejected = reject_unloadable(p);
	return rejected > 0 ? -EAGAIN : explain_load_failure(p, rejected ? rejected : err);
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

static int load(struct probe *p)
{
	size_t tries;
	int err = -EAGAIN;

	for (tries = 0; err == -EAGAIN && tries <= p->plan.program_cnt; tries++)
		err = try_load(p);
	return err;
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
		_cleanup_free_ char *target = target_of(bpf);

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
		target = target_of(bpf_of(p, program));
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
		err = load(p);
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
	p->config.owner_cnt = MIN(config->owner_cnt, (unsigned int)CS_OWNERS_MAX);
	if (p->config.owner_cnt)
		memcpy(p->owner_cgroup, config->owner_cgroup,
		       p->config.owner_cnt * sizeof(p->owner_cgroup[0]));
	p->config.owner_cgroup = p->owner_cgroup;
	plan_init(&p->plan);
	p->skipped_at_start = xcalloc(p->plan.program_cnt, sizeof(*p->skipped_at_start));
	return p;
}

static int choose(struct probe *p)
{
	struct btf *kernel = access(VMLINUX_BTF, R_OK) ? NULL : btf__load_vmlinux_btf();

	if (!kernel)
		return fail_r(-ENOTSUP, "this kernel has no BTF (" VMLINUX_BTF "): needs "
					"CONFIG_DEBUG_INFO_BTF=y");
	respect_lockdown(p);
	reject_refused_tiers(p, kernel);
	p->casts = feature_casts(kernel);
	btf__free(kernel);
	return establish(p);
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
	static const uint64_t someone = UINT64_MAX; /* no cgroup has this id */
	struct probe_config as_run = *config;
	struct probe *p;
	int err;

	/* What is done for an owner, and for a sample, is only verified where there may be one. */
	as_run.owner_cgroup = &someone;
	as_run.owner_cnt = 1;
	as_run.offcpu_sample_ns = NSEC_PER_SEC;
	p = new_probe(&as_run);
	err = choose(p);
	if (!err || (err == -ENOTSUP && p->skel)) /* with an object there was a plan */
		probe_describe(p, set);
	probe_close(&p);
	return err;
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
