// SPDX-License-Identifier: GPL-2.0-only
/* The function-to-category table. A name ending in '*' is a prefix; compiler suffixes (.isra.0) do
 * not count, nor does the __pi_ of a function that may run before the kernel is relocated. The first
 * row that matches a function decides about it, so the specific stand before the general.
 */
#include "analysis/category.h"

#include <string.h>

const struct category_def category_defs[] = {
	[CATEGORY_COPY] = {"data copy", "moving payload: user copies, skb copies, memcpy for them"},
	[CATEGORY_PIN] = {"page pinning", "looking up and referencing user pages"},
	[CATEGORY_SKB] = {"skb management",
			  "socket buffers: allocate, clone, free, zero-copy notes"},
	[CATEGORY_TCP] = {"TCP/IP", "TCP, IP, sockets, routing, filters"},
	[CATEGORY_DEVICE] = {"device", "drivers, queues, NAPI, softirq dispatch"},
	[CATEGORY_MEMORY] = {"memory", "page and slab allocation, page faults"},
	[CATEGORY_LOCK] = {"locks", "spinlocks, mutexes, futexes, socket lock"},
	[CATEGORY_SCHED] = {"scheduling", "switching, waking, timers"},
	[CATEGORY_SYSCALL] = {"syscall entry", "entry, exit, file lookup, arguments"},
	[CATEGORY_USER] = {"user",
			   "the programs; their own memcpy where libc has no symbols"},
	[CATEGORY_OBSERVER] = {"observer", "the probes of this pass themselves"},
	[CATEGORY_OTHER] = {"other", "no function on the stack is in the table"},
};
static_assert_complete(category_defs, CATEGORY_MAX_);

/* On their way to something else: the caller decides. Above all the places where interrupts go on
 * again: a sampling clock that is an interrupt shows all the time they were off there.
 */
static const char *const transparent[] = {
	"_raw_spin_unlock_irqrestore", "_raw_spin_unlock_irq", "_raw_spin_unlock_bh",
	"_raw_write_unlock_*", "_raw_read_unlock_*", "__rcu_read_*", "rcu_read_*", "read_tsc",
	"ktime_get*", "kvm_clock_*", "pvclock_*", "sched_clock*", "memset*", "__memset*",
	"rb_*", "__rb_*", "_find_*", "__list_*", "llist_*", "srso_*", "retbleed_*",
	"__x86_*", "its_return_thunk", "__fentry__", "__sanitizer_*", "hash*", "siphash*",
	"__siphash*", "jhash*", "refcount_*", "__warn_*", "strncmp", "strnlen", "strlen", "strcmp",
	"crc32*", "prandom*", "get_random*", "preempt_*", "__local_bh_disable_ip", "migrate_*",
	"__check_heap_object", "check_heap_object", "__virt_addr_valid", "is_vmalloc_addr",
	"phys_addr_valid", "iov_iter_advance", "iov_iter_revert", "csum_partial", "do_csum",
	"csum_ipv6_magic",
	"net_rps_*", "static_key_*", "cpu_*", "xas_*", "xa_*", "percpu_counter_*", "percpu_ref_*",
	"__percpu_*", "should_*", "asm_sysvec_*", "sysvec_*", "__sysvec_*", "irq_enter*",
	"irqentry_enter*", "irqentry_exit", "el1_*", "el1h_*", "call_on_irq_stack",
	"do_interrupt_handler",
	/* of a guest, where they are calls */
	"pvm_irq_*", "__raw_callee_save_pvm_irq_*", "xen_irq_*", "__raw_callee_save_xen_irq_*", "pv_native_irq_*",
};

static const struct {
	enum category category;
	const char *const *names; /* NULL at the end */
	bool leaf_only, accompanied;
} rows[] = {
	{.category = CATEGORY_OBSERVER, .names = (const char *const[]){
		"[copyscope]", "bpf_*", "__bpf_*", "___bpf_*", "copy_from_kernel_nofault*", "htab_*", "__htab_*",
		"lookup_nulls_elem*", "array_map_*", "percpu_array_map_*", "call_trace_*",
		"__traceiter_*", "perf_*", "__perf_*", "trace_call_*", "ftrace_*", "kprobe_*",
		"kretprobe_*", "arch_rethook_*", "stack_map_*", "get_perf_callchain", "unwind_*",
		"__unwind_*", "__cgroup_bpf_*", "probe_read_*", "trace_*", "pcpu_freelist_*",
		"__pcpu_freelist_*", NULL}},
	{.category = CATEGORY_PIN, .names = (const char *const[]){
		"gup_*", "__gup_*", "get_user_pages*", "__get_user_pages*",
		"internal_get_user_pages*", "pin_user_pages*", "unpin_user_*",
		"iov_iter_get_pages*", "__iov_iter_get_pages*", "iov_iter_extract_*", "try_grab_*",
		"follow_page*", "mm_account_pinned_pages", "mm_unaccount_pinned_pages",
		"zerocopy_fill_skb_from_iter", "__zerocopy_sg_from_iter", "try_get_folio",
		"gup_put_folio", NULL}},
	/* Headers, cgroups, file tables ... are moved by them, too. */
	{.category = CATEGORY_COPY, .names = (const char *const[]){
		"memcpy*", "__memcpy*", "memmove*", "__memmove*", NULL},
	 .accompanied = true},
	{.category = CATEGORY_COPY, .names = (const char *const[]){
		"_copy_from_iter*", "_copy_to_iter*", "copy_page_from_iter*",
		"copy_page_to_iter*", "copy_folio_*", "__copy_user*", "copy_user_*", "rep_movs_*",
		"raw_copy_*", "__arch_copy_*", "copyin", "copyout", "copy_from_iter*",
		"copy_to_iter*", "simple_copy_to_iter", "__skb_datagram_iter",
		"skb_copy_datagram_*", "csum_and_copy_*", "csum_partial_copy_*",
		"skb_do_copy_data_*", "skb_copy_bits", "skb_copy_and_csum_*", "skb_copy_ubufs",
		"skb_store_bits", "copy_page*", "__check_object_size", "copy_highpage", "copy_mc_*",
		"io_zcrx_copy_chunk", "io_copy_page", "swiotlb_bounce", "page_to_skb", NULL}},
	{.category = CATEGORY_SYSCALL, .names = (const char *const[]){
		"_copy_from_user", "_copy_to_user", "__get_user_*", "__put_user_*", "get_user_*",
		"copy_msghdr_*", "iovec_from_user", "copy_iovec_*", "__import_iovec", "import_*",
		"__sys_*", "___sys_*", "____sys_*", "__x64_sys_*", "__arm64_sys_*", "__se_sys_*",
		"__do_sys_*", "__ia32_*", "x64_sys_call", "ksys_*", "vfs_*", "new_sync_*",
		"sendmsg_*", "recvmsg_*", "sock_sendmsg*", "sock_recvmsg*", "__sock_sendmsg*",
		"__sock_recvmsg*", "sock_recv_*", "__sock_recv_*", "sock_read_iter",
		"sock_write_iter", "fdget*", "__fdget*", "__fget*", "fput*", "__fput*",
		"sockfd_lookup*", "security_socket_*", "apparmor_socket_*", "aa_*", "apparmor_*",
		"put_cmsg*", "move_addr_*", "do_sys_poll", "do_poll*", "sock_poll", "__pollwait",
		"poll_*", "do_epoll_*", "ep_poll", "ep_send_events", "eventfd_*", "do_recvmmsg",
		"rw_verify_area", "seq_*", "proc_*", "do_filp_open", "path_*", "link_path_walk*",
		"lookup_*", "step_into", "walk_component", "getname*", "kernfs_*", "io_*", "__io_*",
		"pipe_*", "anon_pipe_*", "syscall_*", "exit_to_user_mode*", "fpregs_*",
		"switch_fpu_*", "restore_fpregs*", "audit_*", "__audit_*", "__secure_computing",
		"seccomp_*", "invoke_syscall*", "strncpy_from_user", "do_faccessat", "task_work_*",
		NULL}},
	{.category = CATEGORY_LOCK, .names = (const char *const[]){
		"_raw_spin_*", "_raw_read_*", "_raw_write_*", "native_queued_spin_*",
		"__pv_queued_spin_*", "queued_spin_*", "queued_read_*", "queued_write_*",
		"__raw_callee_save___pv_*", "pv_*", "mutex_*", "__mutex_*", "rwsem_*", "down_*",
		"up_*", "__down_*", "__up_*", "osq_*", "lock_sock_nested", "__lock_sock", "futex_*",
		"__futex_*", "do_futex", "get_futex_*", "plist_*", "lockref_*", "percpu_down_*",
		"percpu_up_*", NULL}},
	{.category = CATEGORY_SCHED, .names = (const char *const[]){
		"schedule*", "__schedule*", "finish_task_switch", "prepare_task_switch",
		"__switch_to*", "switch_mm*", "context_switch", "try_to_wake_up", "ttwu_*",
		"wake_*", "__wake_*", "autoremove_wake_*", "pollwake", "woken_wake_*",
		"default_wake_*", "ep_poll_callback", "wait_woken", "prepare_to_wait*",
		"finish_wait", "add_wait_queue*", "remove_wait_queue*", "select_task_rq*",
		"select_idle_*", "enqueue_*task*", "dequeue_*", "enqueue_entity", "pick_*",
		"__pick_*", "update_*", "__update_*", "sched_*", "__sched_*", "reweight_*",
		"place_entity", "set_next_*", "put_prev_*", "task_tick*", "tick_*", "hrtimer_*",
		"__hrtimer_*", "run_timer_*", "__run_timers", "timer_*", "__timer_*", "mod_timer*",
		"__mod_timer", "call_timer_fn", "try_to_del_timer*", "del_timer*", "tmigr_*",
		"lapic_*", "native_smp_send_*", "native_write_msr*", "x2apic_*", "smp_*", "__smp_*",
		"rcu_*", "__rcu_*", "note_gp_*", "newidle_*", "load_balance*", "cond_resched*",
		"__cond_resched*", "resched_*", "clockevents_*", "sock_def_readable",
		"sock_def_write_space*", "yield_*", "sk_stream_write_space", "cpuacct_*",
		"account_*", "psi_*", "check_preempt_*", "wakeup_preempt*", "avg_vruntime*",
		"vruntime_*", "entity_*", "activate_task", "move_queued_*", "set_cpu_*",
		"kthread_*", "try_to_block_*", "send_call_function_*", "generic_exec_*",
		"get_nohz_timer_*", "nohz_*", "irq_work_*", "idle_*", "requeue_*", "balance_*",
		"copy_process", "kernel_clone", "do_exit", "do_wait*", "release_task", "wake_up_*",
		"acct_*", "cgroup_*", "css_*", "dup_*", "do_group_exit", "exit_notify",
		"exit_signals", "sigprocmask", "do_sigaction", "get_signal", "signal_*",
		"__set_task_*", "mm_release", "cputime_*", "delayacct_*", NULL}},
	{.category = CATEGORY_DEVICE, .names = (const char *const[]){
		"dev_*", "__dev_*", "netif_*", "__netif_*", "netdev_*", "napi_*", "__napi_*",
		"net_rx_action", "net_tx_action", "process_backlog", "backlog_*",
		"enqueue_to_backlog", "veth_*", "loopback_*", "virtnet_*", "virtqueue_*", "vring_*",
		"e1000*", "igb_*", "igc_*", "ixgbe*", "i40e_*", "ice_*", "mlx4_*", "mlx5*", "ena_*",
		"gve_*", "bnxt_*", "tun_*", "tap_*", "br_*", "qdisc_*", "__qdisc_*", "sch_*",
		"fq_*", "pfifo_*", "htb_*", "mq_*", "validate_xmit_*", "start_xmit", "xmit_*",
		"eth_*", "packet_*", "tpacket_*", "rps_*", "get_rps_*", "gro_*", "__gro_*", "dql_*",
		"passthru_features_check", "dma_*", "__dma_*", "swiotlb_*", "page_pool_*",
		"ioread*", "iowrite*", "harmonize_features", "nic_*", NULL}},
	{.category = CATEGORY_SKB, .names = (const char *const[]){
		"skb_*", "__skb_*", "___skb_*", "alloc_skb*", "__alloc_skb*", "kfree_skb*",
		"__kfree_skb*", "consume_skb", "__consume_*", "pskb_*", "__pskb_*", "build_skb*",
		"__build_skb*", "sk_skb_*", "slab_build_skb", "kmalloc_reserve", "__finalize_skb_*",
		"get_netmem", "put_netmem", "msg_zerocopy_*", "__msg_zerocopy_*", "sock_wmalloc",
		"sock_omalloc", "sock_ofree", "sock_rfree", "sock_wfree", "__sock_wfree",
		"sock_queue_err_skb", "sock_dequeue_err_skb", "sock_alloc_send_*",
		"__copy_skb_header", "__splice_segment", "net_zcopy_*", NULL}},
	{.category = CATEGORY_TCP, .names = (const char *const[]){
		"tcp_*", "__tcp_*", "ip_*", "__ip_*", "inet_*", "__inet_*", "inet6_*", "ip6_*",
		"__ip6_*", "ipv4_*", "ipv6_*", "bbr_*", "cubictcp_*", "bictcp_*", "dctcp_*", "sk_*",
		"__sk_*", "sock_*", "__sock_*", "lock_sock*", "release_sock", "__release_sock",
		"raw_local_deliver", "raw_v4_*", "nf_*", "__nf_*", "ipt_*", "xt_*", "xfrm_*",
		"__xfrm_*", "fib_*", "neigh_*", "__neigh_*", "dst_*", "rt_*", "rt6_*",
		"find_exception", "security_sock_*", "icmp_*", "udp_*", "__udp_*", "selinux_*",
		"net_gso_*", "minmax_*", "rate_*", "tsq_*", "arp_*", "igmp_*", "__cookie_*",
		"__inet6_*", "__ipv6_*", "tcp6_*", "raw6_*", "fib6_*", "ndisc_*", "icmpv6_*",
		"cookie_*", "secure_*", "reqsk_*", "__reqsk_*", "bictcp", NULL}},
	{.category = CATEGORY_MEMORY, .names = (const char *const[]){
		"kmem_cache_*", "__kmem_cache_*", "kmalloc*", "__kmalloc*", "krealloc*", "kfree",
		"kvfree*", "__kfree*", "__slab_*", "___slab_*", "slab_*", "alloc_pages*",
		"__alloc_*", "alloc_*", "get_page_from_freelist", "rmqueue*", "__rmqueue*",
		"free_*", "__free_*", "___free_*", "page_frag_*", "__page_frag_*", "clear_page*",
		"clear_huge_*", "clear_highpage*", "handle_mm_fault", "__handle_mm_fault",
		"handle_pte_fault", "do_anonymous_page", "do_fault*", "exc_page_fault",
		"do_user_addr_fault", "asm_exc_page_fault", "do_page_fault", "do_mem_abort",
		"lock_vma_*", "lock_mm_*", "unmap_*", "zap_*", "mas_*", "mt_*", "mtree_*", "vma_*",
		"mmap_*", "__mmap_*", "do_mmap*", "do_munmap*", "do_vmi_*", "do_brk*", "mprotect_*",
		"change_pro*", "find_vma*", "folio_*", "__folio_*", "lru_*", "release_pages",
		"folios_*", "mem_cgroup_*", "__mem_cgroup_*", "charge_*", "try_charge*",
		"obj_cgroup_*", "refill_*", "drain_*", "flush_tlb_*", "tlb_*", "native_flush_*",
		"pte_*", "__pte_*", "pmd_*", "filemap_*", "next_uptodate_*", "put_page",
		"__put_page", "get_pfnblock_*", "__get_pfnblock_*", "__mod_*", "mod_*", "split_*",
		"__split_*", "policy_*", "shmem_*", "wp_page_*", "do_wp_page", "numa_*", "memcg_*",
		"__memcg_*", "get_obj_*", "vm_*", "__vm_*", "anon_vma_*", "__anon_vma_*",
		"post_alloc_*", "prep_*", "kernel_init_pages", "exit_mmap", "mm_*", "__mm_*",
		"load_elf_*", "__get_free_*", "set_pte*", "__cgroup_throttle_*", "can_vma_*",
		"can_*", "arch_get_unmapped_*", "get_unmapped_*", "generic_get_*", "may_expand_*",
		"remove_vma*", NULL}},
	/* Dispatch: of its own only where it is the leaf. */
	{.category = CATEGORY_DEVICE, .names = (const char *const[]){
		"handle_softirqs", "__do_softirq", "do_softirq*", "__local_bh_enable_ip",
		"__irq_exit_rcu", "irq_exit_*", "run_ksoftirqd", "common_interrupt", "asm_common_*",
		"__common_*", "ksoftirqd_*", "tasklet_*", "handle_irq_*", "handle_edge_*",
		"__handle_irq_*", NULL},
	 .leaf_only = true},
	{.category = CATEGORY_SYSCALL, .names = (const char *const[]){
		"do_syscall_64", "entry_*", "el0_*", "el0t_*", "do_el0_*", "ret_from_fork*",
		"irqentry_*", "error_entry", "sync_regs", "clear_bhb_*", NULL},
	 .leaf_only = true},
};

bool function_matches(const char *name, const char *pattern)
{
	size_t len = strlen(pattern);

	if (pattern[len - 1] == '*')
		return !strncmp(name, pattern, len - 1);
	return !strncmp(name, pattern, len) && (!name[len] || name[len] == '.');
}

static struct frame_class classify_user(const struct frame *f)
{
	static const char *const copies[] = {"memcpy*", "__memcpy*", "memmove*", "__memmove*",
					     "mempcpy*", "__mempcpy*"};
	struct frame_class class = {.category = CATEGORY_USER};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(copies); i++)
		if (function_matches(f->name, copies[i]))
			class.category = CATEGORY_COPY;
	return class;
}

struct frame_class frame_classify(const struct frame *f)
{
	const char *name = strncmp(f->name, "__pi_", 5) ? f->name : f->name + 5;
	struct frame_class class = {.category = CATEGORY_MAX_};
	size_t i, j;

	if (f->kind == FRAME_USER)
		return classify_user(f);
	for (i = 0; i < ARRAY_SIZE(transparent); i++) {
		if (function_matches(name, transparent[i])) {
			class.transparent = true;
			return class;
		}
	}
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (j = 0; rows[i].names[j]; j++) {
			if (!function_matches(name, rows[i].names[j]))
				continue;
			class.category = rows[i].category;
			class.leaf_only = rows[i].leaf_only;
			class.accompanied = rows[i].accompanied;
			return class;
		}
	}
	return class;
}

struct frame_class *frame_classes(const struct run_set *set)
{
	struct frame_class *classes = xcalloc(set->frame_cnt + 1, sizeof(*classes));
	size_t i;

	for (i = 0; i < set->frame_cnt; i++)
		classes[i] = frame_classify(&set->frame[i]);
	return classes;
}

/* Whether it works for a function of its category: not for what a softirq or a call from user space interrupted. */
static bool has_company(const struct stack *s, unsigned int at, const struct frame_class *classes)
{
	const enum category category = classes[s->frame[at]].category;

	while (at-- > 0 && !classes[s->frame[at]].leaf_only)
		if (classes[s->frame[at]].category == category && !classes[s->frame[at]].accompanied)
			return true;
	return false;
}

enum category stack_category(const struct stack *s, const struct frame_class *classes)
{
	bool at_leaf = true;
	unsigned int i;

	for (i = s->depth; i-- > 0;) {
		const struct frame_class *class = &classes[s->frame[i]];

		if (class->accompanied && !has_company(s, i, classes))
			continue; /* its caller decides */
		if (class->category != CATEGORY_MAX_ && (at_leaf || !class->leaf_only)) {
			/* user code below a kernel function that nobody knows did not run */
			if (!at_leaf && class->category == CATEGORY_USER)
				return CATEGORY_OTHER;
			return class->category;
		}
		at_leaf &= class->transparent;
	}
	return CATEGORY_OTHER;
}

static void profile_result(const struct run_result *r, const struct frame_class *classes,
			   struct cpu_profile *p)
{
	size_t i;

	for (i = 0; i < r->stack_cnt; i++) {
		const struct stack *s = &r->stack[i];

		if (s->kind != STACK_ONCPU)
			continue;
		p->samples[stack_category(s, classes)] += (double)s->count;
		p->total += (double)s->count;
	}
}

bool sampled_bytes(const struct run_set *set, const struct run_result *r, double *bytes)
{
	struct metric_value v = run_result_payload(set, r, FLOW_RECEIVES);

	if (r->status != RESULT_OK || r->key.pass != PASS_ATTRIBUTION || !value_known(&v))
		return false;
	*bytes = v.value;
	return true;
}

struct cpu_profile *cpu_profiles(const struct run_set *set)
{
	_cleanup_free_ struct frame_class *classes = frame_classes(set);
	struct cpu_profile *all = xcalloc(set->plan.mode_cnt + 1, sizeof(*all));
	double any = 0;
	size_t mode, i;

	for (mode = 0; mode < set->plan.mode_cnt; mode++) {
		struct cpu_profile *p = &all[mode];
		double bytes = 0, of_pass;

		for (i = 0; i < set->result_cnt; i++) {
			const struct run_result *r = &set->result[i];

			if (r->key.mode != set->plan.mode[mode].name || !sampled_bytes(set, r, &of_pass))
				continue;
			bytes += of_pass;
			profile_result(r, classes, p);
		}
		if (bytes > 0 && set->plan.frequency_hz)
			p->ns_per_byte = 1e9 / set->plan.frequency_hz / bytes;
		any += p->total;
	}
	if (any > 0)
		return all;
	free(all);
	return NULL;
}
