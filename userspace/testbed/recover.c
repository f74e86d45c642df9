// SPDX-License-Identifier: GPL-2.0-only
/* The way down, shared by a run that ends and by one that cleans up after the dead. */
#include <errno.h>

#include "core/log.h"
#include "testbed/internal.h"

#define DYING_WAIT_NS (500 * NSEC_PER_MSEC)
#define POLL_US	      5000

/* Removing one that never was is fine. A NIC that was moved in goes back by itself. */
static int remove_namespaces(const char *id)
{
	unsigned int which;
	int err = 0;

	for (which = 0; which < NETNS_MAX_; which++) {
		_cleanup_free_ char *name = run_netns_name(id, which);

		err = netns_remove(name) ?: err;
	}
	return err;
}

int run_tear_down(const struct run_state *run)
{
	/* Processes first: they hold the namespaces. */
	int err = cgroup_remove(run->id);

	err = remove_namespaces(run->id) ?: err;
	err = ssh_place_remove(run->id) ?: err;
	return local_socket_remove(run->id) ?: err;
}

/* The lock of a run killed a moment ago can still be held by an ip program it started. */
static int take_dead(const char *base, const char *id, struct run_state *run)
{
	uint64_t deadline_ns = monotonic_ns() + DYING_WAIT_NS;
	int err;

	while ((err = run_state_take(base, id, run)) == -EWOULDBLOCK &&
	       run_state_owner_gone(base, id) && monotonic_ns() < deadline_ns)
		usleep(POLL_US);
	return err;
}

static int recover_run(const char *base, const char *id)
{
	struct run_state run;
	int err = take_dead(base, id, &run);

	if (err == -EWOULDBLOCK || err == -ENOENT)
		return 0; /* alive, or recovered by another */
	if (err)
		return err;
	log_debug("cleaning up after run %s, which was killed", id);
	err = run_tear_down(&run);
	if (!err)
		err = run_state_remove(base, &run);
	run_state_release(&run);
	return err ? err : 1;
}

int testbed_recover(void)
{
	_cleanup_free_ char *base = state_base();
	struct run_ids ids = {0};
	int err = run_states_list(base, &ids), cnt = 0;
	size_t i;

	for (i = 0; i < ids.cnt; i++) /* what stays has been complained about */
		cnt += recover_run(base, ids.id[i]) > 0;
	free(ids.id);
	return err ? err : cnt;
}
