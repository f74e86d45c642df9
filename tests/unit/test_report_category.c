// SPDX-License-Identifier: GPL-2.0-only
/* The function-to-category table on stacks as a kernel gives them (6.18, cpu-clock samples). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "analysis/category.h"
#include "result_fixture.h"

/* Leaf first, as they read; "u:" is user space. */
static const struct {
	enum category expected;
	const char *frames[10];
} stacks[] = {
	{CATEGORY_COPY, {"_copy_to_iter", "__skb_datagram_iter", "skb_copy_datagram_iter",
			 "tcp_recvmsg_locked", "tcp_recvmsg", "do_syscall_64", "u:recv"}},
	{CATEGORY_COPY, {"__pi_memcpy", "pskb_expand_head", "skb_copy_ubufs",
			 "ip_local_deliver_finish", "process_backlog", "net_rx_action"}},
	{CATEGORY_COPY, {"__pi_memcpy", "skb_copy_bits", "__pskb_pull_tail", "tcp_v4_rcv"}},
	{CATEGORY_COPY, {"memcpy", "swiotlb_bounce", "swiotlb_map", "dma_map_page_attrs"}},
	{CATEGORY_COPY, {"__pi_copy_page", "copy_highpage", "do_wp_page"}},
	/* not of payload */
	{CATEGORY_SKB, {"__pi_memcpy", "__copy_skb_header", "__skb_clone", "__tcp_transmit_skb"}},
	{CATEGORY_SCHED, {"memcpy_orig", "copy_process", "kernel_clone", "do_syscall_64"}},
	{CATEGORY_SKB, {"__pi_memcpy", "pskb_expand_head", "ip_finish_output2", "process_backlog", "net_rx_action",
			"handle_softirqs", "__irq_exit_rcu", "sysvec_apic_timer_interrupt", "_copy_to_iter"}},
	{CATEGORY_TCP, {"__pi_memset", "tcp_options_write", "__tcp_transmit_skb"}},
	{CATEGORY_MEMORY, {"__pi_clear_page", "get_page_from_freelist"}},
	{CATEGORY_COPY, {"__virt_addr_valid", "__check_object_size", "simple_copy_to_iter",
			 "__skb_datagram_iter", "tcp_recvmsg_locked"}},
	{CATEGORY_COPY, {"io_zcrx_copy_chunk", "io_zcrx_recv_skb", "__tcp_read_sock", "io_zcrx_recv", "io_recvzc",
			 "io_issue_sqe"}},
	{CATEGORY_COPY, {"u:__memmove_avx_unaligned_erms", "u:send_message", "u:sender_main"}},
	{CATEGORY_PIN, {"gup_fast_fallback", "iov_iter_get_pages2", "zerocopy_fill_skb_from_iter",
			"tcp_sendmsg_locked", "do_syscall_64"}},
	{CATEGORY_PIN, {"__rcu_read_unlock", "gup_fast_fallback", "__zerocopy_sg_from_iter"}},
	{CATEGORY_SKB, {"skb_release_data", "__kfree_skb", "tcp_ack", "tcp_v4_rcv"}},
	{CATEGORY_SKB, {"get_netmem", "skb_try_coalesce", "tcp_try_coalesce", "tcp_queue_rcv"}},
	{CATEGORY_SKB, {"__msg_zerocopy_callback", "skb_release_data", "tcp_ack"}},
	/* interrupts go on again: whoever had them off */
	{CATEGORY_TCP, {"_raw_spin_unlock_irqrestore", "tcp_write_xmit", "__tcp_push_pending_frames",
			"tcp_sendmsg_locked", "do_syscall_64"}},
	{CATEGORY_TCP, {"read_tsc", "ktime_get", "tcp_mstamp_refresh", "tcp_rcv_established"}},
	{CATEGORY_TCP, {"__inet6_lookup_established", "tcp_v6_rcv", "ip6_protocol_deliver_rcu", "ip6_input_finish"}},
	{CATEGORY_TCP, {"fib6_node_lookup_1", "fib6_table_lookup", "ip6_pol_route", "ip6_route_input"}},
	{CATEGORY_TCP, {"csum_ipv6_magic", "tcp_v6_send_check", "__tcp_transmit_skb"}},
	{CATEGORY_TCP, {"bbr_main", "tcp_ack", "tcp_rcv_established"}},
	{CATEGORY_SCHED, {"_raw_spin_unlock_irqrestore", "sock_def_readable", "tcp_data_queue",
			  "tcp_rcv_established"}},
	{CATEGORY_SCHED, {"finish_task_switch.isra.0", "__schedule", "schedule", "wait_woken",
			  "sk_wait_data", "tcp_recvmsg_locked"}},
	{CATEGORY_DEVICE, {"handle_softirqs", "__irq_exit_rcu", "sysvec_apic_timer_interrupt",
			   "asm_sysvec_apic_timer_interrupt", "_copy_to_iter", "tcp_recvmsg_locked"}},
	{CATEGORY_DEVICE, {"_raw_spin_unlock_irqrestore", "handle_softirqs", "do_softirq.part.0",
			   "__local_bh_enable_ip", "__dev_queue_xmit", "ip_finish_output2"}},
	{CATEGORY_DEVICE, {"pvm_irq_enable", "__raw_callee_save_pvm_irq_enable", "handle_softirqs", "do_softirq.part.0",
			   "__local_bh_enable_ip", "__dev_queue_xmit"}},
	{CATEGORY_DEVICE, {"veth_xmit", "dev_hard_start_xmit", "__dev_queue_xmit"}},
	{CATEGORY_MEMORY, {"clear_page_erms", "get_page_from_freelist", "skb_copy_ubufs"}},
	{CATEGORY_MEMORY, {"unmap_page_range", "unmap_vmas", "__x64_sys_munmap", "do_syscall_64"}},
	{CATEGORY_LOCK, {"__pv_queued_spin_lock_slowpath", "_raw_spin_lock", "tcp_v4_rcv"}},
	{CATEGORY_SYSCALL, {"do_syscall_64", "entry_SYSCALL_64_after_hwframe", "u:recv"}},
	{CATEGORY_SYSCALL, {"fdget", "__sys_recvfrom", "do_syscall_64", "u:recv"}},
	{CATEGORY_USER, {"u:hist_record", "u:receiver_main"}},
	{CATEGORY_USER, {"u:[libc.so.6]", "u:send_message", "u:sender_main"}},
	{CATEGORY_OBSERVER, {"_einittext", "bpf_trace_run4", "tcp_sendmsg_locked", "tcp_sendmsg"}},
	{CATEGORY_OBSERVER, {"[copyscope]", "bpf_trace_run4", "tcp_sendmsg_locked", "tcp_sendmsg"}},
	{CATEGORY_OBSERVER, {"__pi_memcpy", "[copyscope]", "bpf_trace_run1"}},
	{CATEGORY_OBSERVER, {"copy_from_kernel_nofault", "bpf_probe_read_kernel", "_einittext",
			     "bpf_trace_run1", "__netif_receive_skb_core.constprop.0"}},
	/* nobody knows it, and what lies below is no explanation */
	{CATEGORY_OTHER, {"frobnicate", "do_syscall_64", "entry_SYSCALL_64_after_hwframe", "u:ioctl"}},
	{CATEGORY_OTHER, {"frobnicate", "u:main"}},
	{CATEGORY_OTHER, {NULL}},
};

static void real_stacks_are_told_apart(void **state)
{
	size_t i, cnt, d;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(stacks); i++) {
		struct run_set *set = run_set_new();
		_cleanup_free_ struct frame_class *classes = NULL;
		unsigned int frames[10];
		struct stack s = {.kind = STACK_ONCPU, .frame = frames};

		for (cnt = 0; cnt < 10 && stacks[i].frames[cnt]; cnt++)
			;
		for (d = cnt; d-- > 0;) {
			const char *name = stacks[i].frames[d];
			bool user = !strncmp(name, "u:", 2);

			frames[s.depth++] = run_set_frame(set, name + (user ? 2 : 0), NULL,
							  user ? FRAME_USER : FRAME_KERNEL);
		}
		classes = frame_classes(set);
		if (stack_category(&s, classes) != stacks[i].expected)
			fail_msg("%s: %s, not %s", cnt ? stacks[i].frames[0] : "(empty)",
				 category_defs[stack_category(&s, classes)].title,
				 category_defs[stacks[i].expected].title);
		run_set_free(&set);
	}
}

/* No sample is lost or counted twice, and the costs add up to samples x period / bytes. */
static void profiles_add_up(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_ONE_REPETITION);
	_cleanup_free_ struct cpu_profile *all = cpu_profiles(set);
	size_t mode, i, j;

	(void)state;
	assert_non_null(all);
	for (mode = 0; mode < set->plan.mode_cnt; mode++) {
		double samples = 0, sum = 0, bytes = 0;

		for (i = 0; i < set->result_cnt; i++) {
			const struct run_result *r = &set->result[i];

			if (r->key.mode != set->plan.mode[mode].name || r->key.pass != PASS_ATTRIBUTION)
				continue;
			bytes += r->v[OWNER_CLIENT][M_APP_BYTES].value;
			for (j = 0; j < r->stack_cnt; j++)
				if (r->stack[j].kind == STACK_ONCPU)
					samples += (double)r->stack[j].count;
		}
		for (i = 0; i < CATEGORY_MAX_; i++)
			sum += all[mode].samples[i];
		assert_true(samples > 0 && sum == samples && all[mode].total == samples);
		assert_true(all[mode].samples[CATEGORY_COPY] > 0);
		assert_float_equal(all[mode].ns_per_byte, 1e9 / 999 / bytes, 1e-12);
	}
	run_set_free(&set);
}

static void no_stacks_no_profile(void **state)
{
	struct run_set *set = fixture_make(FIXTURE_NO_STACKS);

	(void)state;
	assert_null(cpu_profiles(set));
	run_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_stacks_are_told_apart),
		cmocka_unit_test(profiles_add_up),
		cmocka_unit_test(no_stacks_no_profile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
