// SPDX-License-Identifier: GPL-2.0-only
/* Loading: which of the programs this kernel takes. Each refusal costs one program, and the plan is made again
 * without it.
 */
#include <bpf/btf.h>
#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "core/caps.h"
#include "core/log.h"
#include "probe/feature.h"
#include "probe/session.h"

#define VERIFIER_LOG_BYTES 65536

/* Tests show what happens when a kernel renames a function: COPYSCOPE_TEST_RENAMED names the programs (comma
 * separated) whose target then does not exist.
 */
char *program_target(const struct bpf_program *bpf)
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

static bool is_tracing(const struct bpf_program *bpf)
{
	return bpf_program__type(bpf) == BPF_PROG_TYPE_TRACING;
}

/* One that has not been loaded: what is known of the kernel's BTF stays with it. */
static int open_object(struct probe *p)
{
	if (p->skel && !p->load_tried)
		return 0;
	copyscope_bpf__destroy(p->skel);
	p->load_tried = false;
	p->skel = copyscope_bpf__open();
	return p->skel ? 0 : err_r(-errno, "open the BPF object");
}

/* ---- targets -------------------------------------------------------------------------------------- */
/* What a program of the tracing type attaches to, as BTF names it. */
struct target {
	char *name;
	struct program_state *program; /* NULL: none, it is enough that it is there */
	bool in_kernel;
};

/* What else the kernel may lack: extras that it knows nothing of are not asked for. */
static const char casts[] = "bpf_rdonly_cast";
static const struct {
	enum extra extra;
	const char *function;
} extra_functions[] = {{EXTRA_TLS, "sk_msg_alloc"}, {EXTRA_ZCRX, "io_zcrx_recv"}};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct target *)a)->name, ((const struct target *)b)->name);
}

static size_t list_targets(struct probe *p, struct target *list)
{
	size_t i, n = 0;

	for (i = 0; i < p->plan.program_cnt; i++) {
		struct program_state *program = &p->plan.program[i];
		const struct bpf_program *bpf = bpf_of(p, program);
		_cleanup_free_ char *name = program_target(bpf);

		if (program->rejected || !is_tracing(bpf))
			continue;
		list[n++] = (struct target){
			.name = program->tier == TIER_TRACEPOINT ? xasprintf("btf_trace_%s", name) : xstrdup(name),
			.program = program};
	}
	list[n++].name = xstrdup(casts);
	for (i = 0; i < ARRAY_SIZE(extra_functions); i++)
		list[n++].name = xstrdup(extra_functions[i].function);
	qsort(list, n, sizeof(*list), by_name);
	return n;
}

/* The first of that name: more than one program may have it, and bsearch() finds any of them. NULL: nobody asks for it. */
static struct target *first_of(struct target *list, size_t cnt, const char *name)
{
	const struct target key = {.name = (char *)name};
	struct target *found = bsearch(&key, list, cnt, sizeof(*list), by_name);

	while (found && found > list && !by_name(found - 1, &key))
		found--;
	return found;
}

static void look_for(struct target *list, size_t cnt, const char *name)
{
	const struct target key = {.name = (char *)name};
	struct target *t;

	for (t = first_of(list, cnt, name); t && t < list + cnt && !by_name(t, &key); t++)
		t->in_kernel = true;
}

static void look_in_modules(struct probe *p, struct program_state *program)
{
	struct bpf_program *bpf = bpf_of(p, program);
	_cleanup_free_ char *target = program_target(bpf);

	if (bpf_program__set_attach_target(bpf, 0, target))
		plan_reject(program, REASON_NO_TARGET, target);
}

static void find_features(struct probe *p, struct target *list, size_t cnt)
{
	size_t i;

	p->casts = first_of(list, cnt, casts)->in_kernel;
	for (i = 0; i < ARRAY_SIZE(extra_functions); i++)
		if (!first_of(list, cnt, extra_functions[i].function)->in_kernel)
			p->config.extras &= ~EXTRA_BIT(extra_functions[i].extra);
}

int probe_find_targets(struct probe *p, const struct btf *kernel)
{
	_cleanup_free_ struct target *list =
		xcalloc(p->plan.program_cnt + 1 + ARRAY_SIZE(extra_functions), sizeof(*list));
	int err = open_object(p);
	size_t i, cnt;
	__u32 id;

	if (err)
		return err;
	cnt = list_targets(p, list);
	for (id = 1; id < btf__type_cnt(kernel); id++) {
		const struct btf_type *type = btf__type_by_id(kernel, id);

		if (btf_is_func(type) || btf_is_typedef(type))
			look_for(list, cnt, btf__name_by_offset(kernel, type->name_off));
	}
	find_features(p, list, cnt);
	for (i = 0; i < cnt; i++) {
		if (list[i].program && !list[i].in_kernel)
			look_in_modules(p, list[i].program);
		free(list[i].name);
	}
	return 0;
}

/* ---- one try -------------------------------------------------------------------------------------- */
static void configure_owners(const struct probe *p, struct cs_config *cfg)
{
	unsigned int i;

	for (i = 0; i < p->config.owner_cnt && !p->config.everyone; i++) {
		cfg->owner[i] = p->owner[i].cgroup_id;
		cfg->level[i] = p->owner[i].level;
		cfg->by_cgroup |= p->owner[i].cgroup_id != 0;
	}
	cfg->owner_cnt = p->config.owner_cnt;
	cfg->everyone = p->config.everyone;
	cfg->subtrees = p->config.subtrees;
}

/* What is not asked for takes no memory, nor the time to make it. */
static void size_maps(struct probe *p, bool by_task, bool calls)
{
	bpf_map__set_max_entries(p->skel->maps.cs_counts, p->config.owner_cnt + 1);
	bpf_map__set_max_entries(p->skel->maps.cs_sizes, calls ? (p->config.owner_cnt + 1) * CS_CALL_MAX_ : 1);
	if (!by_task)
		bpf_map__set_max_entries(p->skel->maps.cs_processes, 1);
	if (calls)
		return;
	bpf_map__set_max_entries(p->skel->maps.cs_sockets, 1);
	bpf_map__set_max_entries(p->skel->maps.cs_closed, 1);
}

/* Before each load: what the programs are compiled with. */
static void configure(struct probe *p)
{
	struct cs_config *cfg = &p->skel->rodata->cs_cfg;
	const unsigned int extras = p->config.extras;

	configure_owners(p, cfg);
	cfg->by_task = !!(extras & EXTRA_BIT(EXTRA_PROCESSES));
	cfg->sockets = !!(extras & EXTRA_BIT(EXTRA_CALLS));
	cfg->udp = !!(extras & EXTRA_BIT(EXTRA_UDP));
	cfg->unix_streams = !!(extras & EXTRA_BIT(EXTRA_UNIX));
	cfg->page_bytes = (__u32)sysconf(_SC_PAGESIZE);
	cfg->casts = p->casts;
	cfg->all_path_stacks = p->config.cross_check;
	cfg->receive_netns = p->config.receive_netns;
	cfg->offcpu_sample_ns = p->config.offcpu_sample_ns;
	cfg->offcpu_user_stacks = p->config.full && p->config.offcpu_sample_ns;
	size_maps(p, cfg->by_task, cfg->sockets);
}

static void set_flag(struct probe *p, const struct probe_impl *impl)
{
	if (impl && impl->sets_flag)
		*(__u32 *)((char *)&p->skel->rodata->cs_cfg + impl->sets_flag) = 1;
}

/* By which programs the calls are counted: those that count their bytes. */
static void choose_calls(struct probe *p)
{
	static const enum cs_quantity counted[] = {CS_Q_SEND, CS_Q_RECV};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(counted) && p->skel->rodata->cs_cfg.sockets; i++) {
		const struct probe_impl *impl = p->plan.quantity[counted[i]].impl;

		p->skel->rodata->cs_cfg.calls[i] = impl ? 1 + probe_bank(impl->tier) : 0;
	}
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

/* Kprobes are attached by name, after loading. */
static void prepare(struct probe *p, const struct program_state *program, char *verifier_log)
{
	struct bpf_program *bpf = bpf_of(p, program);
	_cleanup_free_ char *target = program_target(bpf);

	bpf_program__set_autoload(bpf, program->wanted);
	if (!program->wanted)
		return;
	if (is_tracing(bpf))
		bpf_program__set_attach_target(bpf, 0, target); /* it is there: probe_find_targets() */
	bpf_program__set_log_buf(bpf, verifier_log, VERIFIER_LOG_BYTES);
}

/* Rejects the programs of which the verifier had something to say. libbpf has it speak only of what it has refused. */
static bool reject_unverified(struct probe *p, const char *logs, int err)
{
	bool rejected = false;
	size_t i;

	for (i = 0; i < p->plan.program_cnt; i++, logs += VERIFIER_LOG_BYTES) {
		struct program_state *program = &p->plan.program[i];

		if (!*logs)
			continue;
		log_debug("%s: %s", program->name, logs);
		/* ENOSPC: it said more than we keep, and why is in what is lost */
		plan_reject(program, REASON_DOES_NOT_LOAD,
			    err == -ENOSPC ? "the verifier refuses it" : strerror(-err));
		rejected = true;
	}
	return rejected;
}

/* 0, -EAGAIN when a program was rejected and another try makes sense, or an error that was told. */
static int load_wanted(struct probe *p)
{
	_cleanup_free_ char *logs = xcalloc(p->plan.program_cnt, VERIFIER_LOG_BYTES);
	size_t i;
	int err;

	for (i = 0; i < p->plan.program_cnt; i++)
		prepare(p, &p->plan.program[i], logs + i * VERIFIER_LOG_BYTES);
	for (i = 0; i < CS_Q_MAX_; i++) {
		set_flag(p, p->plan.quantity[i].impl);
		set_flag(p, p->plan.quantity[i].check);
	}
	choose_calls(p);
	p->load_tried = true;
	err = copyscope_bpf__load(p->skel);
	if (!err)
		return 0;
	return reject_unverified(p, logs, err) ? -EAGAIN : explain_load_failure(p, err);
}

static int try_load(struct probe *p)
{
	const struct wish wish = {
		.tier = p->config.tier,
		.extras = p->config.extras,
		.full = p->config.full,
		.cross_check = p->config.cross_check,
	};
	int err = open_object(p);

	if (err)
		return err;
	configure(p);
	if (!plan_select(&p->plan, &wish))
		return refused_r(p, -ENOTSUP);
	return load_wanted(p);
}

int probe_load(struct probe *p)
{
	int err;

	do {
		err = try_load(p);
	} while (err == -EAGAIN);
	return err;
}
