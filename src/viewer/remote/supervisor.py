"""Holds one viewer as its child, and ends it when nobody has renewed its lease for the grace time.

Runs in the session's folder, which holds what it needs and what it leaves:
  request.json  the viewer's command, environment and facts; the grace time in seconds
  supervisor    this process: pid and start time
  viewer        the viewer: pid and start time
  state.json    the facts of a session that another client needs to adopt it; its time stamp is the last lease
  machine       where that is: boot, process namespace, machine and host name; its time stamp is the last sign of life
  exit          the viewer's exit status, once it has ended by itself
  socket        the path of the socket that it listens on; none where it listens on a port
  viewer.log    what it prints; viewer.log.1 what it printed before

ALRM says that launch.py is about to tell its caller: from then on the first lease is waited for, for a short time alone.
USR1 renews the lease, USR2 keeps the viewer without one from then on, WINCH withdraws that and renews the lease, TERM ends
it. When this process itself was killed, it is started again with --again, takes over the viewer that still runs, and goes
on.

Goes behind removal.py, in one program with it.
"""
import sys

# `python FILE` puts the file's folder first: nothing in it must be taken for a module.
sys.path[:] = sys.path[1:]

import fcntl
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
# Seconds between two looks at the viewer and its log.
INTERVAL = 1.0
# Seconds between two signs of life, for other machines that share the folder.
HEARTBEAT = 60.0
# Seconds that a start may take at most.
START_LIMIT = 300.0
# Seconds after TERM that the viewer has to end by itself. One on a port waits for open log pages, for as long as they are open.
TERM_GRACE = 0.15
# Seconds after INT, which has it wait for nobody any more, before it is killed.
INT_GRACE = 2.0
# Bytes of the log that are kept at least; it is moved aside when it has twice as many.
LOG_SIZE = 4 * 1024 * 1024


def main():
    os.umask(0o077)
    caller = leave_caller() if "--again" in sys.argv else None
    signals = watch_signals()
    if is_held():
        return
    # Not before signals may come: who is here is found and told (identity.sh).
    os.chdir(FOLDER)
    with open(in_folder("request.json"), "rb") as file:
        request = json.loads(file.read().decode("ascii"))
    write("machine", this_machine())
    write("supervisor", identity(os.getpid()))
    viewer = take_over() if "--again" in sys.argv else start(request)
    if caller is not None:
        os.close(caller)
    if viewer is None:
        return
    # What computes on the host comes before this. The viewer, which a person waits for, was started before.
    os.nice(10)
    path = request["facts"].get("socket")
    lease = Lease(request, is_confirmed="--again" in sys.argv)
    guard = None
    beat = time.monotonic()
    while True:
        if time.monotonic() - beat > HEARTBEAT:
            beat = time.monotonic()
            touch("machine")
        # First: what launch.py has sent before its end is read after this.
        is_orphan = request["launcher"] != 0 and os.getppid() != request["launcher"]
        arrived = next_signals(signals, guard, INTERVAL)
        if signal.SIGTERM in arrived:
            return end(viewer, path, signals)
        lease.hear(arrived)
        if signal.SIGUSR1 in arrived:
            touch("state.json")
        if is_replaced():
            return
        if lease.has_ended(is_orphan) or not is_there():
            return end(viewer, path, signals)
        if viewer.record_exit() and "port" in request["facts"]:
            guard = take_port(request["facts"]["port"])
        rotate_log()


class Lease:
    """Until when the viewer may run."""

    def __init__(self, request, is_confirmed):
        self.grace = request["grace"]
        self.confirm = min(self.grace, request["confirm"])
        # Whether a client has heard of the viewer.
        self.is_confirmed = is_confirmed
        # Whether launch.py had an answer to give.
        self.is_answered = is_confirmed
        self.is_kept = False
        # A start may take longer than a short grace time; launch.py ends it in time, and its own end is noticed.
        self.end = time.monotonic() + (self.grace if is_confirmed else max(self.grace, START_LIMIT))

    def hear(self, arrived):
        if signal.SIGALRM in arrived and not self.is_confirmed:
            self.is_answered = True
            self.end = time.monotonic() + self.confirm
        for number in arrived:
            if number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH):
                self.is_confirmed = True
                self.end = time.monotonic() + self.grace
            if number in (signal.SIGUSR2, signal.SIGWINCH):
                self.is_kept = number == signal.SIGUSR2

    def has_ended(self, is_orphan):
        # launch.py was killed before the viewer answered: nobody will hear of it.
        if is_orphan and not self.is_answered and not self.is_confirmed:
            return True
        return not self.is_kept and time.monotonic() > self.end


class Viewer:
    """The viewer's process: our own child, or one taken over."""

    def __init__(self, pid, started, child=None):
        self.pid = pid
        self.started = started
        self.child = child
        self.recorded = False

    def is_running(self):
        if self.child is not None:
            return self.child.poll() is None
        return start_time(self.pid) == self.started

    def record_exit(self):
        """True the first time after it has ended."""
        if self.recorded or self.is_running():
            return False
        self.recorded = True
        write("exit", str(self.child.returncode if self.child is not None else ""))
        self.signal_group(signal.SIGKILL)
        return True

    def signal_group(self, number):
        try:
            os.killpg(self.pid, number)
        except OSError:
            pass


def start(request):
    log = os.open(in_folder("viewer.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    child = subprocess.Popen(
        request["command"],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd=FOLDER,
        env=dict(os.environ, **request["environment"]),
        close_fds=True,
        start_new_session=True,
    )
    os.close(log)
    viewer = Viewer(child.pid, start_time(child.pid), child)
    write("viewer", "%d %s" % (viewer.pid, viewer.started))
    state = dict(
        request["facts"],
        pid=viewer.pid,
        startTime=viewer.started,
        supervisorPid=os.getpid(),
        supervisorStartTime=start_time(os.getpid()),
        bootId=boot_id(),
        machine=this_machine(),
        grace=request["grace"],
    )
    write("state.json", json.dumps(state))
    return viewer


def take_over():
    with open(in_folder("viewer")) as file:
        pid, _, started = file.read().strip().partition(" ")
    viewer = Viewer(int(pid), started)
    if not viewer.is_running():
        return None
    return viewer


def end(viewer, path, signals):
    """The viewer's whole group, and everything that this session has on the host."""
    # Other clients must not take a viewer that closes its port for one that has lost it.
    remove("state.json")
    for number, grace in ((signal.SIGTERM, TERM_GRACE), (signal.SIGINT, INT_GRACE)):
        if viewer.is_running():
            viewer.signal_group(number)
        deadline = time.monotonic() + grace
        while viewer.is_running() and time.monotonic() < deadline:
            # The end of a child is told.
            next_signals(signals, None, 0.02 if viewer.child is None else max(0.0, deadline - time.monotonic()))
    # What it has started and left behind.
    viewer.signal_group(signal.SIGKILL)
    if viewer.child is not None:
        viewer.child.wait()
    if path:
        remove_socket_folder(path)
    if not is_there():
        return
    remove_folder(FOLDER)


def is_there():
    """Whether our folder is still under its name. A disk that does not answer is no reason to end."""
    try:
        return os.path.samestat(os.lstat(FOLDER), os.stat("."))
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True


def is_held():
    """Whether another one holds the viewer. Else this one does until it ends, where its disk has locks."""
    try:
        fcntl.flock(os.open(os.path.join(FOLDER, "supervisor.py"), os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        pass
    return False


def is_replaced():
    """The same where a disk has no locks: of two that were started at once, the last to write its name stays."""
    try:
        with open(in_folder("supervisor")) as file:
            pid, _, started = file.read().strip().partition(" ")
        return int(pid) != os.getpid() and started != "" and start_time(int(pid)) == started
    except (OSError, ValueError):
        return False


def leave_caller():
    """
    Become nobody's child, and a session of our own: a logout must not end us. Whoever started this waits until what is
    returned is closed: from then on it can be told.
    """
    reader, writer = os.pipe()
    if os.fork() > 0:
        os.close(writer)
        os.read(reader, 1)
        os._exit(0)
    os.close(reader)
    os.setsid()
    return writer


def watch_signals():
    """The reading end of a pipe that gets one byte for each signal."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    for number in (signal.SIGTERM, signal.SIGALRM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    return reader


def next_signals(reader, guard, seconds):
    """What arrives within that time. Whoever comes to the guarded port meanwhile is turned away."""
    ready = select.select([reader] + ([guard] if guard else []), [], [], seconds)[0]
    if guard in ready:
        turn_away(guard)
    return os.read(reader, 4096) if reader in ready else b""


def take_port(port):
    """
    The port of a viewer that has ended, held until its clients know: tunnels lead there still, and a program of another
    account must not answer in its place. None where one was faster.
    """
    guard = socket.socket()
    try:
        # Connections of the viewer that are not over yet would be in the way.
        guard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        guard.bind(("127.0.0.1", port))
        guard.listen(16)
        guard.setblocking(False)
        return guard
    except OSError:
        guard.close()
        return None


def turn_away(guard):
    try:
        guard.accept()[0].close()
    except OSError:
        pass


def rotate_log():
    """By copying: the viewer goes on writing to the file that it has open."""
    path = in_folder("viewer.log")
    try:
        if os.path.getsize(path) <= 2 * LOG_SIZE:
            return
        shutil.copyfile(path, path + ".1")
        os.truncate(path, 0)
    except OSError:
        pass


def identity(pid):
    return "%d %s" % (pid, start_time(pid))


def start_time(pid):
    """What tells this process from a later one with the same number; identity.sh computes the same."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            fields = file.read().rsplit(b")", 1)[1].split()
        return "" if fields[0] in (b"Z", b"X") else fields[19].decode()
    except OSError:
        if os.path.isdir("/proc/self"):
            return ""
        asked = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], stdout=subprocess.PIPE)
        return " ".join(asked.stdout.decode().split())


def this_machine():
    return " ".join((boot_id() or "-", namespace(), machine_id(), host_name()))


def boot_id():
    try:
        with open("/proc/sys/kernel/random/boot_id") as file:
            return file.read().strip()
    except OSError:
        return ""


def namespace():
    """Of process numbers: a container has its own."""
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return "-"


def machine_id():
    try:
        with open("/etc/machine-id") as file:
            return file.readline().strip() or "-"
    except OSError:
        return "-"


def host_name():
    return re.sub("[^A-Za-z0-9._-]", "_", os.uname()[1])


def in_folder(name):
    return os.path.join(FOLDER, name)


def write(name, text):
    """In one step: whoever reads it sees all of it. A full disk is no reason to end."""
    beside = in_folder(name + ".new")
    try:
        with open(beside, "w") as file:
            file.write(text + "\n")
        os.rename(beside, in_folder(name))
    except OSError as error:
        print("%s: %s" % (name, error), file=sys.stderr, flush=True)


def remove(name):
    try:
        os.unlink(in_folder(name))
    except OSError:
        pass


def touch(name):
    try:
        os.utime(in_folder(name))
    except OSError:
        pass


main()
sys.stderr.flush()
# Whoever asked for the end waits for it, and Python takes its time to end.
os._exit(0)
