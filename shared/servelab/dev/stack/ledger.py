"""Requests as the clients saw them, beside the gateway's log: who answered what, and what may fail.

The arithmetic of the smoke test, apart from everything that needs an engine.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from servelab.dev.stack.gateway_log import Entry
from servelab.dev.stack.load import NO_ANSWER, Reply

CREATED = 201
# The gateway could get no answer for the client, or had begun to pass one on that then broke off.
BROKEN = frozenset({502, NO_ANSWER})


@dataclass(frozen=True)
class Death:
    """When and where a replica died.

    Args:
        address: of the replica that was killed, as the gateway knows it.
        began_s: just before the kill, seconds since the epoch.
        ended_s: just after it.
    """

    address: str
    began_s: float
    ended_s: float


def answered(replies: Iterable[Reply], log: Mapping[str, Entry]) -> Counter[str]:
    """Return how many predictions each replica has answered, by its address at the gateway."""
    return Counter(log[each.request_id].answered_by for each in replies if each.status == CREATED)


def wrong(replies: Iterable[Reply]) -> list[Reply]:
    """Return the replies that were no prediction, or another one than the model's."""
    return [each for each in replies if each.status != CREATED or not each.right]


def unexcused(replies: Iterable[Reply], log: Mapping[str, Entry], death: Death) -> list[Reply]:
    """Return the failures that the death of a replica does not excuse.

    A failure is excused when the request was in flight at the kill, and was sent to the killed replica and
    to no other: a POST may have done its work, so nobody may send it again.
    """
    return [each for each in wrong(replies) if not _is_excused(each, log.get(each.request_id), death)]


def _is_excused(reply: Reply, entry: Entry | None, death: Death) -> bool:
    in_flight = reply.began_s <= death.ended_s and reply.ended_s >= death.began_s
    return in_flight and reply.status in BROKEN and entry is not None and entry.tried == (death.address,)


def since(replies: Iterable[Reply], log: Mapping[str, Entry], moment_s: float) -> list[Reply]:
    """Return the replies whose answer was complete at a moment or later, by the gateway's clock."""
    return [
        each
        for each in replies
        if (entry := log.get(each.request_id)) is not None and entry.ended_s >= moment_s
    ]
