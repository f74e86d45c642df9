// SPDX-License-Identifier: GPL-2.0-only
/* Core PMUs from sysfs, the kernel's CPU lists, and the system call that has no wrapper. */
#include "perf/pmu.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

int perf_event_fd(struct perf_event_attr *attr, pid_t pid, int cpu)
{
	int fd = (int)syscall(SYS_perf_event_open, attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

char *read_first_line(const char *path)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	_cleanup_free_ char *line = NULL;
	size_t cap = 0;

	if (!f || getline(&line, &cap, f) < 0)
		return NULL;
	line[strcspn(line, "\n")] = '\0';
	return take_ptr(line);
}

bool cpulist_has(const char *list, unsigned int cpu)
{
	unsigned long first, last;
	char *end;

	while (isdigit((unsigned char)*list)) {
		first = last = strtoul(list, &end, 10);
		if (*end == '-') {
			if (!isdigit((unsigned char)end[1]))
				return false;
			last = strtoul(end + 1, &end, 10);
		}
		if (cpu >= first && cpu <= last)
			return true;
		if (*end != ',')
			return false;
		list = end + 1;
	}
	return false;
}

/* A directory entry is a core PMU if it names the CPUs it serves and has a type. */
static void add_if_core_pmu(struct core_pmu_list *list, const char *devices, const char *name)
{
	_cleanup_free_ char *type_path = xasprintf("%s/%s/type", devices, name);
	_cleanup_free_ char *cpus_path = xasprintf("%s/%s/cpus", devices, name);
	_cleanup_free_ char *type = read_first_line(type_path);
	_cleanup_free_ char *cpus = read_first_line(cpus_path);
	uint64_t number;

	if (!type || !cpus || !*cpus || parse_u64(type, 1, UINT32_MAX, &number))
		return; /* empty cpus: all CPUs of this type are offline */
	array_grow(list->pmu, list->cnt, list->cap);
	list->pmu[list->cnt++] = (struct core_pmu){
		.name = xstrdup(name),
		.cpus = take_ptr(cpus),
		.type = (uint32_t)number,
	};
}

void core_pmus_find(const char *sysfs, struct core_pmu_list *list)
{
	_cleanup_free_ char *devices = xasprintf("%s/bus/event_source/devices", sysfs);
	struct dirent **entry = NULL;
	int n = scandir(devices, &entry, NULL, alphasort), i;

	*list = (struct core_pmu_list){0};
	for (i = 0; i < n; i++) {
		if (entry[i]->d_name[0] != '.')
			add_if_core_pmu(list, devices, entry[i]->d_name);
		free(entry[i]);
	}
	free(entry);
}

void core_pmus_free(struct core_pmu_list *list)
{
	size_t i;

	for (i = 0; i < list->cnt; i++) {
		free(list->pmu[i].name);
		free(list->pmu[i].cpus);
	}
	free(list->pmu);
	*list = (struct core_pmu_list){0};
}
