"""Doubles its processes nine times."""

import os
import time

for _ in range(9):
    try:
        os.fork()
    except OSError:
        break
time.sleep(5)
os._exit(1)
