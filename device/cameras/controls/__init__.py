"""Settings that a camera does not offer, each in one line that names it."""

from __future__ import annotations


def has_none(camera: str, setting: str) -> str:
    """camera: its name. setting: a field of ``device.config.camera.CameraSettings``."""
    return f"{camera}: camera.{setting} has no effect: this camera does not offer it"


def out_of_range(camera: str, setting: str, least: float, most: float) -> str:
    """least, most: what it takes, in the unit of the setting."""
    return f"{camera}: camera.{setting}: this camera takes {least:g} to {most:g}, and is set to what is nearest"
