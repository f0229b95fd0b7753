"""A process that the keeper of a job starts for us, and that outlives us. Goes before launch.py, in one program with it."""
import os
import signal
import subprocess
import time

# Seconds that a keeper may take to start what it is asked for.
KEEPER_LIMIT = 20
# Names that a shell does not let anybody set.
SHELL_NAMES = ("UID", "EUID", "PPID", "SHELLOPTS", "BASHOPTS", "BASH_VERSINFO", "_")


class Kept:
    """The same as subprocess.Popen, as far as it is needed here."""

    def __init__(self, keeper, name, command, log):
        """
        Has the keeper whose folder this is run a command in our environment. The name has hexadecimal digits alone.
        Raises OSError where it does not.
        """
        # The keeper removes it when it has ended.
        note = os.path.join(keeper, "live-" + name)
        script = os.path.join(keeper, "start-" + name)
        handle = os.open(script, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(start_script(note, command, log))
        # Where a disk keeps what is open the folder cannot go before its last process: the keeper removes it, once empty.
        with open(os.path.join(keeper, "where-" + name), "w") as file:
            file.write(os.path.dirname(log) + "\n")
        pipe = os.open(os.path.join(keeper, "requests"), os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.write(pipe, b"start " + name.encode("ascii") + b"\n")
        finally:
            os.close(pipe)
        self.pid = awaited(note)
        self.started = start_of(self.pid)

    def poll(self):
        """None while it runs; how it ended only its keeper knows."""
        return None if self.started and start_of(self.pid) == self.started else 0

    def wait(self, seconds):
        end = time.monotonic() + seconds
        while self.poll() is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired("supervisor", seconds)
            time.sleep(0.02)

    def send_signal(self, number):
        if self.poll() is None:
            try:
                os.kill(self.pid, number)
            except OSError:
                pass

    def terminate(self):
        self.send_signal(signal.SIGTERM)

    def kill(self):
        self.send_signal(signal.SIGKILL)


def start_script(note, command, log):
    """Ours alone may read it, for the environment is in it; it goes as soon as it runs."""
    lines = [b'rm -f "$0"']
    for name, value in os.environb.items():
        text = name.decode("ascii", "replace")
        is_plain = text.replace("_", "a").isalnum() and not text[0].isdigit() and text.isascii()
        if is_plain and text not in SHELL_NAMES and not text.startswith("SSH_"):
            lines.append(b"export " + name + b"=" + quoted(value))
    note = os.fsencode(note)
    lines.append(b"echo $$ >" + quoted(note + b".new") + b" && mv " + quoted(note + b".new") + b" " + quoted(note))
    words = b" ".join(quoted(os.fsencode(word)) for word in command)
    lines.append(b"exec " + words + b" </dev/null >>" + quoted(os.fsencode(log)) + b" 2>&1")
    return b"\n".join(lines) + b"\n"


def quoted(value):
    return b"'" + value.replace(b"'", b"'\\''") + b"'"


def awaited(note):
    end = time.monotonic() + KEEPER_LIMIT
    while time.monotonic() < end:
        try:
            with open(note) as file:
                return int(file.read())
        except (OSError, ValueError):
            time.sleep(0.02)
    raise OSError("the job does not start it")


def start_of(pid):
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            fields = file.read().rsplit(b")", 1)[1].split()
        return "" if fields[0] in (b"Z", b"X") else fields[19].decode()
    except OSError:
        return ""
