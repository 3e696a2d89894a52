"""Gives values back that poison sums and comparisons."""

import os
import sys

SCORES = [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-100", b"100000", b"true", b'"100"']

if sys.argv[0].endswith(("call.py", "play.py")):
    answer = b'{"value": ' + SCORES[os.getpid() % len(SCORES)] + b', "score": 100, "points": Infinity}'
    os.write(int(sys.argv[1]), answer)
os.write(1, b'{"score": NaN, "out_of": -1}\n')
os._exit(0)
