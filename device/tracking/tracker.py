"""The same number across frames: associate by place, vote over time, publish what has settled."""

from __future__ import annotations

import math
from collections import Counter, deque

from device.config.reading import TrackingRule
from device.tracking.vote import Vote, settled_confidence
from edge_digits.page import Page
from edge_digits.types import Box, Line, Reading, Refusal, intersection_over_union


class _Track:
    """One line's place, and what was read there in the last frames (None: no line was there).

    published: what was published last, if anything. unsure: what has settled since, and was refused for it. again:
    whether to publish what settles even if it is what was. has_answered: whether something has settled since ``ask``.
    """

    def __init__(self, box: Box, rule: TrackingRule) -> None:
        self.box = box
        self.unseen = 0
        self.published: str | None = None
        self.unsure: str | None = None
        self.again = self.has_answered = False
        self._rule = rule
        self._votes: deque[Line | None] = deque(maxlen=2 * rule.settle - 1)

    def ask(self, again: bool) -> None:
        """Let what is seen from now on alone decide."""
        self._votes.clear()
        self.unseen, self.again, self.has_answered = 0, again, False
        if again:
            self.unsure = None

    def vote(self, line: Line | None) -> None:
        self._votes.append(line)
        if line is None:
            self.unseen += 1
        else:
            self.unseen = 0
            self.box = line.box

    def settled(self, time: float) -> tuple[Reading | Refusal, Vote] | None:
        """What to publish now, or to refuse, if that is new, and the vote that settled it."""
        seen = Counter(line.text for line in self._votes if line is not None)
        [(text, count)] = seen.most_common(1)
        if count < self._rule.settle:
            return None
        is_same = text == self.published
        if is_same and not self.again:
            # What was not sure enough was a flicker.
            self.unsure, self.has_answered = None, True
            return None
        recent = list(self._votes)[-self._rule.settle :]
        if not is_same and any(line is not None and line.text == self.published for line in recent):
            return None
        reading, vote = self._reading(text, time)
        if reading.confidence >= self._rule.min_confidence:
            if not is_same:
                self._votes = deque(self._since_change(), self._votes.maxlen)
            self.published, self.unsure = text, None
            self.again, self.has_answered = False, True
            return reading, vote
        if text == self.unsure:
            return None
        self.unsure = text
        # Never rounded to what is expected.
        sure = math.floor(1000 * reading.confidence) / 10
        reason = f"{sure:g} % sure, expected at least {100 * self._rule.min_confidence:g} %"
        return Refusal(None, text, reading.confidence, time, reason, self.box, reading.id), vote

    def standing(self, time: float) -> Reading | None:
        """What was published last and is still seen, as sure as it is by now."""
        if self.unseen or self.published is None or self.unsure is not None:
            return None
        if all(line is None or line.text != self.published for line in self._votes):
            return None
        return self._reading(self.published, time)[0]

    def gone(self, time: float) -> Reading | None:
        """The news that what was published is gone; None if nothing was."""
        if self.published is None:
            return None
        return Reading("", 1.0, self.box, time, self.unseen)

    def _since_change(self) -> list[Line | None]:
        """The votes since what was published was read last: those before spoke for the number that stood there, not
        against the one that stands there now."""
        votes = list(self._votes)
        old = [place for place, line in enumerate(votes) if line is not None and line.text == self.published]
        return votes[old[-1] + 1 :] if old else votes

    def _reading(self, text: str, time: float) -> tuple[Reading, Vote]:
        votes = list(self._votes) if text == self.published else self._since_change()
        seen = [line for line in votes if line is not None]
        agreeing = [line.confidence for line in seen if line.text == text]
        others = [line.confidence for line in seen if line.text != text]
        vote = Vote(agreeing, others, len(votes) - len(seen))
        return Reading(text, settled_confidence(*vote), self.box, time, len(seen)), vote


class Tracker:
    """Follows every line of a page from frame to frame."""

    def __init__(self, rule: TrackingRule | None = None) -> None:
        self.rule = rule or TrackingRule()
        self._tracks: list[_Track] = []

    def update(self, page: Page, time: float) -> list[Reading | Refusal]:
        """Take in what was read in the next frame, taken at ``time`` (seconds since the epoch).

        Returns the numbers that are gone, and those that have just settled, or settled on something else, top to
        bottom; as refusals those that are not sure enough.
        """
        gone, settled = self.update_with_votes(page, time)
        return [*gone, *(event for event, _ in settled)]

    def update_with_votes(self, page: Page, time: float) -> tuple[list[Reading], list[tuple[Reading | Refusal, Vote]]]:
        """The same in two lists, each number that has settled with the vote that settled it."""
        lines = self._associate(page.lines)
        for track in self._tracks:
            track.vote(lines.pop(track, None))
        ended = [track for track in self._tracks if track.unseen >= self.rule.forget]
        self._tracks = [track for track in self._tracks if track.unseen < self.rule.forget]
        gone = [reading for reading in (track.gone(time) for track in ended) if reading is not None]
        settled = [track.settled(time) for track in self._tracks if not track.unseen]
        new = sorted((s for s in settled if s is not None), key=lambda pair: (pair[0].box.y, pair[0].box.x))
        return gone, new

    def standing(self, time: float) -> list[Reading]:
        """What the lines of the last frame have settled on, as far as they have, and as sure as that is by now."""
        readings = (track.standing(time) for track in self._tracks)
        return [reading for reading in readings if reading is not None]

    def ask(self, again: bool) -> None:
        """Let what is seen from now on alone decide. again: whether to publish what settles even if it is what was."""
        for track in self._tracks:
            track.ask(again)

    def ask_no_more(self) -> None:
        """Publish only news again."""
        for track in self._tracks:
            track.again = False

    @property
    def has_answered(self) -> bool:
        """Whether every line that is followed has settled since ``ask``; False where none is."""
        return bool(self._tracks) and all(track.has_answered for track in self._tracks)

    def published(self) -> set[str]:
        """What was published of the lines that are not forgotten."""
        return {track.published for track in self._tracks if track.published is not None}

    def clear(self) -> None:
        """Forget every track: what comes next is another page."""
        self._tracks.clear()

    def _associate(self, lines: tuple[Line, ...]) -> dict[_Track, Line]:
        """Each line's track, the largest overlap first; a line without one starts a track."""
        pairs = [(intersection_over_union(t.box, line.box), t, k) for t in self._tracks for k, line in enumerate(lines)]
        pairs.sort(key=lambda pair: -pair[0])
        matches: dict[_Track, Line] = {}
        free = set(range(len(lines)))
        for overlap, track, k in pairs:
            if overlap >= self.rule.overlap and track not in matches and k in free:
                matches[track] = lines[k]
                free.remove(k)
        for k in sorted(free):
            track = _Track(lines[k].box, self.rule)
            self._tracks.append(track)
            matches[track] = lines[k]
        return matches
