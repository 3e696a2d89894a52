"""Claims about every service of the compose file, also of those that come later."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from servelab.course_root import COURSE_ROOT
from servelab.dev.stack.settings import short_lived

Services = dict[str, dict[str, Any]]
SECRET_NAME = re.compile(r"PASS|SECRET|TOKEN|KEY|CREDENTIAL", re.IGNORECASE)
STORES = {"redis", "postgres", "elasticsearch"}
OUTSIDE_ONLY = {"edge"}


def without(services: Services, key: str) -> list[str]:
    """Return the names of the services that have nothing under a key."""
    return sorted(name for name, service in services.items() if not service.get(key))


def test_every_service_says_whether_it_is_healthy(services: Services) -> None:
    """Who waits for a service that says nothing waits for a process, not for its work."""
    assert [] == [name for name, each in services.items() if not each.get("healthcheck", {}).get("test")]


def test_whoever_waits_waits_for_health(services: Services) -> None:
    """A started container is not yet a service."""
    waits = {
        (name, on): condition
        for name, each in services.items()
        for on, condition in each.get("depends_on", {}).items()
    }

    assert waits, "nobody waits for anybody"
    assert {} == {who: how for who, how in waits.items() if how != {"condition": "service_healthy"}}


@pytest.mark.parametrize("limit", ["mem_limit", "pids_limit", "cpus"])
def test_no_service_can_take_the_whole_machine(services: Services, limit: str) -> None:
    """One that leaks or forks must not take the others with it."""
    assert [] == without(services, limit)


def test_a_root_that_can_be_written_to_has_a_reason(services: Services, compose_text: str) -> None:
    """What breaks in could otherwise stay."""
    writable = [name for name, each in services.items() if each.get("read_only") is not True]
    reasons = re.findall(r"^    read_only: false # \w.*$", compose_text, re.MULTILINE)

    assert len(writable) == len(reasons), f"without a reason beside `read_only: false`: {writable}"


def test_no_service_has_rights_that_it_does_not_need(services: Services) -> None:
    """Capabilities and setuid programs are how a process becomes more than it was."""
    rights = {
        name: (each.get("cap_drop"), each.get("cap_add"), each.get("security_opt"), each.get("privileged"))
        for name, each in services.items()
    }

    assert {(("ALL",), None, ("no-new-privileges:true",), None)} == {
        (tuple(dropped or ()), added, tuple(options or ()), privileged)
        for dropped, added, options, privileged in rights.values()
    }, rights


def test_no_service_holds_the_engine(services: Services) -> None:
    """Who can talk to the engine's socket is root on the machine."""
    mounts = [mount for each in services.values() for mount in each.get("volumes", [])]

    assert mounts
    assert [] == [mount for mount in mounts if "docker.sock" in mount]


def test_files_of_the_repository_are_there_and_can_not_be_changed(services: Services) -> None:
    """A path that does not exist becomes an empty folder, and a service starts without its settings."""
    mounts = [m for each in services.values() for m in each.get("volumes", []) if m.startswith("./")]

    assert mounts
    assert [] == [mount for mount in mounts if not mount.endswith(":ro")]
    assert [] == [mount for mount in mounts if not (COURSE_ROOT / mount.split(":")[0]).exists()]


def test_every_image_has_a_version(services: Services) -> None:
    """What is `latest` today is another program tomorrow."""
    tags = {name: each["image"].rpartition(":")[2] for name, each in services.items() if "image" in each}

    assert {} == {name: tag for name, tag in tags.items() if not re.match(r"v?\d", tag)}
    assert [] == [name for name, each in services.items() if "image" not in each and "build" not in each]


def test_nothing_is_open_to_other_machines(services: Services) -> None:
    """A laptop in a café publishes to the café what is not bound to the loopback interface."""
    ports = [port for each in services.values() for port in each.get("ports", [])]

    assert ports
    assert [] == [port for port in ports if not port.startswith("127.0.0.1:")]
    assert [] == [name for name, each in services.items() if each.get("network_mode")]


def test_what_keeps_data_publishes_no_port_and_has_no_way_out(
    services: Services, compose: dict[str, Any]
) -> None:
    """A store is asked by services, never from outside, and asks nobody."""
    internal = {name for name, network in compose["networks"].items() if network.get("internal")}

    assert set() == {name for name in STORES if services[name].get("ports")}
    assert {} == {
        name: services[name]["networks"] for name in STORES if set(services[name]["networks"]) - internal
    }


def test_the_gateway_reaches_services_and_no_store(services: Services) -> None:
    """Who takes the gateway over stands in front of the APIs, not behind them."""
    assert OUTSIDE_ONLY == set(services["nginx"]["networks"])


def test_nobody_who_is_asked_from_outside_reaches_a_store_but_an_exercise(services: Services) -> None:
    """A console without a login beside the gateway is a way from the one to the other."""
    stores = {network for name in STORES for network in services[name]["networks"]}
    outside = {name: set(each["networks"]) for name, each in services.items() if "edge" in each["networks"]}

    assert outside
    assert {} == {
        name: networks & stores
        for name, networks in outside.items()
        if networks & stores - ({"backend"} if name.startswith("exercise-") else set())
    }


def test_every_target_of_prometheus_can_be_reached(services: Services) -> None:
    """A target with another name, or in another network, is down for ever."""
    text = (COURSE_ROOT / "shared/monitoring/prometheus/prometheus.yml").read_text(encoding="utf-8")
    jobs = yaml.safe_load(text)["scrape_configs"]
    names = {
        target.partition(":")[0]
        for job in jobs
        for config in job.get("static_configs", [])
        for target in config["targets"]
    } | {name for job in jobs for config in job.get("dns_sd_configs", []) for name in config["names"]}
    watched = {name for name, each in services.items() if "monitoring" in each["networks"]}

    assert names
    assert set() == names - watched


def test_no_secret_stands_in_the_file(services: Services, compose: dict[str, Any]) -> None:
    """What is committed once is known for ever; an environment is shown by `docker inspect`."""
    settings = {
        f"{service}.{name}": value
        for service, each in services.items()
        for name, value in each.get("environment", {}).items()
        if SECRET_NAME.search(name)
    }

    assert {} == {name: value for name, value in settings.items() if not value.startswith("/run/secrets/")}
    assert {"file"} == {key for secret in compose["secrets"].values() for key in secret}


def test_every_secret_that_is_asked_for_is_declared_and_made(
    services: Services, compose: dict[str, Any]
) -> None:
    """A secret that nobody makes keeps the stack down; one that nobody asks for is one too many."""
    asked = {secret for each in services.values() for secret in each.get("secrets", [])}
    script = (COURSE_ROOT / "shared/compose/secrets.sh").read_text(encoding="utf-8")
    (made,) = re.findall(r"^for name in (.*); do$", script, re.MULTILINE)

    assert asked == set(compose["secrets"])
    assert asked == set(made.split())


def test_every_variable_is_in_the_example_and_used(variables: set[str]) -> None:
    """The example is where one looks for what can be set."""
    example = (COURSE_ROOT / ".env.example").read_text(encoding="utf-8")
    told = set(re.findall(r"^([A-Z0-9_]+)=", example, re.MULTILINE))

    # Compose itself reads the profiles.
    assert variables | {"COMPOSE_PROFILES"} == told


def test_the_defaults_of_the_file_are_those_of_the_example(compose_text: str) -> None:
    """Whoever has no line in .env gets what the example says."""
    example = (COURSE_ROOT / ".env.example").read_text(encoding="utf-8")
    told = dict(re.findall(r"^([A-Z0-9_]+)=(.*)$", example, re.MULTILINE))
    defaults = dict(re.findall(r"\$\{([A-Z0-9_]+):-([^}]*)\}", compose_text))

    assert defaults
    assert {} == {name: value for name, value in defaults.items() if told[name] != value}


def test_the_smoke_test_takes_no_port_and_no_secret_of_a_developer(
    variables: set[str], compose: dict[str, Any], tmp_path: Path
) -> None:
    """A variable that the smoke test forgets is one that it shares with the stack beside it."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    settings = short_lived(folder)

    # The logs of the engine are for the shipper, which the smoke test leaves out.
    assert variables - {"ENGINE_LOGS"} <= set(settings)
    assert {"0"} == {settings[name] for name in variables if name.endswith(("_PORT", "_PORTS"))}
    assert set(compose["secrets"]) == {path.name for path in folder.iterdir()}
    assert len(compose["secrets"]) == len({path.read_text() for path in folder.iterdir()})
