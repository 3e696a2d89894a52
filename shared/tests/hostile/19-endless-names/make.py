"""Make names that break lists, terminals and file systems: paths of 4,000 characters, line breaks, no UTF-8."""

import os
import sys

os.chdir(os.path.join(sys.argv[1], "src"))
for name in (b"x" * 251 + b".py", b"a\n::error::b.py", b"\xff\xfe.py", b"\x1b[2Jc.py", "\u202eyp.d".encode()):
    with open(name, "w") as file:
        file.write("PASSED = True\n")
for _ in range(16):
    os.mkdir("y" * 250)
    os.chdir("y" * 250)
with open("deep.py", "w") as file:
    file.write("PASSED = True\n")
