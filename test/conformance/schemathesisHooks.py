"""
What Schemathesis is told of the rig: values that lead somewhere, for half of the requests that are right by the description,
and which failures are none. The environment's RIG is JSON:

{"login": fields of a connect that succeeds, "values": {name of a field: [values]}, "kept": [operations that get none]}
"""

import json
import os
import zlib

import schemathesis

rig = json.loads(os.environ["RIG"])


def chosen(name, number):
    """One of the values for a field, decided by all of the request, so that a seed repeats it."""
    values = rig["values"][name]
    return values[((number >> 3) + zlib.crc32(name.encode())) % len(values)]


@schemathesis.hook
def map_case(context, case):
    meta = case.meta
    operation = case.operation.label
    if meta is None or not meta.generation.mode.is_positive or operation in rig["kept"]:
        return case
    request = repr((operation, case.query, case.path_parameters, case.body))
    number = zlib.crc32(request.encode("utf-8", "replace"))
    if number % 2:
        return case
    # Never in place: what a case holds belongs to the cases that are made of it as well.
    for place in ("query", "path_parameters", "body"):
        part = getattr(case, place)
        if isinstance(part, dict):
            known = {name: chosen(name, number) for name in part if name in rig["values"]}
            setattr(case, place, {**part, **known})
    if isinstance(case.body, dict) and "host" in case.body and operation.endswith(("connect", "start")):
        is_own = {"auth_method"} - set(case.body)
        case.body = {**case.body, **{name: value for name, value in rig["login"].items() if name not in is_own}}
    return case


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Whether a failure is one. What goes wrong on the way to a host, or on it, has a name and is a 5xx by the documents."""
    is_named = response.status_code >= 500 and not any(
        word in response.text for word in ("Internal Server Error", "internal_error")
    )
    if failure.code == "ST101" and is_named:
        return False
    # No schema can say which keys a host has offered in the last ten minutes, or what is a folder there.
    is_key = case.operation.label == "POST /api/remote/known-hosts/accept"
    is_known_by_host = is_key or "is not a folder" in response.text
    return not (failure.code == "ST202" and response.status_code == 400 and is_known_by_host)
