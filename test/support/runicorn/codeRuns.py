"""
Makes two runs through Runicorn's own SDK that differ in one parameter and in one line of their code, with images and a log. Arguments:
the storage root and a folder for the code.
"""
import os
import struct
import sys
import zlib

import runicorn

root, code = sys.argv[1], sys.argv[2]
os.makedirs(os.path.join(code, "model"), exist_ok=True)


def picture(shade):
    """A PNG of 64 x 48 points of one grey."""

    def part(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes([shade]) * 64 for _ in range(48))
    head = struct.pack(">IIBBBBB", 64, 48, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")


def write(name, text):
    with open(os.path.join(code, name), "w") as file:
        file.write(text)


def make(alias, rate, activation):
    write("train.py", "from model.net import net\n\nprint(net())\n")
    write("model/net.py", "def net():\n    return %r\n" % activation)
    run = runicorn.init(
        path="vision/compare", storage=root, alias=alias, snapshot_code=True, workspace_root=code, capture_env=True
    )
    run.set_primary_metric("val_loss", mode="min")
    run.log_config(extra={"lr": rate, "optimizer": {"name": "sgd", "momentum": 0.9}, "epochs": 4, "decay": 1 / 3})
    for step in range(1, 5):
        run.log({"val_loss": 1.0 / step}, step=step)
        run.log_image("sample", picture(50 * step), step=step, caption="epoch %d" % step)
        run.log_text("epoch %d of 4" % step)
    run.log_image("mask", picture(255), step=4)
    run.finish()


make("one way", 0.1, "relu")
make("another way", 0.01, "gelu")
