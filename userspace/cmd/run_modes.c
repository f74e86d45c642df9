// SPDX-License-Identifier: GPL-2.0-only
/* --mode: which send modes a run has, and which "all" is without. */
#include <errno.h>
#include <string.h>

#include "cmd/run.h"
#include "core/log.h"
#include "workload/workload.h"

static int unknown_mode(const char *word)
{
	_cleanup_free_ char *list = send_mode_list();
	const char *near = send_mode_nearest(word);

	if (near)
		return fail_r(-EINVAL, "unknown mode '%s': did you mean %s? Modes are all, original, %s",
			      word, near, list);
	return fail_r(-EINVAL, "unknown mode '%s': modes are all, original, %s", word, list);
}

/* Asked for all of them: whether this one does not work here, or is no competitor of those that take the path. */
static bool left_out(struct mode_choice *c, size_t mode)
{
	int err = send_mode_unsupported(send_modes[mode]);

	if (!c->left_out)
		c->left_out = xcalloc(send_mode_cnt, sizeof(*c->left_out));
	if (err)
		c->left_out[mode] = strerror(-err);
	else if (send_modes[mode]->traits.transport == TRANSPORT_UNIX)
		c->left_out[mode] = "not over the network path: name it to have it";
	return c->left_out[mode];
}

/* What is named twice runs twice, under a label of its own. */
static void add(struct mode_choice *c, const struct send_mode *mode, bool once)
{
	size_t i;

	for (i = 0; once && i < c->cnt; i++)
		if (c->mode[i] == mode)
			return;
	c->mode = xreallocarray(c->mode, c->cnt + 1, sizeof(*c->mode));
	c->mode[c->cnt++] = mode;
}

int mode_choice_add(struct mode_choice *c, const char *item)
{
	const struct send_mode *found = send_mode_find(item);
	bool all = !strcmp(item, "all"), original = !strcmp(item, "original");
	size_t i;

	if (!all && !original && !found)
		return unknown_mode(item);
	c->original |= original;
	for (i = 0; i < send_mode_cnt; i++)
		if (all ? !left_out(c, i) : original && send_modes[i]->original)
			add(c, send_modes[i], true);
	if (found)
		add(c, found, false);
	return 0;
}

static const char *misfit(const struct send_mode *mode, const struct recv_mode *recv, bool remote)
{
	if (remote && mode->traits.transport == TRANSPORT_UNIX)
		return "leads to no other host";
	return recv_mode_misfit(recv, &mode->traits) ? "not with this --recv" : NULL;
}

void mode_choice_fit(struct mode_choice *c, const struct recv_mode *recv, bool remote)
{
	size_t i, kept = 0;

	for (i = 0; c->left_out && i < send_mode_cnt; i++)
		c->left_out[i] = c->left_out[i] ?: misfit(send_modes[i], recv, remote);
	for (i = 0; c->left_out && i < c->cnt; i++)
		if (!misfit(c->mode[i], recv, remote))
			c->mode[kept++] = c->mode[i];
	c->cnt = c->left_out ? kept : c->cnt;
}

/* "A1", and "A1#2" where it is named for the second time. */
static const char *label_of(const struct mode_choice *c, size_t mode, struct run_set *set)
{
	_cleanup_free_ char *label = NULL;
	size_t i, nth = 1;

	for (i = 0; i < mode; i++)
		nth += c->mode[i] == c->mode[mode];
	if (nth > 1)
		label = xasprintf("%s#%zu", c->mode[mode]->name, nth);
	return run_set_str(set, label ?: c->mode[mode]->name);
}

void mode_choice_keep(const struct mode_choice *c, enum buffers buffers, struct run_plan *plan, struct run_set *set)
{
	size_t i;

	plan->mode = xcalloc(c->cnt, sizeof(*plan->mode));
	for (i = 0; i < c->cnt; i++) {
		const struct send_mode *mode = c->mode[i];

		plan->mode[plan->mode_cnt++] = (struct mode_info){
			.name = label_of(c, i, set),
			.title = run_set_str(set, mode->title),
			.help = run_set_str(set, mode->help),
			.traits = mode->traits,
		};
		plan->mode[i].traits.buffers = send_mode_buffers(mode, buffers);
	}
}

const char *mode_choice_note(const struct mode_choice *c, struct run_set *set)
{
	_cleanup_free_ char *text = NULL;
	size_t i;

	for (i = 0; c->left_out && i < send_mode_cnt; i++) {
		const char *name = send_modes[i]->name;

		if (!c->left_out[i] || plan_mode(&set->plan, name) < set->plan.mode_cnt)
			continue;
		xappend(&text, ", ", "%s (%s)", name, c->left_out[i]);
		run_set_note(set, "run", "without mode %s: %s", name, c->left_out[i]);
	}
	return run_set_str(set, text);
}

void mode_choice_free(struct mode_choice *c)
{
	free(c->mode);
	free(c->left_out);
}
