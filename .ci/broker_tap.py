"""A port in front of a broker that notes which readings the broker has acknowledged: MQTT 3.1.1, QoS 1."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

PUBLISH, PUBACK = 3, 4

Sent = dict[int, tuple[str, str | None]]
"""Readings, id and region, that were sent and not yet acknowledged, by the number of their packet."""

Note = Callable[[int, int, bytes, int, Sent], None]
"""Takes note of a packet: its kind, flags and content, the number of the connection, and what was sent on it."""


@dataclass(frozen=True)
class Acknowledged:
    """A reading that the broker has. connection: counts them, from 0."""

    connection: int
    id: str
    region: str | None


class Tap:
    """Leads from ``port`` to a broker's port. acknowledged: in the order in which the broker said so."""

    def __init__(self, to: int) -> None:
        self.acknowledged: list[Acknowledged] = []
        self.connections = 0
        self._to = to
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no further connection."""
        self._server.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._server.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self._to), 5)
                except OSError:
                    near.close()
                    continue
                far.settimeout(None)
                sent: Sent = {}
                number = self.connections
                self.connections += 1
                for source, sink, note in ((near, far, self._published), (far, near, self._puback)):
                    threading.Thread(target=self._pump, args=(source, sink, note, number, sent), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, note, number: int, sent: Sent) -> None:
        buffer = bytearray()
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                buffer += data
                # Noted first: whoever gets it may ask at once what was noted.
                for kind, flags, body in _packets(buffer):
                    note(kind, flags, body, number, sent)
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _published(self, kind: int, flags: int, body: bytes, _: int, sent: Sent) -> None:
        if kind != PUBLISH or not flags & 6:
            return
        length = int.from_bytes(body[:2])
        topic, rest = body[2 : 2 + length].decode(), body[2 + length :]
        if "/reading/" in topic and len(rest) > 2:
            reading = json.loads(rest[2:])
            sent[int.from_bytes(rest[:2])] = reading["id"], reading["region"]

    def _puback(self, kind: int, _: int, body: bytes, number: int, sent: Sent) -> None:
        if kind == PUBACK and (found := sent.pop(int.from_bytes(body[:2]), None)) is not None:
            self.acknowledged.append(Acknowledged(number, *found))


def _packets(buffer: bytearray) -> Iterator[tuple[int, int, bytes]]:
    """Take whole packets out of what has come: kind, flags, and what follows the length."""
    while len(buffer) >= 2:
        length, place, shift = 0, 1, 0
        while place < len(buffer):
            byte = buffer[place]
            length |= (byte & 127) << shift
            place, shift = place + 1, shift + 7
            if byte < 128:
                break
        else:
            return
        if len(buffer) < place + length:
            return
        yield buffer[0] >> 4, buffer[0] & 15, bytes(buffer[place : place + length])
        del buffer[: place + length]
