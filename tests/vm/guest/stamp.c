// SPDX-License-Identifier: GPL-2.0-only
/* What a program is to the kernel that wants to know when its packets leave: asks for timestamps with the data that
 * they are of, on the TCP sockets of all processes of a name, again and again until it is killed.
 */
#include <dirent.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FILES 64 /* of a process, that are looked at */

static int is_named(const char *pid, const char *name)
{
	char path[64], comm[64] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.16s/comm", pid);
	f = fopen(path, "r");
	if (!f)
		return 0;
	if (!fgets(comm, sizeof(comm), f))
		*comm = 0;
	fclose(f);
	comm[strcspn(comm, "\n")] = 0;
	return !strcmp(comm, name);
}

static void stamp(int pidfd)
{
	const int flags = SOF_TIMESTAMPING_TX_SCHED | SOF_TIMESTAMPING_SOFTWARE;
	int i, fd, protocol;

	for (i = 0; i < FILES; i++) {
		socklen_t len = sizeof(protocol);

		fd = (int)syscall(SYS_pidfd_getfd, pidfd, i, 0);
		if (fd < 0)
			continue;
		if (!getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) && protocol == IPPROTO_TCP)
			setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags));
		close(fd);
	}
}

int main(int argc, char **argv)
{
	const struct dirent *entry;
	int pidfd;
	DIR *proc;

	while (argc == 2) {
		proc = opendir("/proc");
		while (proc && (entry = readdir(proc))) {
			if (!is_named(entry->d_name, argv[1]))
				continue;
			pidfd = (int)syscall(SYS_pidfd_open, atoi(entry->d_name), 0);
			stamp(pidfd);
			close(pidfd);
		}
		if (proc)
			closedir(proc);
		usleep(20000);
	}
	return 2;
}
