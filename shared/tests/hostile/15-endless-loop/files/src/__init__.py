"""Never ends by itself, and lets no exception end it."""

import signal
import time

for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGUSR1, signal.SIGUSR2):
    signal.signal(number, signal.SIG_IGN)
while True:
    try:
        time.sleep(0.01)
    except BaseException:
        continue
