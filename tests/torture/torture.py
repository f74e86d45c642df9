#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0-only
"""usage: tests/torture/torture.py [MINUTES]

Runs of copyscope and renderings of its reports that are killed, interrupted, run into each other and
into system calls that fail, at random moments, one round after the other. After each round an
undisturbed run has to succeed and to find or leave: no process, namespace, link, cgroup, state or
temporary directory; each report whole, the old one or the new one; every file of the user untouched.

  SEED=N    the same choices again; the seed is printed
  ROUND=N   only this round of that seed, with all that was said in it
  OUT=DIR   where the programs are; the log of all rounds goes to OUT/torture.log
Exit: 0 nothing was found, 1 something was, 2 usage, 77 cannot run here.
"""

import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter

import sandbox
from rounds import DAMAGES, Round, calibrate

SHOW_SECONDS = 5


def say(text):
    print(text, flush=True)


def summary(count):
    def of(kind):
        parts = [f"{name[1]} {n}" for name, n in count.items()
                 if isinstance(name, tuple) and name[0] == kind]
        return f" ({', '.join(parts)})" if parts else ""

    words = [f"{count['run']} runs, {count['report']} renderings"]
    words += [f"{count[kind]} {kind}{of(kind)}" for kind in ("kills", "signals", "faults", "pairs")]
    words += [f"{count[kind]} {kind}" for kind in DAMAGES]
    return "; ".join(words)


def torture(box, out, seed, minutes, only):
    count, facts = Counter(), calibrate(box, out)
    number, shown, end = only or 1, time.monotonic(), time.monotonic() + minutes * 60
    with open(f"{out}/torture.log", "w") as log:
        while time.monotonic() < end:
            one = Round(box, out, random.Random(f"{seed}/{number}"), facts, count)
            one.play()
            print(number, one.story, file=log, flush=True)
            for kind, what in one.problems:
                count[kind] += 1
                say(f"round {number}: {kind}: {what} [{one.story}]")
            if only:
                say(f"round {number}: {one.story}\n{one.said}")
                break
            if time.monotonic() - shown > SHOW_SECONDS:
                shown = time.monotonic()
                say(f"{number} rounds: {summary(count)}")
            number += 1
    for what in box.left_programs():
        count["leftovers"] += 1
        say(f"at the end: leftovers: {what}")
    say(f"torture: seed {seed}, {number - bool(not only)} rounds: {summary(count)}")
    return any(count[kind] for kind in DAMAGES)


def main():
    try:
        minutes = float(sys.argv[1]) if sys.argv[1:] else 10
        seed, only = os.environ.get("SEED", str(random.randrange(10**6))), os.environ.get("ROUND")
        only = int(only) if only else None
    except ValueError:
        sys.stderr.write(__doc__)
        return 2
    if os.geteuid():
        print("torture: needs root", file=sys.stderr)
        return 77
    for program in ("unshare", "setpriv", "strace"):
        if not shutil.which(program):
            print(f"torture: {program} is not installed: scripts/deps.sh test", file=sys.stderr)
            return 77
    out = os.path.realpath(os.environ.get("OUT", "build"))
    if not os.path.exists(f"{out}/copyscope"):
        print(f"torture: {out}/copyscope is not built: make", file=sys.stderr)
        return 1
    sandbox.enter()
    box = sandbox.Sandbox()
    try:
        say(f"torture: seed {seed}, {minutes:g} minutes")
        return torture(box, out, seed, minutes, only)
    except KeyboardInterrupt:
        return 130
    finally:
        box.close()


if __name__ == "__main__":
    sys.exit(main())
