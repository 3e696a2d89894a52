"""Make files that are too large to copy."""

import os
import sys
from pathlib import Path

source = Path(sys.argv[1]) / "src"
(source / "large.py").write_bytes(b"# padding\n" * (6 << 20))
(source / "sparse.py").touch()
os.truncate(source / "sparse.py", 1 << 40)
