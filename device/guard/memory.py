"""What a guard must not forget: through another picture, regions saved from the page, and, in the record, restarts."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass, replace
from typing import Protocol

from device.guard.values import number_of


@dataclass(frozen=True)
class Memory:
    """The last accepted number of a region, and those that a change is measured against.

    accepted: times (seconds since the epoch) at which accepted values last stood there, and the values, oldest first.
    text: of the last one as it was read, None if it was set by hand. given_way: names of the rules that a number was
    accepted against, until one keeps them again. decimals: of the region, by which texts became values. is_shown:
    whether a number was published that has not been reported as gone since.
    """

    accepted: tuple[tuple[float, float], ...] = ()
    text: str | None = None
    given_way: frozenset[str] = frozenset()
    decimals: int | str | None = None
    is_shown: bool = False

    @property
    def value(self) -> float | None:
        """The last accepted one."""
        return self.accepted[-1][1] if self.accepted else None

    def with_decimals(self, decimals: int | str | None) -> Memory:
        """The memory of a region whose decimals are ``decimals``: only the last number can be understood anew, and one
        that was set by hand means what it meant."""
        if decimals == self.decimals:
            return self
        last = self.accepted[-1:]
        if last and self.text is not None:
            value = number_of(self.text, decimals)
            last = () if value is None else ((last[0][0], value),)
        return replace(self, accepted=last, decimals=decimals)

    def as_text(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self) | {"given_way": sorted(self.given_way)}, ensure_ascii=False)


def memory_of(text: str) -> Memory:
    """The memory that ``as_text`` wrote. Raises ValueError for another text."""
    try:
        row = json.loads(text)
        accepted = tuple((float(time), float(value)) for time, value in row["accepted"])
        # Rows from before it was kept have none.
        is_shown = row.get("is_shown") is True
        return Memory(accepted, row["text"], frozenset(row["given_way"]), row["decimals"], is_shown)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a guard's memory") from error


class GuardStore(Protocol):
    """Keeps the memories of all regions by name, and the values that people set by hand until the reader takes them.

    ``recall`` and ``set_value`` may be called from any thread, the others from the reader's only.
    """

    def recall(self, region: str) -> Memory | None:
        """What the guard of ``region`` remembered last."""
        ...

    def remember(self, region: str, memory: Memory) -> None:
        """Keep it."""
        ...

    def set_value(self, region: str, value: float) -> None:
        """Have the reader take ``value`` for the region's last one. Checked by ``device.guard.by_hand``."""
        ...

    def take_values(self) -> dict[str, float]:
        """Values that were set by hand since the last call, by region; to be called again and again."""
        ...


class MemoriesOfOneRun:
    """For readers without a record: all is forgotten when the program ends."""

    def __init__(self) -> None:
        self._memories: dict[str, Memory] = {}
        self._lock = threading.Lock()
        self._set: dict[str, float] = {}

    def recall(self, region: str) -> Memory | None:
        """See ``GuardStore``."""
        return self._memories.get(region)

    def remember(self, region: str, memory: Memory) -> None:
        """See ``GuardStore``."""
        self._memories[region] = memory

    def set_value(self, region: str, value: float) -> None:
        """See ``GuardStore``."""
        with self._lock:
            self._set[region] = value

    def take_values(self) -> dict[str, float]:
        """See ``GuardStore``."""
        if not self._set:
            return {}
        with self._lock:
            taken, self._set = self._set, {}
        return taken
