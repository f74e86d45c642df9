# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# A kernel that has renamed a function: that quantity goes to the next tier that can, alone.
# timeout: 60
ok "list probes" sh -c 'copyscope list probes --json >all.json'
ok "list probes, a target renamed" sh -c \
    'COPYSCOPE_TEST_RENAMED=user_copy_fentry,user_copy_kprobe copyscope list probes --json >renamed.json'
