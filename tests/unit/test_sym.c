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
	assert_string_equal(wait_reason(STACK(NULL, NULL, "do_sys_poll"), true), "poll");
	assert_string_equal(wait_reason(NULL, 0, true), "unknown (no stack)");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits),	 cmocka_unit_test(compiler_suffixes),
		cmocka_unit_test(probe_frames),	 cmocka_unit_test(own_functions),
		cmocka_unit_test(kernel_functions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
