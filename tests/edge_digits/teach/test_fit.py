"""The last layer, fitted."""

from __future__ import annotations

import numpy as np

from edge_digits.teach.fit import FitSettings, fit_last_layer
from tests.edge_digits.teach import made_up


def test_what_is_labelled_is_learned() -> None:
    lesson = made_up.examples([7, 7, 7, 1], look={7: 1})
    shipped, replay = made_up.layers().judge, made_up.replay().learned.judge
    assert shipped(lesson.judge).argmax(axis=1).tolist() == [1, 1, 1, 1]
    fitted = fit_last_layer(shipped, lesson.judge, lesson.labels, replay)
    assert fitted(lesson.judge).argmax(axis=1).tolist() == [7, 7, 7, 1]


def test_what_is_replayed_is_said_as_before() -> None:
    lesson, replay = made_up.examples([7, 7, 7], look={7: 1}), made_up.replay()
    shipped = replay.shipped.judge
    fitted = fit_last_layer(shipped, lesson.judge, lesson.labels, replay.learned.judge)
    before, after = (layer(replay.held_out.judge).argmax(axis=1) for layer in (shipped, fitted))
    assert (before == after).all()


def test_nothing_to_learn_changes_nothing() -> None:
    nothing, replay = made_up.examples([]), made_up.replay()
    shipped = replay.shipped.judge
    fitted = fit_last_layer(shipped, nothing.judge, nothing.labels, replay.learned.judge)
    assert np.allclose(fitted.weights, shipped.weights, atol=1e-5)


def test_a_stronger_pull_stays_nearer_to_what_shipped() -> None:
    lesson, replay = made_up.examples([7, 7, 7], look={7: 1}), made_up.replay()
    shipped = replay.shipped.judge
    moved = [
        np.abs(
            fit_last_layer(shipped, lesson.judge, lesson.labels, replay.learned.judge, FitSettings(near=near)).weights
            - shipped.weights
        ).max()
        for near in (1.0, 100.0)
    ]
    assert moved[1] < 0.7 * moved[0]
