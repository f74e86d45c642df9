// SPDX-License-Identifier: GPL-2.0-only
/* Core PMUs from sysfs, and the kernel's CPU lists. */
#include "perf/pmu.h"

#include <ctype.h>
#include <dirent.h>
#include <stdarg.h>
#include <string.h>

char *read_first_line(const char *fmt, ...)
{
	_cleanup_free_ char *path = NULL, *line = NULL;
	_cleanup_fclose_ FILE *f = NULL;
	size_t cap = 0;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&path, fmt, ap);
	va_end(ap);
	if (n < 0) {
		path = NULL; /* its content is undefined now */
		return NULL;
	}
	f = fopen(path, "re");
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
static void add_if_core_pmu(struct core_pmu_list *list, const char *sysfs, const char *name)
{
	static const char dir[] = "bus/event_source/devices";
	_cleanup_free_ char *type = read_first_line("%s/%s/%s/type", sysfs, dir, name);
	_cleanup_free_ char *cpus = read_first_line("%s/%s/%s/cpus", sysfs, dir, name);
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
	_cleanup_free_ char *dir = xasprintf("%s/bus/event_source/devices", sysfs);
	struct dirent **entry = NULL;
	int n = scandir(dir, &entry, NULL, alphasort), i;

	*list = (struct core_pmu_list){0};
	for (i = 0; i < n; i++) {
		if (entry[i]->d_name[0] != '.')
			add_if_core_pmu(list, sysfs, entry[i]->d_name);
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
