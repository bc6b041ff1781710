"""What C libraries write to standard error is kept away, and told to whoever asks."""

from __future__ import annotations

import os
import threading

import pytest

from edge_digits.system.native_stderr import native_stderr


def test_what_is_written_meanwhile_is_caught_and_nothing_after_it(capfd: pytest.CaptureFixture[str]) -> None:
    with native_stderr() as said:
        os.write(2, b"INFO: one\nwarning: two\n")
    assert said == ["INFO: one", "warning: two"]
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"


def test_an_error_gives_standard_error_back(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError), native_stderr():
        raise ValueError
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"


def test_a_library_that_says_too_much_does_not_hang() -> None:
    with native_stderr() as said:
        for _ in range(100):
            try:
                os.write(2, b"x" * 4096)
            except BlockingIOError:
                break
    assert sum(map(len, said)) >= 4096


def test_threads_do_not_mix_up_what_they_hear() -> None:
    heard: dict[int, list[str]] = {}

    def speak(number: int) -> None:
        with native_stderr() as said:
            os.write(2, f"{number}\n".encode())
        heard[number] = said

    threads = [threading.Thread(target=speak, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {number: [str(number)] for number in range(20)}


def test_no_file_stays_open() -> None:
    first = os.open(os.devnull, os.O_RDONLY)
    os.close(first)
    for _ in range(50):
        with native_stderr():
            pass
    # The lowest free number is handed out, so a leak would show in it.
    then = os.open(os.devnull, os.O_RDONLY)
    os.close(then)
    assert then == first
