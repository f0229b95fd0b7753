"""Starts Runicorn's viewer on this host and waits until it answers. Runs with the interpreter of its environment.

The one argument is JSON: {"id", "root", "create_root", "seconds"}. The answer is one line of JSON behind a marker, for
other code that runs at start-up may print too. Nothing is left behind when the start fails, or when whoever asked for
it goes away meanwhile.
"""
import sys

# `python -c` puts the working folder first: a json.py in somebody's home must not become ours.
sys.path[:] = [entry for entry in sys.path if entry]

import errno
import importlib.util
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

MARKER = "runicorn-remote:"
LOG_TAIL = 4000
PORT_ATTEMPTS = 3


class Refusal(Exception):
    """What keeps the viewer from starting: a code of the caller's and the facts for it."""

    def __init__(self, code, **facts):
        super().__init__(code)
        self.answer = dict(facts, code=code)


class CallerGone(Exception):
    pass


def main():
    # Whatever prints to standard output from here on goes to standard error instead.
    answers = os.fdopen(os.dup(1), "w", encoding="ascii", errors="backslashreplace")
    os.dup2(2, 1)
    request = json.loads(sys.argv[1])
    folder = None
    try:
        root = checked_root(request["root"], request["create_root"])
        version = runicorn_version()
        folder = make_folder(request["id"])
        answer = start(request, root, version, folder, Caller(answers.fileno()))
    except Refusal as refusal:
        remove(folder)
        answer = refusal.answer
    except CallerGone:
        remove(folder)
        return
    except OSError as error:
        remove(folder)
        answer = {"code": "viewer-launch-failed", "output": str(error)}
    answers.write("\n" + MARKER + json.dumps(answer) + "\n")
    answers.flush()


class Caller:
    """Tells when nobody listens to our answers any more: the channel was closed or the link is lost."""

    def __init__(self, descriptor):
        self.poll = select.poll()
        self.poll.register(descriptor, 0)

    def check(self):
        if self.poll.poll(0):
            raise CallerGone()


def checked_root(text, create):
    root = os.path.expanduser(text)
    if not os.path.isabs(root):
        raise Refusal("storage-root-invalid", root=text, reason="relative")
    try:
        if not exists(root):
            if not create:
                raise Refusal("storage-root-missing", root=root)
            os.makedirs(root)
        if not os.path.isdir(root):
            raise Refusal("storage-root-not-folder", root=root)
        os.listdir(root)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise Refusal("storage-root-invalid", root=text, reason="too-long")
        raise Refusal("storage-root-not-accessible", root=root, reason=error.strerror or str(error))
    return root


def exists(path):
    try:
        os.lstat(path)
    except FileNotFoundError:
        return False
    return True


def runicorn_version():
    if importlib.util.find_spec("runicorn") is None:
        raise Refusal("runicorn-missing")
    try:
        from importlib.metadata import version

        return version("runicorn")
    except Exception:
        return ""


def cache_folder():
    return os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "runicorn-remote")


def make_folder(session):
    folder = os.path.join(cache_folder(), "sessions", session)
    os.makedirs(folder, mode=0o700)
    os.chmod(cache_folder(), 0o700)
    return folder


def remove(folder):
    if folder is None:
        return
    shutil.rmtree(folder, ignore_errors=True)
    for parent in (os.path.dirname(folder), cache_folder()):
        try:
            os.rmdir(parent)
        except OSError:
            return


def start(request, root, version, folder, caller):
    deadline = time.monotonic() + request["seconds"]
    for attempt in range(PORT_ATTEMPTS):
        port = free_port()
        viewer = launch(request["id"], root, version, folder, port)
        try:
            if wait_until_ready(viewer, port, root, folder, deadline, caller):
                return remember(request["id"], root, version, folder, port, viewer.pid)
        except BaseException:
            end(viewer)
            raise
        # It has ended. Somebody may have taken the port between our look and its start.
        if not (attempt + 1 < PORT_ATTEMPTS and "address already in use" in tail(folder)):
            raise Refusal("viewer-exited", exitCode=viewer.returncode, log=tail(folder))
        open(os.path.join(folder, "viewer.log"), "w").close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def launch(session, root, version, folder, port):
    command = [sys.executable, "-m", "runicorn", "viewer", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--storage", root, "--remote-mode"]
    if has_idle_timeout(version):
        # From 0.7 on it would end itself after half an hour without requests.
        command += ["--idle-timeout", "0"]
    environment = dict(
        os.environ,
        PYTHONUNBUFFERED="1",
        # Its own logs go into our folder: by default they stay in the home, or in /tmp where everybody reads them.
        RUNICORN_REMOTE_SESSION_ID=session,
        RUNICORN_REMOTE_LOG_ROOT=folder,
        RUNICORN_REMOTE_LOG_DIR=folder,
        RUNICORN_LOG_FILE=os.path.join(folder, "runicorn.log"),
    )
    log = os.open(os.path.join(folder, "viewer.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env=environment,
            close_fds=True,
            start_new_session=True,
        )
    finally:
        os.close(log)


def has_idle_timeout(version):
    numbers = version.split(".")[:2]
    return len(numbers) == 2 and all(n.isdigit() for n in numbers) and [int(n) for n in numbers] >= [0, 7]


def wait_until_ready(viewer, port, root, folder, deadline, caller):
    """True when it answers with our storage; False when it has ended."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    pause = 0.05
    while True:
        caller.check()
        if viewer.poll() is not None:
            return False
        storage = ask_storage(opener, port)
        if storage is not None and os.path.realpath(storage) == os.path.realpath(root):
            return True
        if time.monotonic() > deadline:
            raise Refusal("viewer-not-ready", log=tail(folder))
        time.sleep(pause)
        pause = min(pause * 1.3, 0.5)


def ask_storage(opener, port):
    """The storage that the server on this port serves; None when none answers, or another program does."""
    try:
        with opener.open("http://127.0.0.1:%d/api/health" % port, timeout=5) as response:
            health = json.loads(response.read(65536).decode("utf-8", "surrogateescape"))
            return health["storage"] if isinstance(health.get("storage"), str) else None
    except Exception:
        return None


def remember(session, root, version, folder, port, pid):
    state = {
        "id": session,
        "pid": pid,
        "startTime": start_time(pid),
        "bootId": boot_id(),
        "port": port,
        "root": root,
        "python": sys.executable,
        "runicornVersion": version,
    }
    path = os.path.join(folder, "state.json")
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(state, file)
    return dict(state, code="started")


def start_time(pid):
    """What tells this process from a later one with the same number; stop.sh computes the same."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            return file.read().rsplit(b")", 1)[1].split()[19].decode()
    except OSError:
        asked = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], stdout=subprocess.PIPE)
        return " ".join(asked.stdout.decode().split())


def boot_id():
    try:
        with open("/proc/sys/kernel/random/boot_id") as file:
            return file.read().strip()
    except OSError:
        return ""


def end(viewer):
    """Its whole group: it must not stay when its start is given up."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(viewer.pid, number)
        except OSError:
            pass
        try:
            viewer.wait(1)
            return
        except subprocess.TimeoutExpired:
            continue


def tail(folder):
    try:
        with open(os.path.join(folder, "viewer.log"), "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - LOG_TAIL))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


# An OpenSSH server that loses its link sends SIGHUP to what it runs: end in order, as for a caller that is gone.
def on_hangup(_number, _frame):
    raise CallerGone()


signal.signal(signal.SIGHUP, on_hangup)
signal.signal(signal.SIGTERM, on_hangup)
main()
