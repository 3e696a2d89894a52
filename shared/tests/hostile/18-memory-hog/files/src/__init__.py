"""Holds more and more memory."""

import time

held = []
for _ in range(64):
    held.append(bytearray(b"x") * (32 << 20))
    time.sleep(0.01)
raise SystemExit("took 2 GiB")
