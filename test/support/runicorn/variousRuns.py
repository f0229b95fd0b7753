"""
Makes runs of every kind through Runicorn's own SDK. Argument: the storage root. Prints a line of JSON: the folder of each run by its
kind, and the process of the one that is to be killed. Goes on until its standard input ends, as the live run does.
"""
import json
import multiprocessing
import os
import sys

import runicorn

root = sys.argv[1]


def make(kind, path="cv/demo", run_id=None, mode="max", last=4, first=0):
    run = runicorn.init(path=path, storage=root, alias=kind, run_id=run_id)
    run.set_primary_metric("loss" if mode == "min" else "accuracy", mode=mode)
    for step in range(first, last):
        run.log({"loss": 1 / (1 + step), "accuracy": step / 10}, step=step)
    return run


def train(connection):
    run = make("killed")
    connection.send(str(run.run_dir))
    while True:
        connection.recv()


def main():
    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=train, args=(theirs,))
    child.start()
    folders = {"killed": ours.recv()}
    for kind, path, mode in [
        ("finished", "cv/demo", "max"),
        ("min-mode", "nlp/large/deep", "min"),
        ("deleted", "cv/demo", "max"),
        ("moved", "cv/before", "max"),
        ("renamed", "old-name/demo", "max"),
        ("no-status", "cv/broken", "max"),
        ("no-summary", "cv/broken", "max"),
        ("no-meta", "cv/broken", "max"),
    ]:
        run = make(kind, path, mode=mode)
        run.finish()
        folders[kind] = str(run.run_dir)
    failed = make("failed")
    failed.finish("failed")
    folders["failed"] = str(failed.run_dir)
    first = make("resumed")
    first.finish("interrupted")
    again = make("resumed", run_id=first.id, first=2, last=6)
    again.finish()
    folders["resumed"] = str(again.run_dir)
    folders["live"] = str(make("live").run_dir)
    print(json.dumps({"folders": folders, "pid": child.pid}), flush=True)
    for line in sys.stdin:
        if line == "kill\n":
            child.kill()
            child.join()
            print("killed", flush=True)
    # Neither run has an end of its own.
    os._exit(0)


main()
