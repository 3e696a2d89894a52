"""Dies as programs die that have no time to say why; the grader must not take that for its own fault."""

import os
import signal

os.kill(os.getpid(), (signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL)[os.getpid() % 3])
