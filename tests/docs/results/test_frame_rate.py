"""The estimate of a Raspberry Pi's frame rate."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.results import frame_rate
from docs.results.frame_rate import BOARDS, FRAME, NETWORKS, PI_4, frame_milliseconds, load, main, parts, rates

PROCESSORS = ("cortex-a53", "cortex-a72", "cortex-a76")
COUNTS = {processor: {FRAME: 300_000_000, **dict.fromkeys(NETWORKS, 100_000_000)} for processor in PROCESSORS}


def _file(folder: Path, left_out: tuple[str, str] = ("", "")) -> Path:
    path = folder / "counts.tsv"
    rows = [(p, name, n) for p, names in COUNTS.items() for name, n in names.items() if (p, name) != left_out]
    path.write_text("".join(f"{p}\t{name}\t{n}\n" for p, name, n in rows))
    return path


def test_the_rate_goes_from_the_slowest_network_shared_by_most_cores_to_the_fastest_shared_by_fewest() -> None:
    slowest, fastest = rates(COUNTS, PI_4)
    assert slowest == pytest.approx(100e6 / 0.075 / 4)
    assert fastest == pytest.approx(100e6 / 0.014 / 2)


def test_a_frame_takes_its_instructions_by_the_rate() -> None:
    board = next(board for board in BOARDS if board.timed == PI_4)
    slowest, fastest = rates(COUNTS, PI_4)
    least, most = frame_milliseconds(COUNTS, board)
    assert most == pytest.approx(1000 * 300e6 / slowest)
    assert least == pytest.approx(1000 * 300e6 / (1.2 * fastest))


def test_the_page_has_every_board_and_says_that_it_is_an_estimate(tmp_path: Path) -> None:
    page = "\n".join(parts(load(_file(tmp_path))))
    assert all(board.name in page for board in BOARDS)
    assert "An estimate" in page


def test_counts_that_lack_one_are_refused_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _file(tmp_path, left_out=("cortex-a72", "mobilenet-v2"))
    assert main([str(path)]) == 1
    assert f"{path}: no count of mobilenet-v2 on cortex-a72" in capsys.readouterr().err


def test_what_is_no_table_of_counts_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "counts.tsv"
    path.write_text("cortex-a72 frame many\n")
    assert main([str(path)]) == 1
    assert "not what .ci/arm64_instructions counted" in capsys.readouterr().err


def test_the_page_that_is_committed_has_the_form_of_today() -> None:
    assert frame_rate.PAGE.read_text("utf-8").startswith(frame_rate.HEAD.strip())
