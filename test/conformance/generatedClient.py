"""
What a stranger writes with the classes that openapi-python-client made of openapi.json. Arguments: the address of the API, and a
line of JSON with host, port, username, private_key_path and root. Prints a line of JSON.
"""
import json
import sys

from made import Client
from made.api.v0_6 import (
    v_0_6_get_api_remote_conda_envs as conda_envs,
    v_0_6_get_api_remote_viewer_sessions as sessions,
    v_0_6_post_api_remote_connect as connect,
    v_0_6_post_api_remote_known_hosts_accept as accept,
    v_0_6_post_api_remote_viewer_start as start,
    v_0_6_post_api_remote_viewer_stop as stop,
)
from made.models import (
    Conflict,
    GetCondaEnvsAnswer,
    HostKeyConfirmation,
    MalformedRequest,
    PostConnectAnswer,
    PostConnectRequest,
    PostKnownHostsAcceptRequest,
    PostViewerStartAnswer,
    PostViewerStartRequest,
    PostViewerStopRequest,
)

place = json.loads(sys.argv[2])
root = place.pop("root")
client = Client(base_url=sys.argv[1], timeout=60)


def must(value, kind):
    assert isinstance(value, kind), value
    return value


def ask(operation, **arguments):
    return operation.sync_detailed(client=client, **arguments).parsed


malformed = must(ask(connect, body=PostConnectRequest(host="a")), MalformedRequest)
login = PostConnectRequest(**place, use_agent=False)
asked = must(must(ask(connect, body=login), Conflict).detail, HostKeyConfirmation)
key = asked.host_key
trusted = ask(
    accept,
    body=PostKnownHostsAcceptRequest(
        host=key.host,
        port=key.port,
        key_type=key.key_type,
        public_key=key.public_key,
        fingerprint_sha256=key.fingerprint_sha256,
    ),
)
connected = must(ask(connect, body=login), PostConnectAnswer)
envs = must(ask(conda_envs, connection_id=connected.connection_id), GetCondaEnvsAnswer).envs
wanted = next(env for env in envs if env.is_default)
request = PostViewerStartRequest(**place, use_agent=False, remote_root=root, conda_env=wanted.name)
started = must(ask(start, body=request), PostViewerStartAnswer).session
running = [one.session_id for one in ask(sessions).sessions]
ask(stop, body=PostViewerStopRequest(session_id=started.session_id))
print(
    json.dumps(
        {
            "missing": malformed.detail[0].loc,
            "asked": key.reason.value,
            "trusted": trusted.ok,
            "connected": connected.connected,
            "environment": wanted.name,
            "status": started.status.value,
            "listed": running == [started.session_id],
            "left": len(ask(sessions).sessions),
        }
    )
)
