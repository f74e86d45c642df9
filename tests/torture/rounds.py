# SPDX-License-Identifier: GPL-2.0-only
"""One round: a place with a user's files and maybe an earlier report, one or two programs, one blow,
then the questions that every round has to answer.
"""

import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections import Counter

import reports
from sandbox import call, processes

DAMAGES = ("leftovers", "lost", "damaged", "touched", "silent", "crashed", "hung", "refused")
USER = 1000
# What core/caps.c asks of who is not root.
CAPS = "+bpf,+perfmon,+net_admin,+sys_admin,+dac_override"
# How a user becomes root: prefix, environment, owner of the place and of all that is written there.
WHO = {
    "root": ((), {}, 0),
    "sudo": ((), {"SUDO_UID": str(USER), "SUDO_GID": str(USER)}, USER),
    "caps": (("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups",
              f"--inh-caps={CAPS}", f"--ambient-caps={CAPS}"), {}, USER),
}
CELL = ("--mode", "A1", "--size", "16K", "--threads", "1", "--duration", "0.02", "--repeat", "1")
FEW = ("--format", "json,md")
HANG_SECONDS = 90
# System calls that fail or kill, as strace names them.
CALLS = {
    "rename": "?rename,?renameat,renameat2", "mkdir": "?mkdir,mkdirat",
    "unlink": "?unlink,unlinkat,?rmdir", "openat": "openat", "write": "write",
    "close": "close", "fsync": "fsync,fdatasync", "link": "?symlink,symlinkat,?link,linkat",
}
ERRORS = ("EIO", "ENOSPC", "EACCES", "EMFILE", "EINTR")
CRASHES = {-number for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE,
                                  signal.SIGILL)}


def traced(log, *what, fast=True):
    """A prefix: strace that also looks at the children. Fast, it does not see the other calls at all,
    but then it injects no signals.
    """
    return ("strace", "-f", *("--seccomp-bpf",) * fast, "-qq", "-o", log, *what)


class Program:
    """A copyscope that we started, how far it is, and what it said."""

    def __init__(self, one, argv, prefix=(), env=()):
        self.one, self.command, self.killed, self.deaths = one, argv[0], False, 0
        self.out = one.path(argv[argv.index("--out") + 1] if "--out" in argv else argv[1])
        self.before = self.state()
        one.started += 1
        self.log = f"{one.box.work}/words-{one.started}"
        who, own_env, _ = WHO[one.who]
        with open(self.log, "w") as words:
            self.process = subprocess.Popen(
                (*prefix, *who, f"{one.build}/copyscope", *argv), cwd=one.place, stdout=words,
                stderr=words, stdin=subprocess.DEVNULL, start_new_session=True,
                env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **own_env, **dict(env)})
        one.count[self.command] += 1

    @property
    def words(self):
        with open(self.log, errors="replace") as file:
            return file.read()

    def passes(self):
        """Done and planned."""
        steps = re.findall(r"^\[(\d+)/(\d+)\]", self.words, re.MULTILINE)
        return (int(steps[-1][0]), int(steps[-1][1])) if steps else (0, 1)

    def measured_all(self):
        return self.command == "run" and self.passes()[0] == self.passes()[1]

    def complaint(self):
        lines = [line for line in self.words.splitlines() if line.startswith("copyscope")]
        return lines[-1] if lines else ""

    def running(self):
        return self.process.poll() is None

    def state(self):
        """Changes when a report comes or is replaced."""
        def of(path):
            try:
                at = os.stat(path)
                return at.st_ino, at.st_mtime_ns
            except OSError:
                return None
        return os.path.isdir(self.out), of(f"{self.out}/results.json")

    def phase(self):
        if self.state() != self.before:
            return "replacing"
        if self.command == "report":
            return "rendering"
        if self.measured_all():
            return "reporting"
        if self.passes()[0] or any(name.startswith("copyscope-")
                                   for name in os.listdir(self.one.box.cgroup)):
            return "measuring"
        return "recovering" if self.one.debris else "setting up"

    def wait(self):
        try:
            self.process.wait(HANG_SECONDS)
        except subprocess.TimeoutExpired:
            self.one.problem("hung", f"{self.command} did not end in {HANG_SECONDS} s")
            self.one.box.kill_all()
            self.process.wait()
        return self.process.returncode

    def kill(self, number, group=False):
        try:
            (os.killpg if group else os.kill)(self.process.pid, number)
        except ProcessLookupError:
            return
        self.killed = True


class Round:
    def __init__(self, box, build, rng, facts, count):
        self.box, self.build, self.rng, self.facts, self.count = box, build, rng, facts, count
        self.who = rng.choice(sorted(WHO))
        self.uid = WHO[self.who][2]
        self.place = f"{box.work}/place"
        self.problems, self.story, self.started, self.debris = [], self.who, 0, False
        self.programs, self.mounted = [], False

    # ---- telling ----

    @property
    def words(self):
        return "\n".join(f"--- {program.command}: exit {program.process.returncode}\n{program.words}"
                         for program in self.programs)

    def problem(self, kind, what):
        if (kind, what) not in self.problems:
            self.problems.append((kind, what))

    def problem_of(self, kind, what, names):
        if names:
            more = f" and {len(names) - 1} more" if names[1:] else ""
            self.problem(kind, f"{names[0]}{more}: {what}")

    def tell(self, text):
        self.story += f", {text}"

    # ---- what a round is made of ----

    def path(self, name):
        return os.path.join(self.place, name)

    def start(self, *argv, prefix=(), env=()):
        program = Program(self, argv, prefix, env)
        self.programs.append(program)
        return program

    def run(self, out="r", prefix=(), formats=()):
        return self.start("run", *CELL, *formats, "--out", out, prefix=prefix)

    def victim(self, prefix=()):
        """A run, or a rendering where there is something to render."""
        if self.prior and self.rng.random() < 0.25:
            return self.start("report", "r", prefix=prefix)
        return self.run(prefix=prefix, formats=self.rng.choice(((), (), FEW)))

    def prepare(self, size=None):
        os.mkdir(self.place)
        if size:
            call("mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "none", self.place)
            self.mounted = True
        os.chown(self.place, self.uid, self.uid)
        mine = ["keep.txt", "mine/results.json"]
        self.prior = not size and self.rng.random() < 0.7
        if self.prior:
            call("cp", "-a", self.facts["template"][self.who], self.path("r"))
            mine += [f"r/{name}" for name in reports.USER_FILES]
            self.tell("an earlier report")
        for name in mine:
            reports.plant(self.place, name, self.uid)
        self.mine = {name: fact for name, fact in reports.facts(self.place).items() if name in mine}
        self.old = reports.identity(self.path("r"))

    def clear(self):
        if self.mounted:
            call("umount", "-l", self.place)
        shutil.rmtree(self.place, ignore_errors=True)
        for program in self.programs:
            os.unlink(program.log)
        if self.problems:
            self.box.kill_all()
            self.box.clean()

    def play(self):
        blow = self.rng.choices(list(BLOWS), [weight for _, weight in BLOWS.values()])[0]
        self.tell(blow)
        try:
            BLOWS[blow][0](self)
            self.recover()
        finally:
            self.said = self.words
            self.clear()

    # ---- moments ----

    def wait_for(self, program):
        """Wait for a moment that is chosen by chance; False: the program ended before."""
        moment = self.rng.choice(("any", "measuring", "reporting", "reporting", "replacing"))
        delay = {"any": self.rng.random() * self.facts["seconds"][program.command] * 1.2,
                 "measuring": self.rng.random() * 0.3, "reporting": self.rng.random() * 0.8,
                 "replacing": self.rng.random() ** 3 * 0.02}[moment]
        reached = {"any": lambda: True, "measuring": lambda: program.phase() != "setting up",
                   "reporting": lambda: program.phase() in ("reporting", "rendering", "replacing"),
                   "replacing": lambda: program.state() != program.before}[moment]
        while program.running() and not reached():
            time.sleep(0.0005)
        end = time.monotonic() + delay
        while program.running() and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.01))
        self.tell(f"at {moment} + {delay:.4f} s")
        return program.running()

    def struck(self, kind, program):
        phase = program.phase()
        self.count[kind] += 1
        self.count[kind, phase] += 1
        self.tell(f"while {phase}")

    # ---- questions ----

    def ask_user_files(self):
        now = reports.facts(self.place)
        self.problem_of("touched", "gone or changed",
                        [name for name, fact in self.mine.items() if now.get(name) != fact])

    def ask_reports(self, recovered):
        """Each directory with the name of a report is one, and whole."""
        if self.prior and not reports.identity(self.path("r")):
            self.problem("lost", "the earlier report is gone")
        places = [self.path(name) for name in os.listdir(self.place)
                  if name in ("r", "next", "one", "two") or reports.RECOVERED.match(name)]
        if os.path.isdir(self.path("reports")):
            places += [entry.path for entry in os.scandir(self.path("reports"))
                       if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")]
        for path in filter(os.path.isdir, places):
            name = os.path.relpath(path, self.place)
            if not reports.identity(path):
                self.problem("damaged", f"{name} has no whole results.json")
                continue
            for fault in reports.faults(path):
                self.problem("damaged", f"{name}/{fault}")
            if recovered and reports.is_mixed(path):
                self.problem("damaged", f"{name}/report.md is of other results")

    def ask_places(self):
        expected = {"r", "next", "one", "two", "reports", "remedy", "keep.txt", "mine"}
        self.problem_of("leftovers", "left", reports.strangers(self.place, expected))
        self.problem_of("leftovers", "not the user's", reports.of_others(self.place, self.uid))

    def ask_machine(self):
        for what in self.box.leftovers():
            self.problem("leftovers", re.sub(r"\b[0-9a-f]{6}\b", "ID", what))

    def ask_program(self, program, faulty=False):
        """Whether what it did fits what it said."""
        code = program.process.returncode
        self.tell(f"{program.command} exit {code}")
        if code in CRASHES:
            self.problem("crashed", f"{program.command} by signal {-code}")
        if code > 0 and code != 127 and not program.complaint() and not faulty and not program.killed:
            self.problem("silent", f"{program.command}: exit {code} and not a word")
        if code == 0:
            self.ask_success(program, faulty)
        elif code == 1 and program.command == "run" and (not program.killed and program.measured_all()
                                                         or program.killed and program.passes()[0]):
            self.ask_saved(program)

    def ask_success(self, program, faulty):
        now = reports.identity(program.out)
        if not now or program.command == "run" and now == self.old:
            self.problem("lost", f"{program.command}: exit 0, but there is no new report")
        missing = set() if FEW[1] in program.process.args or program.killed else \
            self.facts["names"] - reports.names(program.out)
        if missing and not (faulty and program.complaint()):
            self.problem("lost", f"exit 0, but there is no {sorted(missing)[0]}")

    def ask_saved(self, program):
        """All was measured, or some before a signal: it is in its place, or where it says. Unless each
        process that tried to write it was killed: then that is said.
        """
        if program.deaths > 1 and not program.complaint().endswith("another begins"):
            return
        candidates = [program.out] + [self.path(word.strip("`'\".,:;()"))
                                      for word in program.words.split()]
        for path in filter(os.path.exists, candidates):
            if reports.identity(path) not in (None, self.old):
                if path != program.out:
                    self.ask_remedy(path)
                return
        self.problem("lost", f"what was measured: {program.complaint()}")

    def ask_remedy(self, path):
        self.tell("the remedy")
        if self.mounted:
            call("mount", "-o", "remount,size=64M", self.place)
        remedy = self.start("report", path, "--out", "remedy")
        if remedy.wait():
            self.problem("lost", f"no report can be made of what was saved: {remedy.complaint()}")
        if path.startswith("/run/"):
            path = os.path.dirname(path) if os.path.basename(path) == "results.json" else path
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)

    def ask_all(self, recovered, machine):
        for what in self.box.settle():
            self.problem("leftovers", f"{what} runs on")
        self.ask_user_files()
        self.ask_reports(recovered)
        if recovered:
            self.ask_places()
        if machine:
            self.ask_machine()

    # ---- after the blow ----

    def recover(self):
        self.ask_all(recovered=False, machine=False)
        self.debris = False
        if self.mounted:
            call("mount", "-o", "remount,size=64M", self.place)
        if reports.identity(self.path("r")) and self.rng.random() < 0.4:
            self.undisturbed(self.start("report", "r"), machine=False)
        out = self.rng.choice(("r", "r", "next"))
        run = self.run(out, formats=() if self.rng.random() < 0.3 else FEW)
        self.undisturbed(run, machine=True, files=out == "r")
        # what was killed inside a report is for the next one there to clean
        if out == "next":
            self.undisturbed(self.start("report", "r" if self.old else "next"), machine=False)

    def undisturbed(self, program, machine, files=True):
        self.tell(f"then {program.command} {os.path.basename(program.out)}")
        if program.wait():
            self.problem("refused", f"an undisturbed {program.command}: {program.complaint()}")
        self.ask_all(recovered=files, machine=machine)

    # ---- blows ----

    def blow_kill(self):
        self.prepare()
        program, group = self.victim(), self.rng.random() < 0.4
        self.tell(f"kill -9 {'the group' if group else 'it'}")
        if self.wait_for(program):
            self.struck("kills", program)
            program.kill(signal.SIGKILL, group)
        program.wait()
        self.ask_program(program)

    def blow_child(self):
        """One of its processes: the report's writer, server, client, ip, gnuplot."""
        self.prepare()
        program, below = self.victim(), []
        if self.wait_for(program):
            below = sorted(processes(program.process.pid).items())
            if below:
                pid, command = self.rng.choice(below)
                self.tell(f"kill -9 its {command}")
                self.struck("kills", program)
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        program.wait()
        # a picture that was killed is missed, and said to be
        self.ask_program(program, faulty=bool(below) and command.startswith("gnuplot"))

    def blow_recovery(self):
        self.prepare()
        first = self.run()
        time.sleep(self.rng.random() * self.facts["seconds"]["run"])
        first.kill(signal.SIGKILL)
        first.wait()
        self.debris = True
        second = self.run()
        time.sleep(self.rng.random() * 0.4)
        self.struck("kills", second)
        second.kill(signal.SIGKILL)
        second.wait()

    def blow_signal(self):
        self.prepare()
        program, group = self.victim(), self.rng.random() < 0.5
        number = self.rng.choice((signal.SIGINT, signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
        twice = number == signal.SIGINT and self.rng.random() < 0.4
        self.tell(f"{number.name}{' twice' * twice} to {'the group' if group else 'it'}")
        if self.wait_for(program):
            self.struck("signals", program)
            program.kill(number, group)
            if twice:
                time.sleep(self.rng.random() * 0.2)
                program.kill(number, group)
        code = program.wait()
        for what in self.box.settle():
            self.problem("leftovers", f"{what} runs on")
        self.ask_program(program)
        if code >= 0: # it could act, so nothing is left for others to clean
            self.ask_places()
            self.ask_machine()

    def _chance(self, command, kinds):
        """A kind of call, and which of them: of any of the processes, or of the one with the most."""
        made = self.facts["calls"][command]
        kind = self.rng.choice([kind for kind in kinds if kind in made])
        return kind, self.rng.randint(1, self.rng.choice((made[kind][-1], self.rng.choice(made[kind]))))

    def _traced_victim(self, kinds, what, lasting=False):
        """The program is chosen first, for how many calls there are depends on it. Ends with it."""
        log = f"{self.box.work}/strace"
        report = self.prior and self.rng.random() < 0.4
        kind, number = self._chance("report" if report else "run", kinds)
        when = f"{number}{'+' * lasting}"
        self.tell(f"{what} at {kind} {when}")
        prefix = traced(log, "-e", f"trace={CALLS[kind]}", "-e",
                        f"inject={CALLS[kind]}:{what}:when={when}", fast="signal" not in what)
        program = self.start("report", "r", prefix=prefix) if report else self.run(prefix=prefix)
        program.killed = lasting or "signal" in what # then it may not be able to save or say anything
        program.wait()
        hits = len(re.findall("INJECTED|killed by SIGKILL", reports.read(log).decode(errors="replace")))
        program.deaths = hits if "signal" in what else 0
        self.tell(f"{hits} hit")
        if hits:
            self.count["faults" if "error" in what else "kills"] += 1
            self.count["faults" if "error" in what else "kills", kind] += 1
        self.ask_program(program, faulty=True)

    def blow_syscall(self):
        self.prepare()
        self._traced_victim(("rename", "rename", "unlink", "unlink", "mkdir", "openat", "write", "close",
                             "fsync", "link"), "signal=KILL")

    def blow_fault(self):
        self.prepare()
        self._traced_victim(sorted(CALLS), f"error={self.rng.choice(ERRORS)}", self.rng.random() < 0.15)

    def blow_full(self):
        self.prepare(size=self.rng.choice(("64K", "256K", "700K")))
        program = self.run()
        program.wait()
        self.count["faults"] += 1
        self.count["faults", "disk full"] += 1
        self.ask_program(program, faulty=True)

    def blow_pair(self):
        self.prepare()
        how = self.rng.choice(("one place", "own places", "unnamed"))
        self.tell(how)
        self.count["pairs"] += 1
        self.count["pairs", how] += 1
        if how == "unnamed":
            pair = [self.start("run", *CELL, *FEW, env={"COPYSCOPE_REPORTS": "reports"})
                    for _ in range(2)]
        else:
            pair = [self.run(out) for out in (("r", "r") if how == "one place" else ("one", "two"))]
        if self.rng.random() < 0.5 and self.wait_for(pair[0]):
            self.struck("kills", pair[0])
            pair[0].kill(signal.SIGKILL)
        codes = [program.wait() for program in pair]
        self.tell(f"exits {codes}")
        self._ask_pair(how, pair, codes)

    def _ask_pair(self, how, pair, codes):
        alone = [program for program in pair if not program.killed]
        if how == "one place":
            if not any(code == 0 for code in codes) and len(alone) == 2:
                self.problem("refused", f"both of two runs: {pair[0].complaint()}")
            return
        for program in alone:
            if program.process.returncode:
                self.problem("refused", f"one of two runs: {program.complaint()}")
        if how == "unnamed":
            whole = sum(bool(reports.identity(entry.path))
                        for entry in os.scandir(self.path("reports"))
                        if not entry.is_symlink()) if os.path.isdir(self.path("reports")) else 0
            if whole < codes.count(0):
                self.problem("lost", f"{codes.count(0)} runs ended with 0, {whole} reports are there")


BLOWS = {
    "killed": (Round.blow_kill, 6), "child killed": (Round.blow_child, 2),
    "killed in recovery": (Round.blow_recovery, 2), "killed in a call": (Round.blow_syscall, 5),
    "signal": (Round.blow_signal, 4), "fault": (Round.blow_fault, 6), "disk full": (Round.blow_full, 1),
    "two at once": (Round.blow_pair, 3),
}


# ---- what rounds are measured by ----


def count_calls(log):
    """Of each kind of call, how many each process made."""
    kinds = {name.lstrip("?"): kind for kind, group in CALLS.items() for name in group.split(",")}
    made = {}
    for line in reports.read(log).decode(errors="replace").splitlines():
        call_made = re.match(r"(\d+) +(\w+)\(", line)
        if call_made and call_made[2] in kinds:
            by_pid = made.setdefault(kinds[call_made[2]], {})
            by_pid[call_made[1]] = by_pid.get(call_made[1], 0) + 1
    return {kind: sorted(by_pid.values()) for kind, by_pid in made.items()}


def calibrate(box, build):
    """Reports of each kind of user, how long things take and how many calls they make: no blows yet."""
    facts = {"template": {}, "seconds": {}, "calls": {}}
    for who in WHO:
        one = Round(box, build, random.Random(0), facts, Counter())
        one.who, one.uid = who, WHO[who][2]
        one.place = f"{box.work}/template-{who}"
        os.mkdir(one.place)
        os.chown(one.place, one.uid, one.uid)
        start = time.monotonic()
        if (program := one.run()).wait():
            raise SystemExit(f"torture: as {who}: {program.words}")
        facts["seconds"]["run"] = time.monotonic() - start
        facts["template"][who] = one.path("r")
    start = time.monotonic()
    one.start("report", "r").wait()
    facts["seconds"]["report"] = time.monotonic() - start
    # which plots there is something to draw of differs from run to run
    facts["names"] = {name for name in reports.names(one.path("r"))
                      if not name.startswith("plots/") or "throughput" in name}
    log = f"{box.work}/strace"
    prefix = traced(log, "-e", "trace=" + ",".join(CALLS.values()))
    for argv in (("run", *CELL, "--out", "r"), ("report", "r")):
        one.start(*argv, prefix=prefix).wait()
        facts["calls"][argv[0]] = count_calls(log)
    return facts
