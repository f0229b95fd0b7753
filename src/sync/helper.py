"""Lists and reads the files below a folder, for as long as its standard input is open.

A request is one line of JSON. An answer is a row of frames, each a line "<kind> <length>" and that many bytes:
N listing records, D data, Z deflated data, J facts as JSON. The last frame of an answer is J with "end".

A listing record ends in NUL: "<f or d> <size> <mtime> <ctime> <inode> <octal mode> <path>" for what is there,
"- <path>" for what is gone since the last listing, "! <path>" for a folder that could not be listed.
"""
import hashlib
import json
import os
import stat
import subprocess
import sys
import time
import zlib

BLOCK = 1 << 18
# Seconds after which a file's times can be trusted to change with its content: clocks of file systems tick slowly.
FRESH = 0.1
LEFT_OUT = (b".lock", b"-wal", b"-shm")
listings = {}
out = os.fdopen(1, "wb", BLOCK)


def send(kind, payload):
    out.write(b"%s %d\n" % (kind, len(payload)))
    out.write(payload)


def say(**facts):
    send(b"J", json.dumps(facts).encode("ascii"))


def to_bytes(text):
    return text.encode("utf-8", "surrogateescape")


def list_with_find(root, start):
    """The records of what is below, or None where find lacks what is needed or could not list everything."""
    names = []
    for ending in LEFT_OUT:
        names += ["!", "-name", b"*" + ending]
    command = ["find", os.path.join(root, start, b"."), "-ignore_readdir_race", "-mindepth", "1"]
    command += ["(", "-type", "f", "-o", "-type", "d", ")"] + names
    command += ["-printf", b"%y %s %T@ %C@ %i %m " + os.path.join(start, b"") + b"%P\\0"]
    try:
        # Not through a shell; what find complains about is looked for again, name by name, by the walk.
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except OSError:
        return None
    listing = child.communicate()[0]
    return listing.split(b"\0")[:-1] if child.returncode == 0 else None


def walk(root, start):
    """The same records through the system's own calls, with the folders that cannot be listed."""
    records = []
    waiting = [start]
    while waiting:
        below = waiting.pop()
        try:
            entries = list(os.scandir(os.path.join(root, below)))
        except FileNotFoundError:
            continue
        except OSError:
            records.append(b"! " + below)
            continue
        for entry in entries:
            if entry.name.endswith(LEFT_OUT):
                continue
            try:
                info = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            kind = b"d" if stat.S_ISDIR(info.st_mode) else b"f" if stat.S_ISREG(info.st_mode) else None
            if kind is None:
                continue
            path = os.path.join(below, entry.name)
            records.append(record(kind, info, path))
            if kind == b"d":
                waiting.append(path)
    return records


def list_below(root, start):
    records = list_with_find(root, start)
    return walk(root, start) if records is None else records


def list_linked_runs(root):
    """The runs are often a link to a larger disk. It alone is followed, unless it leads to what holds the root."""
    runs = os.path.join(root, b"runs")
    if not os.path.islink(runs):
        return []
    try:
        info = os.stat(runs)
    except OSError:
        # The disk may be away for a while: nothing there is gone for sure.
        return [b"! runs"]
    holder = os.path.join(os.path.realpath(runs), b"")
    if not stat.S_ISDIR(info.st_mode) or os.path.join(os.path.realpath(root), b"").startswith(holder):
        return []
    return [record(b"d", info, b"runs")] + list_below(root, b"runs")


def record(kind, info, path):
    return b"%s %d %s %o %s" % (kind, info.st_size, times(info), stat.S_IMODE(info.st_mode), path)


def times(info):
    parts = [b"%d.%09d" % divmod(value, 1000000000) for value in (info.st_mtime_ns, info.st_ctime_ns)]
    return b"%s %s %d" % (parts[0], parts[1], info.st_ino)


def path_in(record):
    return record.split(b" ", 6)[6] if record[:1] in b"fd" else record[2:]


def scan(root, changes=True, **_):
    folder = to_bytes(root)
    try:
        info = os.stat(folder)
        if not stat.S_ISDIR(info.st_mode):
            return say(end=True, error="not-folder")
        os.listdir(folder)
    except FileNotFoundError:
        return say(end=True, error="missing")
    except OSError as error:
        return say(end=True, error="denied", reason=error.strerror)
    before = listings.get(root) if changes else None
    say(full=before is None, now=time.time())
    records = list_below(folder, b"") + list_linked_runs(folder)
    listing = frozenset(records)
    listings[root] = listing
    if before is not None:
        records = list(listing - before)
        gone = {path_in(record) for record in before - listing} - {path_in(record) for record in records}
        # A folder that cannot be listed now hides what is below it: nothing there is gone for sure.
        records += [b"- " + path for path in gone]
        records += [record for record in listing & before if record[:1] == b"!"]
    for start in range(0, len(records), 2000):
        send(b"N", b"\0".join(records[start : start + 2000]) + b"\0")
    say(end=True)


def stamp(info):
    mtime, ctime, inode = times(info).decode().split(" ")
    mode = stat.S_IMODE(info.st_mode)
    return {"size": info.st_size, "mtime": mtime, "ctime": ctime, "inode": inode, "mode": mode}


def open_file(root, path):
    """Never a device, a pipe or what a link leads to."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(os.path.join(to_bytes(root), to_bytes(path)), flags)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise FileNotFoundError()


def pieces(descriptor, start, end):
    while start < end:
        piece = os.pread(descriptor, min(BLOCK, end - start), start)
        if not piece:
            return
        yield piece
        start += len(piece)


def matches(descriptor, blocks, digest):
    found = hashlib.sha256()
    for start, length in blocks:
        for piece in pieces(descriptor, start, start + length):
            found.update(piece)
    return found.hexdigest() == digest


def send_range(descriptor, start, end, compress):
    """Sends the bytes; returns how many there were and their checksum."""
    sent = checksum = 0
    for piece in pieces(descriptor, start, end):
        sent += len(piece)
        checksum = zlib.crc32(piece, checksum)
        packed = zlib.compress(piece, 1) if compress else piece
        if compress and len(packed) < len(piece) * 0.9:
            send(b"Z", packed)
        else:
            # What does not shrink (pictures, archives) is not tried again.
            compress = False
            send(b"D", piece)
    return sent, checksum


def checksum_of(descriptor, start, end):
    checksum = 0
    for piece in pieces(descriptor, start, end):
        checksum = zlib.crc32(piece, checksum)
    return checksum


def read_one(descriptor, index, offset, blocks, digest, grows, compress):
    """Sends one state that the file really had: a file that changes meanwhile is sent again."""
    for attempt in range(3):
        before = os.fstat(descriptor)
        if before.st_size == 0 and time.time() - before.st_mtime < FRESH:
            # Opened to be rewritten a moment ago, most likely: what is to stand there comes next.
            time.sleep(FRESH / 2)
            before = os.fstat(descriptor)
        size = before.st_size
        start = 0
        if attempt == 0 and 0 < offset <= size and matches(descriptor, blocks, digest):
            start = offset
        age = time.time() - max(before.st_mtime, before.st_ctime)
        say(i=index, start=start, age=age, stamp=stamp(before))
        sent, checksum = send_range(descriptor, start, size, compress)
        after = os.fstat(descriptor)
        whole = sent == size - start
        still = stamp(before) == stamp(after) and age > FRESH
        grew = after.st_size >= size and whole
        if whole and (still or grew and (grows or checksum_of(descriptor, start, size) == checksum)):
            return say(i=index, done=True)
    say(i=index, error="changing")


def read(root, files, compress=False, **_):
    for index, (path, offset, blocks, digest, grows) in enumerate(files):
        try:
            descriptor = open_file(root, path)
        except OSError as error:
            gone = not isinstance(error, PermissionError)
            say(i=index, error="missing" if gone else "denied", reason=error.strerror)
            continue
        try:
            read_one(descriptor, index, offset, blocks, digest, grows, compress)
        except OSError as error:
            say(i=index, error="unreadable", reason=error.strerror)
        finally:
            os.close(descriptor)
    say(end=True)


def digests(root, files, **_):
    """SHA-256 of the first bytes of files."""
    for index, (path, length) in enumerate(files):
        try:
            descriptor = open_file(root, path)
        except OSError:
            say(i=index)
            continue
        try:
            found = hashlib.sha256()
            for piece in pieces(descriptor, 0, length):
                found.update(piece)
            say(i=index, digest=found.hexdigest(), stamp=stamp(os.fstat(descriptor)))
        except OSError:
            say(i=index)
        finally:
            os.close(descriptor)
    say(end=True)


def main():
    send(b"J", b"python")
    out.flush()
    answers = {"scan": scan, "read": read, "digests": digests}
    for line in sys.stdin.buffer:
        request = json.loads(line.decode("ascii"))
        answers[request.pop("op")](**request)
        out.flush()


try:
    main()
except (BrokenPipeError, KeyboardInterrupt):
    os._exit(0)
