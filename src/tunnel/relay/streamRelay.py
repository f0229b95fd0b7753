"""Opens streams to sockets and loopback ports of this account, for as long as its standard input is open.

Both ways travel frames: a kind (one letter), the number of a stream and the length of a payload (four bytes each, the most
significant first), the payload, and a tag. The tag is the first argument, another one for each start: what others write in
between is noticed. The other side opens a stream with a new number and says nothing of it after a reset:

  O open: "s" and the path of a socket, or "t" and a port     A accepted
  D data   E no more data   W the window is wider by this much, in four bytes
  R reset                                                     C closed, the last of each stream, with the reason if any

Of each stream, either side sends only as much as the window of the other has room for: each frame of data takes its payload
and COST bytes. A stream that nobody reads holds up no other, and memory has a bound.
"""
import errno
import os
import selectors
import socket
import stat
import struct
import sys
import time

HEAD = struct.Struct(">cII")
NUMBER = struct.Struct(">I")
TAG = sys.argv[1].encode("ascii")
# Bytes: of each stream at first, either way; of a payload at most; that a frame takes beside its payload.
WINDOW = 1 << 18
PIECE = 1 << 16
COST = 64
# Seconds until a socket is tried again that takes no further connection now, and until that is given up.
RETRY = 0.01
PATIENCE = 10

selector = selectors.DefaultSelector()
streams = {}


def say(kind, number, payload=b""):
    parts = [HEAD.pack(kind, number, len(payload)), payload, TAG]
    length = len(payload) + HEAD.size + len(TAG)
    written = os.writev(1, parts)
    if written < length:
        rest = memoryview(b"".join(parts))[written:]
        while rest:
            rest = rest[os.write(1, rest) :]


def words(code):
    return "%s %s" % (errno.errorcode.get(code, "EIO"), os.strerror(code))


def is_listening_ours(port):
    """Whether what listens at a port of 127.0.0.1 is of this account: what is bound to that address goes before the rest."""
    loopback = "%08X" % struct.unpack("=I", socket.inet_aton("127.0.0.1"))
    mapped = "0" * 16 + "%08X" % struct.unpack("=I", b"\0\0\xff\xff") + loopback
    for table, addresses in (("tcp", (loopback, "0" * 8)), ("tcp6", (mapped, "0" * 32))):
        found = {}
        try:
            with open("/proc/self/net/" + table) as rows:
                next(rows, "")
                for row in rows:
                    # Those that listen come first: the many others are not looked at.
                    _, local, _, state, _, _, _, uid, _, inode = row.split(None, 10)[:10]
                    if state != "0A":
                        break
                    address, _, at = local.partition(":")
                    if int(at, 16) == port and inode != "0":
                        found[address] = int(uid)
        except OSError:
            pass
        for address in addresses:
            if address in found:
                return found[address] == os.geteuid()
    return False


class Stream:
    def __init__(self, number, target):
        self.number = number
        self.path = target[1:] if target[:1] == b"s" else None
        self.port = int(target[1:]) if target[:1] == b"t" else 0
        self.socket = None
        self.events = 0
        self.deadline = time.monotonic() + PATIENCE
        self.is_open = False
        self.is_refused_now = False
        # What the other side has room for, and what is here for the socket.
        self.may_send = WINDOW
        self.unsent = bytearray()
        # Room that came free here, and was not told yet.
        self.freed = 0
        self.has_end = False
        self.said_end = False
        self.is_deaf = False

    def connect(self):
        self.is_refused_now = False
        try:
            if self.path is None:
                self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
                self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                address = ("127.0.0.1", self.port)
            else:
                self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                address = self.path
                if not stat.S_ISSOCK(os.stat(address).st_mode):
                    return self.finish("ENOTSOCK it is no socket")
            self.socket.setblocking(False)
            code = self.socket.connect_ex(address)
        except (OSError, ValueError, OverflowError) as error:
            code = getattr(error, "errno", None)
            return self.finish(words(code) if code else "EINVAL %s" % error)
        if code == 0:
            self.opened()
        elif code == errno.EINPROGRESS:
            self.watch()
        elif code == errno.EAGAIN:
            # A socket whose queue is full.
            self.socket.close()
            self.is_refused_now = True
        else:
            self.finish(words(code))

    def is_ours(self):
        if self.path is None:
            return is_listening_ours(self.port)
        if hasattr(socket, "SO_PEERCRED"):
            peer = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
            return struct.unpack("3i", peer)[1] == os.geteuid()
        return os.stat(self.path).st_uid == os.geteuid()

    def opened(self):
        try:
            if not self.is_ours():
                return self.finish("EACCES it belongs to another account")
        except OSError as error:
            return self.finish(words(error.errno))
        self.is_open = True
        say(b"A", self.number)
        self.watch()

    def watch(self):
        """Waits for what can be done next."""
        wanted = 0
        if not self.is_open or self.unsent or (self.has_end and not self.is_deaf):
            wanted |= selectors.EVENT_WRITE
        if self.is_open and not self.said_end and self.may_send > COST:
            wanted |= selectors.EVENT_READ
        if wanted == self.events:
            return
        if not self.events:
            selector.register(self.socket, wanted, self)
        elif not wanted:
            selector.unregister(self.socket)
        else:
            selector.modify(self.socket, wanted, self)
        self.events = wanted

    def happened(self, events):
        if not self.is_open:
            code = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            return self.finish(words(code)) if code else self.opened()
        if events & selectors.EVENT_READ:
            self.receive()
        if events & selectors.EVENT_WRITE and self.number in streams:
            self.send()
        if self.number in streams:
            self.watch()

    def receive(self):
        try:
            data = self.socket.recv(min(PIECE, self.may_send - COST))
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            return self.finish(words(error.errno))
        if data:
            self.may_send -= len(data) + COST
            return say(b"D", self.number, data)
        self.said_end = True
        say(b"E", self.number)
        self.finish_if_over()

    def send(self):
        try:
            while self.unsent:
                sent = self.socket.send(memoryview(self.unsent)[:PIECE])
                del self.unsent[:sent]
                self.free(sent)
            if self.has_end:
                self.is_deaf = True
                self.socket.shutdown(socket.SHUT_WR)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            # It reads nothing more. What it has still to say counts.
            self.is_deaf = True
            self.free(len(self.unsent))
            self.unsent.clear()
        self.finish_if_over()

    def free(self, count):
        self.freed += count
        if self.freed >= WINDOW // 4:
            say(b"W", self.number, NUMBER.pack(self.freed))
            self.freed = 0

    def data(self, payload):
        if self.is_deaf or self.has_end:
            return self.free(len(payload) + COST)
        if len(self.unsent) + len(payload) > WINDOW:
            return self.finish("ENOBUFS the window is smaller")
        self.unsent += payload
        self.free(COST)
        if self.is_open:
            self.send()
            if self.number in streams:
                self.watch()

    def end(self):
        self.has_end = True
        if self.is_open:
            self.send()
            if self.number in streams:
                self.watch()

    def finish_if_over(self):
        if self.said_end and self.is_deaf:
            self.finish("" if self.has_end else words(errno.EPIPE))

    def reset(self):
        if self.path is None and self.socket is not None and self.socket.fileno() >= 0:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.finish("")

    def finish(self, reason):
        del streams[self.number]
        if self.events:
            selector.unregister(self.socket)
        if self.socket is not None:
            self.socket.close()
        say(b"C", self.number, reason.encode("utf-8", "replace"))


def hear(kind, number, payload):
    if kind == b"O":
        streams[number] = Stream(number, payload)
        return streams[number].connect()
    stream = streams.get(number)
    if stream is None:
        return
    if kind == b"D":
        stream.data(payload)
    elif kind == b"E":
        stream.end()
    elif kind == b"R":
        stream.reset()
    elif kind == b"W":
        stream.may_send += NUMBER.unpack(payload)[0]
        if stream.is_open:
            stream.watch()


def hear_all(heard):
    """Takes whole frames from the front of what was heard."""
    at = 0
    while len(heard) - at >= HEAD.size:
        kind, number, length = HEAD.unpack_from(heard, at)
        start = at + HEAD.size
        end = start + length
        if length > PIECE:
            raise ValueError("a frame is too long")
        if len(heard) < end + len(TAG):
            break
        if heard[end : end + len(TAG)] != TAG:
            raise ValueError("a frame has another tag")
        hear(kind, number, bytes(heard[start:end]))
        at = end + len(TAG)
    del heard[:at]


def try_again():
    """@returns seconds until somebody waits no longer, or None where nobody does."""
    now = time.monotonic()
    pending = [stream for stream in streams.values() if not stream.is_open]
    for stream in pending:
        if now >= stream.deadline:
            stream.finish(words(errno.ETIMEDOUT))
        elif stream.is_refused_now:
            stream.connect()
    if any(stream.is_refused_now for stream in pending):
        return RETRY
    return 1 if pending else None


def main():
    os.chdir("/")
    os.set_blocking(0, True)
    os.set_blocking(1, True)
    selector.register(0, selectors.EVENT_READ)
    heard = bytearray()
    os.write(1, TAG + b" python\n")
    while True:
        for key, events in selector.select(try_again()):
            if key.data is None:
                piece = os.read(0, 2 * PIECE)
                if not piece:
                    return
                heard += piece
                hear_all(heard)
            elif streams.get(key.data.number) is key.data:
                key.data.happened(events)


try:
    main()
except (BrokenPipeError, ConnectionResetError):
    pass
