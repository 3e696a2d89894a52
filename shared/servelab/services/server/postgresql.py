"""PostgreSQL; where there is none, a file of SQLite, which is another database and says so.

A cluster is made anew for each start, without waiting for the disk: it is thrown away.
Leaves out: images, and what SQLite can't do, as types, concurrent writers and most of ALTER TABLE.
"""

import os
import pwd
import shlex
import sqlite3
from pathlib import Path
from signal import SIGINT

from servelab.services.errors import NotReadyError
from servelab.services.plan import Place, Plan
from servelab.services.port import LOOPBACK
from servelab.services.service import Embedded, Service

ACCOUNT = "servelab"
ACCOUNT_OF_PACKAGE = "postgres"
TIMEOUT_S = 5
UNSAFE_BUT_QUICK = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")


def plan(place: Place) -> Plan:
    """Make a cluster and run it."""
    program = Path(place.program).resolve()
    data = str(place.scratch / "data")
    make = [
        *(str(program.with_name("initdb")), "--pgdata", data, "--username", ACCOUNT),
        *("--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"),
    ]
    settings = (f"listen_addresses={LOOPBACK}", f"unix_socket_directories={place.scratch}", *UNSAFE_BUT_QUICK)
    run = [
        *(str(program), "-D", data, "-p", str(place.ports["main"])),
        *(word for setting in settings for word in ("-c", setting)),
    ]
    return Plan(
        url=f"postgresql://{ACCOUNT}@{LOOPBACK}:{place.ports['main']}/postgres",
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

    dialect, separator, rest = plan.url.partition("://")
    if dialect.partition("+")[0] not in ("postgresql", "postgres"):
        msg = "it is not the URL of a PostgreSQL"
        raise NotReadyError(msg)
    try:
        # SQLAlchemy puts the driver into the dialect, as postgresql+psycopg.
        with psycopg.connect(f"postgresql{separator}{rest}", connect_timeout=TIMEOUT_S) as connection:
            connection.execute("SELECT 1")
            row = connection.execute("SHOW server_version").fetchone()
    except psycopg.Error as error:
        raise NotReadyError(" ".join(str(error).split())) from None
    return str(row[0]) if row else "unknown"


def plan_sqlite(place: Place) -> Plan:
    """Name a file; SQLite makes it at the first connection, and has no server."""
    return Plan(url=f"sqlite:///{place.scratch / 'database.sqlite'}")


def check_sqlite(plan: Plan) -> str:
    """Ask it by `SELECT 1`."""
    connection = sqlite3.connect(plan.url.removeprefix("sqlite:///"))
    connection.execute("SELECT 1")
    connection.close()
    return sqlite3.sqlite_version


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
