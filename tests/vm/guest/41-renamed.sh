# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# A kernel that has renamed a function: that quantity goes to the next tier that can, alone.
# timeout: 180
ok "list probes" sh -c 'copyscope list probes --json >all.json'
ok "list probes, a target renamed" sh -c \
    'COPYSCOPE_TEST_RENAMED=user_copy_fentry,user_copy_kprobe copyscope list probes --json >renamed.json'
# One tier of it: the function tiers share their counts, so all move together, or events count twice.
ok "run, the target of one fentry program renamed" sh -c \
    'COPYSCOPE_TEST_RENAMED=zerocopy_fentry copyscope run --mode original,A3p --size 64K --threads 2 --duration 0.3 \
        --repeat 1 --path veth --format json --out one-renamed'
# As GCC 16 makes it of one that is called once: completions are told by its caller, which 6.10 and later have.
ok "run, the function of completions inlined" sh -c \
    'COPYSCOPE_TEST_RENAMED=completion_fentry,completion_kprobe copyscope run --mode A3 --size 64K --threads 2 \
        --duration 0.3 --repeat 1 --path veth --format json --out inlined'
