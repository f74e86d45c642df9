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
static bool fentry_refused(struct reason *why)
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
		return false; /* each program finds out for itself */
	opts.attach_btf_id = (__u32)id;
	prog = bpf_prog_load(BPF_PROG_TYPE_TRACING, "cs_trial", "GPL", nothing, ARRAY_SIZE(nothing),
			     &opts);
	if (prog >= 0)
		link = bpf_raw_tracepoint_open(NULL, prog);
	if (link >= 0)
		return false;
	*why = (struct reason){
		.code = prog < 0 ? REASON_LOAD_REFUSED : REASON_ATTACH_REFUSED,
		.detail = errno == 524 /* ENOTSUPP, not in libc */ ? "not supported" : strerror(errno),
	};
	return true;
}

static bool kprobes_refused(struct reason *why)
{
	*why = (struct reason){.code = REASON_NOT_CONFIGURED, .detail = "CONFIG_KPROBE_EVENTS"};
	return access(KPROBE_PMU, R_OK) != 0;
}

bool feature_refused(enum tier tier, struct reason *why)
{
	if (tier == TIER_FENTRY)
		return fentry_refused(why);
	return tier == TIER_KPROBE && kprobes_refused(why);
}
