/* SPDX-License-Identifier: GPL-2.0-only */
/* The helpers our BPF programs call, for the host: one CPU, maps in plain memory, and a clock, a
 * current task, a stack id and a return value that the test sets.
 */
#ifndef BPF_HOST_HELPERS_H
#define BPF_HOST_HELPERS_H

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SEC(name)
#define __ksym
#define __weak
#define __uint(name, val) int (*name)[val]
#define __type(name, val) typeof(val) *name
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))

#define HOST_MAPS  20
#define HOST_TASKS 16 /* task storage has no max_entries */

/* What the helpers answer. */
static struct {
	struct task_struct *current_task;
	struct pt_regs___kernel current_regs;
	__u64 now_ns;
	__u64 func_ret; /* of the function an fexit program is attached to */
	long stack_id;
	__u64 task_stack[8]; /* of a task that does not run */
	long task_stack_bytes; /* or -errno */
} host;

#define barrier()
#define barrier_var(var)

static inline void *bpf_rdonly_cast(const void *obj, __u32 btf_id)
{
	(void)btf_id;
	return (void *)obj;
}

/* ---- maps -------------------------------------------------------------------------------- */

struct host_cell {
	__u64 last_use; /* 0: free */
	__u64 key[4], value[192];
};

struct host_map {
	const void *map; /* the BPF map is only its address */
	size_t type, max_entries, key_size, value_size;
	struct host_cell *cell;
};

static struct host_map host_maps[HOST_MAPS];
static __u64 host_uses;

static inline void host_reset(void)
{
	size_t i;

	for (i = 0; i < HOST_MAPS; i++)
		free(host_maps[i].cell);
	memset(host_maps, 0, sizeof(host_maps));
	memset(&host, 0, sizeof(host));
}

/* The map of def, made at its first use; what was made before wins: host_set_max_entries(). */
static inline struct host_map *host_map(struct host_map def)
{
	struct host_map *m = host_maps;

	while (m->map && m->map != def.map)
		m++;
	if (m->map)
		return m;
	def.cell = calloc(def.max_entries, sizeof(*def.cell));
	if (!def.cell || m == &host_maps[HOST_MAPS - 1] || def.key_size > sizeof(def.cell->key) ||
	    def.value_size > sizeof(def.cell->value))
		abort();
	*m = def;
	return m;
}

static inline struct host_cell *host_find(struct host_map *m, const void *key)
{
	size_t i;

	if (m->type == BPF_MAP_TYPE_PERCPU_ARRAY) {
		i = *(const __u32 *)key;
		return i < m->max_entries ? &m->cell[i] : NULL;
	}
	for (i = 0; i < m->max_entries; i++)
		if (m->cell[i].last_use && !memcmp(m->cell[i].key, key, m->key_size))
			return &m->cell[i];
	return NULL;
}

static inline void *host_lookup(struct host_map *m, const void *key)
{
	struct host_cell *cell = host_find(m, key);

	if (!cell)
		return NULL;
	cell->last_use = ++host_uses;
	return cell->value;
}

/* A free cell, of an LRU map else the one not used for longest. */
static inline struct host_cell *host_take(struct host_map *m)
{
	struct host_cell *oldest = m->cell;
	size_t i;

	for (i = 1; i < m->max_entries; i++)
		if (m->cell[i].last_use < oldest->last_use)
			oldest = &m->cell[i];
	return !oldest->last_use || m->type == BPF_MAP_TYPE_LRU_HASH ? oldest : NULL;
}

static inline long host_update(struct host_map *m, const void *key, const void *value, __u64 flags)
{
	struct host_cell *cell = host_find(m, key);

	if (cell && flags == BPF_NOEXIST)
		return -EEXIST;
	cell = cell ?: host_take(m);
	if (!cell)
		return -ENOMEM;
	cell->last_use = ++host_uses;
	memcpy(cell->key, key, m->key_size);
	memcpy(cell->value, value, m->value_size);
	return 0;
}

static inline long host_delete(struct host_map *m, const void *key)
{
	struct host_cell *cell = host_find(m, key);

	if (cell)
		cell->last_use = 0;
	return cell ? 0 : -1;
}

static inline size_t host_entries(const struct host_map *m)
{
	size_t i, n = 0;

	for (i = 0; i < m->max_entries; i++)
		n += m->cell[i].last_use != 0;
	return n;
}

static inline void *host_task_storage(struct host_map *m, const void *task, __u64 flags)
{
	static const struct host_cell zero;

	if (flags & BPF_LOCAL_STORAGE_GET_F_CREATE)
		host_update(m, &task, zero.value, BPF_NOEXIST);
	return host_lookup(m, &task);
}

/* __uint() and __type() put what a map is into the types of its members. */
#define HOST_MAP_OF(map_, max, size)                                                          \
	host_map((struct host_map){.map = (map_), .type = sizeof(*(map_)->type) / sizeof(int), \
				   .max_entries = (max), .key_size = (size),                  \
				   .value_size = sizeof(*(map_)->value)})
#define HOST_MAP(map) \
	HOST_MAP_OF(map, sizeof(*(map)->max_entries) / sizeof(int), sizeof(*(map)->key))
#define HOST_TASK_MAP(map) HOST_MAP_OF(map, HOST_TASKS, sizeof(void *))

/* As user space may before it loads; so before the first use. */
#define host_set_max_entries(map, max) ((void)HOST_MAP_OF(map, max, sizeof(*(map)->key)))

#define bpf_map_lookup_elem(map, key)		    host_lookup(HOST_MAP(map), key)
#define bpf_map_update_elem(map, key, value, flags) host_update(HOST_MAP(map), key, value, flags)
#define bpf_map_delete_elem(map, key)		    host_delete(HOST_MAP(map), key)
#define bpf_task_storage_get(map, task, value, flags) \
	host_task_storage(HOST_TASK_MAP(map), task, flags)

/* Constant data, as libbpf writes it before the programs are loaded. */
static inline void host_set_rodata(const volatile void *to, const void *from, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *start = (char *)((size_t)to / page * page), *out = (char *)to;

	if (mprotect(start, (size_t)(out + size - start), PROT_READ | PROT_WRITE))
		abort();
	asm volatile("" : "+r"(out)); /* the compiler shall not know that it is constant */
	memcpy(out, from, size);
}

/* ---- everything else --------------------------------------------------------------------- */

#define bpf_ktime_get_ns()		 (host.now_ns)
#define bpf_get_current_task_btf()	 (host.current_task)
#define bpf_get_current_task()		 ((unsigned long)host.current_task)
#define bpf_task_pt_regs(task)		 ((void)(task), (long)&host.current_regs)
#define bpf_get_stackid(ctx, map, flags) (host.stack_id)
#define bpf_get_task_stack(task, to, size, flags) \
	(memcpy(to, host.task_stack, sizeof(host.task_stack)), host.task_stack_bytes)
#define bpf_probe_read_kernel(to, size, from) (memcpy(to, from, size), 0L)
#define bpf_get_func_ret(ctx, value)	 ((void)(*(value) = host.func_ret))

static inline long bpf_loop(__u32 n, long (*body)(__u32 i, void *arg), void *arg, __u64 flags)
{
	__u32 i;

	for (i = 0; i < n && !body(i, arg); i++)
		;
	return i;
}

#endif
