# SPDX-License-Identifier: GPL-2.0-only
"""usage: peer.py server BYTES | client PORT BYTES | proxy PORT CONNECTIONS | echo | http[s] PORT COUNT |
redis PORT COMMAND. The other end of a program that is attached to: it counts what it reads and writes
itself, to the byte, and prints "NAME NUMBER" lines; one that is connected to prints its "port" first.
"""

import re
import socket
import ssl
import sys
import threading

LOCALHOST = "127.0.0.1"
CHUNK = 256 * 1024


def tell(**numbers):
    for name, number in numbers.items():
        print(name, number, flush=True)


def listening(kind=socket.SOCK_STREAM):
    sock = socket.socket(socket.AF_INET, kind)
    sock.bind((LOCALHOST, 0))
    if kind == socket.SOCK_STREAM:
        sock.listen()
    tell(port=sock.getsockname()[1])
    return sock


def drain(sock):
    total = 0
    while data := sock.recv(CHUNK):
        total += len(data)
    return total


def give(sock, size):
    block = b"\xa5" * CHUNK
    for start in range(0, size, CHUNK):
        sock.sendall(block[:size - start])
    sock.shutdown(socket.SHUT_WR)


def server(size):
    """One connection: all that comes, then an answer."""
    sock = listening().accept()[0]
    received = drain(sock)
    give(sock, int(size))
    tell(received=received, sent=size)


def client(port, size):
    sock = socket.create_connection((LOCALHOST, port))
    give(sock, int(size))
    tell(sent=size, received=drain(sock))


def pump(source, sink, counts, name):
    """What has been read is counted; that the other end is gone must not end the reading."""
    try:
        while data := source.recv(CHUNK):
            counts[name] += len(data)
            try:
                sink.sendall(data)
            except OSError:
                pass
        sink.shutdown(socket.SHUT_WR)
    except OSError as error:
        print("reset", name, error, file=sys.stderr)


def proxy(port, connections):
    counts, threads, door = {"from_client": 0, "from_server": 0}, [], listening()
    for _ in range(int(connections)):
        near, far = door.accept()[0], socket.create_connection((LOCALHOST, port))
        for end in (near, far):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        pair = [threading.Thread(target=pump, args=(near, far, counts, "from_client")),
                threading.Thread(target=pump, args=(far, near, counts, "from_server"))]
        for thread in pair:
            thread.start()
        threads += pair
    for thread in threads:
        thread.join()
    tell(**counts)


def echo():
    """Datagrams, until it is ended."""
    sock = listening(socket.SOCK_DGRAM)
    while True:
        data, sender = sock.recvfrom(1 << 16)
        sock.sendto(data, sender)


REQUEST = b"GET /file HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def http(port, count):
    sent = received = 0
    for _ in range(int(count)):
        sock = socket.create_connection((LOCALHOST, port))
        sock.sendall(REQUEST)
        sent += len(REQUEST)
        received += drain(sock)
    tell(sent=sent, received=received)


class Tls:
    """A client whose records pass through our hands: sent and received are bytes on the wire."""

    def __init__(self, port):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.read_bio, self.write_bio = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.read_bio, self.write_bio)
        self.sock = socket.create_connection((LOCALHOST, port))
        self.sent = self.received = 0

    def flush(self):
        data = self.write_bio.read()
        self.sock.sendall(data)
        self.sent += len(data)

    def call(self, function, *args):
        while True:
            try:
                result = function(*args)
                self.flush()
                return result
            except ssl.SSLWantReadError:
                self.flush()
                data = self.sock.recv(CHUNK)
                self.received += len(data)
                if data:
                    self.read_bio.write(data)
                else:
                    self.read_bio.write_eof()

    def get(self):
        self.call(self.tls.do_handshake)
        self.call(self.tls.write, REQUEST)
        try:
            while self.call(self.tls.read, CHUNK):
                pass
        except ssl.SSLZeroReturnError:
            pass
        self.received += drain(self.sock)


def https(port, count):
    sent = received = 0
    for _ in range(int(count)):
        connection = Tls(port)
        connection.get()
        sent += connection.sent
        received += connection.received
    tell(sent=sent, received=received)


def redis(port, command):
    """One command; of what redis says, the numbers, and how long question and answer were."""
    sock = socket.create_connection((LOCALHOST, port))
    request = command.encode() + b"\r\n"
    sock.sendall(request)
    reply, length = b"", None
    while length is None or len(reply) < length:
        reply += sock.recv(CHUNK)
        if head := re.match(rb"\$(\d+)\r\n", reply):
            length = head.end() + int(head[1]) + 2
    for name, number in re.findall(rb"(\w+):(\d+)\r\n", reply):
        print(name.decode(), number.decode())
    tell(question=len(request), answer=len(reply))


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
