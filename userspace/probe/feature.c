// SPDX-License-Identifier: GPL-2.0-only
#include "probe/feature.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#define KPROBE_PMU   "/sys/bus/event_source/devices/kprobe/type"
/* Any function that is always there and rarely runs: the trial attaches to it for a moment. */
#define TRIAL_TARGET "tcp_zerocopy_receive"

/* fentry loads where it cannot attach (arm64 6.1: ENOTSUPP), and is refused at load elsewhere: only
 * doing both tells.
 */
static char *try_fentry(void)
{
	const struct bpf_insn nothing[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_TRACE_FENTRY);
	_cleanup_close_ int prog = -1;
	_cleanup_close_ int link = -1;
	int id = libbpf_find_vmlinux_btf_id(TRIAL_TARGET, BPF_TRACE_FENTRY);

	if (id < 0)
		return NULL; /* each program finds out for itself */
	opts.attach_btf_id = (__u32)id;
	prog = bpf_prog_load(BPF_PROG_TYPE_TRACING, "cs_trial", "GPL", nothing, ARRAY_SIZE(nothing),
			     &opts);
	if (prog < 0)
		return xasprintf("refused at load (%s)", strerror(errno));
	link = bpf_raw_tracepoint_open(NULL, prog);
	if (link < 0)
		return xasprintf("refused at attach (%s)",
				 errno == 524 /* ENOTSUPP, not in libc */ ? "not supported" :
									    strerror(errno));
	return NULL;
}

static char *try_kprobe(void)
{
	if (!access(KPROBE_PMU, R_OK))
		return NULL;
	return xstrdup("not in this kernel (CONFIG_KPROBE_EVENTS)");
}

char *feature_refusal(enum attach_kind kind)
{
	switch (kind) {
	case ATTACH_FENTRY:
		return try_fentry();
	case ATTACH_KPROBE:
	case ATTACH_KRETPROBE:
		return try_kprobe();
	case ATTACH_TP_BTF:
	case ATTACH_PERF_EVENT:
	case ATTACH_MAX_:
		break;
	}
	return NULL;
}
