"""Digits that were read, or were not, kept for people to say what they are."""
