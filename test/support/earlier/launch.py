"""Starts Runicorn's viewer on this host and waits until it answers. Runs with the interpreter of its environment.

The arguments are JSON, {"id", "root", "create_root", "port", "seconds", "grace", "facts"}, and the text of supervisor.py, which
holds the viewer from then on. The answer is one line of JSON behind a marker, for other code that runs at start-up may
print too. Nothing is left behind when the start fails, or when whoever asked for it goes away meanwhile.
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
        port = usable_port(request["port"])
        supervisor = launch(request, root, version, folder, port)
        try:
            state = wait_until_ready(supervisor, port, root, folder, deadline, caller)
            if state is not None:
                # The lease begins now: a slow start is not held against it.
                supervisor.send_signal(signal.SIGUSR1)
                return dict(state, code="started")
        except BaseException:
            end(supervisor)
            raise
        log, code = tail(folder), exit_code(folder)
        end(supervisor)
        if request["port"] and "address already in use" in log:
            raise Refusal("remote-port-taken", port=port)
        # The viewer has ended. Somebody may have taken the port between our look and its start.
        if not (attempt + 1 < PORT_ATTEMPTS and "address already in use" in log):
            raise Refusal("viewer-exited", exitCode=code, log=log)
        os.makedirs(folder, mode=0o700)


def usable_port(wanted):
    """The wanted port, else a free one. Whoever holds a wanted one may answer like the viewer that we are to start."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted or 0))
        except OSError:
            raise Refusal("remote-port-taken", port=wanted or 0)
        return probe.getsockname()[1]


def launch(request, root, version, folder, port):
    command = [sys.executable, "-m", "runicorn", "viewer", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--storage", root, "--remote-mode"]
    if has_idle_timeout(version):
        # From 0.7 on it would end itself after half an hour without requests.
        command += ["--idle-timeout", "0"]
    environment = dict(
        PYTHONUNBUFFERED="1",
        # Its own logs go into our folder: by default they stay in the home, or in /tmp where everybody reads them. It makes
        # a folder for the session below this one, and removes what is old or more than twenty beside that: nothing of
        # ours may stand there. From 0.7 on it prints none of its own messages; they are appended to what it prints.
        RUNICORN_REMOTE_SESSION_ID=request["id"],
        RUNICORN_REMOTE_LOG_ROOT=os.path.join(folder, "logs"),
        RUNICORN_LOG_FILE=os.path.join(folder, "viewer.log"),
    )
    facts = dict(
        request["facts"],
        id=request["id"],
        port=port,
        root=root,
        python=sys.executable,
        runicornVersion=version,
    )
    write(os.path.join(folder, "supervisor.py"), sys.argv[2])
    write(
        os.path.join(folder, "request.json"),
        json.dumps(dict(command=command, environment=environment, facts=facts, grace=request["grace"])),
    )
    log = os.open(os.path.join(folder, "viewer.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return subprocess.Popen(
            [sys.executable, os.path.join(folder, "supervisor.py")],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            close_fds=True,
            start_new_session=True,
        )
    finally:
        os.close(log)


def write(path, text):
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def has_idle_timeout(version):
    numbers = version.split(".")[:2]
    return len(numbers) == 2 and all(n.isdigit() for n in numbers) and [int(n) for n in numbers] >= [0, 7]


def wait_until_ready(supervisor, port, root, folder, deadline, caller):
    """The session's state when the viewer answers with our storage; None when it has ended."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    pause = 0.05
    while True:
        caller.check()
        if supervisor.poll() is not None or os.path.exists(os.path.join(folder, "exit")):
            return None
        storage = ask_storage(opener, port)
        if storage is not None and os.path.realpath(storage) == os.path.realpath(root):
            with open(os.path.join(folder, "state.json")) as file:
                return json.load(file)
        if time.monotonic() > deadline:
            raise Refusal("viewer-not-ready", log=tail(folder))
        time.sleep(pause)
        pause = min(pause * 1.3, 0.5)


def exit_code(folder):
    try:
        with open(os.path.join(folder, "exit")) as file:
            return int(file.read())
    except (OSError, ValueError):
        return -1


def ask_storage(opener, port):
    """The storage that the server on this port serves; None when none answers, or another program does."""
    try:
        with opener.open("http://127.0.0.1:%d/api/health" % port, timeout=5) as response:
            health = json.loads(response.read(65536).decode("utf-8", "surrogateescape"))
            return health["storage"] if isinstance(health.get("storage"), str) else None
    except Exception:
        return None


def end(supervisor):
    """The supervisor takes the viewer and the session's folder with it: nothing must stay of a start that is given up."""
    supervisor.terminate()
    try:
        supervisor.wait(5)
    except subprocess.TimeoutExpired:
        supervisor.kill()


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
