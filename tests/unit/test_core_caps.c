// SPDX-License-Identifier: GPL-2.0-only
/* What a kernel or a namespace refuses whoever asks, and that no remedy is what is done already. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "core/caps.h"
#include "probe/feature.h"

/* NULL: no such file. */
static char *level_of(const char *text)
{
	char path[] = "/tmp/copyscope-test-XXXXXX";
	int fd = mkstemp(path);
	char *level;

	assert_true(fd >= 0);
	if (text)
		assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	else
		unlink(path);
	close(fd);
	level = lockdown_level(path);
	unlink(path);
	return level;
}

static void lockdown_is_read(void **state)
{
	static const struct {
		const char *text, *level;
		bool hides;
	} cases[] = {
		{"[none] integrity confidentiality\n", "none", false},
		{"none [integrity] confidentiality\n", "integrity", false},
		{"none integrity [confidentiality]\n", "confidentiality", true},
		{"none integrity confidentiality\n", NULL, false},
		{"[confidentiality", NULL, false},
		{"", NULL, false},
		{NULL, NULL, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *level = level_of(cases[i].text);

		if (cases[i].level)
			assert_string_equal(level, cases[i].level);
		else
			assert_null(level);
		assert_int_equal(lockdown_hides_kernel(level), cases[i].hides);
	}
}

static void refusals_name_their_cause_and_no_remedy_that_is_in_place(void **state)
{
	static const char root[] = "run as root", outside[] = "run outside", automatic[] = "--tier auto",
			  boot[] = "lockdown=integrity", allow[] = "allow bpf()", check[] = "check`";
	static const char *const remedies[] = {root, outside, automatic, boot, allow, check};
	static const struct {
		struct refusal r;
		const char *remedy;
	} cases[] = {
		{{-EPERM, TIER_NONE, false, false, NULL}, root},
		{{-EPERM, TIER_NONE, false, false, "confidentiality"}, root},
		{{-EPERM, TIER_NONE, true, true, NULL}, outside},
		{{-EPERM, TIER_NONE, false, true, "none"}, allow},
		{{-EPERM, TIER_NONE, false, true, "confidentiality"}, boot},
		{{-ENOTSUP, TIER_NONE, false, true, "confidentiality"}, boot},
		{{-ENOTSUP, TIER_KPROBE, false, true, "confidentiality"}, boot},
		{{-ENOTSUP, TIER_KPROBE, false, true, "integrity"}, automatic},
		{{-ENOTSUP, TIER_NONE, false, true, "integrity"}, check},
		{{-ENOTSUP, TIER_NONE, false, true, NULL}, check},
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = refusal_text(&cases[i].r);

		for (j = 0; j < ARRAY_SIZE(remedies); j++)
			assert_int_equal(strstr(text, remedies[j]) != NULL, remedies[j] == cases[i].remedy);
		if (cases[i].remedy == boot)
			assert_non_null(strstr(text, "\"confidentiality\" (/sys/kernel/security/lockdown)"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lockdown_is_read),
		cmocka_unit_test(refusals_name_their_cause_and_no_remedy_that_is_in_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
