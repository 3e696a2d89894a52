"""Answers whoever asks for a value with a bomb: first the descriptor of the answer, then the bomb."""

import os
import pickle
import sys

BOMBS = [b'{"value": ' + b"[" * 400_000, pickle.dumps({"value": True}), b'{"value": "' + b"a" * (3 << 20)]

if sys.argv[0].endswith(("call.py", "play.py")):
    bomb = BOMBS[os.getpid() % len(BOMBS)]
    with os.fdopen(int(sys.argv[1]), "wb") as answer:
        answer.write(bomb)
os._exit(0)
