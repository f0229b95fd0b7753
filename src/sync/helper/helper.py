"""Lists and reads the files below folders, for as long as its standard input is open.

A request is one line of JSON with an id of its own. Requests are answered at the same time, so that none waits for another;
{"op": "cancel"} with the id of one ends that.
An answer is a row of frames, each a line "<kind> <tag> <id> <length>" and that many bytes: N records of a listing (see
tree.py), each of which ends in NUL; D data; Z deflated data; J facts as JSON. The last frame of an answer is J with "end".
The tag is the first argument, another for each start. No answer is silent for long while
there is work: empty facts say that it goes on.
"""
import errno
import hashlib
import json
import os
import stat
import sys
import threading
import time
import zlib

BLOCK = 1 << 18
# Seconds after which a file's times can be trusted to change with its content: clocks of file systems tick slowly.
FRESH = 0.1
# Seconds without a word after which work that gets on says so.
QUIET = 5
# What a run writes itself.
OWN_FILES = (b"status.json", b"events.jsonl", b"logs.txt")
# Seconds by which the clocks of a machine and of its disks may differ.
SLACK = 120
TAG = sys.argv[1].encode("ascii")
trees = {}
answers = {}
out = os.fdopen(1, "wb", BLOCK)
out_lock = threading.Lock()


class Cancelled(Exception):
    pass


class Answer:
    def __init__(self, number):
        self.number = number
        self.cancelled = False
        self.heard_at = time.monotonic()

    def send(self, kind, payload):
        self.go_on()
        with out_lock:
            out.write(b"%s %s %d %d\n" % (kind, TAG, self.number, len(payload)))
            out.write(payload)

    def say(self, **facts):
        self.send(b"J", json.dumps(facts).encode("ascii"))

    def flush(self):
        with out_lock:
            out.flush()

    def go_on(self):
        if self.cancelled:
            raise Cancelled()

    def breathe(self):
        """To be called wherever work gets on: whoever waits hears of it now and then, and may no longer want it."""
        self.go_on()
        if time.monotonic() - self.heard_at > QUIET:
            self.say()
            self.flush()
            self.heard_at = time.monotonic()


def to_bytes(text):
    return text.encode("utf-8", "surrogateescape")


def scan(answer, root, share=None, anew=False):
    """
    What changed since the last scan of this root: all of it, or what is found by so much of a processor, which all roots
    share. The first time, and where whoever asks has forgotten what was told before, everything.
    """
    tree = trees.pop(root, None)
    if anew:
        tree = None
    try:
        folder = to_bytes(root)
        info = os.stat(folder)
        if not stat.S_ISDIR(info.st_mode):
            return answer.say(end=True, error="not-folder")
        if is_system(folder):
            return answer.say(end=True, error="system-folder")
        identity = {"device": str(info.st_dev), "inode": str(info.st_ino)}
        answer.say(full=tree is None, now=time.time(), **identity)
        tree = tree or Tree(folder)
        send_records(answer, tree.changes(answer.breathe, share and share / (len(trees) + 1)))
    except FileNotFoundError:
        return answer.say(end=True, error="missing")
    except OSError as error:
        return answer.say(end=True, error="denied", reason=error.strerror)
    # What was interrupted is told anew.
    trees[root] = tree
    answer.say(end=True)


def is_system(folder):
    """Whether it is made up by the system, or all that there is. portable.sh decides the same."""
    path = os.path.join(os.path.realpath(folder), b"")
    return path == b"/" or path.startswith((b"/proc/", b"/sys/", b"/dev/")) and not path.startswith(b"/dev/shm/")


def send_records(answer, records):
    batch, length = [], 0
    for record in records:
        batch.append(record)
        length += len(record)
        if length > BLOCK:
            answer.send(b"N", b"\0".join(batch) + b"\0")
            batch, length = [], 0
    if batch:
        answer.send(b"N", b"\0".join(batch) + b"\0")


def stamp(info):
    mtime, ctime, inode = times(info).decode().split(" ")
    mode = stat.S_IMODE(info.st_mode)
    return {"size": info.st_size, "mtime": mtime, "ctime": ctime, "inode": inode, "mode": mode}


def why_not(error):
    # A link where the file was is as good as nothing.
    gone = isinstance(error, GONE) or error.errno == errno.ELOOP
    return "missing" if gone else reason_of(error).decode()


def open_file(root, path):
    """Never a device, a pipe or what a link leads to."""
    descriptor = open_below(to_bytes(root), to_bytes(path), os.O_RDONLY | os.O_NONBLOCK)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise FileNotFoundError()


def pieces(answer, descriptor, start, end):
    while start < end:
        piece = os.pread(descriptor, min(BLOCK, end - start), start)
        if not piece:
            return
        answer.breathe()
        yield piece
        start += len(piece)


def matches(answer, descriptor, blocks, digest):
    found = hashlib.sha256()
    for start, length in blocks:
        for piece in pieces(answer, descriptor, start, start + length):
            found.update(piece)
    return found.hexdigest() == digest


def send_range(answer, descriptor, start, end, compress):
    """Sends the bytes; returns how many there were and their SHA-256."""
    sent = 0
    digest = hashlib.sha256()
    for piece in pieces(answer, descriptor, start, end):
        sent += len(piece)
        digest.update(piece)
        packed = zlib.compress(piece, 1) if compress else piece
        if compress and len(packed) < len(piece) * 0.9:
            answer.send(b"Z", packed)
        else:
            # What does not shrink (pictures, archives) is not tried again.
            compress = False
            answer.send(b"D", piece)
    return sent, digest.hexdigest()


def read_one(answer, descriptor, index, offset, blocks, digest, grows, compress):
    """Sends one state that the file really had: a file that changes meanwhile is sent again."""
    for attempt in range(3):
        before = os.fstat(descriptor)
        if before.st_size == 0 and time.time() - before.st_mtime < FRESH:
            # Opened to be rewritten a moment ago, most likely: what is to stand there comes next.
            time.sleep(FRESH / 2)
            before = os.fstat(descriptor)
        size = before.st_size
        start = 0
        if attempt == 0 and 0 < offset <= size and matches(answer, descriptor, blocks, digest):
            start = offset
        age = time.time() - max(before.st_mtime, before.st_ctime)
        answer.say(i=index, start=start, age=age, stamp=stamp(before))
        sent, found = send_range(answer, descriptor, start, size, compress)
        after = os.fstat(descriptor)
        whole = sent == size - start
        still = stamp(before) == stamp(after) and age > FRESH
        grew = after.st_size >= size and whole
        if whole and (still or grew and (grows or matches(answer, descriptor, [(start, size - start)], found))):
            return answer.say(i=index, done=True, digest=found)
    answer.say(i=index, error="changing")


def read(answer, root, files, compress=False):
    for index, (path, offset, blocks, digest, grows) in enumerate(files):
        try:
            descriptor = open_file(root, path)
        except OSError as error:
            answer.say(i=index, error=why_not(error), reason=error.strerror)
            continue
        try:
            read_one(answer, descriptor, index, offset, blocks, digest, grows, compress)
        except OSError as error:
            answer.say(i=index, error=why_not(error), reason=error.strerror)
        finally:
            os.close(descriptor)
    answer.say(end=True)


def digests(answer, root, files):
    """SHA-256 of the first bytes of files."""
    for index, (path, length) in enumerate(files):
        try:
            descriptor = open_file(root, path)
        except OSError as error:
            answer.say(i=index, error=why_not(error))
            continue
        try:
            found = hashlib.sha256()
            for piece in pieces(answer, descriptor, 0, length):
                found.update(piece)
            answer.say(i=index, digest=found.hexdigest(), stamp=stamp(os.fstat(descriptor)))
        except OSError as error:
            answer.say(i=index, error=why_not(error))
        finally:
            os.close(descriptor)
    answer.say(end=True)


def processes(answer, root, runs):
    """Whether the process of each run lives. A number says nothing of a machine that calls itself otherwise."""
    for index, (path, pid, hostname) in enumerate(runs):
        answer.breathe()
        here = hostname == os.uname()[1]
        state = process_state(os.path.join(to_bytes(root), to_bytes(path)), pid) if here else "elsewhere"
        answer.say(i=index, process=state)
    answer.say(end=True)


def process_state(folder, pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return "gone"
    except OSError:
        # It is another account's.
        pass
    try:
        state, began = began_at(pid)
    except (OSError, ValueError, IndexError):
        # Hidden, or a system that does not tell.
        return "alive"
    # What began after the run fell silent, perhaps after the next boot, only has its number.
    spoke = last_word(folder)
    return "gone" if state in b"ZX" or spoke is not None and began > spoke + SLACK else "alive"


def began_at(pid):
    """The state of a process, and when it began in seconds since the epoch."""
    with open("/proc/%d/stat" % pid, "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
    with open("/proc/stat", "rb") as file:
        boot = [int(line.split()[1]) for line in file if line.startswith(b"btime ")][0]
    return fields[0], boot + int(fields[19]) / os.sysconf("SC_CLK_TCK")


def last_word(folder):
    """When the run itself wrote last; None where it wrote nothing."""
    times_of = []
    for name in OWN_FILES:
        try:
            times_of.append(os.lstat(os.path.join(folder, name)).st_mtime)
        except OSError:
            pass
    return max(times_of) if times_of else None


def serve(answer, work, request):
    try:
        work(answer, **request)
        answer.flush()
    except Cancelled:
        answer.cancelled = False
        answer.say(end=True)
        answer.flush()
    except BrokenPipeError:
        os._exit(0)
    except Exception:
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    answers.pop(answer.number, None)


def main():
    hello = Answer(0)
    hello.send(b"J", b"python")
    hello.flush()
    works = {"scan": scan, "read": read, "digests": digests, "processes": processes}
    for line in sys.stdin.buffer:
        request = json.loads(line.decode("ascii"))
        number, work = request.pop("id"), request.pop("op")
        if work == "cancel":
            if number in answers:
                answers[number].cancelled = True
            continue
        answers[number] = answer = Answer(number)
        arguments = (answer, works[work], request)
        try:
            threading.Thread(target=serve, args=arguments, daemon=True).start()
        except RuntimeError:
            # Where no further thread may be started, one after the other.
            serve(*arguments)


try:
    main()
except (BrokenPipeError, KeyboardInterrupt):
    pass
# What still works for nobody ends with this.
os._exit(0)
