"""Home Assistant, Mosquitto and a reader: what Home Assistant makes of all that the reader tells it.

To be run with an interpreter that has Home Assistant; the argument is one that has the project. Prints a line for each
thing that was tried; the exit status is 1 at the first that fails. ``.ci/home_assistant.sh`` prepares it.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from homeassistant import auth, bootstrap, config_entries, core, loader
from homeassistant.components.mqtt.discovery import TOPIC_MATCHER
from homeassistant.const import __version__
from homeassistant.helpers import device_registry, entity_registry
from homeassistant.setup import async_setup_component
from paho.mqtt import publish, subscribe

ROOT = Path(__file__).parent.parent
PREFIX = "homeassistant/"
OLD = {
    "name": "cold_water",
    "unique_id": "desk_cold_water",
    "state_topic": "edge-digits/desk/reading/cold_water",
    "value_template": "{{ value_json.text }}",
    "availability_topic": "edge-digits/desk/availability",
    "device": {"identifiers": ["desk"], "name": "desk"},
    "origin": {"name": "Edge Digits", "sw_version": "0.1.0"},
}
"""As version 0.1 announced a region."""

UNIT = "m³", "total_increasing", "water"


def free_port() -> int:
    """Of this computer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Broker:
    """Mosquitto, which keeps nothing."""

    def __init__(self) -> None:
        self.port = free_port()
        self.start()

    def start(self) -> None:
        """Begin with nothing, and wait until it answers."""
        self._process = subprocess.Popen(["mosquitto", "-p", str(self.port)], stderr=subprocess.DEVNULL)
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)

    def kill(self) -> None:
        """With SIGKILL."""
        self._process.kill()
        self._process.wait()

    def retain(self, topic: str, payload: dict[str, Any]) -> None:
        """Have a message there before anybody comes."""
        publish.single(topic, json.dumps(payload), 1, True, "127.0.0.1", self.port)

    def retained(self, topic: str, count: int) -> list[tuple[str, str]]:
        """``count`` messages that are retained under a topic."""
        found = subscribe.simple(topic, hostname="127.0.0.1", port=self.port, msg_count=count)
        return [(message.topic, message.payload.decode()) for message in (found if count > 1 else [found])]


class Reader:
    """``.ci/home_assistant_reader.py``."""

    def __init__(self, python: str, port: int, record: Path) -> None:
        command = [python, str(ROOT / ".ci" / "home_assistant_reader.py"), str(port), str(record)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}
        )

    def __call__(self, *command: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def heard(self) -> list[Any]:
        """The next thing that it was asked over MQTT."""
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


async def start_home_assistant(folder: Path, port: int) -> core.HomeAssistant:
    """Its core and its MQTT integration, as ``hass`` would start them, without the frontend."""
    (folder / ".storage").mkdir(parents=True)
    (folder / "configuration.yaml").touch()
    entry = {
        "entry_id": "mqtt",
        "version": 1,
        "minor_version": 1,
        "domain": "mqtt",
        "title": "MQTT",
        "options": {},
        "data": {"broker": "127.0.0.1", "port": port, "discovery": True},
        "source": "user",
        "unique_id": None,
        "pref_disable_new_entities": False,
        "pref_disable_polling": False,
        "disabled_by": None,
    }
    entries = {"version": 1, "minor_version": 1, "key": "core.config_entries", "data": {"entries": [entry]}}
    (folder / ".storage" / "core.config_entries").write_text(json.dumps(entries))
    hass = core.HomeAssistant(str(folder))
    hass.config.skip_pip = True
    loader.async_setup(hass)
    hass.config_entries = config_entries.ConfigEntries(hass, {})
    await bootstrap.async_load_base_functionality(hass)
    hass.auth = await auth.auth_manager_from_config(hass, [], [])
    config = {"http": {"server_port": free_port(), "server_host": ["127.0.0.1"]}}
    for domain in ("homeassistant", "persistent_notification", "http", "mqtt"):
        assert await async_setup_component(hass, domain, config), domain
    await hass.async_start()
    return hass


class House:
    """Home Assistant with the reader, and what is tried of them."""

    def __init__(self, hass: core.HomeAssistant) -> None:
        self.hass = hass
        self.changes: list[tuple[str, str]] = []
        hass.bus.async_listen("state_changed", self._changed)

    @core.callback
    def _changed(self, event: core.Event) -> None:
        new = event.data["new_state"]
        if new is not None:
            self.changes.append((new.entity_id, new.state))

    def state(self, entity: str) -> str | None:
        """Of an entity; None if there is none."""
        found = self.hass.states.get(entity)
        return None if found is None else found.state

    def attributes(self, entity: str) -> dict[str, Any]:
        """Of an entity."""
        found = self.hass.states.get(entity)
        return {} if found is None else dict(found.attributes)

    async def call(self, domain: str, service: str, entity: str, **data: Any) -> None:
        """As a button of the frontend does."""
        await self.hass.services.async_call(domain, service, {"entity_id": entity} | data, blocking=True)

    def unique_ids(self) -> dict[str, str]:
        """By entity."""
        registry = entity_registry.async_get(self.hass)
        return {entry.entity_id: entry.unique_id for entry in registry.entities.values()}

    async def until(self, true: Callable[[], bool], what: str) -> None:
        """Wait for it, and say that it is so."""
        deadline = time.monotonic() + 60
        while not true():
            if time.monotonic() > deadline:
                states = {state.entity_id: state.state for state in self.hass.states.async_all()}
                sys.exit(f"FAILED  {what}\n{json.dumps(states, indent=1)}")
            await asyncio.sleep(0.05)
        print(f"ok      {what}", flush=True)


def check_schemas(messages: list[tuple[str, str]]) -> None:
    """Hold discovery payloads against Home Assistant's schemas. What it does not know it would leave out unsaid."""
    kinds = set()
    for topic, payload in messages:
        match = TOPIC_MATCHER.match(topic.removeprefix(PREFIX))
        assert match is not None, topic
        entity = json.loads(payload)
        schema = importlib.import_module(f"homeassistant.components.mqtt.{match['component']}").DISCOVERY_SCHEMA
        known = schema(entity)
        assert known.keys() >= entity.keys(), f"{topic}: unknown {entity.keys() - known.keys()}"
        kinds.add(match["component"])
    print(f"ok      {len(messages)} payloads hold against the schemas of {', '.join(sorted(kinds))}", flush=True)


async def try_out(house: House, broker: Broker, reader: Reader) -> None:
    """All that is tried, one after another."""
    registry = entity_registry.async_get(house.hass)
    old = "sensor.desk_cold_water"
    await house.until(lambda: old in house.unique_ids(), "a region of version 0.1 is there")
    registry.async_update_entity(old, name="Cold water, cellar", new_entity_id="sensor.cellar")

    reader("camera", True)
    reader("start", {"name": "score"}, {"name": "cold_water"})
    reader("read", "score", "42")
    await house.until(lambda: house.state("sensor.desk_score") == "42", "a number that is read is there")
    await house.until(lambda: house.state("binary_sensor.desk_camera") == "on", "the camera is there")
    last = "sensor.desk_score_last_reading"
    await house.until(lambda: (house.state(last) or "").startswith("20"), "so is the time at which it was read")
    await house.until(lambda: (house.state("image.desk_score") or "").startswith("20"), "and a picture of the region")
    reader("read", "cold_water", "7")
    await house.until(
        lambda: house.state("sensor.cellar") == "7", "what version 0.1 announced keeps its name and place"
    )
    assert house.unique_ids()["sensor.cellar"] == "desk_cold_water"
    check_schemas(await asyncio.to_thread(broker.retained, f"{PREFIX}+/desk/+/config", 11))

    water = {"name": "water", "counter": True, "decimals": 1, "digits": 5, "unit": "m³", "device_class": "water"}
    reader("regions", {"name": "score"}, {"name": "cold_water"}, water | {"title": "Wasser"})
    reader("read", "water", "12345", 1234.5)
    await house.until(lambda: house.state("sensor.desk_wasser") == "1234.5", "a number with decimals and a unit is one")
    shown = house.attributes("sensor.desk_wasser")
    assert (shown["unit_of_measurement"], shown["state_class"], shown["device_class"]) == UNIT, shown
    check_schemas(await asyncio.to_thread(broker.retained, f"{PREFIX}+/desk/+/config", 16))
    await house.call("number", "set_value", "number.desk_wasser_last_value", value=1234.6)
    assert await asyncio.to_thread(reader.heard) == ["set", "water", 1234.6]
    await house.until(lambda: house.state("number.desk_wasser_last_value") == "1234.6", "its last value is set there")
    await house.call("button", "press", "button.desk_read_now")
    assert await asyncio.to_thread(reader.heard) == ["read now"]
    print("ok      and the numbers are read when the button is pressed", flush=True)
    reader("read", "water", "1234?", None)
    await house.until(
        lambda: house.state("sensor.desk_wasser") == "unknown", "a number that is read in part is unknown"
    )

    reader("refuse", "score", "4242", "4 digits, expected 2")
    await house.until(lambda: house.state("sensor.desk_score_refused") == "4242", "what is refused is there")
    assert house.attributes("sensor.desk_score_refused")["reason"] == "4 digits, expected 2"
    reader("read", "score", "")
    await house.until(lambda: house.state("sensor.desk_score") == "unknown", "a number that is wiped is unknown")
    reader("read", "score", "43")
    await house.until(lambda: house.state("sensor.desk_score") == "43", "and the next one is there")

    reader("camera", False)
    await house.until(lambda: house.state("sensor.desk_score") == "unavailable", "without a camera it is unavailable")
    assert house.state("binary_sensor.desk_camera") == "off"
    reader("camera", True)
    await house.until(lambda: house.state("sensor.desk_score") == "43", "and there again with the camera")

    ids = house.unique_ids()
    reader("regions", {"name": "points"}, {"name": "cold_water"})
    reader("read", "points", "44")
    await house.until(lambda: house.state("sensor.desk_points") == "44", "a region that is renamed is there")
    gone = [entity for entity in ids if "score" in entity]
    await house.until(
        lambda: not {*gone} & house.unique_ids().keys(), f"and not under its old name: {len(gone)} entities"
    )
    reader("stop")
    await house.until(lambda: house.state("sensor.desk_points") == "unavailable", "without a reader it is unavailable")

    other = OLD | {
        "name": "b",
        "unique_id": "desk_cold_water",
        "device": {"identifiers": ["desk_cold"], "name": "desk_cold"},
    }
    await asyncio.to_thread(broker.retain, f"{PREFIX}sensor/desk_cold/water/config", other)
    reader("start", {"name": "points"}, {"name": "cold_water"})
    reader("read", "cold_water", "8")
    await house.until(
        lambda: "desk/cold_water" in house.unique_ids().values(), "an id that another reader has gives way"
    )
    assert len({*house.unique_ids().values()}) == len(house.unique_ids())
    broker.kill()
    await house.until(lambda: house.state("sensor.desk_points") == "unavailable", "without a broker it is unavailable")
    await asyncio.to_thread(broker.start)
    await house.until(lambda: house.state("sensor.desk_points") == "44", "and there again when the broker is back")
    devices = device_registry.async_get(house.hass).devices.values()
    print(f"ok      devices: {', '.join(sorted(device.name or '' for device in devices))}", flush=True)


async def try_home_assistant(folder: Path, broker: Broker, reader: Reader) -> None:
    """Start it, try it out, end it."""
    hass = await start_home_assistant(folder, broker.port)
    try:
        await try_out(House(hass), broker, reader)
    finally:
        await hass.async_stop(force=True)


def main(python: str) -> None:
    """Start a broker and a reader, and Home Assistant beside them."""
    logging.basicConfig(level=logging.ERROR)
    print(f"Home Assistant {__version__}, Python {sys.version.split()[0]}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        broker = Broker()
        try:
            broker.retain(f"{PREFIX}sensor/desk/cold_water/config", OLD)
            reader = Reader(python, broker.port, Path(folder) / "readings.sqlite")
            try:
                asyncio.run(try_home_assistant(Path(folder) / "config", broker, reader))
            finally:
                reader.close()
        finally:
            broker.kill()


if __name__ == "__main__":
    main(sys.argv[1])
