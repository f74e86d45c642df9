// SPDX-License-Identifier: GPL-2.0-only
/* The table of receive modes: a new one is its own file and one row here. */
#include <string.h>
#include <strings.h>

#include "core/cli.h"
#include "core/log.h"
#include "workload/receiver.h"

#define RECV_MODES(ROW) \
	ROW(recv_copy) \
	ROW(recv_trunc) \
	ROW(recv_splice) \
	ROW(recv_mmap) \
	ROW(recv_uring) \
	ROW(recv_zcrx)

#define DECLARE(mode) extern const struct recv_mode mode;
RECV_MODES(DECLARE)
#define ADDRESS(mode) &mode,
const struct recv_mode *const recv_modes[] = {RECV_MODES(ADDRESS)};
const size_t recv_mode_cnt = ARRAY_SIZE(recv_modes);

const struct recv_mode *recv_mode_find(const char *word)
{
	size_t i;

	for (i = 0; i < recv_mode_cnt; i++)
		if (!strcasecmp(word, recv_modes[i]->name))
			return recv_modes[i];
	return NULL;
}

int recv_mode_unsupported(const struct recv_mode *mode)
{
	return mode->supported ? mode->supported() : 0;
}

const char *recv_mode_misfit(const struct recv_mode *mode, const struct mode_traits *traits)
{
	if (traits->way == WAY_ENCRYPT && !mode->decrypts)
		return "takes nothing from a kTLS socket";
	if (traits->transport == TRANSPORT_UDP && !mode->datagrams)
		return "takes no datagrams";
	if (traits->transport == TRANSPORT_UNIX && mode->way != RECEIVE_COPY)
		return "copies from a local socket all the same";
	return NULL;
}

const char *recv_mode_obstacle(const struct recv_mode *mode, int err)
{
	return mode->explain ? mode->explain(err) : strerror(-err);
}

int recv_mode_check(const struct recv_mode *mode, bool verify)
{
	int err = recv_mode_unsupported(mode);

	if (verify && !mode->keeps) {
		log_error("--recv %s keeps nothing that --verify could compare: leave out one of them", mode->name);
		return EXIT_USAGE;
	}
	if (!err)
		return CLI_GO_ON;
	log_error("--recv %s does not work here: %s; see `copyscope list receives`", mode->name, recv_mode_obstacle(mode, err));
	return EXIT_CANNOT_RUN;
}

const struct recv_mode *recv_mode_parse(const char *word)
{
	const struct recv_mode *mode = recv_mode_find(word);
	_cleanup_free_ char *list = NULL;
	size_t i;

	for (i = 0; !mode && i < recv_mode_cnt; i++)
		xappend(&list, ", ", "%s", recv_modes[i]->name);
	if (!mode)
		log_error("--recv '%s': choose one of %s", word, list);
	return mode;
}
