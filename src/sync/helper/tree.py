"""What is below a root, folder by folder, and what changed there since it was told last. Stands before helper.py.

Each folder keeps what it held when it was listed last, also while it cannot be listed: what goes meanwhile is found out as
soon as it can.

A record is "<f or d> <size> <mtime> <ctime> <inode> <octal mode> <path>" for what is there, "- <path>" for what is gone
with all that was below it, "! <denied, path-too-long or unreadable> <path>" for a folder of which not everything could be
listed, and "= <path>" for one of which everything is told in this listing: whatever else was directly in it is gone.
"""
import errno
import os
import re
import stat
import time

# Files that Runicorn keeps for itself: its locks, and what SQLite has beside its database. portable.sh leaves out the same.
LEFT_OUT = frozenset(
    b"events.jsonl.lock summary.json.lock status.json.lock logs.txt.lock assets.json.lock .outputs_state.json.lock"
    b" runicorn.db.lock runicorn.db-wal runicorn.db-shm .lock".split()
)
# What leads on need not be readable.
TO_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC
# Whether something is gone is told by the folder that holds it.
GONE = (FileNotFoundError, NotADirectoryError)
RUNS = b"runs"
# A copy that a program like ours keeps, on a machine of this one's or with the same home: it may be that of this root.
COPY = re.compile(rb"[0-9a-f]{24}$")


# Seconds since its last change for which something counts as live, and for which a run is believed to be running.
LIVE = 3600
RUNNING = 30 * 24 * 3600
RUN_FILES = (b" meta.json", b" status.json")
IS_RUNNING = re.compile(rb'"status"\s*:\s*"running"')
# Entries of a folder that are all looked at while it is live; of more, those that changed lately.
FEW = 1000
# Folders outside of runs that are looked at each time, since runs begin there.
MOST_HOLDERS = 1000
# Seconds of work that are waited for at most.
MOST_DEBT = 10
cpu_time = getattr(time, "thread_time", time.process_time)


def open_below(root, path, flags):
    """
    A descriptor of what is below the root. Each folder is opened from the one above: between a listing and this, somebody may
    have put a link in its place, which may lead anywhere. That of the runs alone is followed.
    """
    parts = path.split(b"/")
    descriptor = os.open(root, TO_FOLDER)
    try:
        for depth, part in enumerate(parts):
            is_last = depth == len(parts) - 1
            how = flags | os.O_CLOEXEC if is_last else TO_FOLDER
            if depth > 0 or part != RUNS or not how & os.O_DIRECTORY:
                how |= os.O_NOFOLLOW
            above = descriptor
            descriptor = os.open(part, how, dir_fd=above)
            os.close(above)
    except OSError as error:
        os.close(descriptor)
        if error.errno == errno.ELOOP:
            raise NotADirectoryError(error.errno, error.strerror)
        raise
    return descriptor


class Folder:
    """`records`: as listed last, sorted, with names for paths and NUL between. None: never listed."""

    __slots__ = ("records", "doubtful", "own", "below", "is_run", "hot", "touched", "is_running")

    def __init__(self, doubtful=False):
        self.records = None
        # Whether there may have been more here than was ever told.
        self.doubtful = doubtful
        # The fields of its own record, and the names of the folders in it.
        self.own = None
        self.below = ()
        self.is_run = False
        # Of many records, those of files that changed lately; else None.
        self.hot = None
        # When it was last changed, as far as is known; seconds since the epoch.
        self.touched = 0
        # Whether its status.json says that it is running; None: not looked at.
        self.is_running = None


class Tree:
    def __init__(self, root):
        self.root = root
        # To be called wherever the listing gets on.
        self.breathe = None
        self.folders = {}
        # The folders that are live, those outside of runs, and those whose turn is next.
        self.live = set()
        self.holders = set()
        self.queue = []
        # Folders that are to be listed in this scan, and in the next one: what was told of them did not fit together.
        self.due = []
        self.odd = set()
        self.scanned_at = time.monotonic()
        # Processor time used in advance, or rather in excess.
        self.debt = 0
        # Why a folder's list is not whole at the moment.
        self.hidden = {}
        # Whether the disk that the runs are on cannot be reached.
        self.away = False

    def changes(self, breathe, share=None):
        """
        Yields records of what changed; the first time, of all there is. Looks at everything, or, where `share` says how much
        of a processor may be used, at what is live, and at the rest as its turn comes.
        """
        self.breathe = breathe
        began, elapsed = cpu_time(), time.monotonic() - self.scanned_at
        self.scanned_at += elapsed
        if share is None or not self.folders:
            for record in self.look_at_all():
                yield record
            self.debt = max(self.debt - (cpu_time() - began), -MOST_DEBT)
        else:
            for record in self.look_at_live():
                yield record
            earned = share * elapsed
            budget = self.debt + max(earned - (cpu_time() - began), earned / 4)
            began = cpu_time()
            for record in self.look_at_rest(began + budget, self.scanned_at + max(0.2, elapsed / 10)):
                yield record
            self.debt = min(0, budget - (cpu_time() - began))
        for path, reason in self.hidden.items():
            yield b"! " + reason + b" " + path
        if self.away:
            yield b"! unreadable " + RUNS

    def look_at_all(self):
        waiting = [b""]
        while waiting:
            path = waiting.pop()
            for record in self.refresh(path):
                yield record
            waiting += self.folders_in(path)
        self.queue = []
        self.due = []

    def look_at_live(self):
        odd, self.odd = self.odd, set()
        for path in sorted(odd | self.holders | self.live_folders()):
            folder = self.folders.get(path)
            if folder is not None and (path in odd or self.may_have_changed(path, folder)):
                for record in self.refresh_with_due(path):
                    yield record

    def look_at_rest(self, until, deadline):
        """Folder by folder, in turn, each once at most."""
        if not self.queue:
            self.queue = sorted(self.folders, reverse=True)
        while self.queue and cpu_time() < until and time.monotonic() < deadline:
            path = self.queue.pop()
            folder = self.folders.get(path)
            if folder is None:
                continue
            for record in self.refresh_with_due(path):
                yield record
            if folder.is_run and folder.is_running is None:
                folder.is_running = self.says_running(path)
            self.note_life(path, folder)

    def refresh_with_due(self, path):
        """What changed in a folder, and in those that are new or other ones since."""
        self.due.append(path)
        while self.due:
            for record in self.refresh(self.due.pop()):
                yield record

    def may_have_changed(self, path, folder):
        """Whether it must be listed: cheaper for large folders, and for those outside of runs."""
        is_few = folder.records is None or folder.records.count(b"\0") < FEW
        if path in self.live and is_few or folder.own is None:
            return True
        below = os.path.join(self.root, path)
        try:
            if own_fields(os.stat(below)) != folder.own:
                return True
            return any(
                record_of(b"f", os.lstat(os.path.join(below, name_in(record))), name_in(record)) != record
                for record in folder.hot or ()
            )
        except OSError:
            return True

    def live_folders(self):
        """Those that changed lately, and all of the runs that they belong to."""
        now = time.time()
        found, runs = set(), set()
        for path in list(self.live):
            folder = self.folders.get(path)
            if folder is None or not is_live(folder, now):
                self.live.discard(path)
                continue
            run = self.run_of(path)
            found.add(path)
            if run is not None:
                runs.add(run)
        waiting = list(runs)
        while waiting:
            path = waiting.pop()
            found.add(path)
            waiting += self.folders_in(path)
        return found

    def run_of(self, path):
        """The run that a folder is, or is in; None: outside of runs."""
        run = None
        while path != b"":
            folder = self.folders.get(path)
            if folder is not None and folder.is_run:
                run = path
            path = os.path.dirname(path)
        return run

    def says_running(self, path):
        try:
            with open(os.path.join(self.root, path, b"status.json"), "rb") as file:
                return IS_RUNNING.search(file.read(65536)) is not None
        except OSError:
            return False

    def note_life(self, path, folder):
        (self.live.add if is_live(folder, time.time()) else self.live.discard)(path)
        if self.run_of(path) is None and (path in self.holders or len(self.holders) < MOST_HOLDERS):
            self.holders.add(path)
        else:
            self.holders.discard(path)

    def folders_in(self, path):
        """The folders directly in one, as far as it could be listed."""
        known = self.folders.get(path)
        return [os.path.join(path, name) for name in known.below] if known else []

    def refresh(self, path):
        """Lists one folder, and yields records of what changed directly in it. Raises when the root cannot be listed."""
        folder = self.folders.get(path) or Folder()
        before = split(folder.records)
        own = folder.own
        try:
            own, records, reason = self.list(path, before)
        except OSError as error:
            if path == b"":
                raise
            if isinstance(error, GONE):
                self.odd.add(os.path.dirname(path))
                return
            records, reason = before, reason_of(error)
        self.folders[path] = folder
        self.hidden.pop(path, None)
        if reason is not None:
            self.hidden[path] = reason
            folder.doubtful = folder.doubtful or folder.records is None
        whole = folder.doubtful and reason is None
        if whole:
            folder.doubtful = False
            yield b"= " + path
        if own != folder.own:
            if folder.own is not None and path != b"":
                yield b"d " + own + path
            folder.own = own
        joined = b"\0".join(records)
        if whole or joined != folder.records:
            self.describe(folder, records, is_new=folder.records is None)
            folder.records = joined
            self.note_life(path, folder)
            for record in self.difference(os.path.join(path, b""), before, records, whole):
                yield record

    def describe(self, folder, records, is_new):
        folder.below = tuple(name_in(record) for record in records if record[:1] == b"d")
        folder.is_run = any(record.endswith(RUN_FILES) for record in records)
        folder.is_running = None
        now = time.time()
        times_of = [int(record.split(b" ", 3)[2].split(b".")[0]) for record in records]
        times_of.append(int(folder.own.split(b" ", 2)[1].split(b".")[0]) if folder.own else 0)
        # A time in the far future says only that some clock was wrong.
        folder.touched = max([0] + [at for at in times_of if at < now + LIVE]) if is_new else now
        is_many = len(records) >= FEW
        lately = [record for record, at in zip(records, times_of) if record[:1] == b"f" and now - at < LIVE]
        folder.hot = tuple(lately) if is_many else None

    def difference(self, prefix, before, records, whole):
        there = {name_in(record): record[:1] for record in records}
        for record in set(before).difference(records):
            name = name_in(record)
            # A file where a folder was is another thing.
            if there.get(name) is None or (record[:1], there[name]) == (b"d", b"f"):
                self.forget(prefix + name)
                yield b"- " + prefix + name
        for record in records if whole else set(records).difference(before):
            name = name_in(record)
            if whole and record[:1] == b"d" and prefix + name not in self.folders:
                self.folders[prefix + name] = Folder(doubtful=True)
            if record[:1] == b"d":
                self.due.append(prefix + name)
            yield record[: len(record) - len(name)] + prefix + name

    def forget(self, path):
        waiting = [path]
        while waiting:
            below = waiting.pop()
            waiting += self.folders_in(below)
            self.folders.pop(below, None)
            self.hidden.pop(below, None)
            self.live.discard(below)
            self.holders.discard(below)

    def list(self, path, before):
        """
        The fields of a folder's own record, the records of what is directly in it, and why that is not everything, if so.
        Raises what tells that it cannot be listed.
        """
        folder = os.path.join(self.root, path)
        own = os.stat(folder) if path == b"" else self.look_at_folder(path)
        records, lost, reason = [], [], None
        if path == b"":
            self.away = False
        for entry in os.scandir(folder):
            self.breathe()
            name = entry.name
            if is_copy(folder, name):
                continue
            try:
                if name in LEFT_OUT and not entry.is_dir(follow_symlinks=False):
                    continue
                info = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                lost.append(name)
                continue
            except OSError as error:
                reason = reason_of(error)
                records += [record for record in before if name_in(record) == name]
                continue
            if stat.S_ISREG(info.st_mode):
                records.append(record_of(b"f", info, name))
            elif stat.S_ISDIR(info.st_mode):
                records.append(record_of(b"d", info, name))
            elif path == b"" and name == RUNS:
                records += self.linked_runs(before)
        back = [name for name in lost if os.path.lexists(os.path.join(folder, name))]
        if lost and (back or identity(os.stat(folder)) != identity(own)):
            # It was moved meanwhile, with everything in it, and perhaps back.
            raise FileNotFoundError()
        return own_fields(own), sorted(records), reason

    def look_at_folder(self, path):
        descriptor = open_below(self.root, path, TO_FOLDER)
        try:
            return os.fstat(descriptor)
        finally:
            os.close(descriptor)

    def linked_runs(self, before):
        """The runs are often a link to a larger disk. It alone is followed, unless it leads to what holds the root."""
        runs = os.path.join(self.root, RUNS)
        try:
            info = os.stat(runs)
        except OSError:
            # That disk may be away for a while: nothing there is gone for sure.
            self.away = True
            self.folders.setdefault(RUNS, Folder(doubtful=True))
            return [record for record in before if name_in(record) == RUNS]
        holder = os.path.join(os.path.realpath(runs), b"")
        leads_up = os.path.join(os.path.realpath(self.root), b"").startswith(holder)
        return [] if leads_up or not stat.S_ISDIR(info.st_mode) else [record_of(b"d", info, RUNS)]


def is_copy(folder, name):
    path = os.path.join(folder, name)
    marks = (b"sync.json", b"files")
    return COPY.match(name) is not None and all(os.path.exists(os.path.join(path, mark)) for mark in marks)


def is_live(folder, now):
    return now - folder.touched < (RUNNING if folder.is_running else LIVE)


def own_fields(info):
    return record_of(b"d", info, b"")[2:]


def identity(info):
    return info.st_dev, info.st_ino


def reason_of(error):
    if isinstance(error, PermissionError):
        return b"denied"
    return b"path-too-long" if error.errno == errno.ENAMETOOLONG else b"unreadable"


def record_of(kind, info, name):
    return b"%s %d %s %o %s" % (kind, info.st_size, times(info), stat.S_IMODE(info.st_mode), name)


def times(info):
    """mtime, ctime and inode."""
    mtime, ctime = divmod(info.st_mtime_ns, 1000000000), divmod(info.st_ctime_ns, 1000000000)
    return b"%d.%09d %d.%09d %d" % (mtime + ctime + (info.st_ino,))


def split(records):
    return records.split(b"\0") if records else []


def name_in(record):
    return record.split(b" ", 6)[6]
