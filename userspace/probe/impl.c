// SPDX-License-Identifier: GPL-2.0-only
/* What is read from the table. */
#include "probe/registry.h"

enum cs_bank probe_bank(enum tier tier)
{
	return tier == TIER_FENTRY || tier == TIER_KPROBE ? CS_BANK_FUNCTION : CS_BANK_TRACEPOINT;
}

const char *impl_program(const struct probe_impl *impl, unsigned int extras, size_t number)
{
	size_t i, t;

	for (i = 0; i < IMPL_PROGRAMS_MAX && impl->program[i]; i++)
		if (!number--)
			return impl->program[i];
	for (t = 0; t < ARRAY_SIZE(impl->also); t++)
		for (i = 0; extras & EXTRA_BIT(t) && i < IMPL_ALSO_MAX && impl->also[t].program[i]; i++)
			if (!number--)
				return impl->also[t].program[i];
	return NULL;
}

char *impl_via(const struct probe_impl *impl, unsigned int extras)
{
	char *via = xstrdup(impl->via);
	size_t t;

	for (t = 0; t < ARRAY_SIZE(impl->also); t++)
		if (extras & EXTRA_BIT(t) && impl->also[t].via)
			xappend(&via, ", ", "%s", impl->also[t].via);
	return via;
}

bool probe_counts(enum metric_id m)
{
	size_t q;

	for (q = 0; q < CS_Q_MAX_; q++)
		if (probe_defs[q].count == m || probe_defs[q].amount == m)
			return true;
	return false;
}

char *probe_quantity(size_t number, const char **name, const char **help)
{
	const struct probe_def *def = &probe_defs[number];
	char *ways;
	size_t i;

	if (number >= CS_Q_MAX_)
		return NULL;
	ways = xstrdup("");
	*name = def->name;
	*help = def->help;
	for (i = 0; i < IMPLS_MAX && def->impl[i].program[0]; i++) {
		_cleanup_free_ char *before = ways, *via = impl_via(&def->impl[i], EXTRAS_ALL);

		ways = xasprintf("%s%s%s:%s", before, *before ? "; " : "", tier_names[def->impl[i].tier], via);
	}
	return ways;
}
