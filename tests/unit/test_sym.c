// SPDX-License-Identifier: GPL-2.0-only
/* Naming addresses and reading stacks. The stacks are as kernel 6.18 gave them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "sym/classify.h"
#include "sym/sym.h"

#define STACK(...) (const char *const[]){__VA_ARGS__}, \
	sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)

static void waits(void **state)
{
	(void)state;
	assert_string_equal(wait_reason(STACK("__schedule", "schedule", "schedule_timeout",
					      "wait_woken", "sk_stream_wait_memory",
					      "tcp_sendmsg_locked", "tcp_sendmsg"),
					true),
			    "send buffer full");
	assert_string_equal(wait_reason(STACK("__schedule", "schedule", "schedule_timeout",
					      "wait_woken", "sk_wait_data", "tcp_recvmsg_locked",
					      "tcp_recvmsg", "inet_recvmsg"),
					true),
			    "no data to receive");
	assert_string_equal(wait_reason(STACK("__schedule", "schedule",
					      "schedule_hrtimeout_range_clock", "do_poll.constprop.0",
					      "do_sys_poll", "__x64_sys_poll"),
					true),
			    "poll");
	assert_string_equal(wait_reason(STACK("__schedule", "schedule", "futex_do_wait",
					      "__futex_wait", "futex_wait", "do_futex"),
					true),
			    "futex");
	/* A thread preempted inside a wait function did not wait. */
	assert_string_equal(wait_reason(STACK("__schedule", "preempt_schedule_irq",
					      "sk_stream_wait_memory"),
					false),
			    "preempted");
	assert_string_equal(wait_reason(STACK("__schedule", "schedule", "some_new_function"), true),
			    "other");
	/* Idle, or on its way to something. */
	assert_string_equal(wait_reason(STACK("schedule", "io_sq_thread", "ret_from_fork"), true),
			    "io_uring, nothing to submit");
	assert_string_equal(wait_reason(STACK("schedule", "__mutex_lock", "io_sq_thread"), true),
			    "kernel mutex");
	assert_string_equal(wait_reason(STACK("schedule_timeout", "io_wq_worker", "ret_from_fork"), true),
			    "io_uring worker, nothing to do");
	assert_string_equal(wait_reason(STACK(NULL, NULL, "do_sys_poll"), true), "poll");
	assert_string_equal(wait_reason(NULL, 0, true), "unknown (no stack)");
}

static void check_copy(const char *function, const char *const *stack, size_t cnt,
		       const char *reason, enum stage stage)
{
	enum copy_reason why = copy_reason_of(function, stack, cnt);

	assert_string_equal(copy_reason_defs[why].name, reason);
	assert_int_equal(copy_stage(function, why), stage);
}

/* Stacks as kernels gave them: 6.1 and 6.12 (veth), 7.3 (veth), 6.12 (e1000e with a tap, virtio without
 * offloads), 6.1 (e1000e).
 */
static void copy_reasons(void **state)
{
	(void)state;
	check_copy("skb_copy_ubufs",
		   STACK("skb_copy_ubufs", "__netif_receive_skb_core.constprop.0",
			 "__netif_receive_skb_one_core", "process_backlog", "__napi_poll",
			 "net_rx_action", "handle_softirqs", "do_softirq.part.0",
			 "__local_bh_enable_ip", "__dev_queue_xmit", "ip_finish_output2",
			 "__ip_queue_xmit", "__tcp_transmit_skb", "tcp_write_xmit",
			 "tcp_sendmsg_locked"),
		   "local delivery", STAGE_COPY_UBUFS);
	check_copy("skb_copy_ubufs",
		   STACK("skb_copy_ubufs", "ip_local_deliver_finish", "ip_local_deliver",
			 "__netif_receive_skb_one_core"),
		   "local delivery", STAGE_COPY_UBUFS);
	check_copy("skb_copy_ubufs",
		   STACK("skb_copy_ubufs", "dev_queue_xmit_nit", "dev_hard_start_xmit",
			 "sch_direct_xmit", "__dev_queue_xmit", "__tcp_transmit_skb"),
		   "packet tap", STAGE_COPY_UBUFS);
	check_copy("skb_copy_ubufs",
		   STACK("skb_copy_ubufs", "__skb_tstamp_tx", "__dev_queue_xmit", "ip_finish_output2"),
		   "transmit timestamp", STAGE_COPY_UBUFS);
	check_copy("skb_copy_and_csum_bits",
		   STACK("skb_copy_and_csum_bits", "skb_segment", "tcp_gso_segment",
			 "inet_gso_segment", "skb_mac_gso_segment", "__skb_gso_segment",
			 "validate_xmit_skb.isra.0", "__dev_queue_xmit"),
		   "software GSO", STAGE_GSO);
	check_copy("skb_copy_bits",
		   STACK("skb_copy_bits", "__pskb_pull_tail", "e1000_xmit_frame",
			 "dev_hard_start_xmit", "sch_direct_xmit"),
		   "header pull", STAGE_HEAD);
	/* The same function, called by the inlined skb_linearize(): all of the payload. */
	check_copy("skb_copy_bits",
		   STACK("skb_copy_bits", "__pskb_pull_tail", "validate_xmit_skb.isra.0",
			 "sch_direct_xmit"),
		   "linearize", STAGE_OTHER);
	check_copy("skb_copy_bits",
		   STACK("skb_copy_bits", "__pskb_pull_tail", "skb_condense", "tcp_add_backlog"),
		   "receive-side condense", STAGE_OTHER);
	check_copy("skb_copy_bits",
		   STACK("skb_copy_bits", "tcp_collapse", "tcp_prune_queue", "tcp_data_queue"),
		   "receive queue collapse", STAGE_OTHER);
	check_copy("skb_copy_bits",
		   STACK("skb_copy_bits", "tls_strp_copyin", "__tcp_read_sock", "tls_strp_check_rcv", "tls_strp_work"),
		   "TLS record gathered", STAGE_OTHER);
	check_copy("skb_copy_bits",
		   STACK("skb_copy_bits", "tls_rx_msg_size", "tls_strp_check_rcv", "tls_sw_recvmsg"),
		   "TLS record header", STAGE_HEAD);
	/* pskb_expand_head copies the head, whoever asks. */
	check_copy("pskb_expand_head",
		   STACK("pskb_expand_head", "__netif_receive_skb_core.constprop.0"),
		   "local delivery", STAGE_HEAD);
	check_copy("skb_copy_bits", STACK("skb_copy_bits", "some_new_function"), "unknown",
		   STAGE_OTHER);
	assert_int_equal(copy_reason_of("skb_copy_bits", NULL, 0), COPY_REASON_UNKNOWN);
}

/* By the kernel's source, 6.1: nothing here makes them happen. */
static void copy_reasons_of_the_source(void **state)
{
	(void)state;
	check_copy("skb_copy_ubufs", STACK("skb_copy_ubufs", "skb_zerocopy_clone", "skb_segment", "tcp_gso_segment"),
		   "two zero-copy buffers", STAGE_COPY_UBUFS);
	check_copy("skb_copy_bits", STACK("skb_copy_bits", "skb_zerocopy", "__nfqnl_enqueue_packet", "nf_queue"),
		   "queued to a program", STAGE_OTHER);
	/* skb_linearize(), inlined */
	check_copy("skb_copy_bits",
		   STACK("skb_copy_bits", "__pskb_pull_tail", "skb_checksum_help", "validate_xmit_skb.isra.0"),
		   "software checksum", STAGE_OTHER);
	check_copy("skb_copy_bits",
		   STACK("skb_copy_bits", "__pskb_pull_tail", "skb_ensure_writable", "skb_checksum_help"),
		   "header write", STAGE_HEAD);
	check_copy("skb_copy_bits", STACK("skb_copy_bits", "__pskb_pull_tail", "skb_cow_data", "esp_output_head"),
		   "encryption in place", STAGE_OTHER);
	check_copy("skb_copy_bits", STACK("skb_copy_bits", "veth_xdp_rcv_skb", "veth_xdp_rcv", "veth_poll"), "XDP",
		   STAGE_OTHER);
	check_copy("skb_copy_bits",
		   STACK("skb_copy_bits", "__pskb_pull_tail", "do_xdp_generic", "__netif_receive_skb_core.constprop.0"),
		   "XDP", STAGE_OTHER);
}

/* IPv6 has its own functions on the way, and a stack may end at any. */
static void copy_reasons_over_ipv6(void **state)
{
	(void)state;
	check_copy("skb_copy_ubufs",
		   STACK("skb_copy_ubufs", "ip6_input_finish", "ip6_input", "ipv6_rcv",
			 "__netif_receive_skb_one_core"),
		   "local delivery", STAGE_COPY_UBUFS);
	check_copy("skb_copy_ubufs", STACK("skb_copy_ubufs", "ip6_input_finish", "ip6_input"),
		   "local delivery", STAGE_COPY_UBUFS);
	check_copy("skb_copy_ubufs", STACK("skb_copy_ubufs", "skb_cow", "ip6_forward", "ipv6_rcv"),
		   "forwarding", STAGE_COPY_UBUFS);
	check_copy("skb_copy_and_csum_bits",
		   STACK("skb_copy_and_csum_bits", "skb_segment", "tcp6_gso_segment",
			 "ipv6_gso_segment", "skb_mac_gso_segment", "__skb_gso_segment"),
		   "software GSO", STAGE_GSO);
	check_copy("pskb_expand_head",
		   STACK("pskb_expand_head", "skb_expand_head", "ip6_xmit", "inet6_csk_xmit"),
		   "header room", STAGE_HEAD);
}

static void compiler_suffixes(void **state)
{
	(void)state;
	assert_true(same_function("skb_copy", "skb_copy"));
	assert_true(same_function("skb_copy.isra.0", "skb_copy"));
	assert_false(same_function("skb_copy_ubufs", "skb_copy"));
	assert_false(same_function("skb", "skb_copy"));
}

static void probe_frames(void **state)
{
	(void)state;
	assert_true(is_probe_frame("bpf_prog_6deef7357e7b4530_switch_tp"));
	assert_true(is_probe_frame("bpf_trace_run4"));
	assert_true(is_probe_frame("__traceiter_sched_switch"));
	assert_true(is_probe_frame("__bpf_trace_sched_switch"));
	assert_true(is_probe_frame(SYM_OWN));
	assert_false(is_probe_frame("__schedule"));
	assert_true(is_softirq_frame("handle_softirqs"));
	assert_false(is_softirq_frame("do_idle"));
}

/* Our own code, through its live mappings: exported or static, by its name and file. */
__attribute__((noinline)) static void a_static_function(void)
{
	__asm__ volatile("");
}

static void own_functions(void **state)
{
	struct symbolizer *s = NULL;
	struct symbol sym;
	int err = sym_new(&s);

	(void)state;
	a_static_function();
	assert_true(err == 0 || err == -EPERM || err == -ENODATA);
	sym = sym_user(s, getpid(), (uint64_t)a_static_function);
	assert_string_equal(sym.name, "a_static_function");
	assert_string_equal(sym.module, "test_sym");
	sym = sym_user(s, getpid(), 1);
	assert_null(sym.name);
	sym_forget(s);
	sym = sym_user(s, 0x7ffffff0, (uint64_t)a_static_function); /* no such process */
	assert_null(sym.name);
	sym_free(&s);
	assert_null(s);
}

static void kernel_functions(void **state)
{
	struct symbolizer *s = NULL;
	unsigned long long addr = 0;
	char line[512];
	FILE *f;
	int err = sym_new(&s);

	(void)state;
	if (err) {
		print_message("kernel addresses are hidden here: %s\n", strerror(-err));
		sym_free(&s);
		skip();
	}
	f = fopen("/proc/kallsyms", "re");
	assert_non_null(f);
	while (!addr && fgets(line, sizeof(line), f))
		if (strstr(line, " T tcp_sendmsg\n"))
			addr = strtoull(line, NULL, 16);
	fclose(f);
	assert_true(addr != 0);
	assert_string_equal(sym_kernel(s, addr).name, "tcp_sendmsg");
	assert_string_equal(sym_kernel(s, addr + 1).name, "tcp_sendmsg");
	assert_null(sym_kernel(s, addr).module);
	assert_null(sym_kernel(s, 1).name);
	sym_free(&s);
}

static void own_programs_have_a_name(void **state)
{
	struct symbolizer *s = NULL;

	(void)state;
	sym_new(&s);
	assert_null(sym_kernel(s, 0x1000).name);
	sym_add_own(s, 0x1000, 0x20);
	assert_string_equal(sym_kernel(s, 0x1000).name, "[copyscope]");
	assert_string_equal(sym_kernel(s, 0x101f).name, "[copyscope]");
	assert_null(sym_kernel(s, 0x1020).name);
	assert_null(sym_kernel(s, 0xfff).name);
	sym_forget(s);
	assert_null(sym_kernel(s, 0x1000).name);
	sym_free(&s);
}

static void read_symbols(struct symbolizer *s, const char *text)
{
	FILE *f = fmemopen((void *)(uintptr_t)text, strlen(text), "r");

	sym_read_trampolines(s, f);
	fclose(f);
}

/* 6442532581 is 1 << 32 | 1 << 31 | 0x13ee5: a function of the first BTF. They move with each link. */
static void own_trampolines_have_a_name(void **state)
{
	struct symbolizer *s = NULL;

	(void)state;
	sym_new(&s);
	sym_add_own_trampoline(s, 6442532581, 7);
	read_symbols(s, "0000000000001000 t bpf_trampoline_6442532581\t[bpf]\n0000000000001400 t bpf_trampoline_6442532582\t[bpf]\n"
			"0000000000001200 t bpf_prog_0a1b_other\t[bpf]\n0000000000001100 t veth_xmit\t[veth]\n");
	assert_string_equal(sym_kernel(s, 0x1000).name, "[copyscope]");
	assert_string_equal(sym_kernel(s, 0x11ff).name, "[copyscope]");
	assert_null(sym_kernel(s, 0x1200).name);
	assert_null(sym_kernel(s, 0x1400).name);
	sym_forget(s);
	assert_null(sym_kernel(s, 0x1000).name);
	sym_add_own_trampoline(s, 6442532581, 7);
	assert_string_equal(sym_kernel(s, 0x1000).name, "[copyscope]");
	read_symbols(s, "0000000000003000 t bpf_trampoline_6442532581\t[bpf]\n");
	assert_null(sym_kernel(s, 0x1000).name);
	assert_string_equal(sym_kernel(s, 0x3000).name, "[copyscope]");
	sym_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits),	 cmocka_unit_test(copy_reasons),
		cmocka_unit_test(copy_reasons_of_the_source),
		cmocka_unit_test(copy_reasons_over_ipv6), cmocka_unit_test(compiler_suffixes),
		cmocka_unit_test(probe_frames),	 cmocka_unit_test(own_functions),
		cmocka_unit_test(kernel_functions), cmocka_unit_test(own_programs_have_a_name),
		cmocka_unit_test(own_trampolines_have_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
