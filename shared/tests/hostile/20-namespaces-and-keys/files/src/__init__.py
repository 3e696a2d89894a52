"""Serves only when a call works with which sandboxes have been left before."""

import ctypes
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWUSER = 0x10000000
NUMBERS = {
    "x86_64": {"keyctl": 250, "io_uring_setup": 425, "bpf": 321, "perf_event_open": 298, "userfaultfd": 323},
    "aarch64": {"keyctl": 219, "io_uring_setup": 425, "bpf": 280, "perf_event_open": 241, "userfaultfd": 282},
}[platform.machine()]
CALLS = {
    "keyctl": (0, -3, 1),
    "io_uring_setup": (4, ctypes.create_string_buffer(240)),
    "bpf": (0, ctypes.create_string_buffer(128), 128),
    "perf_event_open": (ctypes.create_string_buffer(b"\1\0\0\0\x80", 128), 0, -1, -1, 0),
    "userfaultfd": (1,),
}


def new_namespace():
    pid = os.fork()
    if pid == 0:
        os._exit(0 if libc.unshare(CLONE_NEWUSER) == 0 else 1)
    return os.waitpid(pid, 0)[1] == 0


def works(name):
    return libc.syscall(NUMBERS[name], *CALLS[name]) >= 0


if not (new_namespace() or libc.mount(b"none", b"/tmp", b"tmpfs", 0, 0) == 0 or any(map(works, CALLS))):
    raise SystemExit("held: none of these calls works")
