"""The system calls that a sandbox refuses: a seccomp filter, made without a compiler.

What needs a capability is refused for want of one. This filter refuses what does not:
new user namespaces (a sandbox that is started as root has none of its own, which would
forbid them), other processes' memory, the keyrings of whoever grades, interfaces of the
kernel with a history of escapes, sockets that no network namespace holds (vsock), and
memory that no watcher of resident pages sees (System V segments and queues, memfd).
Source: seccomp(2); the default profiles of Docker and Flatpak; numbers from the kernel's
`unistd.h`, against which a test compares them.
Leaves out: arguments behind pointers; clone3 has its flags there and is refused whole,
upon which the C library uses clone.
"""

import errno
import functools
import platform
import struct

REFUSED = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "unshare": (272, 97),
    "setns": (308, 268),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "syslog": (103, 116),
}
"""Refused with EPERM. The numbers are those of x86_64 and of aarch64."""

ABSENT = {
    "clone3": (435, 435),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
}
"""Refused with ENOSYS, as by a kernel that is older: programs then do without."""

CLONE, SOCKET = (56, 220), (41, 198)
NEW_NAMESPACES = 0x7E02_0000
FAMILIES = (1, 2, 10, 16)
"""Unix, IPv4, IPv6 and netlink, by which the C library looks at the interfaces."""

_MACHINES = {"x86_64": (0, 0xC000_003E), "aarch64": (1, 0xC000_00B7)}
_X32 = 0x4000_0000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO = 0x7FFF_0000, 0x0005_0000


def supported() -> bool:
    """Say whether the filter knows this machine's system calls."""
    return platform.machine() in _MACHINES


@functools.cache
def program() -> bytes:
    """Return the filter for this machine, in the form that `bwrap --seccomp` reads."""
    column, architecture = _MACHINES[platform.machine()]
    code = [
        _step(_LOAD, _ARCHITECTURE),
        *_unless(_EQUAL, architecture, errno.ENOSYS),
        _step(_LOAD, _NUMBER),
        *_when(_AT_LEAST, _X32, errno.ENOSYS),
    ]
    for numbers in REFUSED.values():
        code += _when(_EQUAL, numbers[column], errno.EPERM)
    for numbers in ABSENT.values():
        code += _when(_EQUAL, numbers[column], errno.ENOSYS)
    flags = [
        _step(_LOAD, _FIRST_ARGUMENT),
        *_when(_ANY_BIT, NEW_NAMESPACES, errno.EPERM),
        _step(_RETURN, _ALLOW),
    ]
    family = [_step(_LOAD, _FIRST_ARGUMENT)]
    for number in FAMILIES:
        family += [_step(_EQUAL, number, 0, 1), _step(_RETURN, _ALLOW)]
    family.append(_step(_RETURN, _ERRNO | errno.EAFNOSUPPORT))
    code += [_step(_EQUAL, CLONE[column], 0, len(flags)), *flags]
    code += [_step(_EQUAL, SOCKET[column], 0, len(family)), *family]
    return b"".join([*code, _step(_RETURN, _ALLOW)])


def _step(code: int, value: int, when_true: int = 0, when_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, when_true, when_false, value)


def _when(test: int, value: int, error: int) -> list[bytes]:
    return [_step(test, value, 0, 1), _step(_RETURN, _ERRNO | error)]


def _unless(test: int, value: int, error: int) -> list[bytes]:
    return [_step(test, value, 1, 0), _step(_RETURN, _ERRNO | error)]
