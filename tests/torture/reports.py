# SPDX-License-Identifier: GPL-2.0-only
"""What a directory holds: a report, whole or not, the user's own files, and what nobody wants there."""

import fnmatch
import gzip
import hashlib
import json
import os
import re
import stat

# Files that a user may keep in a report, most of them under names that a format could have chosen.
USER_FILES = ("my-notes.svg", "a2-a3.svg", "perf.folded", "notes.txt", "plots/mine.png",
              "my-dir.svg/inside.txt", "plots/data.set")
TEMPORARY = re.compile(r"^\.copyscope-tmp|\.tmp-|\.new-|\.old$|^\.latest-|^\.[A-Za-z0-9]+~?$")
RECOVERED = re.compile(r"^recovered-[0-9a-f]{8}$") # complete, but the run was killed before it had its name
UNNAMED = re.compile(r"^(\d{8}T\d{6}Z-.*|latest)$")


def gunzips(data):
    try:
        return bool(gzip.decompress(data))
    except (OSError, EOFError):
        return False


def parses(data):
    try:
        return isinstance(json.loads(data), dict)
    except ValueError:
        return False


# How a whole file of each kind ends.
WHOLE = {
    "*.html": lambda data: data.rstrip().endswith(b"</html>"),
    "*.svg": lambda data: data.rstrip().endswith(b"</svg>"),
    "*.png": lambda data: data.endswith(b"IEND\xaeB`\x82"),
    "*.om": lambda data: data.endswith(b"# EOF\n"),
    "*.json": parses,
    "*.gz": gunzips,
    "*": lambda data: data.endswith(b"\n") or not data,
}


def read(path):
    with open(path, "rb") as file:
        return file.read()


def below(path):
    """All that is there, relative."""
    return [os.path.relpath(os.path.join(at, name), path) for at, dirs, files in os.walk(path)
            for name in dirs + files]


def names(path):
    """The files of the report in path, relative, without the user's and what is yet to be one."""
    return {name for name in below(path) if not os.path.isdir(f"{path}/{name}") and
            not TEMPORARY.search(name.partition("/")[0])} - set(USER_FILES)


def faults(path):
    """What is not whole in the report there."""
    found = []
    for name in sorted(names(path)):
        rule = next(pattern for pattern in WHOLE if fnmatch.fnmatch(name, pattern))
        if not WHOLE[rule](read(f"{path}/{name}")):
            found.append(f"{name} is cut off")
    return found


def identity(path):
    """Of the results in directory path, or in that file; None: there are none that can be read."""
    path = f"{path}/results.json" if os.path.isdir(path) else path
    try:
        data = read(path)
        return hashlib.sha256(data).hexdigest() if "schema" in json.loads(data) else None
    except (OSError, ValueError, TypeError):
        return None


def is_mixed(path):
    """The words are of other results than the numbers."""
    if not {"report.md", "results.json"} <= names(path):
        return False
    started = json.loads(read(f"{path}/results.json"))["started_utc"]
    return started.encode() not in read(f"{path}/report.md")


def facts(path):
    """Of each regular file: all that must stay as it is, if it is the user's."""
    found = {}
    for name in below(path):
        whole = f"{path}/{name}"
        at = os.lstat(whole)
        if stat.S_ISREG(at.st_mode):
            found[name] = (at.st_mode, at.st_uid, read(whole))
    return found


def of_others(path, uid):
    return [name for name in below(path) if os.lstat(f"{path}/{name}").st_uid != uid]


def plant(path, relative, uid):
    """A file of the user's."""
    whole = f"{path}/{relative}"
    if not os.path.isdir(os.path.dirname(whole)):
        os.mkdir(os.path.dirname(whole))
        os.chown(os.path.dirname(whole), uid, uid)
    with open(whole, "w") as file:
        file.write(f"mine: {relative}\n")
    os.chown(whole, uid, uid)


def strangers(place, expected):
    """What is in place (where reports go) beside what the user has and asked for."""
    found = [name for name in os.listdir(place)
             if name not in expected and not RECOVERED.match(name)]
    for name in below(place):
        directory, _, last = name.rpartition("/")
        if TEMPORARY.search(last) or \
                directory == "reports" and not (UNNAMED.match(last) or RECOVERED.match(last)):
            found.append(name)
    return sorted(set(found))
