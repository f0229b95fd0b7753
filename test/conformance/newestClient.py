"""The client class of an installed Runicorn, unchanged, from connect to disconnect.

The arguments are the API's address and JSON, {"host", "port", "username", "private_key_path", "root"}. Prints JSON.
"""

import json
import sys
import urllib.request

from runicorn.client import RunicornClient
from runicorn.client.exceptions import HostKeyConfirmationRequiredError

url, place = sys.argv[1], json.loads(sys.argv[2])
root = place.pop("root")
at = {name: place[name] for name in ("host", "port", "username")}
client = RunicornClient(url)
said = {}

try:
    client.remote.connect(**place)
except HostKeyConfirmationRequiredError as error:
    key = error.host_key
    wanted = ("host", "port", "key_type", "public_key", "fingerprint_sha256")
    get = key.get if isinstance(key, dict) else lambda name: getattr(key, name)
    client.remote.confirm_host_key(**{name: get(name) for name in wanted})
    said["asked"] = get("reason")

connected = client.remote.connect(**place)
said["connected"] = connected["connected"]
try:
    client.remote.connect(**{**place, "private_key_path": "/no/such/key"})
except Exception as error:
    said["refused"] = str(error)
said["candidates"] = client.remote.list_remote_storage_candidates(connected["connection_id"])
started = client.remote.start_viewer(remote_root=root, connection_id=connected["connection_id"])
session = started["session"]
with urllib.request.urlopen(session["url"] + "/api/health") as answer:
    said["health"] = json.load(answer)["status"]
said["sessions"] = [one["sessionId"] == session["sessionId"] for one in client.remote.list_viewer_sessions()]
said["status"] = client.remote.get_remote_status()["viewer_session_count"]
said["stopped"] = client.remote.stop_viewer(session["sessionId"])["ok"]
said["left"] = client.remote.list_viewer_sessions()
said["disconnected"] = client.remote.disconnect(**at)["ok"]
said["ssh"] = client.remote.list_sessions()
print("said " + json.dumps(said))
