"""All pictures of the data folder, photographs and single digits, through one reader after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2

from edge_digits.evaluation.ground_truth import LabelledPicture
from edge_digits.reader import DigitReader, open_reader
from train.evaluate import photographs, reading, singles
from train.evaluate.photographs import Read
from train.evaluate.reading import Opening
from train.evaluate.singles import SinglePictures, Singles


@dataclass(frozen=True)
class Pictures:
    """What is read. photographs: [] without any."""

    photographs: list[LabelledPicture]
    singles: list[SinglePictures]


@dataclass(frozen=True, eq=False)
class Reading:
    """What a reader made of them. name: of the reader, as ``open_reader`` takes it, or of its file."""

    name: str
    photographs: list[Read]
    singles: list[Singles]


def load(folder: Path, part: str | None = None, mnist_count: int = singles.MNIST_COUNT) -> Pictures:
    """The pictures of the data folder ``folder``; part: of the photographs, None is all. Raises DataError."""
    return Pictures(photographs.load(folder, part), singles.load(folder, mnist_count))


def opening(name: str) -> Opening:
    """How to open the reader ``name``: what ``open_reader`` takes, or a ``.safetensors`` checkpoint."""
    return partial(_open, name)


def _open(name: str) -> DigitReader:
    if not name.endswith(".safetensors"):
        return open_reader(name)
    # Late: a process that reads with what ships needs no torch.
    from train.evaluate import confidence

    return DigitReader(confidence.open_model(Path(name)))


def read(name: str, pictures: Pictures, out: Path) -> Reading:
    """Read every picture once with the reader ``name``. Of the photographs that were not read exactly, those that may
    be shown go into ``out``, with the reading drawn in."""
    tasks: list[object] = [one.path for one in pictures.photographs]
    ends = [len(tasks)]
    for given in pictures.singles:
        tasks += given.pictures
        ends.append(len(tasks))
    title = Path(name).name
    pages = reading.read_pictures(opening(name), tasks, f"pictures, {title}")
    read = [Read(one, page) for one, page in zip(pictures.photographs, pages, strict=False)]
    scored = [singles.score(g, pages[a:b]) for g, a, b in zip(pictures.singles, ends, ends[1:], strict=False)]
    draw_mistakes(read, out / title.replace(".", "-"))
    return Reading(title, read, scored)


def draw_mistakes(read: Sequence[Read], out: Path) -> None:
    """Write the photographs that were not read exactly into ``out`` with the reading drawn in, and ``mistakes.txt``
    with what is written and what was read. Of the part ``check`` there is none of it."""
    wrong = [one for one in read if one.errors and one.photograph.may_be_shown]
    if not wrong:
        return
    out.mkdir(parents=True, exist_ok=True)
    lines = []
    for one in sorted(wrong, key=lambda one: -one.errors):
        path = one.photograph.path
        picture = one.page.draw(path)
        (out / f"{path.stem}.jpg").write_bytes(cv2.imencode(".jpg", picture)[1].tobytes())
        kind = "strict" if one.photograph.is_strict else one.photograph.category
        lines.append(f"{path.name} ({kind}): {one.errors} wrong")
        lines += [f"  written {' '.join(one.photograph.lines) or '-'}", f"  read    {' '.join(one.lines) or '-'}"]
    (out / "mistakes.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
