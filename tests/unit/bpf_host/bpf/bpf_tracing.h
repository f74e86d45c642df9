/* SPDX-License-Identifier: GPL-2.0-only */
/* Programs for the host: functions that a test calls with a context, mostly NULL, and arguments. */
#ifndef BPF_HOST_TRACING_H
#define BPF_HOST_TRACING_H

#define BPF_PROG(name, args...)                \
	name(unsigned long long *ctx, ##args); \
	int name(unsigned long long *ctx, ##args)
#define BPF_KPROBE    BPF_PROG
#define BPF_KRETPROBE BPF_PROG

#define PT_REGS_SP(regs)  ((__u64)(regs))
#define PT_REGS_RET(regs) 0

#endif
