// SPDX-License-Identifier: GPL-2.0-only
#include "sym/sym.h"

#include <elfutils/libdwfl.h>
#include <errno.h>
#include <string.h>

/* 100,000 of them: names are offsets into one text. */
struct ksym {
	uint64_t addr;
	uint32_t name, module; /* module 0: none */
};

struct code {
	uint64_t addr, len;
};

struct trampoline {
	uint64_t number;
	uint32_t link;
	bool forgotten;
	struct code code; /* len 0: not found */
};

struct process {
	int pid;
	Dwfl *dwfl; /* NULL: could not be read, do not try again */
};

struct symbolizer {
	struct ksym *ksym; /* by address; read when the first is asked for */
	size_t ksym_cnt, ksym_cap;
	bool tried;
	char *text;
	size_t text_len, text_cap;
	struct code *own;
	size_t own_cnt, own_cap;
	struct trampoline *trampoline;
	size_t trampoline_cnt, trampoline_cap;
	bool trampolines_sought; /* all of them */
	struct process *process;
	size_t process_cnt, process_cap;
};

/* ---- kernel ------------------------------------------------------------------------------ */

static uint32_t add_text(struct symbolizer *s, const char *text, size_t len)
{
	uint32_t at = (uint32_t)s->text_len;

	if (s->text_len + len + 1 > s->text_cap) {
		s->text_cap = MAX(2 * s->text_cap, s->text_len + len + MIB);
		s->text = xreallocarray(s->text, s->text_cap, 1);
	}
	memcpy(s->text + at, text, len);
	s->text[at + len] = '\0';
	s->text_len += len + 1;
	return at;
}

/* "ffffffff81000000 T _stext" or "ffffffffc0000000 t veth_xmit	[veth]": where the name begins; NULL: no function. */
static const char *parse_line(const char *line, uint64_t *addr)
{
	char *end;

	*addr = strtoull(line, &end, 16);
	if (end == line || end[0] != ' ' || !end[1] || !strchr("tTwW", end[1]) || end[2] != ' ' || !end[3])
		return NULL;
	return end + 3;
}

/* BPF programs and trampolines come and go: they have no name here, but an address, or what stands before them would
 * be taken for them.
 */
static void add_line(struct symbolizer *s, const char *line)
{
	uint64_t addr;
	const char *name = parse_line(line, &addr), *module;
	struct ksym sym;

	if (!name || !addr)
		return;
	module = strchr(name, '[');
	sym = (struct ksym){.addr = addr};
	if (!module || strncmp(module, "[bpf]", 5))
		sym.name = add_text(s, name, strcspn(name, "\t[\n"));
	if (sym.name && module)
		sym.module = add_text(s, module + 1, strcspn(module + 1, "]\n"));
	array_grow(s->ksym, s->ksym_cnt, s->ksym_cap);
	s->ksym[s->ksym_cnt++] = sym;
}

static int by_addr(const void *a, const void *b)
{
	const struct ksym *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static void read_kernel(struct symbolizer *s)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/kallsyms", "re");
	_cleanup_free_ char *line = NULL;
	size_t cap = 0;

	s->tried = true;
	add_text(s, "", 0);
	while (f && getline(&line, &cap, f) > 0)
		add_line(s, line);
	if (s->ksym_cnt)
		qsort(s->ksym, s->ksym_cnt, sizeof(*s->ksym), by_addr);
}

/* The first function tells whether addresses are shown. */
static int kernel_is_shown(void)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/kallsyms", "re");
	_cleanup_free_ char *line = NULL;
	size_t cap = 0;
	uint64_t addr;

	if (!f)
		return -errno;
	while (getline(&line, &cap, f) > 0)
		if (parse_line(line, &addr))
			return addr ? 0 : -EPERM;
	return -ENODATA;
}

int sym_new(struct symbolizer **out)
{
	int err = kernel_is_shown();

	*out = xcalloc(1, sizeof(**out));
	return err;
}

/* Nameless ones, and those that mark an end: what lies behind them is not theirs. */
static bool marks_an_end(const char *name)
{
	return !*name || !strcmp(name, "_etext") || !strcmp(name, "_einittext") || !strcmp(name, "_end");
}

void sym_add_own(struct symbolizer *s, uint64_t addr, uint64_t len)
{
	array_grow(s->own, s->own_cnt, s->own_cap);
	s->own[s->own_cnt++] = (struct code){addr, len};
}

void sym_add_own_trampoline(struct symbolizer *s, uint64_t number, uint32_t link)
{
	struct trampoline *t = s->trampoline, *end = t + s->trampoline_cnt;

	while (t < end && t->number != number)
		t++;
	if (t == end) {
		array_grow(s->trampoline, s->trampoline_cnt, s->trampoline_cap);
		t = &s->trampoline[s->trampoline_cnt++];
		*t = (struct trampoline){.number = number};
	}
	s->trampolines_sought &= t->link == link;
	t->link = link;
	t->forgotten = false;
}

static void find_trampoline(struct symbolizer *s, const char *name, uint64_t addr)
{
	unsigned long long number;
	size_t i;

	if (sscanf(name, "bpf_trampoline_%llu", &number) != 1)
		return;
	for (i = 0; i < s->trampoline_cnt; i++)
		if (s->trampoline[i].number == number)
			s->trampoline[i].code = (struct code){addr, (uint64_t)sysconf(_SC_PAGESIZE)};
}

static void end_trampolines(struct symbolizer *s, uint64_t addr)
{
	size_t i;

	for (i = 0; i < s->trampoline_cnt; i++) {
		struct code *code = &s->trampoline[i].code;

		if (addr > code->addr && addr - code->addr < code->len)
			code->len = addr - code->addr;
	}
}

/* Where one ends is not told: it is no longer than a page, and ends before the next BPF symbol. */
void sym_read_trampolines(struct symbolizer *s, FILE *kallsyms)
{
	_cleanup_free_ uint64_t *bpf = NULL;
	_cleanup_free_ char *line = NULL;
	size_t cap = 0, bpf_cnt = 0, bpf_cap = 0, i;
	const char *name;
	uint64_t addr;

	while (getline(&line, &cap, kallsyms) > 0) {
		name = parse_line(line, &addr);
		if (!name || !addr || !strstr(name, "\t[bpf]"))
			continue;
		array_grow(bpf, bpf_cnt, bpf_cap);
		bpf[bpf_cnt++] = addr;
		find_trampoline(s, name, addr);
	}
	for (i = 0; i < bpf_cnt; i++)
		end_trampolines(s, bpf[i]);
	s->trampolines_sought = true;
}

static bool holds(const struct code *code, uint64_t addr)
{
	return addr >= code->addr && addr - code->addr < code->len;
}

static bool is_own(const struct symbolizer *s, uint64_t addr)
{
	size_t i;

	for (i = 0; i < s->own_cnt; i++)
		if (holds(&s->own[i], addr))
			return true;
	for (i = 0; i < s->trampoline_cnt; i++)
		if (!s->trampoline[i].forgotten && holds(&s->trampoline[i].code, addr))
			return true;
	return false;
}

/* Whether an address that nothing else lies at is a trampoline's. */
static bool is_own_after_all(struct symbolizer *s, uint64_t addr)
{
	_cleanup_fclose_ FILE *f = s->trampolines_sought || !s->trampoline_cnt ? NULL : fopen("/proc/kallsyms", "re");

	if (f)
		sym_read_trampolines(s, f);
	return f && is_own(s, addr);
}

struct symbol sym_kernel(struct symbolizer *s, uint64_t addr)
{
	size_t lo = 0, hi, mid;
	const struct ksym *at;

	if (is_own(s, addr))
		return (struct symbol){.name = SYM_OWN};
	if (!s->tried)
		read_kernel(s);
	hi = s->ksym_cnt;
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (s->ksym[mid].addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	at = lo ? &s->ksym[lo - 1] : NULL;
	if (!at || marks_an_end(s->text + at->name))
		return (struct symbol){.name = is_own_after_all(s, addr) ? SYM_OWN : NULL};
	return (struct symbol){.name = s->text + at->name, .module = at->module ? s->text + at->module : NULL};
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
	size_t i;

	s->own_cnt = 0;
	for (i = 0; i < s->trampoline_cnt; i++)
		s->trampoline[i].forgotten = true;
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
	free(s->process);
	free(s->own);
	free(s->trampoline);
	free(s->ksym);
	free(s->text);
	free(s);
}
