"""PostgreSQL; where there is none, a file of SQLite, which is another database and says so.

A cluster is created anew for each start, without waiting for the disk: it is thrown away.
Its account may run programs as whoever runs the server, so it has a password, new each time.
Leaves out: images, and what SQLite can't do, as types, concurrent writers and most of ALTER TABLE.
"""

import os
import pwd
import re
import secrets
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path
from signal import SIGINT
from urllib.parse import quote

from servelab.services.definition import Embedded, Service
from servelab.services.errors import NotReadyError
from servelab.services.plan import Place, Plan
from servelab.services.port import LOOPBACK

ACCOUNT = "servelab"
ACCOUNT_OF_PACKAGE = "postgres"
TIMEOUT_S = 5
UNSAFE_BUT_QUICK = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")


def plan(place: Place) -> Plan:
    """Make a cluster and run it."""
    program = Path(place.program).resolve()
    data = str(place.scratch / "data")
    password = secrets.token_urlsafe()
    make = [
        *(str(program.with_name("initdb")), "--pgdata", data, "--username", ACCOUNT),
        *("--auth", "scram-sha-256", "--pwfile", str(place.write("password", password))),
        *("--encoding", "UTF8", "--locale", "C", "--no-sync"),
    ]
    settings = (f"listen_addresses={LOOPBACK}", f"unix_socket_directories={place.scratch}", *UNSAFE_BUT_QUICK)
    run = [
        *(str(program), "-D", data, "-p", str(place.ports["main"])),
        *(word for setting in settings for word in ("-c", setting)),
    ]
    return Plan(
        url=f"postgresql://{ACCOUNT}:{password}@{LOOPBACK}:{place.ports['main']}/postgres",
        command=("/bin/sh", "-c", f"{shlex.join(make)} && exec {shlex.join(run)}"),
        user=_account(),
        signal=SIGINT,  # ends it without waiting for clients; SIGTERM waits for the last one
    )


def _account() -> str:
    """Return who runs it: PostgreSQL refuses to be root."""
    if os.getuid() != 0:
        return ""
    accounts = {entry.pw_name for entry in pwd.getpwall()}
    return ACCOUNT_OF_PACKAGE if ACCOUNT_OF_PACKAGE in accounts else "nobody"


def check(plan: Plan) -> str:
    """Ask it by `SELECT 1`, and for its version."""
    # Imported here: who only lists the services needs no client.
    import psycopg  # noqa: PLC0415

    url = without_driver(plan.url)
    if not url.startswith(("postgresql://", "postgres://")):
        msg = "it is not the URL of a PostgreSQL"
        raise NotReadyError(msg)
    try:
        with psycopg.connect(url, connect_timeout=TIMEOUT_S) as connection:
            connection.execute("SELECT 1")
            row = connection.execute("SHOW server_version").fetchone()
    except psycopg.Error as error:
        raise NotReadyError(" ".join(str(error).split())) from None
    return str(row[0]) if row else "unknown"


def plan_sqlite(place: Place) -> Plan:
    """Make an empty file, which is an empty database; SQLite has no server."""
    return Plan(url=f"sqlite:///{place.write('database.sqlite', '')}")


def check_sqlite(plan: Plan) -> str:
    """Read the head of its file, which a wrong path in the URL must not bring into being."""
    path = sqlite_path(plan.url)
    if not path:
        msg = "it is not the URL of a file of SQLite"
        raise NotReadyError(msg)
    try:
        with closing(sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True)) as connection:
            connection.execute("PRAGMA schema_version")
    except sqlite3.Error as error:
        msg = f"{path}: {error}"
        raise NotReadyError(msg) from None
    return sqlite3.sqlite_version


def without_driver(url: str) -> str:
    """Return the URL of a database without the driver that SQLAlchemy puts into its scheme.

    >>> without_driver("postgresql+psycopg://localhost/db")
    'postgresql://localhost/db'
    """
    scheme, separator, rest = url.partition("://")
    return scheme.partition("+")[0] + separator + rest


def sqlite_path(url: str) -> str:
    """Return the file that the URL of a SQLite names, if it names one.

    >>> sqlite_path("sqlite+aiosqlite:////tmp/data.sqlite?timeout=5"), sqlite_path("sqlite:///data.sqlite")
    ('/tmp/data.sqlite', 'data.sqlite')
    """
    found = re.match(r"sqlite:///([^?]+)", without_driver(url))
    return found[1] if found else ""


POSTGRESQL = Service(
    name="postgresql",
    package="postgresql",
    programs=("/usr/lib/postgresql/*/bin/postgres", "postgres"),
    plan=plan,
    check=check,
    client="psycopg",
    variable="DATABASE_URL",
    embedded=Embedded(
        "sqlite (stand-in for postgresql)", find=str, plan=plan_sqlite, check=check_sqlite, scheme="sqlite"
    ),
)
