"""Starts Runicorn's viewer on this host and waits until it answers. Runs with the interpreter of its environment, behind
ours.py.

The arguments are JSON, {"id", "root", "create_root", "socket", "port", "seconds", "confirm", "grace", "keeper", "facts"}, the texts of
supervisor.py, which holds the viewer from then on, and of serve.py, which runs it where "socket" says that it is to listen on
a Unix socket (else it listens on "port" of 127.0.0.1, or a free one), and the number of the shell that passes the answer on.
The answer is one line of JSON behind a marker, for other code that runs at start-up may print too. Nothing is left behind
when the start fails, when whoever asked for it goes away meanwhile, or when nobody renews the viewer's lease within "confirm"
seconds after the answer.
"""
import errno
import http.client
import importlib.util
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time

MARKER = "runicorn-remote:"
LOG_TAIL = 4000
PORT_ATTEMPTS = 3


class CallerGone(Exception):
    pass


def main():
    # Whatever prints to standard output from here on goes to standard error instead.
    answers = os.fdopen(os.dup(1), "w", encoding="ascii", errors="backslashreplace")
    os.dup2(2, 1)
    request = json.loads(sys.argv[1])
    caller = Caller(answers, int(sys.argv[4]))
    try:
        root = checked_root(request["root"], request["create_root"])
        version = runicorn_version()
        start(request, root, version, caller)
        return
    except Refusal as refusal:
        answer = refusal.answer
    except CallerGone:
        return
    except OSError as error:
        answer = {"code": "viewer-launch-failed", "output": str(error)}
    try:
        caller.answer(answer)
    except CallerGone:
        pass


class Caller:
    """
    Whoever asked for the start. Is gone when nobody listens to our answers: the channel was closed, or the link is lost and
    the shell has ended with it.
    """

    def __init__(self, answers, shell):
        self.answers = answers
        self.shell = shell
        self.poll = select.poll()
        self.poll.register(answers.fileno(), 0)

    def check(self):
        if self.poll.poll(0) or not runs(self.shell):
            raise CallerGone()

    def answer(self, answer):
        self.check()
        text = "\n" + MARKER + json.dumps(answer) + "\n"
        try:
            # Not buffered: what could not be written would be tried again at the end.
            os.write(self.answers.fileno(), text.encode("ascii"))
        except OSError:
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


def start(request, root, version, caller):
    deadline = time.monotonic() + request["seconds"]
    for attempt in range(PORT_ATTEMPTS):
        folder = make_folder(request["id"], [])
        address = {}
        try:
            address = usable_address(request, folder)
            ended = attempt_on(address, request, root, version, folder, deadline, caller)
        except BaseException:
            ignore_hangups()
            remove_traces(folder, address)
            raise
        if ended is None:
            return
        remove_traces(folder, address)
        log, code = ended
        is_taken = "port" in address and "address already in use" in log
        if is_taken and request["port"]:
            raise Refusal("remote-port-taken", port=address["port"])
        # The viewer has ended. Somebody may have taken the port between our look and its start.
        if not (is_taken and attempt + 1 < PORT_ATTEMPTS):
            raise Refusal("viewer-exited", exitCode=code, log=log)


def remove_traces(folder, address):
    """What a supervisor that was killed has not removed."""
    if "socket" in address:
        remove_socket_folder(address["socket"])
    remove_folder(folder)


def usable_address(request, folder):
    """What the viewer is to listen on, as the session's facts say it."""
    if request["socket"]:
        return dict(socket=make_socket_folder(folder))
    return dict(port=usable_port(request["port"]))


def attempt_on(address, request, root, version, folder, deadline, caller):
    """None when the viewer runs and the caller knows; the end of its log and its exit status when it has ended."""
    supervisor = launch(request, root, version, folder, address)
    try:
        state = wait_until_ready(supervisor, address, root, folder, deadline, caller)
        if state is not None:
            # Before the answer: the lease that confirms it must not come first.
            supervisor.send_signal(signal.SIGALRM)
            caller.answer(dict(state, code="started"))
            return None
    except BaseException:
        ignore_hangups()
        end(supervisor, folder)
        raise
    ended = tail(folder), exit_code(folder)
    end(supervisor, folder)
    return ended


def usable_port(wanted):
    """The wanted port, else a free one. Whoever holds a wanted one may answer like the viewer that we are to start."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted or 0))
        except OSError:
            raise Refusal("remote-port-taken", port=wanted or 0)
        return probe.getsockname()[1]


def launch(request, root, version, folder, address):
    command = [sys.executable]
    if "socket" in address:
        command += [os.path.join(folder, "serve.py"), address["socket"]]
    command += ["-m", "runicorn", "viewer", "--host", "127.0.0.1", "--port", str(address.get("port", 0))]
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
        dict(request["facts"], **address),
        id=request["id"],
        root=root,
        python=sys.executable,
        runicornVersion=version,
    )
    write(
        os.path.join(folder, "request.json"),
        json.dumps(
            dict(
                command=command,
                environment=environment,
                facts=facts,
                grace=request["grace"],
                confirm=request["confirm"],
                # A keeper's child is no child of ours.
                launcher=0 if request.get("keeper") else os.getpid(),
            )
        ),
    )
    log_path = os.path.join(folder, "viewer.log")
    log = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    supervisor = [sys.executable, os.path.join(folder, "supervisor.py")]
    try:
        if request.get("keeper"):
            return Kept(request["keeper"], request["id"], supervisor, log_path)
        return subprocess.Popen(
            supervisor,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            close_fds=True,
            start_new_session=True,
        )
    finally:
        os.close(log)


def has_idle_timeout(version):
    numbers = version.split(".")[:2]
    return len(numbers) == 2 and all(n.isdigit() for n in numbers) and [int(n) for n in numbers] >= [0, 7]


def wait_until_ready(supervisor, address, root, folder, deadline, caller):
    """The session's state when the viewer answers with our storage; None when it has ended."""
    # A viewer of a quick disk answers within half a second: it is not to be found much later than that.
    pause = 0.02
    while True:
        caller.check()
        if supervisor.poll() is not None or os.path.exists(os.path.join(folder, "exit")):
            return None
        storage = ask_storage(address)
        is_root = storage is not None and os.path.realpath(storage) == os.path.realpath(root)
        # Who answers at a port may be a program of another account that took it before the viewer could.
        if is_root and ("socket" in address or holds_port(viewer_of(folder), address["port"])):
            with open(os.path.join(folder, "state.json")) as file:
                return json.load(file)
        if time.monotonic() > deadline:
            raise Refusal("viewer-not-ready", log=tail(folder))
        time.sleep(pause)
        pause = min(pause * 1.05, 0.5)


def viewer_of(folder):
    """The viewer's pid; 0 when it is not known or has ended."""
    try:
        with open(os.path.join(folder, "viewer")) as file:
            pid = int(file.read().split()[0])
        return pid if runs(pid) else 0
    except (OSError, ValueError, IndexError):
        return 0


def runs(pid):
    if os.path.isdir("/proc/self"):
        return group_of(pid) is not None
    try:
        os.kill(pid, 0)
        return True
    except OSError:
        return False


def exit_code(folder):
    try:
        with open(os.path.join(folder, "exit")) as file:
            return int(file.read())
    except (OSError, ValueError):
        return -1


class Asking(http.client.HTTPConnection):
    """To a viewer at its address."""

    def __init__(self, address):
        super().__init__("127.0.0.1", address.get("port", 80), timeout=5)
        self.path = address.get("socket")

    def connect(self):
        if self.path is None:
            return super().connect()
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def ask_storage(address):
    """The storage that the server at this address serves; None when none answers, or another program does."""
    asking = Asking(address)
    try:
        asking.request("GET", "/api/health")
        health = json.loads(asking.getresponse().read(65536).decode("utf-8", "surrogateescape"))
        return health["storage"] if isinstance(health.get("storage"), str) else None
    except Exception:
        return None
    finally:
        asking.close()


def end(supervisor, folder):
    """The supervisor takes the viewer and the session's folder with it: nothing must stay of a start that is given up."""
    supervisor.terminate()
    try:
        supervisor.wait(5)
    except subprocess.TimeoutExpired:
        supervisor.kill()
    end_what_runs_in(folder)


def end_what_runs_in(folder):
    """A viewer whose supervisor was killed lives on there."""
    for pid in processes():
        if link_of("/proc/%d/cwd" % pid) != folder:
            continue
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            continue
        deadline = time.monotonic() + 1
        while runs(pid) and time.monotonic() < deadline:
            time.sleep(0.01)


def tail(folder):
    try:
        with open(os.path.join(folder, "viewer.log"), "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - LOG_TAIL))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


def ignore_hangups():
    """What is cleaned up already must not be cut short by whoever asks for that too."""
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


# An OpenSSH server that loses its link sends SIGHUP to what it runs: end in order, as for a caller that is gone.
def on_hangup(_number, _frame):
    raise CallerGone()


# A shell that runs this in the background ignores it, and what is started here would too.
signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.signal(signal.SIGHUP, on_hangup)
signal.signal(signal.SIGTERM, on_hangup)
main()
