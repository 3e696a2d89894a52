"""Prints more than anybody will read."""

import sys

for _ in range(200):
    sys.stdout.write("x" * (1 << 20))
    sys.stdout.flush()
raise SystemExit("printed it all")
