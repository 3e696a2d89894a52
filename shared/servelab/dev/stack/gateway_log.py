"""Which replica answered which request: the gateway's access log, one JSON object on each line.

A client can't see it, and need not: replicas are nobody's business outside. The log names for each request
id the addresses that were tried, and the last of them is the one that answered.
"""

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A line of the log: when the answer was complete, what it was, and who was tried, in this order."""

    request_id: str
    ended_s: float
    status: int
    tried: tuple[str, ...]

    @property
    def answered_by(self) -> str:
        """The address of the replica whose answer this is; empty when the gateway itself answered."""
        return self.tried[-1] if self.tried else ""


def read(text: str) -> dict[str, Entry]:
    """Return the entries by the ids of their requests; what is no line of JSON is nginx's own talk.

    >>> line = '{"request_id":"a","epoch_s":2.5,"status":201,"tried":"10.0.0.2:80, 10.0.0.3:80"}'
    >>> read(line)["a"].answered_by
    '10.0.0.3'
    """
    found = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return {
        each["request_id"]: Entry(
            request_id=each["request_id"],
            ended_s=each["epoch_s"],
            status=each["status"],
            tried=tuple(address.strip().partition(":")[0] for address in each["tried"].split(",") if address),
        )
        for each in found
    }
