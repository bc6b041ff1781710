"""Illumination: how bright the paper is, and how much of its light is missing at each pixel."""
