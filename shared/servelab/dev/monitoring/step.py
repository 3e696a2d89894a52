"""One step of the check: what was looked at, and what came of it."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Step:
    """A step that has been taken, or that could not be: then it is not ok either.

    Attributes:
        name: what is claimed.
        ok: whether it is so.
        detail: what was seen.
    """

    name: str
    ok: bool
    detail: str

    def to_dict(self) -> dict[str, object]:
        """Return it as it stands in the report."""
        return asdict(self)
