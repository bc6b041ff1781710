"""``edge-digits-camera --check``: try everything that a run needs, and say what to fix."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from device.cameras.focus import describe
from device.cameras.opening import find_source, open_camera
from device.capture import Capture
from device.config.fields import FieldError
from device.config.settings import Config, InfluxConfig, WebConfig, WebhookConfig
from device.config.sources import without_password
from device.model_choice import Reader
from device.system.lamp import Lamp, open_lamp
from edge_digits.errors import ConfigError, EdgeDigitsError, RuntimeMissingError
from edge_digits.system.extras import require
from edge_digits.system.install import install_extra
from edge_digits.system.terminal import escaped
from edge_digits.types import Frame, Image

FRAMES = 10
"""Frames of a live camera that are waited for."""

LEAST_FREE = 50
"""Megabytes that must be free wherever something is written, beyond what the record may still grow by."""

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Finding:
    """What one test found. fix: what to do about it; "" if nothing is wrong."""

    subject: str
    text: str
    fix: str = ""


def check(config: Config, open_reader: Callable[[str], Reader]) -> int:
    """Test what ``config`` needs and print a line for each test. Returns the exit status: 0 if all is well, else 1."""
    wrong = 0
    for finding in findings(config, open_reader):
        wrong += bool(finding.fix)
        print(f"{'FAIL' if finding.fix else 'ok  '}  {finding.subject:<7}  {escaped(finding.text)}", flush=True)
        if finding.fix:
            print(f"               -> {escaped(finding.fix)}", flush=True)
    print("all is well" if not wrong else f"{wrong} to fix")
    return 1 if wrong else 0


def findings(config: Config, open_reader: Callable[[str], Reader]) -> Iterator[Finding]:
    """The tests, one after another."""
    count = len(config.region)
    yield Finding("config", f"{count} region{'s' * (count != 1)}" if count else "no regions: the whole picture is read")
    reader: Reader | None = None
    try:
        reader = open_reader(config.model)
    except EdgeDigitsError as error:
        yield Finding(
            "model", str(error), "set model to auto, cnn, crnn or the path of a model file with its .json beside it"
        )
    lamp = Lamp()
    if config.lamp is not None:
        try:
            lamp = open_lamp(config.lamp)
            yield Finding("lamp", f"GPIO {config.lamp.pin}: is switched on for the camera's test")
        except EdgeDigitsError as error:
            fix = "see docs/guide/configuration.md; or take [lamp] out of the configuration"
            yield Finding("lamp", str(error), fix)
    image: Image | None = None
    source = find_source() if config.source == "auto" else config.source
    try:
        with lamp, lamp.lit():
            image, text, unsupported = _try_camera(source, config)
        yield Finding("camera", text)
        for line in unsupported:
            yield Finding("camera", line, "take it out of the configuration, or choose what the camera takes")
    except ConfigError as error:
        yield Finding("camera", str(error), "correct it in the configuration; snapshot --grid shows the picture")
    except EdgeDigitsError as error:
        yield Finding("camera", str(error), _camera_fix(source))
    if reader is not None:
        yield Finding("model", f"{config.model}: {_reading_time(reader, image)}")
    if image is not None:
        yield from _check_regions(config, image)
    yield from _check_disk(config)
    yield from _check_sinks(config)
    if config.web is not None:
        yield _check_web(config.web)


def _try_camera(source: str, config: Config) -> tuple[Image, str, tuple[str, ...]]:
    """A frame, what the camera is like, and a line for each setting that it does not offer. Raises CameraError, and
    FieldError for what of the configuration does not fit it."""
    name = without_password(source)
    with open_camera(source, config.camera) as camera:
        capture = Capture(camera, timeout=config.camera.longest_silence)
        frames: list[Frame] = []
        try:
            end = time.monotonic() + config.camera.longest_silence
            while len(frames) < FRAMES and not capture.finished and time.monotonic() < end:
                frame = capture.take(0.1)
                if frame is not None:
                    frames.append(frame)
        finally:
            capture.close()
    if not frames:
        raise capture.failure or EdgeDigitsError(f"{name}: no frame for {config.camera.longest_silence:g} s")
    seconds = frames[-1].time - frames[0].time
    pace = f", {(len(frames) - 1) / seconds:.1f} frames a second" if camera.kind == "live" and seconds > 0 else ""
    return frames[-1].image, f"{name}: {describe(frames[-1].image)}{pace}", camera.unsupported


def _camera_fix(source: str) -> str:
    kind = source.partition(":")[0]
    if kind == "picamera":
        return "see rpicam-hello --list-cameras; check the cable, and that no other program uses the camera"
    if kind == "v4l2" or source.startswith("/dev/"):
        return "see v4l2-ctl --list-devices; unplug it and plug it in again; sudo usermod -aG video $USER"
    if kind in ("http", "https", "rtsp"):
        return "open the address in a player (ffplay); check the network, the user and the password"
    return "see edge-digits-camera --help for what --source takes"


def _reading_time(reader: Reader, image: Image | None) -> str:
    picture = np.full((480, 640), 200, np.uint8) if image is None else image
    took = []
    for _ in range(5):
        began = time.perf_counter()
        reader.read(picture)
        took.append(time.perf_counter() - began)
    return f"reads a frame in {1000 * statistics.median(took):.0f} ms"


def _check_regions(config: Config, image: Image) -> Iterator[Finding]:
    height, width = image.shape
    for region in config.region:
        if region.box.right > width or region.box.bottom > height:
            yield Finding(
                "region",
                f"{region.name}: {region.box.as_list()} leaves the picture of {width}x{height}",
                "edge-digits-camera snapshot aim.png --grid shows the coordinates",
            )


def _check_disk(config: Config) -> Iterator[Finding]:
    """Every folder that is written to: there, writable, with room."""
    from device.sinks.record.damage import may

    wanted: dict[Path, float] = {}
    for name in config.sinks:
        kind, _, rest = name.partition(":")
        if kind in ("jsonl", "sqlite") and rest not in ("", "-"):
            wanted[Path(rest).expanduser().absolute().parent] = LEAST_FREE
    if config.record is not None:
        path = config.record.path.expanduser().absolute()
        there = path.stat().st_size / MEGABYTE if os.path.isfile(path) else 0.0  # noqa: PTH113 (False where it is hidden)
        wanted[path.parent] = LEAST_FREE + max(0.0, config.record.max_megabytes - there)
    # A run makes these folders itself.
    made = [folder.expanduser().absolute() for folder in (config.draw, config.teach.folder) if folder is not None]
    wanted |= dict.fromkeys(made, LEAST_FREE)
    for folder, megabytes in wanted.items():
        # What lies in a folder that this user may not enter is hidden, and ``Path.exists`` raises an error for it.
        there = next(parent for parent in (folder, *folder.parents) if os.path.exists(parent))  # noqa: PTH110
        is_folder = os.path.isdir(folder)  # noqa: PTH112
        if folder not in made and not is_folder and (there == folder or may(there, os.X_OK)):
            yield Finding("disk", f"{folder}: there is no such folder", f"mkdir -p {folder}")
        elif not may(there, os.W_OK | os.X_OK):
            yield Finding("disk", f"{there}: not allowed to write there", f"sudo chown $USER {there}")
        elif (free := shutil.disk_usage(there).free / MEGABYTE) < megabytes:
            fix = "remove files, or make record.max_megabytes smaller"
            yield Finding("disk", f"{folder}: {free:.0f} MB free, expected {megabytes:.0f}", fix)
        else:
            yield Finding("disk", f"{folder}: {free:.0f} MB free")


def _check_sinks(config: Config) -> Iterator[Finding]:
    from device.sinks.opening import check_files, open_sink

    try:
        check_files(config)
    except EdgeDigitsError as error:
        yield Finding("sink", str(error), "name the file once; [record] is a sqlite sink that has settings")
    for name in config.sinks:
        kind, _, rest = name.partition(":")
        if kind == "sqlite" and rest:
            yield _check_record("sink", Path(rest))
            continue
        try:
            open_sink(name).close()
            yield Finding("sink", name)
        except EdgeDigitsError as error:
            yield Finding("sink", str(error), "see edge-digits-camera --help for what --sink takes")
    if config.record is not None:
        yield _check_record("record", config.record.path)
    if config.mqtt is not None:
        from device.sinks.mqtt import address, try_broker

        host, port = address(config.mqtt)
        try:
            try_broker(config.mqtt)
            yield Finding("mqtt", f"{host}:{port}: the broker answers")
        except RuntimeMissingError as error:
            yield Finding("mqtt", str(error), install_extra("device"))
        except EdgeDigitsError as error:
            fix = (
                f"check that the broker runs, its address, user and password: mosquitto_sub -h {host} -p {port} -t '#'"
            )
            yield Finding("mqtt", str(error), fix)
    for server in (config.webhook, config.influx):
        if server is not None:
            yield _check_server(server)


def _check_server(config: WebhookConfig | InfluxConfig) -> Finding:
    """Whether a web server can be reached; nothing is sent."""
    from device.sinks.delivery import AwayError
    from device.sinks.http import influx, webhook
    from device.sinks.http.client import place

    subject, client = "webhook" if isinstance(config, WebhookConfig) else "influx", None
    try:
        client = webhook.open_client(config) if isinstance(config, WebhookConfig) else influx.open_client(config)
        client.connect()
    except FieldError as error:
        return Finding(subject, str(error), "name a file that can be read, with what it is to hold and nothing else")
    except AwayError as error:
        fix = "check that the server runs, its address and its certificate; open the address in a browser"
        return Finding(subject, f"{place(config.url)}: {error}", fix)
    finally:
        if client is not None:
            client.close()
    return Finding(subject, f"{place(config.url)}: the server can be reached")


def _check_record(subject: str, path: Path) -> Finding:
    """Whether a record can be written; a reader that runs meanwhile may be writing it."""
    from device.sinks.record.damage import DamagedError, describe
    from device.sinks.record.database import begin_writing, connect

    file = path.expanduser()
    fix = "set record.path to a file of its own, in a folder that can be written"
    try:
        with contextlib.closing(connect(file)) as connection:
            # A file that may only be read, or is locked, opens without an error.
            begin_writing(connection, file)
            connection.execute("ROLLBACK")
    except DamagedError as error:
        fix = f"mv {path} {path}.damaged; the reader does so by itself, and begins a new one"
        return Finding(subject, f"{path}: {error}", fix)
    except sqlite3.Error as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            fix = f"end the program that keeps it locked: fuser -v {path}"
        elif error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_READONLY:
            fix = f"sudo chown $USER {path}*, and check that its folder can be written"
        return Finding(subject, f"{path}: {describe(file, error)}", fix)
    except EdgeDigitsError as error:
        return Finding(subject, str(error), fix)
    return Finding(subject, str(path))


def _check_web(web: WebConfig) -> Finding:
    """Whether the page could be served where it is wanted; it is not started."""
    from device.config.listen import parse_address
    from device.web.listen import bind, check_token

    fix = install_extra("web")
    try:
        require("--web", "web")
        fix = "set web.listen to HOST:PORT, an address of this computer and a free port; ss -ltn shows the others"
        address = parse_address(web.listen)
        bind(address).close()
        fix = "set web.token_file to a file that only its owner may read, in a folder that can be written"
        if not address.is_loopback:
            check_token(web.token_file)
    except EdgeDigitsError as error:
        return Finding("web", str(error), fix)
    return Finding("web", f"{address}: free for the page")
