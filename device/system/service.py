"""The reader as a systemd service: the unit file, and the datagrams that tell systemd how it goes."""

from __future__ import annotations

import argparse
import logging
import os
import re
import socket
import stat
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from device.config.fields import FieldError, Key
from device.config.load import load_config, naming_file
from device.config.settings import Config
from device.config.sources import is_url, parse_url
from edge_digits.errors import ConfigError, EdgeDigitsError, ModelError
from edge_digits.reader import open_reader
from edge_digits.system.terminal import ArgumentParser

NAME = "edge-digits-camera"
UNITS = Path("/etc/systemd/system")
CONFIG = Path("/etc/edge-digits/camera.toml")

STATES = Path("/var/lib")
"""Holds the one folder, called after the service, that the service may write to, and where relative paths in its
configuration begin."""

NAMES = re.compile(r"[a-z][a-z0-9-]{0,30}")
"""What a service may be called, since a user is called so too."""

CREDENTIAL = re.compile(r"[!-9;-\[\]-~]{1,255}")
"""Names of files that can be those of credentials: systemd takes no others (systemd.exec(5)), and leaves no way to
write : in one."""

WATCHDOG_SECONDS = 60
"""systemd restarts a reader whose frame loop says nothing for so long."""

EXAMPLE = f"""\
example:
  sudo /opt/edge-digits/bin/{NAME} install-service --config {CONFIG}
It writes {UNITS / NAME}.service and prints the commands that start it."""

# Why a dynamic user: nothing to create before, nothing left behind after; systemd owns the state folder's rights.
# No ProtectClock and no PrivateDevices: both shut the camera's devices out too.
TEMPLATE = """\
[Unit]
Description=Edge Digits camera reader
Wants=network-online.target
After=network-online.target time-sync.target
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart={command}
WatchdogSec={watchdog}
Restart=always
RestartSec=5
RestartPreventExitStatus=2
TimeoutStopSec=10
WorkingDirectory={states}/{name}
Environment=HOME={states}/{name}

DynamicUser=yes
User={name}
SupplementaryGroups={groups}
StateDirectory={name}
UMask=0027
{credentials}
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
CapabilityBoundingSet=
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
"""

logger = logging.getLogger(__name__)


def notify(state: str) -> bool:
    """Tell systemd ``state``, such as ``READY=1``, ``WATCHDOG=1`` or ``STOPPING=1`` (sd_notify(3)).

    Returns whether it was sent; outside a service of ``Type=notify`` there is nobody to tell. Never raises OSError:
    a reader does not stop because systemd does not listen.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            # A full queue must not hold the frame loop up.
            sender.setblocking(False)
            sender.sendto(state.encode(), address)
    except OSError as error:
        logger.debug("systemd was not told %s: %s", state, error)
        return False
    return True


def unit(
    command: Sequence[str], credentials: Sequence[Path] = (), name: str = NAME, groups: Sequence[str] = ("video",)
) -> str:
    """The text of the unit file. command: absolute path of the program, and its arguments. credentials: files that
    only root may read and that the service needs, with names as in ``CREDENTIAL``; it finds each by its name in
    ``$CREDENTIALS_DIRECTORY``. name: of the service, its user and its folder. groups: of that user, for devices."""
    return TEMPLATE.format(
        command=" ".join(map(_quoted, command)),
        watchdog=WATCHDOG_SECONDS,
        states=STATES,
        name=name,
        groups=" ".join(groups),
        credentials="".join(f"LoadCredential={_escaped(path.name)}:{_escaped(str(path))}\n" for path in credentials),
    )


def main(arguments: Sequence[str]) -> int:
    """``edge-digits-camera install-service``; returns 0. Raises ConfigError for a configuration that the service
    could not work with, as far as that can be told before it is started, EdgeDigitsError if the unit cannot be
    written."""
    options = _parser().parse_args(arguments)
    path = options.config.absolute()
    if not str(path).isprintable():
        raise ConfigError(f"--config {options.config}: expected a path without control characters, for systemd")
    config = load_config(path)
    if not NAMES.fullmatch(options.name):
        raise ConfigError(f"--name: expected small letters, digits and '-', a letter first, not '{options.name}'")
    with naming_file(path):
        _check_paths(config, STATES / options.name)
        _check_model(config.model)
        credentials = _credentials(config, STATES / options.name)
    if is_url(config.source) and parse_url(config.source).password is not None:
        warning = "its password stands where everybody can read it; write user@ alone and set password_file in [camera]"
        logger.warning("%s: source: %s", path, warning)
    # There may be no group gpio elsewhere than on Raspberry Pi OS, and then the service would not start.
    groups = ("video",) if config.lamp is None else ("video", "gpio")
    text = unit([*_program(), "--config", str(path)], credentials, options.name, groups)
    if options.print:
        print(text, end="")
        return 0
    _check_reach(path)
    target = UNITS / f"{options.name}.service"
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise EdgeDigitsError(f"{target}: {error.strerror}; run this with sudo, or see --print") from error
    print(f"{target} is written. Start it now and at every boot with\n")
    print(f"  sudo systemctl daemon-reload && sudo systemctl enable --now {options.name}\n")
    print(f"and see what it says with\n\n  journalctl -u {options.name} -f")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = ArgumentParser(
        prog=f"{NAME} install-service",
        description="Write a systemd unit that runs the reader at every boot.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--config", type=Path, metavar="FILE", default=CONFIG, help=f"default: {CONFIG}")
    parser.add_argument("--name", default=NAME, help=f"of the service, where there are several; default: {NAME}")
    parser.add_argument("--print", action="store_true", help="show the unit, and write nothing")
    parser.add_argument("--debug", action="store_true", help="show where an error comes from")
    return parser


def _program() -> list[str]:
    """The installed command; from a checkout without one, the module."""
    script = Path(sysconfig.get_path("scripts")) / NAME
    return [str(script)] if script.exists() else [sys.executable, "-m", "device"]


def _check_paths(config: Config, state: Path) -> None:
    """Raise FieldError for a file or folder that the service would have to write outside its folder ``state``."""
    written: list[tuple[Key, str, Path]] = []
    if config.record is not None:
        written.append((("record", "path"), "", config.record.path))
    if config.draw is not None:
        written.append((("draw",), "", config.draw))
    if config.teach.folder is not None:
        written.append((("teach", "folder"), "", config.teach.folder))
    if config.web is not None:
        written.append((("web", "token_file"), "", config.web.token_file))
    for name in config.sinks:
        rest = name.partition(":")[2]
        if rest not in ("", "-"):
            written.append((("sinks",), f"{name}: ", Path(rest)))
    for key, name, target in written:
        if not Path(os.path.normpath(state / target)).is_relative_to(state):
            raise FieldError(key, f"{name}the service may write only in {state}; expected a relative path")


def _credentials(config: Config, state: Path) -> list[Path]:
    """Files that only root can read and that the service is given; relative paths begin in its folder ``state``. Raises
    FieldError for what cannot be written into a unit."""
    named: list[tuple[Key, Path | None]] = [
        (("camera", "password_file"), config.camera.password_file),
        (("mqtt", "password_file"), None if config.mqtt is None else config.mqtt.password_file),
        (("webhook", "secret_file"), None if config.webhook is None else config.webhook.secret_file),
        (("influx", "token_file"), None if config.influx is None else config.influx.token_file),
    ]
    paths: dict[str, Path] = {}
    for key, file in named:
        if file is None:
            continue
        path = state / file
        if not CREDENTIAL.fullmatch(path.name) or not str(path).isprintable():
            expected = "expected a file name of letters, digits and marks of ASCII, without spaces, : and \\"
            raise FieldError(key, f"{expected}, for systemd, not {path.name!r}")
        if paths.setdefault(path.name, path) != path:
            raise FieldError(key, f"expected another file name than {paths[path.name]} has: systemd has one of each")
    return list(paths.values())


def _check_model(model: str) -> None:
    """Raise FieldError for a model that there is not. What a relative path names is not known yet: systemd makes the
    folder that it begins in when the service is started first."""
    path = Path(model)
    if not path.is_absolute() and (path.suffix or len(path.parts) > 1):
        return
    try:
        open_reader(model)
    except ModelError as error:
        raise FieldError(("model",), str(error)) from error


def _check_reach(config: Path) -> None:
    """Raise EdgeDigitsError if the service's user could not get at the program or its configuration."""
    for target in (Path(_program()[0]), config):
        closed = next((p for p in target.parents if not p.stat().st_mode & stat.S_IXOTH), None)
        if closed is not None:
            raise EdgeDigitsError(f"{target}: only the owner may enter {closed}; put it in /opt or /etc instead")
        if not target.stat().st_mode & stat.S_IROTH:
            raise EdgeDigitsError(f"{target}: the service's user may not read it: sudo chmod o+r {target}")


def _escaped(text: str) -> str:
    return text.replace("%", "%%")


def _quoted(argument: str) -> str:
    """An argument of ExecStart as systemd.service(5) wants it: no variables, no specifiers."""
    escaped = _escaped(argument).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{escaped}"' if not argument or set(argument) & set(" \t\"'\\;") else escaped
