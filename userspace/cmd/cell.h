/* SPDX-License-Identifier: GPL-2.0-only */
/* A pass that is being run (cell.c), and what its roles are told (cell_args.c). */
#ifndef CMD_CELL_H
#define CMD_CELL_H

#include "cmd/remote_observer.h"
#include "cmd/role_process.h"
#include "cmd/run.h"
#include "core/machine.h"

struct cell {
	struct run_context *ctx;
	struct run_result *r;
	struct run_variant how;
	struct role_process server, client;
	struct remote_observer there; /* of a client on another host */
	struct machine *machine; /* its CPUs in the window */
	uint64_t start_ns;	 /* the window began; 0: it did not yet */
	int bound_fd, handle_fd; /* of the local socket, where the mode has one; -1 */
	char *reason; /* why it failed; the first one stays */
	const struct role_process *died; /* which is not all there is to say; NULL */
};

enum transport cell_transport(const struct cell *c);
/* A socket of this host's alone, not over the path. */
bool cell_is_local(const struct cell *c);

/* Arguments are added, which are the caller's. */
void cell_server_args(const struct cell *c, struct role_args *a);
/* port: where the server listens; 0: a local socket has none. */
void cell_client_args(const struct cell *c, struct role_args *a, uint64_t port);

#endif
