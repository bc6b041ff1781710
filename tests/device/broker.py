"""A Mosquitto on a free loopback port, a way to it that can be cut, and somebody who listens."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

MOSQUITTO = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
needs_mosquitto = pytest.mark.skipif(MOSQUITTO is None, reason="no mosquitto (apt-get install mosquitto)")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Broker:
    """Mosquitto; ``kill`` is SIGKILL. lines: of its configuration, beside the listener."""

    def __init__(self, folder: Path, lines: str = "allow_anonymous true") -> None:
        self.port = free_port()
        self._config = folder / "mosquitto.conf"
        # Mosquitto leaves root's rights, and with them this folder.
        self._config.write_text(f"listener {self.port} 127.0.0.1\nuser root\n{lines}\n")
        self._log = (folder / "mosquitto.log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert MOSQUITTO is not None
        command = [MOSQUITTO, "-c", str(self._config)]
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.02)
        raise TimeoutError("mosquitto did not start")

    def stop(self) -> None:
        """End it as a restart does; with ``persistence true`` it writes down what it has retained."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def close(self) -> None:
        self.kill()
        self._log.close()


class Listener:
    """Subscribes to everything, and keeps it: ``messages`` are (topic, payload), ``retained`` those from before."""

    def __init__(self, port: int, **options: Any) -> None:
        self.messages: list[tuple[str, str]] = []
        self.retained: dict[str, str] = {}
        self._bytes: list[tuple[str, bytes]] = []
        self.subscribed = threading.Event()
        self._ping = f"ping/{id(self)}"
        self._answered = threading.Event()
        self._client = client = Client(CallbackAPIVersion.VERSION2)
        if "username" in options:
            client.username_pw_set(options["username"], options["password"])
        if "ca" in options:
            client.tls_set(options["ca"])
        client.reconnect_delay_set(1, 1)
        client.on_connect = self._subscribe
        client.on_disconnect = lambda *_: self.subscribed.clear()
        client.on_subscribe = lambda *_: self.subscribed.set()
        client.on_message = self._take
        client.connect_async("127.0.0.1", port)
        client.loop_start()
        assert self.subscribed.wait(60)

    def _subscribe(self, client: Client, *_: Any) -> None:
        client.subscribe("#", qos=0)

    def _take(self, _: Any, __: Any, message: Any) -> None:
        if message.topic == self._ping:
            self._answered.set()
        elif message.topic.startswith("ping/"):
            # Another listener's.
            return
        elif message.retain:
            self.retained[message.topic] = message.payload.decode(errors="replace")
        else:
            self._bytes.append((message.topic, message.payload))
            self.messages.append((message.topic, message.payload.decode(errors="replace")))

    def ping(self) -> None:
        """Wait until the broker has sent all that it had to send before."""
        self._answered.clear()
        self._client.publish(self._ping)
        assert self._answered.wait(60)

    @property
    def pictures(self) -> list[tuple[str, bytes]]:
        """Topics and JPEGs."""
        return [(topic, payload) for topic, payload in self._bytes if "/picture/" in topic]

    @property
    def ids(self) -> list[str]:
        """Of the readings, in the order in which they came."""
        return [json.loads(payload)["id"] for topic, payload in self.messages if "/reading/" in topic]

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def retained(broker: Broker) -> dict[str, str]:
    """What the broker tells somebody who comes now, by topic."""
    with Listener(broker.port) as late:
        late.ping()
        return late.retained


class Gate:
    """A port that leads to another one while it is open. Cutting it breaks what goes through."""

    def __init__(self, to: int) -> None:
        self._to = to
        self.port = free_port()
        self._server: socket.socket | None = None
        self._open: list[socket.socket] = []

    def open(self) -> None:
        self._server = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._server,), daemon=True).start()

    def cut(self) -> None:
        for end in [self._server, *self._open]:
            if end is not None:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
        self._server, self._open = None, []

    def _accept(self, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = server.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                self._open += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
