"""The judge's classes, behind the ten digits."""

NONE = 10
"""Ink that is no digit: of a letter, a line, a shadow, of the paper's grain; a part of a digit."""

SEVERAL = 11
"""Two digits or more that touch, and little else."""

CLIPPED = 12
"""What is left of a digit that the picture's edge cuts off."""

MARK = 13
"""What is written on a line between digits and is none: a point, a comma, a colon, a dash, a slash, a letter."""

CLASSES = 14
"""How many scores the judge's second stage gives; the first gives two: nothing, or anything else."""
