"""What Home Assistant knows a region's sensor by, for ever.

Version 0.1 joined reader and region with "_", which both may hold: ``desk`` with ``a_b`` and ``desk_a`` with ``b`` were
one. Where the region has none, the last "_" is the one that joins, and the id stays as it was. Where it has, "/" joins,
which neither can hold; only a sensor that Home Assistant has under the old id keeps it, unless another reader's has it.
"""

from __future__ import annotations

from itertools import accumulate


def unique_id(node: str, *parts: str) -> str:
    """Of a reader's entity: no other parts, and no other reader, make the same."""
    return "/".join((node, *parts))


def old_unique_id(node: str, region: str) -> str:
    """Of a region's sensor, as version 0.1 made it."""
    return f"{node}_{region}"


def sensor_unique_id(node: str, region: str, is_used: bool, is_taken: bool) -> str:
    """Of a region's sensor. is_used: whether it is known by its old id. is_taken: whether another one is, too."""
    keeps = "_" not in region or (is_used and not is_taken)
    return old_unique_id(node, region) if keeps else unique_id(node, region)


def lookalikes(node: str, region: str) -> list[tuple[str, str]]:
    """Other readers and their regions whose old ids are that of this one."""
    parts = old_unique_id(node, region).split("_")
    nodes = list(accumulate(parts, lambda left, right: f"{left}_{right}"))[:-1]
    pairs = [(other, "_".join(parts[place + 1 :])) for place, other in enumerate(nodes)]
    return [(other, rest) for other, rest in pairs if other and rest and other != node]
