// SPDX-License-Identifier: GPL-2.0-only
#include "probe/feature.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "core/caps.h"

#define KPROBE_PMU   "/sys/bus/event_source/devices/kprobe/type"
/* Any function that is always there and rarely runs: the trial attaches to it for a moment. */
#define TRIAL_TARGET "tcp_zerocopy_receive"

/* fentry loads where it cannot attach (arm64 6.1: ENOTSUPP), and is refused at load elsewhere: only
 * doing both tells.
 */
static bool fentry_refused(const struct btf *kernel, struct reason *why)
{
	const struct bpf_insn nothing[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_TRACE_FENTRY);
	_cleanup_close_ int prog = -1;
	_cleanup_close_ int link = -1;
	int id = btf__find_by_name_kind(kernel, TRIAL_TARGET, BTF_KIND_FUNC);

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

bool feature_refused(const struct btf *kernel, enum tier tier, struct reason *why)
{
	if (tier == TIER_FENTRY)
		return fentry_refused(kernel, why);
	return tier == TIER_KPROBE && kprobes_refused(why);
}

char *refusal_text(const struct refusal *r)
{
	bool eperm = r->err == -EPERM;

	if (eperm && r->namespaced)
		return xstrdup("a user namespace has no say in BPF, whatever its root may do: run outside of it");
	if (eperm && !r->privileged)
		return xstrdup("the kernel refuses to load BPF programs: run as root, or with CAP_BPF and "
			       "CAP_PERFMON");
	if (lockdown_hides_kernel(r->lockdown))
		return xasprintf("kernel lockdown is at \"%s\" (" LOCKDOWN_FILE "), which hides the "
				 "kernel's memory from BPF: boot with lockdown=integrity",
				 r->lockdown);
	if (eperm)
		return xstrdup("the kernel refuses to load BPF programs although the capabilities are there: "
			       "a security module or the container's seccomp filter has to allow bpf()");
	if (r->tier != TIER_NONE)
		return xasprintf("nothing can be observed on this kernel by --tier %s: try --tier auto",
				 tier_names[r->tier]);
	return xstrdup("nothing can be observed on this kernel: `copyscope check` tells what each quantity "
		       "lacks");
}
