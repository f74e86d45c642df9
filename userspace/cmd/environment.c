// SPDX-License-Identifier: GPL-2.0-only
/* What a reader must know of the machine to believe, compare or repeat the numbers. */
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "cmd/run.h"
#include "core/caps.h"
#include "core/log.h"
#include "core/process.h"
#include "perf/pmu.h"
#include "workload/workload.h"

/* The value of the first "key : value" line that starts with key; the caller frees. */
static char *colon_value(const char *path, const char *key)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	_cleanup_free_ char *line = NULL;
	size_t cap = 0;
	char *value;

	while (f && getline(&line, &cap, f) > 0) {
		if (strncmp(line, key, strlen(key)) || !(value = strchr(line, ':')))
			continue;
		value += 1 + strspn(value + 1, " \t");
		value[strcspn(value, "\n")] = '\0';
		return xstrdup(value);
	}
	return NULL;
}

/* "24684084 kB" */
static void describe_memory(struct run_set *set)
{
	_cleanup_free_ char *total = colon_value("/proc/meminfo", "MemTotal");
	uint64_t kib;

	if (!total)
		return;
	total[strcspn(total, " ")] = '\0';
	if (!parse_u64(total, 0, UINT64_MAX / KIB, &kib))
		run_set_env(set, "Memory", "%.1f GiB", (double)kib * KIB / GIB);
}

static void describe_cpu(struct run_set *set)
{
	_cleanup_free_ char *model = colon_value("/proc/cpuinfo", "model name");
	_cleanup_free_ char *implementer = colon_value("/proc/cpuinfo", "CPU implementer");
	_cleanup_free_ char *part = colon_value("/proc/cpuinfo", "CPU part");

	if (model)
		run_set_env(set, "CPU", "%s", model);
	else if (implementer && part) /* arm64 */
		run_set_env(set, "CPU", "implementer %s part %s", implementer, part);
	run_set_env(set, "CPUs online", "%ld", sysconf(_SC_NPROCESSORS_ONLN));
	describe_memory(set);
}

/* A row a fact that is one line of a file. */
static const struct {
	const char *name, *path;
} file_facts[] = {
	{"Frequency governor", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"},
	{"SMT", "/sys/devices/system/cpu/smt/control"},
	{"Spectre v2", "/sys/devices/system/cpu/vulnerabilities/spectre_v2"},
	{"Retbleed", "/sys/devices/system/cpu/vulnerabilities/retbleed"},
	{"Clock source", "/sys/devices/system/clocksource/clocksource0/current_clocksource"},
	{"Default congestion control", "/proc/sys/net/ipv4/tcp_congestion_control"},
	{"tcp_wmem", "/proc/sys/net/ipv4/tcp_wmem"},
	{"tcp_rmem", "/proc/sys/net/ipv4/tcp_rmem"},
	{"optmem_max", "/proc/sys/net/core/optmem_max"},
	{"perf_event_paranoid", "/proc/sys/kernel/perf_event_paranoid"},
	{"Load average before", "/proc/loadavg"},
};

void environment_begin(struct run_set *set, const char *program, int argc, char **argv)
{
	_cleanup_free_ char *command = xstrdup(program);
	char stamp[32];
	time_t now = time(NULL);
	int i;

	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
	set->started_utc = run_set_str(set, stamp);
	set->tool_version = run_set_str(set, COPYSCOPE_VERSION);
	for (i = 1; i < argc; i++)
		xappend(&command, " ", "%s", argv[i]);
	set->command = run_set_str(set, command);
}

void environment_describe(struct run_set *set)
{
	struct utsname u;
	size_t i;

	if (!uname(&u)) {
		run_set_env(set, "Host", "%s", u.nodename);
		run_set_env(set, "Kernel", "%s %s %s", u.release, u.version, u.machine);
	}
	describe_cpu(set);
	for (i = 0; i < ARRAY_SIZE(file_facts); i++) {
		_cleanup_free_ char *value = read_first_line(file_facts[i].path);
		char *tab;

		while (value && (tab = strchr(value, '\t')))
			*tab = ' ';
		if (value)
			run_set_env(set, file_facts[i].name, "%s", value);
	}
}

void environment_of_role(struct run_set *set, enum role role, const json_t *host)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)host, name, value) {
		_cleanup_free_ char *whose = xasprintf("%s %s", role == ROLE_CLIENT ? "Client" : "Server", name);

		if (json_is_string(value) && !run_set_env_value(set, whose))
			run_set_env(set, whose, "%s", json_string_value(value));
	}
}

int environment_may_observe(bool to_attach)
{
	_cleanup_free_ char *missing = NULL;

	if (in_user_namespace())
		return fail_r(-EPERM, "a user namespace has no say in BPF and perf, whatever its root may do: run outside of it");
	missing = capabilities_missing(to_attach);
	if (missing)
		return fail_r(-EPERM, "not permitted without %s: run with sudo; `copyscope check` tells what each is for", missing);
	return 0;
}

/* Programs, maps and links of all probes, each twice where tiers are held against each other; counters of
 * both ends, for each kind of core; a sampler a CPU.
 */
int environment_need_files(const struct run_plan *plan)
{
	size_t probes = 256 + 4 * (size_t)sysconf(_SC_NPROCESSORS_CONF), workload = 0, i;
	_cleanup_free_ char *threads = NULL;

	for (i = 0; plan && i < plan->thread_cnt; i++)
		workload = MAX(workload, plan->threads[i] + WORKLOAD_FILES);
	if (workload <= probes)
		return process_need_files(probes, "observing");
	threads = xasprintf("a workload of %zu threads", workload - WORKLOAD_FILES);
	return process_need_files(workload, threads);
}
