"""Runs commands with the user's shell, each in a session of its own, for as long as its standard input is open.

Both ways travel frames: a kind (one letter), the number of a command and the length of a payload (four bytes each, the most
significant first), the payload, and a tag. The tag is the first argument, another one for each start: what others write in
between is noticed. The other side asks with a new number for each command:

  R run this            E end it: TERM to its process group, and KILL two seconds later

and hears

  H, once: this is ready for commands
  B it runs, with the number of its process group      N it could not be begun: nothing of it ran
  O standard output     S standard error, of either as much as is kept
  X it has ended: its status, or 128 and the number of a signal, and how many bytes it printed on either stream

A command has ended when its shell has and nobody holds its streams any more. All that run are ended with the standard input,
and when this program is not listened to any more.
"""
import os
import select
import signal
import struct
import sys
import time

HEAD = struct.Struct(">cII")
ENDED = struct.Struct(">IQQ")
TAG = sys.argv[1].encode("ascii")
KEPT = int(sys.argv[3])
# Bytes that are read at once: whoever prints much does not keep the others waiting.
PIECE = 1 << 16
LONGEST = 1 << 23
# Seconds for a command that is asked to end.
GRACE = 2

ENVIRONMENT = dict(os.environb)
if sys.argv[4:] != ["set"]:
    ENVIRONMENT.pop(b"LC_CTYPE", None)
SHELL = ENVIRONMENT.get(b"SHELL") or b"/bin/sh"
# Python ignores the last two by itself; a command has the usual handling of all.
IGNORED = [number for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM) if signal.getsignal(number) != signal.SIG_IGN]
USUAL = IGNORED + [signal.SIGPIPE, signal.SIGXFSZ]

poll = select.poll()
jobs = {}
# Which command reads of itself where.
streams = {}
unsaid = []
is_heard = True


def say(kind, number, payload=b""):
    unsaid.extend((HEAD.pack(kind, number, len(payload)), payload, TAG))


def tell():
    """Writes what gathered in one turn."""
    global is_heard
    if not unsaid:
        return
    rest = memoryview(b"".join(unsaid))
    unsaid.clear()
    try:
        while is_heard and rest:
            rest = rest[os.write(1, rest) :]
    except OSError:
        is_heard = False


class Job:
    def __init__(self, number, command):
        self.number = number
        self.printed = [0, 0]
        self.status = None
        self.kill_at = None
        self.is_killed = False
        self.is_told = False
        self.ends = []
        ours, theirs = [], []
        try:
            for _ in self.printed:
                pair = os.pipe()
                ours.append(pair[0])
                theirs.append(pair[1])
            actions = [(os.POSIX_SPAWN_OPEN, 0, b"/dev/null", os.O_RDONLY, 0)]
            actions += [(os.POSIX_SPAWN_DUP2, fd, 1 + which) for which, fd in enumerate(theirs)]
            self.pid = os.posix_spawnp(
                SHELL, [SHELL, b"-c", command], ENVIRONMENT, file_actions=actions, setsid=True, setsigdef=USUAL
            )
        except BaseException:
            for fd in ours:
                os.close(fd)
            raise
        finally:
            for fd in theirs:
                os.close(fd)
        for which, fd in enumerate(ours):
            self.ends.append(fd)
            streams[fd] = (self, which)
            poll.register(fd, select.POLLIN)

    def read(self, fd, which):
        data = os.read(fd, PIECE)
        if not data:
            return self.close(fd)
        room = KEPT - self.printed[which]
        self.printed[which] += len(data)
        if room > 0:
            say(b"S" if which else b"O", self.number, data[:room])

    def close(self, fd):
        poll.unregister(fd)
        self.ends.remove(fd)
        del streams[fd]
        os.close(fd)

    def signal(self, number):
        # Nobody has waited for the group's leader yet: no other group can have its number.
        try:
            os.kill(-self.pid, number)
        except OSError:
            pass

    def end(self):
        if self.kill_at is None and not self.is_killed:
            self.kill_at = time.monotonic() + GRACE
            self.signal(signal.SIGTERM)

    def look(self):
        """Tells of the end where it has come. What the command left behind is killed before its number is given back."""
        if self.kill_at is not None and time.monotonic() >= self.kill_at:
            self.kill_at = None
            self.is_killed = True
            self.signal(signal.SIGKILL)
        if self.status is None:
            self.status = status_of(self.pid)
        if self.status is None:
            return
        if not self.is_told and (self.is_killed or not self.ends):
            self.is_told = True
            for fd in list(self.ends):
                self.close(fd)
            say(b"X", self.number, ENDED.pack(self.status, *self.printed))
        if self.is_told and self.kill_at is None:
            os.waitpid(self.pid, 0)
            del jobs[self.number]


def status_of(pid):
    """None while it runs. It stays as it is: its number is not given back."""
    ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    if ended is None:
        return None
    return ended.si_status if ended.si_code == os.CLD_EXITED else 128 + ended.si_status


def hear(kind, number, payload):
    if kind == b"R":
        try:
            job = jobs[number] = Job(number, payload)
        except (OSError, ValueError, NotImplementedError):
            return say(b"N", number)
        say(b"B", number, b"%d" % job.pid)
    elif kind == b"E" and number in jobs:
        jobs[number].end()


def hear_all(heard):
    """Takes whole frames from the front of what was heard."""
    at = 0
    while len(heard) - at >= HEAD.size:
        kind, number, length = HEAD.unpack_from(heard, at)
        start = at + HEAD.size
        end = start + length
        if length > LONGEST:
            raise ValueError("a frame is too long")
        if len(heard) < end + len(TAG):
            break
        if heard[end : end + len(TAG)] != TAG:
            raise ValueError("a frame has another tag")
        hear(kind, number, bytes(heard[start:end]))
        at = end + len(TAG)
    del heard[:at]


def wait():
    """@returns what can be read, when anything can, a command has ended or one is to be killed."""
    deadlines = [job.kill_at for job in jobs.values() if job.kill_at is not None]
    if not deadlines:
        return poll.poll()
    return poll.poll(max(0, min(deadlines) - time.monotonic()) * 1000 + 1)


def run():
    global is_heard
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(ended, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    poll.register(0, select.POLLIN)
    poll.register(ended, select.POLLIN)
    heard = bytearray()
    say(b"H", 0)
    tell()
    is_open = True
    while is_open or jobs:
        for fd, _ in wait():
            if fd == 0:
                piece = os.read(0, 2 * PIECE)
                heard += piece
                hear_all(heard)
                if not piece:
                    is_heard = False
            elif fd == ended:
                os.read(ended, PIECE)
            elif fd in streams:
                job, which = streams[fd]
                job.read(fd, which)
        for job in list(jobs.values()):
            job.look()
        tell()
        if is_open and not is_heard:
            is_open = False
            poll.unregister(0)
            for job in jobs.values():
                job.end()


def main():
    for number in IGNORED:
        signal.signal(number, signal.SIG_IGN)
    try:
        with open("/proc/self/comm", "w") as name:
            name.write("runicorn-relay")
    except OSError:
        pass
    os.set_blocking(0, True)
    os.set_blocking(1, True)
    try:
        run()
    finally:
        # Only after a mistake of this program is there anything left.
        for job in jobs.values():
            job.signal(signal.SIGTERM)
        if jobs:
            time.sleep(GRACE)
        for job in jobs.values():
            job.signal(signal.SIGKILL)


main()
