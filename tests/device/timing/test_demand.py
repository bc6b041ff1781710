"""Readings on demand: everybody who asks is answered, by one reading."""

from __future__ import annotations

import threading

from device.timing.demand import MOST_ASKED, Demand


def test_nobody_asks_at_first() -> None:
    assert Demand().take() == []


def test_all_who_ask_before_a_reading_are_answered_by_it_and_only_once() -> None:
    demand = Demand()
    answered: list[int] = []
    for number in range(3):
        demand.ask(lambda events, number=number: answered.append(number))
    for answer in demand.take():
        answer([])
    assert answered == [0, 1, 2]
    assert demand.take() == []


def test_anybody_may_ask_from_any_thread_and_never_fills_the_memory() -> None:
    demand = Demand()
    threads = [threading.Thread(target=lambda: [demand.ask() for _ in range(MOST_ASKED)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(demand.take()) == MOST_ASKED
