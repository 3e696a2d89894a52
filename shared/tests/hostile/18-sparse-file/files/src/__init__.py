"""Makes a file whose size is a terabyte."""

import tempfile

try:
    with tempfile.TemporaryFile() as file:
        file.truncate(1 << 40)
except OSError as error:
    raise SystemExit(f"held: {error}") from None
raise SystemExit("a terabyte")
