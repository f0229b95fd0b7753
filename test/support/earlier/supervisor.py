"""Holds one viewer as its child, and ends it when nobody has renewed its lease for the grace time.

Runs in the session's folder, which holds what it needs and what it leaves:
  request.json  the viewer's command, environment and facts; the grace time in seconds
  supervisor    this process: pid and start time
  viewer        the viewer: pid and start time
  state.json    the facts of a session that another client needs to adopt it; its time stamp is the last lease
  exit          the viewer's exit status, once it has ended by itself
  viewer.log    what it prints; viewer.log.1 what it printed before

USR1 renews the lease, USR2 keeps the viewer without one from then on, TERM ends it. When this process itself was killed,
it is started again with --again, takes over the viewer that still runs, and goes on.
"""
import sys

# `python FILE` puts the file's folder first: nothing in it must be taken for a module.
sys.path[:] = sys.path[1:]

import json
import os
import select
import shutil
import signal
import subprocess
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
# Seconds between two looks at the viewer and its log.
INTERVAL = 1.0
# Seconds that the viewer has to end in order. It waits for open log pages, so this often runs out.
TERM_GRACE = 1.0
# Bytes of the log that are kept at least; it is moved aside when it has twice as many.
LOG_SIZE = 4 * 1024 * 1024


def main():
    os.umask(0o077)
    if "--again" in sys.argv:
        leave_caller()
    signals = watch_signals()
    with open(in_folder("request.json"), "rb") as file:
        request = json.loads(file.read().decode("ascii"))
    write("supervisor", identity(os.getpid()))
    viewer = take_over() if "--again" in sys.argv else start(request)
    if viewer is None:
        return
    grace = request["grace"]
    renewed = time.monotonic()
    kept = False
    while True:
        arrived = next_signals(signals, INTERVAL)
        if signal.SIGTERM in arrived:
            return end(viewer)
        if signal.SIGUSR2 in arrived:
            kept = True
        if signal.SIGUSR1 in arrived:
            renewed = time.monotonic()
            touch("state.json")
        if not kept and time.monotonic() - renewed > grace:
            return end(viewer)
        if not os.path.isdir(FOLDER):
            return end(viewer)
        viewer.record_exit()
        rotate_log()


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
        if self.recorded or self.is_running():
            return
        self.recorded = True
        write("exit", str(self.child.returncode if self.child is not None else ""))
        self.signal_group(signal.SIGKILL)

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


def end(viewer):
    """The viewer's whole group, and everything that this session has on the host."""
    viewer.signal_group(signal.SIGTERM)
    deadline = time.monotonic() + TERM_GRACE
    while viewer.is_running() and time.monotonic() < deadline:
        time.sleep(0.02)
    viewer.signal_group(signal.SIGKILL)
    if viewer.child is not None:
        viewer.child.wait()
    shutil.rmtree(FOLDER, ignore_errors=True)
    for parent in (os.path.dirname(FOLDER), os.path.dirname(os.path.dirname(FOLDER))):
        try:
            os.rmdir(parent)
        except OSError:
            return


def leave_caller():
    """Become nobody's child, and a session of our own: a logout must not end us."""
    if os.fork() > 0:
        os._exit(0)
    os.setsid()


def watch_signals():
    """The reading end of a pipe that gets one byte for each signal."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    return reader


def next_signals(reader, seconds):
    if not select.select([reader], [], [], seconds)[0]:
        return b""
    return os.read(reader, 4096)


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


def boot_id():
    try:
        with open("/proc/sys/kernel/random/boot_id") as file:
            return file.read().strip()
    except OSError:
        return ""


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


def touch(name):
    try:
        os.utime(in_folder(name))
    except OSError:
        pass


main()
