"""A relay agent as somebody writes one in an afternoon: the same document, with asyncssh. The bench's measure for ours.

It keeps one connection for each host, runs what comes and answers. It has no journal, does not end what a command started,
and limits nothing but what runs at once.

Arguments: the transport, the URL, the file with the API key, the known hosts, how many run at once, and how many on one host.
"""

import asyncio
import json
import sys
from urllib.parse import urlencode

import asyncssh


class Runner:
    def __init__(self, known_hosts, at_once, per_host):
        self._known_hosts = known_hosts
        self._places = asyncio.Semaphore(at_once)
        self._per_host = per_host
        self._hosts = {}
        self._tasks = set()

    def start(self, command, answer):
        task = asyncio.create_task(self._answer(command, answer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, command, answer):
        await answer({"commandId": command["commandId"], "result": await self._run(command)})

    async def _run(self, command):
        where = (command["host"], command["port"], command["username"])
        if where not in self._hosts:
            connecting = asyncio.create_task(self._connect(command))
            self._hosts[where] = (connecting, asyncio.Semaphore(self._per_host))
        connecting, places = self._hosts[where]
        async with places, self._places:
            connection = await asyncio.shield(connecting)
            done = await connection.run(
                command["command"], stdin=asyncssh.DEVNULL, encoding="utf-8", errors="replace"
            )
        return {"stdout": done.stdout, "stderr": done.stderr, "exitCode": done.returncode}

    async def _connect(self, command):
        return await asyncssh.connect(
            command["host"],
            command["port"],
            username=command["username"],
            client_keys=[asyncssh.import_private_key(command["privateKey"])],
            known_hosts=self._known_hosts,
            agent_path=None,
            config=None,
        )


async def over_websocket(url, query, runner):
    import websockets

    async with websockets.connect(f"{url}/proxy?{query}") as socket:

        async def answer(data):
            await socket.send(json.dumps({"event": "command_result", "data": data}))

        async for text in socket:
            frame = json.loads(text)
            if frame["event"] == "execute_command":
                runner.start(frame["data"], answer)


async def over_socketio(url, query, runner):
    import socketio

    client = socketio.AsyncClient()

    async def answer(data):
        await client.emit("command_result", data, namespace="/proxy")

    @client.on("execute_command", namespace="/proxy")
    async def on_command(data):
        runner.start(data, answer)

    await client.connect(f"{url}?{query}", namespaces=["/proxy"], transports=["websocket"])
    await client.wait()


async def main(transport, url, key_file, known_hosts, at_once, per_host):
    with open(key_file, encoding="utf-8") as file:
        query = urlencode({"proxyId": "proxy-1", "apiKey": file.read().strip()})
    runner = Runner(known_hosts, int(at_once), int(per_host))
    await (over_websocket if transport == "websocket" else over_socketio)(url, query, runner)


asyncio.run(main(*sys.argv[1:]))
