"""What a submission sees inside bubblewrap: itself, the interpreter, the zoo; nobody else, and no way out."""

import ast
import json
import platform
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from servelab.course_root import COURSE_ROOT
from servelab.grading.isolation import bubblewrap, identity, seccomp
from servelab.grading.isolation import level as levels
from servelab.grading.isolation.level import Place
from servelab.grading.isolation.limit import Limits
from servelab.grading.isolation.sandbox import Command

if TYPE_CHECKING:
    from tests.grading.conftest import Grader

CALLS = """if True:
    import ctypes, errno, json, os, platform, sys
    libc = ctypes.CDLL(None, use_errno=True)
    column = {"x86_64": 0, "aarch64": 1}[platform.machine()]
    told = {}
    for name, numbers in json.loads(sys.argv[1]).items():
        ctypes.set_errno(0)
        value = libc.syscall(numbers[column], 0, 0, 0, 0, 0, 0)
        told[name] = errno.errorcode.get(ctypes.get_errno(), "worked") if value < 0 else "worked"
    print(json.dumps(told))
"""


def told(grader: "Grader", code: str, **asked: Any) -> Any:  # noqa: ANN401 - whatever the code prints
    """Run code inside and read what it prints as a Python value."""
    ended = grader.run(f"import os\n{code}", **asked)
    assert 0 == ended.code, ended.output
    return ast.literal_eval(ended.output)


def test_nothing_of_the_course_is_there_but_what_learners_import(sandbox: "Grader") -> None:
    """Tests, mutants, solution and grader would be the answers to the questions."""
    code = """
found = []
for folder, folders, files in os.walk("/"):
    if folder in ("/proc", "/usr") or "/lib/python3" in folder:
        folders.clear()
        continue
    found += [os.path.join(folder, name) for name in folders + files]
words = ("exercise", "test_0", "mutant", "hostile", "solution", "starter", "grading", "session.py")
print([path for path in found if any(word in path for word in words)])
"""
    assert [] == told(sandbox, code)


def test_of_servelab_only_what_learners_may_import_is_there(sandbox: "Grader") -> None:
    """Design: learner code imports the zoo and the bench."""
    seen = told(sandbox, "print(sorted(os.listdir('/course/servelab')))")

    assert set(seen) <= set(bubblewrap._VISIBLE)
    assert {"zoo", "errors.py"} <= set(seen)


def test_the_whole_environment_is_the_one_that_is_given(sandbox: "Grader") -> None:
    """Tokens of a CI system and passwords stand in environments."""
    assert {"PATH", "HOME", "TMPDIR", "PWD", "LC_CTYPE"} >= set(told(sandbox, "print(list(os.environ))"))


def test_no_other_process_is_visible(sandbox: "Grader") -> None:
    """A PID namespace of its own: the sandbox's first process, the supervisor, and the program."""
    assert [1, 2, 3] == told(sandbox, "print(sorted(int(n) for n in os.listdir('/proc') if n.isdigit()))")


def test_the_uid_is_that_of_nobody_else(sandbox: "Grader") -> None:
    """The same real uid would share limits and rights with the grader; root's sandboxes get their own."""
    ended = sandbox.run("import os; print(os.getuid(), os.geteuid(), os.getgid(), os.getgroups())")

    uid, effective, gid, groups = ended.output.split(maxsplit=3)
    assert uid == effective
    assert int(uid) >= 1_000_000 if ended.uid == 0 else int(uid) == ended.uid
    assert ("[]", "0" != gid) == (groups.strip(), True) or ended.uid != 0


def test_two_programs_never_share_a_uid() -> None:
    """Under one uid they could signal each other outside of namespaces, and would share a process limit."""
    assert 50 == len({identity.own_uid() for _ in range(50)})
    assert max(identity.own_uid() for _ in range(100)) < 1 << 31


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        *((name, "0" * 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")),
        ("NoNewPrivs", "1"),
        ("Seccomp", "2"),
    ],
)
def test_there_are_no_privileges_and_none_to_gain(sandbox: "Grader", field: str, expected: str) -> None:
    """No capability in any set, none by setuid programs either, and a filter of system calls."""
    ended = sandbox.run("print(open('/proc/self/status').read())")

    match = re.search(rf"^{field}:\s*(\S+)$", ended.output, re.MULTILINE)
    assert match is not None
    assert expected == match[1]


def test_there_is_no_network_but_its_own_loopback(sandbox: "Grader") -> None:
    """No route, so nothing can be fetched and nobody told."""
    code = """
import socket
told = [name for _, name in socket.if_nameindex()]
for target in (("192.0.2.1", 80), ("127.0.0.1", 22)):
    with socket.socket() as probe:
        probe.settimeout(2)
        told.append(probe.connect_ex(target) != 0)
print(told)
"""
    assert ["lo", True, True] == told(sandbox, code)


def test_only_local_and_internet_sockets_can_be_made(sandbox: "Grader") -> None:
    """A vsock reaches the machine below through every network namespace; others are attack surface."""
    code = """
import socket
opened = []
for family in range(1, 46):
    for kind in (1, 2, 3, 5):
        try:
            socket.socket(family, kind).close()
            opened.append(family)
        except OSError:
            pass
print(sorted(set(opened)))
"""
    assert {1, 2, 10, 16} >= set(told(sandbox, code))


def test_only_the_scratch_places_can_be_written_to(sandbox: "Grader") -> None:
    """Everything else is read-only, also what the sandbox's own user would own."""
    code = """
writable = []
for folder, folders, files in os.walk("/"):
    if folder in ("/proc", "/usr") or "/lib/python3" in folder:
        folders.clear()
        continue
    paths = [folder, *(os.path.join(folder, name) for name in files)]
    writable += [path for path in paths if os.access(path, os.W_OK) and not os.path.islink(path)]
print(writable)
"""
    devices = {
        f"/dev/{name}"
        for name in ("null", "zero", "full", "random", "urandom", "tty", "pts", "pts/ptmx", "console")
    }
    assert {"/tmp", "/dev/shm"} <= set(found := told(sandbox, code))  # noqa: S108 - inside
    assert set() == set(found) - {"/tmp", "/dev/shm"} - devices  # noqa: S108 - inside


@pytest.mark.parametrize(
    "how", ["unshare(0x10000000)", "syscall(clone, 0x10000011, 0, 0, 0, 0)"], ids=["unshare", "clone"]
)
def test_no_user_namespace_can_be_made_inside(sandbox: "Grader", how: str) -> None:
    """Within one, a process has all capabilities, and most escapes begin there."""
    clone = seccomp.CLONE[0 if platform.machine() == "x86_64" else 1]
    libc = f"import ctypes\nclone = {clone}\nvalue = ctypes.CDLL(None).{how}\n"
    code = f"{libc}print(value if value < 0 else 'made one')"

    assert "-1\n" == sandbox.run(code).output


@pytest.mark.parametrize(
    ("calls", "expected"),
    [(seccomp.REFUSED, {"EPERM"}), (seccomp.ABSENT, {"ENOSYS"})],
    ids=["refused", "absent"],
)
def test_each_call_of_the_filter_is_refused(
    sandbox: "Grader", calls: dict[str, tuple[int, int]], expected: set[str]
) -> None:
    """A wrong number in the table would refuse another call, and let this one through."""
    ended = sandbox.run(CALLS, arguments=[json.dumps(calls)])

    assert expected == set(json.loads(ended.output).values()), ended.output


@pytest.mark.parametrize(
    ("header", "column"),
    [("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", 0), ("/usr/include/asm-generic/unistd.h", 1)],
    ids=["x86_64", "aarch64"],
)
def test_the_numbers_are_those_of_the_kernels_headers(header: str, column: int) -> None:
    """System calls have other numbers on other machines."""
    if not Path(header).is_file():
        pytest.skip(f"{header} is not installed")
    known = dict(
        re.findall(r"#define __NR_(\w+) (\d+)$", Path(header).read_text(encoding="utf-8"), re.MULTILINE)
    )
    table = {**seccomp.REFUSED, **seccomp.ABSENT, "clone": seccomp.CLONE, "socket": seccomp.SOCKET}

    expected = {name: int(known[name]) for name in table if name in known}
    assert expected == {name: numbers[column] for name, numbers in table.items() if name in known}
    assert len(table) - 2 <= len(expected), "an older header may lack the newest calls"


def test_what_programs_need_works(sandbox: "Grader") -> None:
    """Threads, children, pools, event loops, loopback and local sockets: a sandbox is for working in."""
    code = """
import asyncio, multiprocessing, socket, subprocess, threading
done = []
thread = threading.Thread(target=done.append, args=("thread",)); thread.start(); thread.join()
done.append(subprocess.run(["/bin/echo", "child"], capture_output=True, text=True).stdout.strip())
with multiprocessing.get_context("fork").Pool(2) as pool: done.append(pool.map(abs, [-1, 2]))
async def serve():
    server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    done.append(await reader.read()); writer.close(); server.close()
asyncio.run(serve())
for one in socket.socketpair(): one.close()
print(done)
"""
    assert ["thread", "child", [1, 2], b""] == told(sandbox, code)


def test_a_course_below_a_folder_that_must_be_shown_is_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clone in /usr/src, as in many container images, lies within what a sandbox shows."""
    if reason := bubblewrap.lacking():
        pytest.skip(reason)
    tmp_path.chmod(0o755)
    prefix = tmp_path / "usr"
    course, environment = prefix / "src" / "course", prefix / "src" / "course" / ".venv"
    environment.mkdir(parents=True)
    (course / "solution.py").write_text("the answer", encoding="utf-8")
    (environment / "module.py").write_text("needed", encoding="utf-8")
    real = bubblewrap._prefixes()
    monkeypatch.setattr(bubblewrap, "_prefixes", lambda: [*real, prefix, environment])
    monkeypatch.setattr(bubblewrap, "COURSE_ROOT", course)
    sandbox = levels.level("bubblewrap").open(Place(tmp_path, tmp_path))

    confined = sandbox.start(Command(("/usr/bin/find", str(course))), Limits(), alone=True)

    assert 0 == confined.wait(20), confined.output
    assert {str(course), str(environment), str(environment / "module.py")} == set(confined.output.split())


def test_the_reason_for_the_lack_of_bubblewrap_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever grades must know what to install or allow, and nothing is graded less safely instead."""
    monkeypatch.setenv("PATH", "/nowhere")
    bubblewrap.lacking.cache_clear()
    try:
        assert "apt-get install bubblewrap" in bubblewrap.lacking()
    finally:
        bubblewrap.lacking.cache_clear()


def test_a_python_whose_prefix_is_home_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its whole prefix is shown inside; with keys and mails in it, that is too much."""
    if reason := bubblewrap.lacking():
        pytest.skip(reason)
    monkeypatch.setattr(bubblewrap, "_prefixes", lambda: [Path.home()])
    bubblewrap.lacking.cache_clear()
    try:
        assert f"Python is installed in {Path.home()}" in bubblewrap.lacking()
    finally:
        bubblewrap.lacking.cache_clear()


def test_the_course_is_not_beneath_what_is_shown_here() -> None:
    """This clone's own root, as a check of the rule above."""
    shown = [Path("/usr"), *bubblewrap._prefixes()]

    beneath = any(COURSE_ROOT.is_relative_to(path) for path in shown)
    assert beneath == ("--tmpfs" in bubblewrap._interpreter_binds())
