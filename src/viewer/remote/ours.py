"""What is ours on this host: the folders that hold the sessions, and the socket or port that a viewer listens on.

Goes before launch.py, in one program with it, and behind removal.py.
"""
import sys

# `python -c` puts the working folder first: a json.py in somebody's home must not become ours.
sys.path[:] = [entry for entry in sys.path if entry]

import errno
import grp
import os
import pwd
import re
import socket
import stat
import struct
import tempfile


# Of the folder that holds a viewer's socket, and of the socket in it. identity.sh knows them too.
SOCKET_PREFIX = "runicorn-viewer-"
SOCKET_NAME = "v"


class Refusal(Exception):
    """What keeps the viewer from starting: a code of the caller's and the facts for it."""

    def __init__(self, code, **facts):
        super().__init__(code)
        self.answer = dict(facts, code=code)


def make_folder(session, tried):
    """The session's folder, in the first place that can be written and where nobody else can change what is in it.

    identity.sh looks for it in the same places. Adds to tried the places that cannot be used, and why.
    """
    for parent, name in places():
        place = os.path.join(os.path.realpath(parent), name)
        try:
            os.makedirs(parent, mode=0o700, exist_ok=True)
            return make_session(place, session)
        except OSError as error:
            tried.append(dict(path=place, reason=error.strerror or str(error)))
    try:
        # A name that nobody could have taken.
        return make_session(tempfile.mkdtemp(prefix=own_prefix(), dir="/tmp"), session)
    except OSError as error:
        tried.append(dict(path="/tmp", reason=error.strerror or str(error)))
        raise Refusal("no-folder-on-host", places=tried)


def places():
    cache = os.environ.get("XDG_CACHE_HOME", "")
    yield (cache if os.path.isabs(cache) else os.path.expanduser("~/.cache")), "runicorn-remote"
    runtime = lasting_runtime_folder()
    if runtime:
        yield runtime, "runicorn-remote"
    try:
        names = sorted(os.listdir("/tmp"))
    except OSError:
        return
    for name in names:
        if name.startswith(own_prefix()) and is_owned(os.path.join("/tmp", name)):
            yield "/tmp", name


def lasting_runtime_folder():
    """XDG_RUNTIME_DIR where it stays after a logout: for those alone who linger. Else nothing."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    is_lasting = os.path.isabs(runtime) and os.path.exists("/var/lib/systemd/linger/" + user_name())
    return runtime if is_lasting else ""


def is_owned(path):
    try:
        return os.lstat(path).st_uid == os.geteuid()
    except OSError:
        return False


def own_prefix():
    return "runicorn-remote-%d-" % os.geteuid()


def user_name():
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return ""


def make_session(place, session):
    """Makes the session's folder in a place of ours, with its supervisor and what starts the viewer."""
    require_sheltered(os.path.dirname(place))
    folder = os.path.join(place, "sessions", session)
    for step in (place, os.path.dirname(folder)):
        try:
            os.mkdir(step, 0o700)
        except FileExistsError:
            pass
        make_private(step)
    os.mkdir(folder, 0o700)
    try:
        # A full disk shows now.
        write(os.path.join(folder, "supervisor.py"), sys.argv[2])
        write(os.path.join(folder, "serve.py"), sys.argv[3])
    except OSError:
        remove_folder(folder)
        raise
    return folder


def make_socket_folder(session_folder):
    """The path of a viewer's socket, in a fresh folder for us alone, which the session remembers.

    Never beside the session: a socket's path holds 107 bytes, and a home on the network takes none.
    """
    tried = []
    for parent in socket_places():
        try:
            require_sheltered(os.path.realpath(parent))
            folder = tempfile.mkdtemp(prefix=SOCKET_PREFIX, dir=parent)
        except OSError as error:
            tried.append(dict(path=parent, reason=error.strerror or str(error)))
            continue
        path = os.path.join(folder, SOCKET_NAME)
        try:
            write(os.path.join(session_folder, "socket"), path + "\n")
        except OSError:
            os.rmdir(folder)
            raise
        return path
    raise Refusal("no-folder-for-socket", places=tried)


def socket_places():
    runtime = lasting_runtime_folder()
    # The path goes through shells and the options of ssh.
    if runtime and len(os.fsencode(runtime)) <= 64 and re.match("[A-Za-z0-9/._-]+$", runtime):
        yield runtime
    yield "/tmp"


def make_private(path):
    """Refuses what is no folder of ours, and mends one that others could write into. identity.sh does the same."""
    found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode):
        raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    if found.st_uid != os.geteuid():
        raise OSError(errno.EPERM, "it belongs to another account")
    if found.st_mode & 0o022:
        os.chmod(path, stat.S_IMODE(found.st_mode) & ~0o022)


def require_sheltered(path):
    if not is_sheltered(path):
        raise OSError(errno.EPERM, "other accounts may write into the folder that it lies in")


def is_sheltered(path):
    """Whether nobody but us and root can put another folder in the place of one in this one. As in identity.sh."""
    home = os.path.realpath(os.path.expanduser("~"))
    exposed = False
    while True:
        found = os.lstat(path)
        if path == home:
            break
        if found.st_uid == os.geteuid() and not found.st_mode & 0o077:
            # Others do not come as far as what is below. Its own name stands in the folder above.
            exposed = False
        else:
            exposed = exposed or is_exposed(path, found)
        if path == os.path.dirname(path):
            break
        path = os.path.dirname(path)
    return not exposed


def is_exposed(path, found):
    if found.st_uid not in (0, os.geteuid()):
        return True
    if found.st_mode & stat.S_ISVTX or not found.st_mode & 0o022:
        return False
    # A group that has its user's name is for that user alone; an access list may name others beside it.
    is_own_group = found.st_gid == os.getegid() and group_name() == user_name() != "" and not has_access_list(path)
    return bool(found.st_mode & 0o002) or not is_own_group


def group_name():
    try:
        return grp.getgrgid(os.getegid()).gr_name
    except KeyError:
        return ""


def has_access_list(path):
    try:
        return "system.posix_acl_access" in os.listxattr(path)
    except (AttributeError, OSError):
        return False


def write(path, text):
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def holds_port(viewer, port):
    """Whether the viewer runs and is what listens on the port. identity.sh finds out the same.

    Where the kernel does not tell who listens, the process that runs after its answer has to do.
    """
    if not viewer:
        return False
    everything = listening()
    if not everything:
        return True
    loopback = "%08X" % struct.unpack("=I", socket.inet_aton("127.0.0.1"))
    local = [entry for entry in everything if entry[0] == "%s:%04X" % (loopback, port)]
    found = local or [entry for entry in everything if entry[0].endswith(":%04X" % port)]
    return any(
        has_socket(viewer, inode, user)
        or any(has_socket(pid, inode, user) for pid in processes() if group_of(pid) == viewer)
        for _address, user, inode in found
    )


def listening():
    """Address, user and inode of every TCP socket that listens; none where the kernel does not tell."""
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table) as file:
                rows = [line.split() for line in file]
        except OSError:
            continue
        found += [(row[1], int(row[7]), row[9]) for row in rows if len(row) > 9 and row[3] == "0A"]
    return found


def has_socket(pid, inode, user):
    """Whether the process has it open. Where it does not let us look, the socket's user tells."""
    folder = "/proc/%d/fd" % pid
    try:
        descriptors = os.listdir(folder)
    except OSError:
        return user == os.geteuid()
    return any(link_of(os.path.join(folder, name)) == "socket:[%s]" % inode for name in descriptors)


def link_of(path):
    try:
        return os.readlink(path)
    except OSError:
        return ""


def processes():
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []


def group_of(pid):
    """The process group; None when the process has ended."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            state, _parent, group = file.read().rsplit(b")", 1)[1].split()[:3]
        return None if state in (b"Z", b"X") else int(group)
    except (OSError, ValueError, IndexError):
        return None
