"""Carry files into a sandbox and out of it, as a tar.

python archive.py unpack             from standard input into the working folder
python archive.py pack NAME…         of the working folder, to descriptor 3
"""

import sys
import tarfile

OUT = 3


def main() -> None:
    """Do what the first argument says."""
    what, *names = sys.argv[1:]
    if what == "unpack":
        with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as archive:
            archive.extractall(filter="data")
        return
    with open(OUT, "wb") as pipe, tarfile.open(fileobj=pipe, mode="w|") as archive:
        for name in names:
            archive.add(name)


if __name__ == "__main__":
    main()
