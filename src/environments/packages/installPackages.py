"""Installs packages from standard input with the pip of this interpreter.

Arguments: a tag and a temporary folder. Each answer is a line of the tag and JSON: first the platform, then pip's output,
then "missing" with a requirement, or "done". Each request is a line of JSON with names and sizes of files, followed by
their bytes. EOF on standard input ends the program.
"""
import hashlib
import importlib.util
import json
import os
import platform
import re
import select
import signal
import subprocess
import sys

PIECE = 65536
# Maximum bytes of one package, and of all packages of one request.
LARGEST = 2 << 30
TAIL = 4000
COMMAND = ["install", "--no-index", "--no-cache-dir", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
MISSING = re.compile(r"No matching distribution found for ([^\s;(]+)")


class CallerGone(Exception):
    pass


def main():
    tag, folder = sys.argv[1:3]
    packages = os.path.join(folder, "packages")
    os.mkdir(packages, 0o700)

    def tell(**answer):
        os.write(1, ("%s %s\n" % (tag, json.dumps(answer))).encode("ascii"))

    try:
        has_pip = make_pip(folder)
        tell(kind="platform", has_pip=has_pip, **facts())
        while True:
            if not receive(packages):
                return 0
            code, said = install(folder, packages, has_pip, lambda text: tell(kind="said", text=text))
            found = MISSING.findall(said) if code != 0 else []
            if found:
                tell(kind="missing", requirement=found[-1])
            else:
                tell(kind="done", code=code, output=said)
    except (CallerGone, OSError) as error:
        if not isinstance(error, CallerGone):
            sys.stderr.write("%s\n" % error)
        return 1


def facts():
    release = platform.mac_ver()[0]
    return dict(
        python="%d.%d" % sys.version_info[:2],
        implementation={"cpython": "cp", "pypy": "pp"}.get(sys.implementation.name, "py"),
        system=sys.platform,
        machine=platform.machine(),
        glibc=glibc(),
        musl=musl(),
        mac=".".join((release.split(".") + ["0"])[:2]) if release else "",
    )


def glibc():
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").split()[-1]
    except (AttributeError, OSError, ValueError, IndexError):
        return ""


def musl():
    try:
        run = subprocess.run(["ldd", "--version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=5)
        found = re.search(rb"musl.*\nVersion (\d+\.\d+)", run.stdout, re.S)
        return found.group(1).decode() if found else ""
    except (OSError, subprocess.SubprocessError):
        return ""


def make_pip(folder):
    """Whether there is a pip; installs the one bundled with Python if needed."""
    if importlib.util.find_spec("pip") is None:
        command = [sys.executable, "-m", "ensurepip", "--default-pip"]
        with open(os.devnull, "rb") as nothing:
            run(command, folder, nothing, lambda text: None)
        importlib.invalidate_caches()
    return importlib.util.find_spec("pip") is not None


def receive(packages):
    """Writes the files of the next request. Returns False at EOF."""
    head = b""
    while not head.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            return False
        head += byte
        if len(head) > 1 << 20:
            raise OSError("a question is too long")
    for file in json.loads(head.decode("utf-8"))["files"]:
        name, left, digest = file["name"], file["size"], hashlib.sha256()
        if not re.match(r"[\w.+-]+\.whl$", name) or not 0 <= left <= LARGEST:
            raise OSError("this is no package: %r" % name)
        with open(os.path.join(packages, name), "wb") as target:
            while left > 0:
                piece = os.read(0, min(left, PIECE))
                if not piece:
                    raise CallerGone()
                target.write(piece)
                digest.update(piece)
                left -= len(piece)
        if digest.hexdigest() != file["sha256"]:
            raise OSError("%s arrived damaged" % name)
    return True


def install(folder, packages, has_pip, hear):
    command = [sys.executable, "-m", "pip"]
    if not has_pip:
        # A wheel of pip can be run without installing it.
        wheels = [name for name in os.listdir(packages) if name.startswith("pip-")]
        if not wheels:
            return 1, "this environment has no pip, and none could be made"
        command = [sys.executable, os.path.join(packages, wheels[0], "pip")]
    return run(command + COMMAND + ["--find-links", packages, "runicorn"], folder, 0, hear)


def run(command, folder, asker, hear):
    """Runs a command, and kills it at EOF on standard input. Returns its exit status and the end of its output."""
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(os.environ, TMPDIR=folder, PYTHONUNBUFFERED="1"),
        start_new_session=True,
    )
    said = b""
    watched = [child.stdout] if hasattr(asker, "read") else [child.stdout, asker]
    try:
        while True:
            for ready in select.select(watched, [], [])[0]:
                if ready == asker:
                    # No request comes meanwhile, so this is EOF.
                    raise CallerGone()
                piece = os.read(child.stdout.fileno(), PIECE)
                if not piece:
                    return child.wait(), said.decode("utf-8", "replace")
                said = (said + piece)[-TAIL:]
                hear(piece.decode("utf-8", "replace"))
    finally:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except OSError:
            pass
        child.wait()


for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
    # EOF on standard input ends the program; signals must not interrupt the clean-up.
    signal.signal(number, signal.SIG_IGN)
sys.exit(main())
