"""Synthesized training pictures: handwriting, print, paper, light and cameras, with the box of every digit.

``glyphs`` holds what is written as distance fields, made once; ``page`` lays it out; ``picture`` makes a photograph of
it; ``tiles`` puts the three together, ``shards`` keeps what was made.
"""
