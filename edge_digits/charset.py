"""What the models' scores stand for."""

DIGITS = "0123456789"
"""Class index i of every model is the digit ``DIGITS[i]``."""

REJECT = len(DIGITS)
"""Index of the class of ink that is not one digit: a letter, a scribble; to a CNN also a half or a pair of digits."""

BLANK = REJECT + 1
"""Index of a CRNN's last class: the CTC blank (Graves et al. 2006, section 3)."""

UNREADABLE = "?"
"""Stands in a line's text where ink in the row is not a digit."""
