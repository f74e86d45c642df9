// SPDX-License-Identifier: GPL-2.0-only
#include "sym/sym.h"

#include <elfutils/libdwfl.h>
#include <errno.h>
#include <string.h>

struct ksym {
	uint64_t addr;
	char *name;	    /* owned */
	const char *module; /* behind the name; NULL = none */
};

struct process {
	int pid;
	Dwfl *dwfl; /* NULL: could not be read, do not try again */
};

struct symbolizer {
	struct ksym *ksym; /* by address */
	size_t ksym_cnt, ksym_cap;
	struct process *process;
	size_t process_cnt, process_cap;
};

/* ---- kernel ------------------------------------------------------------------------------ */

/* "ffffffff81000000 T _stext" or "ffffffffc0000000 t veth_xmit	[veth]" */
static void add_line(struct symbolizer *s, const char *line, bool *hidden)
{
	unsigned long long addr;
	char type, *name, *rest;
	int name_at;

	if (sscanf(line, "%llx %c %n", &addr, &type, &name_at) < 2 || !line[name_at])
		return;
	if (!strchr("tTwW", type))
		return;
	if (!addr) {
		*hidden = true;
		return;
	}
	name = xstrdup(line + name_at);
	strtok_r(name, "\t[]\n", &rest);
	array_grow(s->ksym, s->ksym_cnt, s->ksym_cap);
	s->ksym[s->ksym_cnt++] = (struct ksym){
		.addr = addr,
		.name = name,
		.module = strtok_r(NULL, "\t[]\n", &rest),
	};
}

static int by_addr(const void *a, const void *b)
{
	const struct ksym *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

int sym_new(struct symbolizer **out)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/kallsyms", "re");
	_cleanup_free_ char *line = NULL;
	struct symbolizer *s;
	bool hidden = false;
	size_t cap = 0;

	if (!f)
		return -errno;
	s = xcalloc(1, sizeof(*s));
	while (getline(&line, &cap, f) > 0)
		add_line(s, line, &hidden);
	*out = s;
	if (!s->ksym_cnt)
		return hidden ? -EPERM : -ENODATA;
	qsort(s->ksym, s->ksym_cnt, sizeof(*s->ksym), by_addr);
	return 0;
}

/* Symbols that mark an end: what lies behind them (BPF programs and trampolines loaded since) is not
 * theirs.
 */
static bool marks_an_end(const char *name)
{
	return !strcmp(name, "_etext") || !strcmp(name, "_einittext") || !strcmp(name, "_end");
}

struct symbol sym_kernel(const struct symbolizer *s, uint64_t addr)
{
	size_t lo = 0, hi = s->ksym_cnt, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (s->ksym[mid].addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo || marks_an_end(s->ksym[lo - 1].name))
		return (struct symbol){0};
	return (struct symbol){.name = s->ksym[lo - 1].name, .module = s->ksym[lo - 1].module};
}

/* ---- user -------------------------------------------------------------------------------- */

/* Symbol tables of the mapped files only: separate debug files may mean a network look-up. */
static int no_debuginfo(Dwfl_Module *mod, void **userdata, const char *modname, Dwarf_Addr base,
			const char *file_name, const char *debuglink_file, GElf_Word debuglink_crc,
			char **debuginfo_file_name)
{
	(void)mod, (void)userdata, (void)modname, (void)base, (void)file_name;
	(void)debuglink_file, (void)debuglink_crc, (void)debuginfo_file_name;
	return -1;
}

static Dwfl *open_process(int pid)
{
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_linux_proc_find_elf,
		.find_debuginfo = no_debuginfo,
	};
	Dwfl *dwfl = dwfl_begin(&callbacks);

	if (!dwfl)
		return NULL;
	if (dwfl_linux_proc_report(dwfl, pid) || dwfl_report_end(dwfl, NULL, NULL)) {
		dwfl_end(dwfl);
		return NULL;
	}
	return dwfl;
}

static Dwfl *process_dwfl(struct symbolizer *s, int pid)
{
	size_t i;

	for (i = 0; i < s->process_cnt; i++)
		if (s->process[i].pid == pid)
			return s->process[i].dwfl;
	array_grow(s->process, s->process_cnt, s->process_cap);
	s->process[s->process_cnt] = (struct process){.pid = pid, .dwfl = open_process(pid)};
	return s->process[s->process_cnt++].dwfl;
}

struct symbol sym_user(struct symbolizer *s, int pid, uint64_t addr)
{
	Dwfl *dwfl = process_dwfl(s, pid);
	Dwfl_Module *mod = dwfl ? dwfl_addrmodule(dwfl, addr) : NULL;
	const char *file, *slash;

	if (!mod)
		return (struct symbol){0};
	file = dwfl_module_info(mod, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
	slash = file ? strrchr(file, '/') : NULL;
	return (struct symbol){
		.name = dwfl_module_addrname(mod, addr),
		.module = slash ? slash + 1 : file,
	};
}

void sym_forget(struct symbolizer *s)
{
	while (s->process_cnt) {
		Dwfl *dwfl = s->process[--s->process_cnt].dwfl;

		if (dwfl)
			dwfl_end(dwfl);
	}
}

void sym_free(struct symbolizer **ps)
{
	struct symbolizer *s = take_ptr(*ps);

	if (!s)
		return;
	sym_forget(s);
	while (s->ksym_cnt)
		free(s->ksym[--s->ksym_cnt].name);
	free(s->process);
	free(s->ksym);
	free(s);
}
