"""Takes away folders of ours by their descriptors: whoever puts another one in the place of one of them meanwhile, or a link,
has nothing of that removed.

Goes before ours.py, and before supervisor.py, in one program with it.
"""
import os

AS_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove_folder(path):
    """A session's folder with all that is in it, and what is above it where that is empty then."""
    sessions, name = os.path.split(path)
    place, sessions_name = os.path.split(sessions)
    parent, place_name = os.path.split(place)
    steps = []
    try:
        # Without links in its path.
        steps.append(os.open(os.path.realpath(parent), AS_FOLDER))
        for step in (place_name, sessions_name, name):
            steps.append(os.open(step, AS_FOLDER, dir_fd=steps[-1]))
        if any(os.fstat(one).st_uid != os.geteuid() for one in steps[1:]):
            return
        clear(steps.pop())
        for step in (name, sessions_name, place_name):
            os.rmdir(step, dir_fd=steps[-1])
            os.close(steps.pop())
    except OSError:
        # The supervisor was faster, or there is something in it still.
        pass
    finally:
        for one in steps:
            os.close(one)


def clear(folder):
    """Removes what is in the folder with this descriptor, and closes it."""
    try:
        for name in os.listdir(folder):
            try:
                below = os.open(name, AS_FOLDER, dir_fd=folder)
            except OSError:
                os.unlink(name, dir_fd=folder)
                continue
            clear(below)
            os.rmdir(name, dir_fd=folder)
    finally:
        os.close(folder)


def remove_socket_folder(path):
    """Takes away the viewer's socket and its folder, where that is still ours. identity.sh does the same."""
    folder = os.path.dirname(path)
    try:
        opened = os.open(folder, AS_FOLDER)
    except OSError:
        return
    try:
        if os.fstat(opened).st_uid != os.geteuid():
            return
        for name in (os.path.basename(path), os.path.basename(path) + ".new"):
            try:
                os.unlink(name, dir_fd=opened)
            except FileNotFoundError:
                pass
        os.rmdir(folder)
    except OSError:
        pass
    finally:
        os.close(opened)
