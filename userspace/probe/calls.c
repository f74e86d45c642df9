// SPDX-License-Identifier: GPL-2.0-only
/* Reading the calls of each owner by way and size; and who the owners are, where each program is one. */
#include "probe/session.h"

#include <errno.h>
#include <string.h>

#include "core/call_way.h"
#include "core/log.h"

#define CALL_WAY(id, ...) _Static_assert((int)CALL_WAY_##id == CS_CALL_##id, "the order of enum cs_call");
#include "core/call_way.def.h"
#undef CALL_WAY
_Static_assert((int)CALL_WAY_MAX_ == CS_CALL_MAX_, "a row a way");

/* A call that went on on another CPU was taken away there from what it is in here: only the sum is right. */
static void add_sizes(struct run_result *r, unsigned int owner, enum call_way way, const struct cs_sizes *v, int cpus)
{
	unsigned int i;
	int cpu;

	for (i = 0; i < CS_SIZES; i++) {
		struct call_size size = {.owner = owner, .way = way, .from_bytes = 1ULL << i};

		for (cpu = 0; cpu < cpus; cpu++) {
			size.calls += v[cpu].size[i].count;
			size.bytes += v[cpu].size[i].amount;
		}
		if (size.calls)
			run_result_call(r, &size);
	}
}

_Static_assert(PROBE_NAMED_MAX == CS_NAMED_MAX && CS_OWNERS_MAX == OWNERS_MAX - 2, "as many owners as a set has");

int probe_name_programs(struct probe *p, struct run_set *set)
{
	char name[CS_ACCOUNTS][sizeof(struct cs_program) + 1] = {{0}};
	struct cs_program key, *last = NULL, next;
	unsigned int owner, cnt = CS_FIRST_PROGRAM - 1;
	__u32 account;

	for (; !bpf_map__get_next_key(p->skel->maps.cs_programs, last, &next, sizeof(next)); last = &key) {
		key = next;
		if (bpf_map__lookup_elem(p->skel->maps.cs_programs, &key, sizeof(key), &account, sizeof(account), 0) ||
		    account >= CS_ACCOUNTS)
			continue;
		memcpy(name[account], key.comm, sizeof(key.comm));
		cnt = MAX(cnt, account);
	}
	run_set_add_owner(set, "other programs", FLOW_BOTH);
	run_set_add_owner(set, "threads of the kernel", FLOW_BOTH);
	for (owner = CS_FIRST_PROGRAM; owner <= cnt; owner++) {
		_cleanup_free_ char *label = xstrdup(name[owner]);

		while (!*label || run_set_owner_by_label(set, label) < set->owner_cnt) {
			_cleanup_free_ char *taken = take_ptr(label);

			label = xasprintf("%s #%u", taken, owner); /* an empty account, or a name of ours */
		}
		run_set_add_owner(set, label, FLOW_BOTH);
	}
	p->config.owner_cnt = cnt;
	return 0;
}

int probe_collect_calls(struct probe *p, struct run_result *r)
{
	int cpus = libbpf_num_possible_cpus();
	_cleanup_free_ struct cs_sizes *v = xcalloc((size_t)cpus, sizeof(*v));
	unsigned int owner, way;

	if (!(p->config.extras & EXTRA_BIT(EXTRA_CALLS)))
		return 0;
	for (owner = 1; owner <= p->config.owner_cnt; owner++) {
		for (way = 0; way < CALL_WAY_MAX_; way++) {
			__u32 key = owner * CS_CALL_MAX_ + way;

			if (bpf_map__lookup_elem(p->skel->maps.cs_sizes, &key, sizeof(key), v,
						 (size_t)cpus * sizeof(*v), 0))
				return err_r(-errno, "read the sizes of calls");
			add_sizes(r, owner, (enum call_way)way, v, cpus);
		}
	}
	return 0;
}
