"""Ink map -> rows of regions, each with its own mask: neighbours, rules and boxes are masked out."""
