"""One hand is taught: what is read wrongly before and after so many labels, of its other pages and of everybody's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from edge_digits.evaluation.ground_truth import LabelledPicture
from edge_digits.judge_classes import NONE
from edge_digits.reader import CNN_FILE, JUDGE_FILE, MODELS, DigitReader, open_reader
from edge_digits.runtime.last_layer import TaughtModel
from edge_digits.runtime.load import load_model
from edge_digits.teach.examples import Examples, Layers, errors, joined, logits_of
from edge_digits.teach.gates import LEAST_LABELS
from edge_digits.teach.replay import Replay, load_replay
from edge_digits.teach.teach import learn
from train.adapt import photographs
from train.adapt.hands import Writer
from train.adapt.lessons import Lesson, Score, lesson, score

LABELS = (5, 20, 100)
"""How many are given: first what was read wrongly and its owner corrects, then the most doubtful."""

LESSON_PAGES, TEST_PAGES = 4, 4
"""Of each hand; no page is both."""

EVERYBODY_PAGES = 60
"""Pages by other hands, each by another."""


@dataclass(frozen=True)
class Outcome:
    """One hand and one number of labels. taken: whether the gates let it through. before, after: of the hand's test
    pages. others: digits of everybody else; others_before, others_after: of them read wrongly."""

    kind: str
    name: str
    labels: int
    taken: bool
    before: Score
    after: Score
    others: int
    others_before: int
    others_after: int


@dataclass(frozen=True)
class Classroom:
    """What all hands are taught in: the reader with its two models, the replay set, and examples of everybody else."""

    reader: DigitReader
    judge: TaughtModel
    cnn: TaughtModel
    replay: Replay
    everybody: Examples

    def use(self, layers: Layers | None) -> None:
        """Read by these last layers; None are those that ship."""
        self.judge.layer = None if layers is None else layers.judge
        self.cnn.layer = None if layers is None else layers.cnn


def open_classroom(everybody: Sequence[Writer], seed: int) -> Classroom:
    """everybody: hands of whom a page each is read, to see what teaching costs them."""
    reader = open_reader("auto")
    judge, cnn = (TaughtModel(load_model(MODELS / name)) for name in (JUDGE_FILE, CNN_FILE))
    reader.networks = replace(reader.networks, second=judge, classifier=cnn)
    replay = load_replay(judge.spec, cnn.spec)
    pages = [writer.page(np.random.default_rng([seed, number])) for number, writer in enumerate(everybody)]
    others = joined(*(lesson(page, reader, judge, cnn).examples for page in pages))
    return Classroom(reader, judge, cnn, replay, others.take(others.labels != NONE))


def teach_writer(classroom: Classroom, writer: Writer, random: np.random.Generator) -> list[Outcome]:
    """Teach one hand ``LABELS``, as many as its lesson pages have."""
    classroom.use(None)
    reader, models = classroom.reader, (classroom.judge, classroom.cnn)
    lesson_pages = [writer.page(random) for _ in range(LESSON_PAGES)]
    test_pages = [writer.test_page(random) for _ in range(TEST_PAGES)]
    learned = _joined([lesson(page, reader, *models) for page in lesson_pages])

    def test() -> Score:
        return sum((score(page, reader) for page in test_pages), Score(0, 0, 0))

    return _teach(classroom, writer.kind, writer.name, learned, test)


def teach_source(classroom: Classroom, group: Sequence[LabelledPicture]) -> list[Outcome]:
    """The same of the photographs of one source: every other one teaches, those between test."""
    classroom.use(None)
    reader, models = classroom.reader, (classroom.judge, classroom.cnn)
    learned = _joined([photographs.lesson(one, reader, *models) for one in group[::2]])
    kind = f"photographs ({group[0].part})" if group[0].part else "photographs"
    return _teach(classroom, kind, group[0].source, learned, lambda: photographs.score(group[1::2], reader))


def _teach(classroom: Classroom, kind: str, name: str, learned: Lesson, test: Callable[[], Score]) -> list[Outcome]:
    """test: what of the other pages is read wrongly now."""
    replay, everybody = classroom.replay, classroom.everybody
    before, cost_before = test(), errors(logits_of(replay.shipped, everybody), everybody.labels)
    outcomes = []
    order = np.argsort(-learned.doubt, kind="stable")
    for count in LABELS:
        given = order[:count]
        layers = learn(replay, learned.examples.take(given))[0] if len(given) >= LEAST_LABELS else None
        after, cost_after = before, cost_before
        if layers is not None:
            classroom.use(layers)
            after, cost_after = test(), errors(logits_of(layers, everybody), everybody.labels)
            classroom.use(None)
        costs = len(everybody), cost_before, cost_after
        outcomes.append(Outcome(kind, name, len(given), layers is not None, before, after, *costs))
    return outcomes


def _joined(lessons: Sequence[Lesson]) -> Lesson:
    examples = joined(*(one.examples for one in lessons))
    return Lesson(examples, np.concatenate([one.doubt for one in lessons]))
