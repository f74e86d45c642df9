# SPDX-License-Identifier: GPL-2.0-only
"""usage: program.py sizes PORT SIZE... | sendfile PORT FILE | zerocopy PORT BYTES yes|no |
datagrams PORT SIZE... | pair SIZE... | peek PORT ECHO_PORT
Programs to attach to: each sends in one way, in calls of known sizes.
"""

import os
import select
import socket
import struct
import sys

LOCALHOST = "127.0.0.1"
SO_ZEROCOPY, MSG_ZEROCOPY, SO_EE_ORIGIN_ZEROCOPY = 60, 0x4000000, 5


def connected(port):
    return socket.create_connection((LOCALHOST, port))


def sizes(port, *args):
    """Each with one call, whatever the kernel takes of it at once."""
    with connected(port) as sock:
        for size in map(int, args):
            sock.sendall(bytes(size))


def sendfile(port, path):
    with connected(port) as sock, open(path, "rb") as file:
        sock.sendall(b"head")
        sock.sendfile(file)


def completed(sock):
    """How many sends the notifications that are there tell of."""
    sends = 0
    while True:
        try:
            ancillary = sock.recvmsg(0, 512, socket.MSG_ERRQUEUE)[1]
        except BlockingIOError:
            return sends
        for _, _, data in ancillary:
            # struct sock_extended_err: errno, origin, type, code, pad, info, data
            _, origin, _, first, last = struct.unpack_from("=IBBxxII", data)
            if origin == SO_EE_ORIGIN_ZEROCOPY:
                sends += last - first + 1


def zerocopy(port, size, allowed):
    """A socket that is not told SO_ZEROCOPY ignores the flag, and notifies of nothing."""
    block, left, sends = bytes(100000), int(size), 0
    with connected(port) as sock:
        if allowed == "yes":
            sock.setsockopt(socket.SOL_SOCKET, SO_ZEROCOPY, 1)
        while left:
            left -= sock.send(block[:left], MSG_ZEROCOPY)
            sends += 1
        sock.sendall(b"tail")
        poll = select.poll()
        poll.register(sock, 0)
        while allowed == "yes" and sends:
            poll.poll()
            sends -= completed(sock)


def datagrams(port, *args):
    """There and back; the last answer finds room for ten bytes only."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for size in map(int, args):
            sock.sendto(bytes(size), (LOCALHOST, int(port)))
            sock.recvfrom(1 << 16)
        sock.connect((LOCALHOST, int(port)))
        sock.send(bytes(1000))
        sock.recv(10)


def pair(*args):
    """A stream; and what is none: datagrams, a pipe."""
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    for size in map(int, args):
        near.sendall(bytes(size))
        far.recv(size, socket.MSG_WAITALL)
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    near.send(bytes(500))
    far.recv(500)
    read_end, write_end = os.pipe()
    os.write(write_end, bytes(500))
    os.read(read_end, 500)


def peek(port, echo_port):
    """Of each kind of socket 100 bytes, which are looked at before they are taken."""
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    near.sendall(bytes(100))
    datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagram.connect((LOCALHOST, int(echo_port)))
    datagram.send(bytes(100))
    stream = connected(port)
    stream.shutdown(socket.SHUT_WR)
    for sock in far, datagram, stream:
        for flags in socket.MSG_PEEK, socket.MSG_PEEK | socket.MSG_TRUNC, socket.MSG_WAITALL:
            sock.recv(100, flags)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
