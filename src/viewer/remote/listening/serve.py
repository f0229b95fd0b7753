"""Runs Runicorn's own command line, whose web server listens on a Unix socket instead of a port.

The arguments are the socket's path and those that Python would get: `-m runicorn` and what follows. The folder that the
socket lies in is for this account alone. Where somebody removes it, it is made again; where another account has taken
its name meanwhile, the viewer ends: what answers there would be taken for it.
"""
import sys

# `python FILE` puts the file's folder first: nothing in it must be taken for a module.
sys.path[:] = sys.path[1:]

import asyncio
import os
import runpy
import socket
import stat

# Seconds between two looks at the socket.
INTERVAL = 0.5
# Seconds that requests under way have to end when the viewer is to end. A page that follows a log never does.
END_GRACE = 0.05
# Connections that wait: as many as uvicorn lets wait.
BACKLOG = 2048
# What uvicorn ends with when its server did not start.
STARTUP_FAILURE = 3
# What a proxy says of who asks. Nobody who can reach the socket is one, and Runicorn believes it.
OF_THE_WAY = (b"forwarded", b"via", b"x-real-ip", b"x-client-ip", b"true-client-ip")


class NameTaken(Exception):
    pass


class Place:
    """Where the socket lies."""

    def __init__(self, path):
        self.path = path
        self.folder = os.path.dirname(path)
        self.identity = None

    def listen(self):
        """A socket that listens there. It gets its name when it does: whoever finds it is answered."""
        self.make_folder()
        beside = self.path + ".new"
        for name in (beside, self.path):
            try:
                os.unlink(name)
            except FileNotFoundError:
                pass
        listener = socket.socket(socket.AF_UNIX)
        try:
            listener.bind(beside)
            listener.listen(BACKLOG)
            listener.setblocking(False)
            self.identity = identity_of(beside)
            os.rename(beside, self.path)
        except OSError:
            listener.close()
            raise
        return listener

    def make_folder(self):
        try:
            os.mkdir(self.folder, 0o700)
        except FileExistsError:
            found = os.lstat(self.folder)
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
                raise NameTaken(self.folder)
            if found.st_mode & 0o077:
                os.chmod(self.folder, 0o700)

    def is_there(self):
        """A disk that does not answer is no reason to do anything."""
        try:
            return identity_of(self.path) == self.identity
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            return False
        except OSError:
            return True


def identity_of(path):
    found = os.lstat(path)
    return found.st_dev, found.st_ino, stat.S_IFMT(found.st_mode), found.st_uid


def as_local(app):
    """The application as for a browser on this machine: a Unix socket tells no address, and Runicorn counts requests by it."""

    async def serve(scope, receive, send):
        if scope["type"] in ("http", "websocket"):
            headers = [one for one in scope["headers"] if not is_of_the_way(one[0].lower())]
            scope = dict(scope, client=("127.0.0.1", 0), headers=headers)
        await app(scope, receive, send)

    return serve


def is_of_the_way(name):
    return name in OF_THE_WAY or name.startswith(b"x-forwarded-")


class Started:
    """Stands for the application's life where it has begun already."""

    should_exit = False

    async def startup(self):
        pass


def listen_at(place, uvicorn):
    """Has what calls `uvicorn.run` from now on listen at this place."""

    class Server(uvicorn.Server):
        loop = None

        async def startup(self, sockets=None):
            await super().startup(sockets=sockets)
            if self.started:
                # As uvicorn says it where it makes the socket itself.
                print("INFO:     Uvicorn running on unix socket %s" % place.path, flush=True)
                self.watch = asyncio.ensure_future(self.stay(self.lifespan))

        async def main_loop(self):
            """Until it is to end. uvicorn looks for that ten times a second."""
            self.is_told = asyncio.Event()
            self.loop = asyncio.get_running_loop()
            ticks = asyncio.ensure_future(super().main_loop())
            told = asyncio.ensure_future(self.is_told.wait())
            await asyncio.wait([ticks, told], return_when=asyncio.FIRST_COMPLETED)
            told.cancel()
            if ticks.done():
                ticks.result()
            else:
                ticks.cancel()

        def handle_exit(self, sig, frame):
            super().handle_exit(sig, frame)
            if self.loop is not None:
                self.loop.call_soon_threadsafe(self.is_told.set)

        async def shutdown(self, sockets=None):
            """As uvicorn does it, without a pause of its own where nothing is under way, and for no longer than a moment."""
            for server in self.servers:
                server.close()
            for listener in sockets or []:
                listener.close()
            state = self.server_state
            for connection in list(state.connections):
                connection.shutdown()
            clock = asyncio.get_running_loop().time
            deadline = clock() + END_GRACE
            while (state.connections or state.tasks) and not self.force_exit and clock() < deadline:
                await asyncio.sleep(0.005)
            if not self.force_exit:
                await self.lifespan.shutdown()

        async def stay(self, life):
            while not self.should_exit:
                await asyncio.sleep(INTERVAL)
                if place.is_there():
                    continue
                try:
                    listener = place.listen()
                except NameTaken as taken:
                    print("%s belongs to somebody else now: the viewer ends" % taken, file=sys.stderr, flush=True)
                    self.should_exit = True
                    return
                except OSError as error:
                    print("%s: %s" % (place.path, error), file=sys.stderr, flush=True)
                    continue
                before = self.servers
                self.lifespan = Started()
                try:
                    await super().startup(sockets=[listener])
                finally:
                    self.lifespan = life
                for server in before:
                    server.close()

    def run(app, **options):
        for name in ("host", "port", "uds", "fd", "reload", "workers", "proxy_headers"):
            options.pop(name, None)
        made = (lambda: as_local(app())) if options.get("factory") else as_local(app)
        server = Server(uvicorn.Config(made, proxy_headers=False, **options))
        try:
            server.run(sockets=[place.listen()])
        except KeyboardInterrupt:
            pass
        if not server.started:
            sys.exit(STARTUP_FAILURE)

    uvicorn.run = run


def main():
    os.umask(0o077)
    path, _, module = sys.argv[1:4]
    sys.argv[:4] = [module]
    import uvicorn

    listen_at(Place(path), uvicorn)
    runpy.run_module(module, run_name="__main__", alter_sys=True)


main()
