// SPDX-License-Identifier: GPL-2.0-only
/* `copyscope check`: one screen on what this machine lets us see, found by trying, with remedies. */
#include <jansson.h>
#include <string.h>
#include <sys/utsname.h>

#include "cmd/cmd.h"
#include "cmd/probes_json.h"
#include "cmd/run.h"
#include "core/caps.h"
#include "core/cli.h"
#include "core/log.h"
#include "perf/sampler.h"
#include "probe/probe.h"
#include "report/escape.h"

struct check_options {
	bool json;
	enum tier tier;
};

/* One thing that was looked at. */
struct finding {
	const char *name;
	bool good;
	char *what;	    /* owned */
	const char *remedy; /* NULL: none, or nothing to mend */
};

#define FINDINGS_MAX 16

struct findings {
	struct finding f[FINDINGS_MAX];
	size_t n;
};

static void add(struct findings *all, const char *name, bool good, char *what, const char *remedy)
{
	if (all->n < FINDINGS_MAX)
		all->f[all->n++] = (struct finding){name, good, what, good ? NULL : remedy};
	else
		free(what);
}

static void check_kernel(struct findings *all)
{
	struct utsname u;

	if (!uname(&u))
		add(all, "kernel", true, xasprintf("%s %s", u.release, u.machine), NULL);
}

static void check_btf(struct findings *all)
{
	bool there = !access("/sys/kernel/btf/vmlinux", R_OK);

	add(all, "BTF", there, xstrdup(there ? "/sys/kernel/btf/vmlinux" : "missing"),
	    "a kernel with CONFIG_DEBUG_INFO_BTF=y, or mount sysfs");
}

static void check_lockdown(struct findings *all)
{
	char *level = lockdown_level(LOCKDOWN_FILE);

	add(all, "lockdown", !lockdown_hides_kernel(level),
	    level ?: xstrdup("not in this kernel, or securityfs not mounted"),
	    "hides the kernel's memory from BPF: boot with lockdown=integrity");
}

static void check_capabilities(struct findings *all)
{
	size_t i, missing = 0;

	if (in_user_namespace()) {
		add(all, "capabilities", false, xstrdup("those of a user namespace, without a say in BPF and perf"),
		    "run outside of it");
		return;
	}
	for (i = 0; i < capability_cnt; i++) {
		if (!capability_needed(&capabilities[i]) || capability_held(capabilities[i].number))
			continue;
		missing++;
		add(all, capabilities[i].name, false,
		    xasprintf("missing, needed to %s", capabilities[i].need), "run with sudo");
	}
	if (!missing)
		add(all, "capabilities", true, xstrdup("all that are needed"), NULL);
}

static void check_sampler(struct findings *all)
{
	_cleanup_free_ char *missing = capabilities_missing(false);
	struct perf_sampler *s = NULL;
	enum log_level level = log_max_level();
	int err;

	log_init("copyscope", LOG_SILENT); /* the table has the words */
	err = perf_sampler_open(99, &s);
	log_init("copyscope", level);
	if (err) {
		add(all, "perf events", false, xasprintf("refused: %s", strerror(-err)),
		    in_user_namespace() ? "run outside of the user namespace" :
		    missing ? "run with sudo, or sysctl kernel.perf_event_paranoid=-1" :
			      "a security module or the container's seccomp filter has to allow "
			      "perf_event_open()");
		return;
	}
	add(all, "PMU", !strcmp(perf_sampler_event(s), "cycles"),
	    xasprintf("CPU samples by %s", perf_sampler_event(s)),
	    "no hardware counters: cycles and cache misses are absent, CPU ns per byte stands in; "
	    "in a virtual machine, ask for a vPMU");
	perf_sampler_close(&s);
}

/* ---- output ------------------------------------------------------------------------------ */

static void print_text(const struct findings *all, const struct run_set *set)
{
	size_t i;

	for (i = 0; i < all->n; i++) {
		const struct finding *f = &all->f[i];
		_cleanup_free_ char *what = plain_text(f->what);

		printf("%-4s%-18s%s%s%s\n", f->good ? "ok" : "--", f->name, what,
		       f->remedy ? ": " : "", f->remedy ? f->remedy : "");
	}
	if (set->probe_cnt)
		putchar('\n');
	for (i = 0; i < set->probe_cnt; i++) {
		const struct probe_note *p = &set->probe[i];
		_cleanup_free_ char *why = reason_text(p->reason);
		_cleanup_free_ char *how = plain_text(p->tier ? p->via : why);

		printf("%-4s%-20s%-12s%s\n", p->tier ? "ok" : "--", p->quantity,
		       tier_names[p->tier] ?: "absent", how);
	}
}

static void print_json(const struct findings *all, const struct run_set *set)
{
	json_t *root = json_object(), *machine = json_array();
	size_t i;

	for (i = 0; i < all->n; i++)
		json_array_append_new(machine,
				      json_pack("{s:s, s:b, s:s, s:o}", "name", all->f[i].name, "ok",
						all->f[i].good, "what", all->f[i].what, "remedy",
						json_or_null(all->f[i].remedy)));
	json_object_set_new(root, "machine", machine);
	json_object_set_new(root, "probes", probes_to_json(set));
	json_dumpf(root, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(root);
}

/* ---- the command ------------------------------------------------------------------------- */

static const struct cli_option rows[] = {
	{"json", NULL, "as a JSON object", CLI_FLAG(struct check_options, json)},
	{"tier", "TIER", "as if `copyscope run` were given this --tier",
	 CLI_CHOICE(struct check_options, tier, tier_choices)},
};

static const struct cli check_cli = {
	.program = "copyscope check",
	.about = "Tell what can be observed on this kernel and how, by loading and attaching every probe "
		 "for a moment. Exit code 0: everything that matters is observed; 1: not all of it; 77: cannot run here.",
	.option = CLI_ROWS(rows),
};

/* Said besides, for whoever reads the exit code alone. */
static int judge(const struct run_set *set, enum tier tier)
{
	_cleanup_free_ char *lacks = probe_lacks(set);

	if (!lacks)
		return EXIT_OK;
	if (tier)
		return fail_r(EXIT_FAILED, "by --tier %s there is no %s: leave --tier out, and the best that works is taken for each",
			      tier_names[tier], lacks);
	return fail_r(EXIT_FAILED, "there is no %s on this kernel: a run would leave open where bytes are copied", lacks);
}

int cmd_check(int argc, char **argv)
{
	struct check_options options = {.tier = TIER_NONE};
	struct run_set *set = run_set_new();
	struct findings all = {.n = 0};
	int code = cli_parse(&check_cli, argc, argv, &options), err;
	size_t i;

	if (code == CLI_GO_ON && environment_need_files(NULL))
		code = EXIT_CANNOT_RUN;
	if (code == CLI_GO_ON) {
		check_kernel(&all);
		check_btf(&all);
		check_lockdown(&all);
		check_capabilities(&all);
		check_sampler(&all);
		err = probe_survey(&(struct probe_config){.tier = options.tier}, set);
		(options.json ? print_json : print_text)(&all, set);
		code = err ? EXIT_CANNOT_RUN : judge(set, options.tier);
	}
	for (i = 0; i < all.n; i++)
		free(all.f[i].what);
	run_set_free(&set);
	return code;
}
