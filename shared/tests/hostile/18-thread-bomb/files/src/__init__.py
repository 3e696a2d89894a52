"""Starts threads until it is stopped; serves nothing."""

import threading
import time

started = 0
try:
    while started < 2000:
        threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
        started += 1
except RuntimeError:
    raise SystemExit(f"held after {started} threads") from None
raise SystemExit("2000 threads")
