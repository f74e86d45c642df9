// SPDX-License-Identifier: GPL-2.0-only
/* Whom `copyscope attach` observes: what was asked for, as the kernel numbers it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/capability.h>
#include <mntent.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/attach.h"
#include "core/caps.h"
#include "core/log.h"

#define PF_KTHREAD  0x00200000 /* include/linux/sched.h */

static struct attach_target *add_target(struct attach_targets *t, enum target_kind kind, char *label)
{
	size_t i, same = 1;
	_cleanup_free_ char *base = label;

	label = xstrdup(base);
	for (i = 0; i < t->cnt; i++) {
		if (strcmp(t->target[i].label, label))
			continue;
		free(label);
		label = xasprintf("%s #%zu", base, ++same);
		i = (size_t)-1; /* that may be there, too */
	}
	array_grow(t->target, t->cnt, t->cap);
	t->target[t->cnt] = (struct attach_target){.kind = kind, .label = label};
	return &t->target[t->cnt++];
}

static int too_many(const struct attach_targets *t)
{
	if (t->cnt < OBSERVED_MAX)
		return 0;
	return fail_r(-EINVAL, "more than %d programs and cgroups at once: take a cgroup above them, or -a", OBSERVED_MAX);
}

void targets_free(struct attach_targets *t)
{
	size_t i;

	for (i = 0; i < t->cnt; i++) {
		free(t->target[i].label);
		free(t->target[i].pid);
		free(t->target[i].cgroup);
	}
	free(t->target);
	*t = (struct attach_targets){0};
}

/* ---- processes ---------------------------------------------------------------------------- */

struct process {
	char comm[64], state;
	int pid, parent;
	unsigned long flags;
};

/* /proc/PID/stat; the name may be anything, parentheses included. */
static int read_process(int pid, struct process *p)
{
	_cleanup_free_ char *path = xasprintf("/proc/%d/stat", pid);
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	char line[1024], *from, *to;

	if (!f || !fgets(line, sizeof(line), f))
		return -ESRCH;
	from = strchr(line, '(');
	to = strrchr(line, ')');
	if (!from || !to)
		return -ESRCH;
	*to = '\0';
	snprintf(p->comm, sizeof(p->comm), "%s", from + 1);
	p->pid = pid;
	return sscanf(to + 1, " %c %d %*d %*d %*d %*d %lu", &p->state, &p->parent, &p->flags) == 3 ? 0 : -ESRCH;
}

/* The number in BPF is that outside of all PID namespaces. */
static bool in_pid_namespace(void)
{
	const ino_t machine = 0xeffffffc; /* PROC_PID_INIT_INO: one number for all kernels */
	struct stat st;

	return !stat("/proc/self/ns/pid", &st) && st.st_ino != machine;
}

/* As ptrace(2) has it: what is found out of another user's process is theirs. */
static int may_observe(int pid)
{
	_cleanup_free_ char *path = xasprintf("/proc/%d", pid);
	struct stat st;

	if (stat(path, &st) || st.st_uid == geteuid() || capability_held(CAP_SYS_PTRACE))
		return 0;
	return fail_r(-EPERM, "process %d belongs to another user (%u): run with sudo, or with CAP_SYS_PTRACE", pid, st.st_uid);
}

static int check_process(int pid, struct process *p)
{
	if (in_pid_namespace())
		return fail_r(-ENOTSUP, "in a PID namespace of its own copyscope cannot tell which process %d is: run it outside "
					"(docker run --pid=host), or use --cgroup", pid);
	if (read_process(pid, p) || p->state == 'Z' || p->state == 'X')
		return fail_r(-ESRCH, "there is no process %d: it has ended, or never was (pgrep -a NAME lists them)", pid);
	if (p->flags & PF_KTHREAD)
		return fail_r(-ESRCH, "%d (%s) is a thread of the kernel: it makes no system calls, and its work for programs is "
				       "counted as theirs", pid, p->comm);
	return may_observe(pid);
}

static int add_pid(void *arg, const char *item)
{
	struct attach_target *target = arg;
	struct process p;
	uint64_t pid;
	int err;

	if (parse_u64(item, 1, INT32_MAX, &pid))
		return fail_r(-EINVAL, "'%s' is not the number of a process", item);
	err = check_process((int)pid, &p);
	if (err)
		return err;
	target->pid = xreallocarray(target->pid, target->pid_cnt + 1, sizeof(*target->pid));
	target->pid[target->pid_cnt++] = (int)pid;
	if (!target->label)
		target->label = xasprintf("%s (%d)", p.comm, (int)pid);
	return 0;
}

static int add_item(const char *item, void *arg)
{
	return add_pid(arg, item);
}

int target_add_pids(struct attach_targets *t, const char *list)
{
	struct attach_target found = {0}, *target;
	int err = too_many(t);

	if (!err)
		err = parse_list(list, add_item, &found, NULL);
	if (err) {
		free(found.pid);
		free(found.label);
		return err;
	}
	target = add_target(t, TARGET_PROCESSES, found.label);
	target->pid = found.pid;
	target->pid_cnt = found.pid_cnt;
	return 0;
}

int target_add_further_pid(struct attach_targets *t, const char *pid)
{
	struct attach_target *last = t->cnt ? &t->target[t->cnt - 1] : NULL;

	if (!last || last->kind != TARGET_PROCESSES)
		return fail_r(-EINVAL, "'%s' belongs to no option: -p takes processes, a command stands behind --", pid);
	return add_pid(last, pid);
}

int target_add_command(struct attach_targets *t, const char *name, int pid)
{
	const char *slash = strrchr(name, '/');
	struct attach_target *target;

	if (in_pid_namespace())
		return fail_r(-ENOTSUP, "in a PID namespace of its own copyscope cannot tell which process a command is: run "
					"it outside (docker run --pid=host), or use -a beside it");
	target = add_target(t, TARGET_PROCESSES, xasprintf("%s (%d)", slash ? slash + 1 : name, pid));
	target->pid = xcalloc(1, sizeof(*target->pid));
	target->pid[target->pid_cnt++] = pid;
	return 0;
}

/* ---- cgroups ------------------------------------------------------------------------------ */

/* A cgroup's id is what its directory's handle has (kernfs). */
static int cgroup_id(const char *path, uint64_t *id)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + 8];
	} h = {.handle.handle_bytes = 8};
	int mount;

	if (name_to_handle_at(AT_FDCWD, path, &h.handle, &mount, 0))
		return -errno;
	memcpy(id, h.handle.f_handle, sizeof(*id));
	return 0;
}

/* One that has been made anew under its name is another. */
bool target_is_gone(const struct attach_target *target)
{
	uint64_t id = 0;

	return target->kind == TARGET_CGROUP && (cgroup_id(target->cgroup, &id) || id != target->cgroup_id);
}

/* Where the whole cgroup v2 hierarchy is mounted; the caller frees. NULL: nowhere, after one line. */
static char *cgroup_root(void)
{
	FILE *table = setmntent("/proc/self/mounts", "re");
	char *root = NULL;
	struct mntent *m;

	while (table && !root && (m = getmntent(table))) {
		_cleanup_free_ char *inside = xasprintf("%s/cgroup.events", m->mnt_dir);

		/* only the root has no such file */
		if (!strcmp(m->mnt_type, "cgroup2") && access(inside, F_OK))
			root = xstrdup(m->mnt_dir);
	}
	if (table)
		endmntent(table);
	if (!root)
		log_error("no cgroup v2 hierarchy is mounted here, or only a part of one (in a container): use -p, or run outside");
	return root;
}

/* The rest of path behind root, "" or beginning with a slash; NULL: it is not below. */
static const char *below(const char *path, const char *root)
{
	size_t len = strlen(root);

	return strncmp(path, root, len) || (path[len] && path[len] != '/') ? NULL : path + len;
}

/* Of the root it is 0. */
static unsigned int level_of(const char *rest)
{
	unsigned int level = 0;

	for (; *rest; rest += strcspn(rest, "/")) {
		rest += strspn(rest, "/");
		level += *rest != '\0';
	}
	return level;
}

int target_add_cgroup(struct attach_targets *t, const char *arg)
{
	_cleanup_free_ char *root = NULL, *given = NULL, *path = NULL;
	struct attach_target *target;
	const char *rest;
	uint64_t id = 0;
	int err = too_many(t);

	if (err)
		return err;
	root = cgroup_root();
	if (!root)
		return -ENOTSUP;
	given = below(arg, root) ? xstrdup(arg) : xasprintf("%s/%s", root, arg);
	path = realpath(given, NULL);
	rest = path ? below(path, root) : NULL;
	if (!rest || cgroup_id(path, &id))
		return fail_r(-ENOENT, "there is no cgroup %s below %s: systemd-cgls lists them", arg, root);
	target = add_target(t, TARGET_CGROUP, xstrdup(*rest ? rest : "/"));
	target->cgroup = take_ptr(path);
	target->cgroup_id = id;
	target->level = level_of(below(target->cgroup, root));
	return 0;
}

/* ---- containers --------------------------------------------------------------------------- */

#define CONTAINER_ID_MIN 4
#define CONTAINER_ID_LEN 64

static struct {
	const char *id;
	char *path; /* the first found */
	unsigned int others;
} sought;

/* docker-ID.scope, cri-containerd-ID.scope, crio-ID.scope, libpod-ID.scope; or ID alone, where no systemd makes them. */
static const char *container_id(const char *directory)
{
	static const char *const prefix[] = {"docker-", "cri-containerd-", "crio-", "libpod-", ""};
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(prefix); i++) {
		const char *id = directory + strlen(prefix[i]);

		if (strncmp(directory, prefix[i], strlen(prefix[i])))
			continue;
		len = strspn(id, "0123456789abcdef");
		if (len == CONTAINER_ID_LEN && (!id[len] || !strcmp(id + len, ".scope")))
			return id;
	}
	return NULL;
}

static int on_cgroup(const char *path, const struct stat *st, int type, struct FTW *at)
{
	const char *id = type == FTW_D ? container_id(path + at->base) : NULL;

	(void)st;
	if (!id || strncmp(id, sought.id, strlen(sought.id)))
		return 0;
	if (!sought.path)
		sought.path = xstrdup(path);
	else if (!below(path, sought.path)) /* not one inside it */
		sought.others++;
	return 0;
}

int target_add_container(struct attach_targets *t, const char *id)
{
	_cleanup_free_ char *path = NULL, *root = NULL;
	size_t len = strspn(id, "0123456789abcdef");
	int err;

	if (id[len] || len < CONTAINER_ID_MIN || len > CONTAINER_ID_LEN)
		return fail_r(-EINVAL, "'%s' is no container's id, or the first %d or more digits of one (docker ps, crictl ps and "
				       "podman ps tell)", id, CONTAINER_ID_MIN);
	root = cgroup_root();
	if (!root)
		return -ENOTSUP;
	sought.id = id;
	sought.path = NULL;
	sought.others = 0;
	nftw(root, on_cgroup, 16, FTW_PHYS);
	path = sought.path;
	if (!path)
		return fail_r(-ENOENT, "no container %s has a cgroup below %s: is it running?", id, root);
	if (sought.others)
		return fail_r(-EINVAL, "'%s' begins the ids of %u containers: give more of it", id, 1 + sought.others);
	err = target_add_cgroup(t, path);
	if (!err) {
		free(t->target[t->cnt - 1].label);
		t->target[t->cnt - 1].label = xasprintf("container %.12s", id);
	}
	return err;
}

/* ---- watching ----------------------------------------------------------------------------- */

/* By process: which owner's it is; 0: nobody's. */
struct family {
	unsigned char *owner;
	size_t size;
	int cnt;
};

static int watch(struct family *f, struct observer *o, unsigned int owner, int pid)
{
	int err = observer_watch(o, owner, pid);

	if (err)
		return err_r(err, "watch process %d", pid);
	f->owner[pid] = (unsigned char)owner;
	f->cnt++;
	return 0;
}

/* Those whose parents are watched and they not. Returns how many, or -errno. */
static int watch_children(struct family *f, struct observer *o)
{
	DIR *proc = opendir("/proc");
	struct dirent *e;
	int before = f->cnt, err = 0;

	while (proc && !err && (e = readdir(proc))) {
		struct process p;
		uint64_t pid;

		if (parse_u64(e->d_name, 1, f->size - 1, &pid) || f->owner[pid] || read_process((int)pid, &p) ||
		    p.parent <= 0 || (size_t)p.parent >= f->size || !f->owner[p.parent])
			continue;
		err = watch(f, o, f->owner[p.parent], (int)pid);
	}
	if (proc)
		closedir(proc);
	return err ?: f->cnt - before;
}

/* A child that is forked once its parent is watched is followed by the kernel; one from before is found here, and what
 * that forked before it was found, in the next round.
 */
int targets_watch(const struct attach_targets *t, struct observer *o)
{
	struct family f = {.size = 1 << 22}; /* PID_MAX_LIMIT */
	_cleanup_free_ unsigned char *owner = xcalloc(f.size, 1);
	size_t i, p;
	int err = 0;

	f.owner = owner;
	for (i = 0; i < t->cnt; i++)
		for (p = 0; p < t->target[i].pid_cnt && !err; p++)
			err = watch(&f, o, (unsigned int)i + 1, t->target[i].pid[p]);
	if (!err && f.cnt)
		while ((err = watch_children(&f, o)) > 0)
			;
	return err ?: f.cnt;
}
