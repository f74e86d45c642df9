# SPDX-License-Identifier: GPL-2.0-only
"""usage: terminal.py ROWS COLUMNS KEYS COMMAND...: runs it in a terminal of that size and types a key a second, "-" is none and
"+" makes the terminal ten columns wider. Prints what it showed, then "settings kept" if the terminal is as it was before, and
exits with its status."""

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time


def resize(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def main(rows, columns, keys, *command):
    rows, columns = int(rows), int(columns)
    master, slave = pty.openpty()
    resize(master, rows, columns)
    before = termios.tcgetattr(slave)
    pid = os.fork()
    if not pid:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for fd in range(3):
            os.dup2(slave, fd)
        os.execvp(command[0], command)
    shown, next_key, status = b"", time.monotonic() + 2, None
    while status is None:
        if select.select([master], [], [], 0.05)[0]:
            shown += os.read(master, 65536)
        if keys and time.monotonic() > next_key:
            key, keys, next_key = keys[0], keys[1:], time.monotonic() + 1
            if key == "+":
                columns += 10
                resize(master, rows, columns)
            elif key != "-":
                os.write(master, key.encode())
        ended, how = os.waitpid(pid, os.WNOHANG)
        status = os.waitstatus_to_exitcode(how) if ended else None
    while select.select([master], [], [], 0.05)[0]:
        shown += os.read(master, 65536)
    sys.stdout.write(shown.decode())
    print("settings kept" if termios.tcgetattr(slave) == before else "settings changed")
    sys.exit(status)


main(*sys.argv[1:])
