// SPDX-License-Identifier: GPL-2.0-only
#include "core/caps.h"

#include <linux/capability.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

const struct capability capabilities[] = {
	{CAP_BPF, "CAP_BPF", "load BPF programs and maps", false, true},
	{CAP_PERFMON, "CAP_PERFMON", "attach them to the kernel, count and sample by perf events", false, true},
	{CAP_NET_ADMIN, "CAP_NET_ADMIN", "make links between network namespaces", false, false},
	{CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "make and enter network namespaces", false, false},
	{CAP_DAC_OVERRIDE, "CAP_DAC_OVERRIDE", "make cgroups and keep state in /run", false, false},
	{CAP_SETUID, "CAP_SETUID", "run the workload as an ordinary user", true, false},
	{CAP_SETGID, "CAP_SETGID", "run the workload as an ordinary user", true, false},
	{CAP_KILL, "CAP_KILL", "end a workload that does not end by itself", true, false},
};
const size_t capability_cnt = ARRAY_SIZE(capabilities);

bool capability_needed(const struct capability *cap)
{
	return !cap->root_only || geteuid() == 0;
}

bool capability_held(unsigned int number)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	return !syscall(SYS_capget, &header, data) &&
	       data[CAP_TO_INDEX(number)].effective & CAP_TO_MASK(number);
}

char *capabilities_missing(bool to_attach)
{
	char *list = NULL;
	size_t i;

	for (i = 0; i < capability_cnt; i++) {
		if ((to_attach && !capabilities[i].to_attach) || !capability_needed(&capabilities[i]) ||
		    capability_held(capabilities[i].number))
			continue;
		xappend(&list, ", ", "%s", capabilities[i].name);
	}
	return list;
}

bool in_user_namespace(void)
{
	const ino_t machine = 0xeffffffd; /* PROC_USER_INIT_INO: one number for all kernels */
	struct stat st;

	return !stat("/proc/self/ns/user", &st) && st.st_ino != machine;
}

char *lockdown_level(const char *path)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	char line[128], *from, *to;

	if (!f || !fgets(line, sizeof(line), f))
		return NULL;
	from = strchr(line, '[');
	to = from ? strchr(from, ']') : NULL;
	if (!to)
		return NULL;
	*to = '\0';
	return xstrdup(from + 1);
}

bool lockdown_hides_kernel(const char *level)
{
	return level && !strcmp(level, "confidentiality");
}
