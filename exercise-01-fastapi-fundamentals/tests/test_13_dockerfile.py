"""Task 1.13: the Dockerfile, read by rules; an engine is not needed for what can be seen in the text.

Leaves out: building and running the image; see `test_13_image.py`.
"""

import fnmatch
import re

import dockerfile
import pytest

from servelab.grading.marks import task

FILE = "Dockerfile"
IGNORE_FILES = ("Dockerfile.dockerignore", ".dockerignore")
BALLAST = (".git", ".venv", ".env")
INSTALL = re.compile(r"\b(?:pip3?|uv|poetry|conda|pipenv|pdm)\b[^\n;|]*\b(?:install|sync)\b")
NO_CACHE = re.compile(r"--no-cache\b|--no-cache-dir\b|\bcache purge\b|\brm -rf?\b[^\n;|&]*\.cache")
COMPILERS = re.compile(
    r"\b(?:build-essential|gcc|g\+\+|clang|cmake|make|rustc|cargo|python3?-dev|linux-headers\S*)\b"
)
SECRET = re.compile(r"passw|secret|token|api_?key|credential|private_?key", re.IGNORECASE)
WHOLE_CONTEXT = {".", "./", "*", "./*", "/"}


@pytest.fixture
def stages(submission):
    """The stages of the Dockerfile; there is at least one."""
    found = dockerfile.parse(submission.read(FILE))
    assert found, f"{FILE} has no FROM, so it makes no image; see hint 1.13"
    return found


@pytest.fixture
def image(stages):
    """The last stage: what becomes the image. It starts something."""
    final = stages[-1]
    assert final.last("CMD") or final.last("ENTRYPOINT"), (
        "the last stage has no CMD, so the image does nothing"
    )
    return final


def copied_sources(stage):
    """Return what a stage copies or adds from outside, as (instruction, sources)."""
    return [
        (each, each.words[:-1])
        for each in stage.instructions
        if each.name in {"COPY", "ADD"} and not each.flags.get("from")
    ]


def installs(stage):
    """Return where in a stage packages for Python are installed."""
    runs = enumerate(stage.instructions)
    return [place for place, each in runs if each.name == "RUN" and INSTALL.search(each.command)]


@task("1.13")
def test_the_image_is_made_in_two_stages(stages, image):
    """What builds an image need not be in it: it makes it larger, and gives an intruder tools."""
    taken = [source for each in image.all("COPY") for source in each.flags.get("from", [])]
    earlier = {str(number) for number in range(len(stages) - 1)} | {
        stage.name for stage in stages[:-1] if stage.name
    }

    assert len(stages) >= 2, "one stage that builds, and one that runs; see hint 1.13"
    assert earlier & set(taken), f"COPY --from takes something of the stages {sorted(earlier)}; see hint 1.13"
    assert None is image.parent, "the last stage starts from its own image, not from the stage that builds"


@task("1.13")
def test_base_images_have_a_version(stages):
    """An image that is built again next year must not silently get another Python."""
    bases = [stage.base for stage in stages if stage.parent is None and stage.base != "scratch"]
    loose = [base for base in bases if "@sha256:" not in base and not re.search(r":[^/]*\d", base)]

    assert [] == loose, "base images without a tag that names a version, or with latest; see hint 1.13"


@task("1.13")
def test_the_service_does_not_run_as_root(image):
    """Who breaks out of a process that is root is root; and an orchestrator can only check a number."""
    user = image.last("USER")

    assert user is not None, "without USER the service runs as root; see hint 1.13"
    assert re.fullmatch(r"[1-9]\d*(?::\d+)?", user.text), (
        f"USER {user.text}: expected a number above 0, names can't be checked from outside; see hint 1.13"
    )


@task("1.13")
def test_the_health_of_the_container_is_checked(image):
    """An engine restarts what does not answer, if it is told how to ask; slim images have no curl."""
    check = image.last("HEALTHCHECK")

    assert check is not None, "there is no HEALTHCHECK; see hint 1.13"
    assert not check.text.upper().startswith("NONE"), "HEALTHCHECK NONE checks nothing; see hint 1.13"
    assert "/health/" in check.command, (
        "the HEALTHCHECK asks one of the service's health routes; see hint 1.13"
    )
    assert not re.search(r"\b(?:curl|wget)\b", check.command), (
        "the HEALTHCHECK needs a program that slim images lack"
    )


@task("1.13")
def test_the_command_is_uvicorn_with_the_factory(image):
    """A container is reached from outside only at 0.0.0.0, and the factory is how this service is made."""
    words = [word for name in ("ENTRYPOINT", "CMD") if (each := image.last(name)) for word in each.words]
    line = " ".join(words).replace("=", " ")

    for part in ("uvicorn", "src.main:create_app", "--factory", "--host 0.0.0.0", "--port 8000"):
        assert part in line, f"ENTRYPOINT and CMD together run {line!r}, which lacks {part!r}; see hint 1.13"


@task("1.13")
def test_the_service_gets_the_signal_to_stop(image):
    """In the shell form a shell is process 1, which keeps SIGTERM: requests are cut off after ten seconds."""
    last = [each for name in ("ENTRYPOINT", "CMD") if (each := image.last(name))]

    assert [] == [f"{each.name} {each.text}" for each in last if each.json_form is None], (
        "ENTRYPOINT and CMD in the shell form; see hint 1.13"
    )


@task("1.13")
def test_dependencies_are_installed_before_the_sources_are_copied(stages):
    """Sources change hourly, dependencies monthly: in this order an hourly build takes seconds."""
    places = [(stage, installs(stage)) for stage in stages]
    early = [
        f"{each.name} {each.text}"
        for stage, found in places
        for each, sources in copied_sources(stage)
        if found and stage.instructions.index(each) < found[0]
        if any(
            re.search(r"(?:^|/)src(?:/|$)", source.rstrip("/")) or source in WHOLE_CONTEXT
            for source in sources
        )
    ]

    assert any(found for _, found in places), (
        "no RUN installs the packages that the service needs; see hint 1.13"
    )
    assert [] == early, "sources that are copied before the packages are installed; see hint 1.13"


@task("1.13")
def test_no_cache_of_the_installer_stays_in_a_layer(stages):
    """An installer keeps what it has downloaded; in an image nobody will ever ask for it again."""
    runs = [(stage, stage.instructions[place]) for stage in stages for place in installs(stage)]
    kept = [
        each.text
        for stage, each in runs
        if not NO_CACHE.search(each.command)
        and not {"PIP_NO_CACHE_DIR", "UV_NO_CACHE"} & set(stage.variables)
        and not any("type=cache" in mount for mount in each.flags.get("mount", []))
    ]

    assert runs, "no RUN installs the packages that the service needs; see hint 1.13"
    assert [] == kept, "RUNs that leave the cache of the installer in their layer; see hint 1.13"


@task("1.13")
def test_the_image_has_no_compilers(image):
    """A compiler in production is of use to intruders alone."""
    assert [] == [each.text for each in image.all("RUN") if COMPILERS.search(each.command)], (
        "the last stage, which becomes the image, installs what belongs in the stage before; see hint 1.13"
    )


@task("1.13")
def test_the_builder_gets_little_to_carry(submission):
    """Without an ignore file each build begins by carrying .git and .venv to the builder."""
    name = next((name for name in IGNORE_FILES if submission.exists(name)), IGNORE_FILES[0])
    patterns = [line.strip() for line in submission.read(name).splitlines()]

    assert [] == [path for path in BALLAST if not ignored(path, patterns)], (
        f"what {name} lets in; see hint 1.13"
    )


def ignored(path, patterns):
    """Say whether an ignore file leaves a path at the top out; the last pattern that fits decides."""
    out = False
    for pattern in patterns:
        plain = pattern.removeprefix("!").strip("/").removeprefix("**/")
        if plain and not plain.startswith("#") and fnmatch.fnmatchcase(path, plain):
            out = not pattern.startswith("!")
    return out


@task("1.13", guard=True)
def test_no_secret_is_built_in(submission):
    """ARG and ENV can be read by everybody who gets the image, for ever."""
    stages = dockerfile.parse(submission.read(FILE))
    names = [
        name for stage in stages for each in stage.all("ARG", "ENV") for name, _ in dockerfile.pairs(each)
    ]

    assert [] == [name for name in names if SECRET.search(name)], "secrets are given when a container starts"


@task("1.13", guard=True)
def test_only_what_is_needed_is_copied(submission):
    """`COPY . .` takes along the .git, the .env and the data of whoever builds the image."""
    stages = dockerfile.parse(submission.read(FILE))
    copies = [
        (each, source) for stage in stages for each, sources in copied_sources(stage) for source in sources
    ]

    assert [] == [f"{each.name} {each.text}" for each, source in copies if source in WHOLE_CONTEXT], (
        "name the folders that the service needs; see hint 1.13"
    )
    assert [] == [
        f"{each.name} {each.text}"
        for each, source in copies
        if each.name == "ADD" and re.match(r"(?:https?|ftp|git)[:@]", source)
    ], "what ADD loads from a URL is neither checked nor the same tomorrow; see hint 1.13"
