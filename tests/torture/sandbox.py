# SPDX-License-Identifier: GPL-2.0-only
"""A corner of the machine that is ours alone: /run, network and cgroups are the sandbox's own, and
whatever our programs start stays below us. What is found here afterwards one of our programs left,
however many others run copyscope on this machine meanwhile.
"""

import ctypes
import glob
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

MARK = "COPYSCOPE_TORTURE_SANDBOX"
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER


def enter():
    """Begin again in namespaces of our own."""
    if MARK not in os.environ:
        os.environ[MARK] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--net", "--propagation", "private",
                              sys.executable, "-B", *sys.argv])
    ctypes.CDLL(None).prctl(SUBREAPER, 1)


def call(*argv):
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)


def cgroup2_mounts():
    with open("/proc/self/mounts") as table:
        return [words[1] for words in map(str.split, table) if words[2] == "cgroup2"]


def processes(root=None):
    """Living processes below root, which is us: {pid: command}."""
    parent, command = {}, {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as stat:
                head, _, tail = stat.read().rpartition(")")
        except OSError:
            continue
        state, ppid = tail.split()[:2]
        parent[int(pid)] = int(ppid)
        if state not in "ZX":
            command[int(pid)] = head.partition("(")[2]
    known, size = {root or os.getpid()}, 0
    while len(known) > size:
        size = len(known)
        known |= {pid for pid, ppid in parent.items() if ppid in known}
    known.discard(root or os.getpid())
    return {pid: command[pid] for pid in known if pid in command}


def reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


class Sandbox:
    def __init__(self):
        mounts = cgroup2_mounts()
        if not mounts:
            sys.exit("torture: no cgroup v2 hierarchy is mounted: nowhere to look for what is left")
        self.work = tempfile.mkdtemp(prefix="copyscope-torture-")
        call("mount", "-t", "tmpfs", "-o", "mode=755,size=4G", "none", self.work)
        call("mount", "-t", "tmpfs", "-o", "mode=755", "none", "/run")
        self._own_cgroup(mounts)
        self.programs = self._programs()

    def _own_cgroup(self, mounts):
        self.above = os.open(mounts[0], os.O_RDONLY | os.O_DIRECTORY)
        self.cgroup_name = f"torture-{os.getpid()}"
        self.cgroup, there = mounts[0], f"{self.work}/cgroup"
        os.mkdir(self.cgroup_name, dir_fd=self.above)
        os.mkdir(there)
        call("mount", "--bind", f"{mounts[0]}/{self.cgroup_name}", there)
        for mount in reversed(mounts):
            call("umount", "-l", mount)
        call("mount", "--move", there, self.cgroup)
        os.rmdir(there)

    def close(self):
        self.kill_all()
        self.clean()
        os.rmdir(self.cgroup_name, dir_fd=self.above)
        call("umount", "-l", self.work)
        os.rmdir(self.work)

    def _cgroups(self):
        return [path for path, _, _ in os.walk(self.cgroup, topdown=False)
                if "/copyscope-" in path]

    @staticmethod
    def _state():
        return [f"{path}/{name}" for base in os.listdir("/run") if "copyscope" in base
                for path, dirs, files in os.walk(f"/run/{base}") for name in dirs + files]

    @staticmethod
    def _namespaces():
        return [name for name in (os.listdir("/run/netns") if os.path.isdir("/run/netns") else [])
                if name.startswith("cs-")]

    @staticmethod
    def _programs():
        """BPF programs that no process holds: those that are pinned, or attached for good."""
        if not shutil.which("bpftool"):
            return set()
        text = subprocess.run(["bpftool", "-j", "prog", "show"], capture_output=True).stdout
        held = set()
        for info in glob.iglob("/proc/[0-9]*/fdinfo/*"):
            try:
                with open(info) as file:
                    held |= {int(line.split()[1]) for line in file if line.startswith("prog_id:")}
            except OSError:
                pass
        return {program["id"] for program in json.loads(text or "[]")} - held

    def settle(self, seconds=60): # a writer may finish its report, and a busy machine let it wait
        """Wait until all processes are gone; what stays is killed, and told."""
        deadline = time.monotonic() + seconds
        while processes():
            reap()
            if time.monotonic() > deadline:
                left = [f"process {command} ({pid})" for pid, command in processes().items()]
                self.kill_all()
                return left
            time.sleep(0.005)
        reap()
        return []

    @staticmethod
    def kill_all():
        while pids := processes():
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.01)
            reap()
        reap()

    def leftovers(self):
        return ([f"namespace {name}" for name in self._namespaces()] +
                [f"link {name}" for _, name in socket.if_nameindex() if name != "lo"] +
                [f"cgroup {os.path.basename(path)}" for path in self._cgroups()] +
                [f"state {path}" for path in self._state()])

    def left_programs(self):
        """Asked for once, at the end, with patience for programs of others that just go."""
        for _ in range(10):
            left = self._programs() - self.programs
            if not left:
                return []
            time.sleep(0.5)
        return [f"BPF program {number}" for number in sorted(left)]

    def clean(self):
        """What one round left must not be the next one's."""
        for name in self._namespaces():
            call("ip", "netns", "delete", name)
        for path in self._cgroups():
            os.rmdir(path)
        for name in os.listdir("/run"):
            if "copyscope" in name:
                path = f"/run/{name}"
                if os.path.isdir(path) and not os.path.islink(path):
                    shutil.rmtree(path)
                else:
                    os.unlink(path)
