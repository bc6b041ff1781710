"""What a configuration must be besides what the types of its fields say."""

from __future__ import annotations

import re
from typing import Any

from device.config.camera import CameraSettings
from device.config.fields import FieldError, shown
from device.config.listen import parse_address
from device.config.reading import TIME_OF_DAY
from device.config.regions import MOST_DECIMALS, SEEN, RegionRule
from device.config.settings import Config
from device.config.sinks import check_deliveries, check_sink
from device.config.sources import check_source, is_url, parse_url
from device.config.toml_lines import Key
from edge_digits.errors import ConfigError

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What a region may be called: its name becomes part of MQTT topics and of Home Assistant's identifiers."""

DEVICE_CLASS = re.compile(r"[a-z][a-z0-9_]{0,63}")

MOST_TITLE, MOST_UNIT = 100, 30
"""Characters."""


def check(config: Config, table: dict[str, Any]) -> None:
    """Raises FieldError for what does not hold. table: what the file sets, of which ``config`` was made."""
    if "source" in table:
        try:
            check_source(config.source)
        except ConfigError as error:
            raise FieldError(("source",), str(error)) from error
    if "sinks" in table:
        if not config.sinks:
            raise FieldError(("sinks",), "expected at least one, not []")
        for name in config.sinks:
            try:
                check_sink(name)
            except ConfigError as error:
                raise FieldError(("sinks",), str(error)) from error
    if config.web is not None:
        try:
            parse_address(config.web.listen)
        except ConfigError as error:
            raise FieldError(("web", "listen"), str(error)) from error
    _check_camera(config.camera, config.source if "source" in table else None)
    for text in config.read.at:
        if not TIME_OF_DAY.fullmatch(text):
            raise FieldError(("read", "at"), f'expected local times as in ["06:00", "18:30"], not {shown(text)}')
    check_deliveries(config)
    _check_regions(config)


def _check_camera(camera: CameraSettings, source: str | None) -> None:
    """source: None if the file names none."""
    crop = camera.crop
    if crop is not None and (crop.width < 1 or crop.height < 1 or crop.x < 0 or crop.y < 0):
        expected = "[x, y, width, height] in pixels of the picture after rotation and flip, all positive"
        raise FieldError(("camera", "crop"), f"expected {expected}, not {crop.as_list()}")
    if camera.focus_range is not None and camera.lens_position is not None:
        raise FieldError(("camera", "focus_range"), "expected no lens_position beside it: that fixes the focus")
    if camera.password_file is not None and source is not None:
        address = parse_url(source) if is_url(source) else None
        if address is None or address.user is None or address.password is not None:
            problem = "expected a source that is a URL with a user and without a password, as in rtsp://user@host/…"
            raise FieldError(("camera", "password_file"), problem)


def _check_regions(config: Config) -> None:
    names: set[str] = set()
    for place, region in enumerate(config.region):
        key = ("region", place)
        if not NAME.fullmatch(region.name):
            expected = 'up to 64 letters, digits, "-" and "_"'
            raise FieldError((*key, "name"), f"expected {expected}, not {shown(region.name)}")
        if region.name in names:
            raise FieldError((*key, "name"), f"expected another name, there is a region {region.name!r} already")
        names.add(region.name)
        box = region.box
        if box.width < 1 or box.height < 1 or box.x < 0 or box.y < 0:
            expected = "[x, y, width, height] in pixels of the frame, all positive"
            raise FieldError((*key, "box"), f"expected {expected}, not {box.as_list()}")
        if region.range is not None and not region.range[0] <= region.range[1]:
            raise FieldError((*key, "range"), f"expected [least, most], not {list(region.range)}")
        _check_meaning(region, key)
        _check_counter(region, key)


def _check_meaning(region: RegionRule, key: Key) -> None:
    """What a region's value is, for people and for Home Assistant."""
    decimals = region.decimals
    if decimals not in (None, SEEN) and not (isinstance(decimals, int) and 0 <= decimals <= MOST_DECIMALS):
        expected = f'0 to {MOST_DECIMALS}, or "{SEEN}"'
        raise FieldError((*key, "decimals"), f"expected {expected}, not {shown(decimals)}")
    for name, text, most in (("title", region.title, MOST_TITLE), ("unit", region.unit, MOST_UNIT)):
        if text is not None and not (text.strip() and len(text) <= most and text.isprintable()):
            raise FieldError((*key, name), f"expected 1 to {most} printable characters, not {shown(text)}")
    if region.device_class is not None and not DEVICE_CLASS.fullmatch(region.device_class):
        expected = 'one of Home Assistant\'s device classes, such as "water"'
        raise FieldError((*key, "device_class"), f"expected {expected}, not {shown(region.device_class)}")


def _check_counter(region: RegionRule, key: Key) -> None:
    for name in ("rollover", "rise_per_hour"):
        if getattr(region, name) is not None and not region.counter:
            raise FieldError((*key, name), "expected counter = true too: other numbers may fall as they rise")
    if region.rollover is None:
        return
    if region.rise_per_hour is None:
        raise FieldError((*key, "rollover"), "expected rise_per_hour too: without it every fall could be a rollover")
    if isinstance(region.decimals, int) and region.rollover <= region.decimals:
        raise FieldError((*key, "rollover"), f"expected more digits than the {region.decimals} decimals")
