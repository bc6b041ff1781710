"""Connections that ask slowly, or not at all: an end to the server's patience."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

MOST_CONNECTIONS = 120
"""At once; then those that stall make room."""

HARD_LIMIT = 400
"""Connections or requests beyond which the answer is 503: where none stalls, or those that did have not ended yet."""

PATIENCE = 15.0
"""Seconds in which a request must have come whole, from the connection's beginning or the end of the last answer, and
in which a client must go on taking its answer. A body that is read has ``parameters.UPLOAD_SECONDS`` besides."""

GONE = 45.0
"""Seconds after which a client that acknowledges nothing has left the network (RFC 5482); streams send more often."""


class PatientProtocol(H11Protocol):
    """HTTP/1.1 that waits for no client longer than ``PATIENCE``, however slowly its bytes come.

    Where all connections are taken, the one that has owed something longest without a word makes room for a new one:
    many that stall keep nobody out.
    """

    _deadline: asyncio.TimerHandle | None = None
    _heard = 0.0

    def connection_made(self, transport: Any) -> None:
        """Wait for the first request."""
        super().connection_made(transport)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(1000 * GONE))
        self._heard = self.loop.time()
        self._wait()
        if len(self.connections) >= MOST_CONNECTIONS:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        """Note the time."""
        self._heard = self.loop.time()
        super().data_received(data)

    def handle_events(self) -> None:
        """Stop waiting once a request is being answered."""
        super().handle_events()
        if self.transport.is_closing():
            self._wait()
        elif self._is_answering and not self.flow.write_paused:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Wait for the next request, or for what has not come of this one."""
        self._wait()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Wait for the client to take what it asked for."""
        super().pause_writing()
        self._wait()

    def resume_writing(self) -> None:
        """Go on with the answer."""
        super().resume_writing()
        if self._is_answering:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_waiting()
        super().connection_lost(exc)

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def _owes(self) -> bool:
        """Whether it is the client's turn: to ask, to end its request, to take the answer."""
        asks = self.conn.their_state in (h11.IDLE, h11.SEND_BODY)
        return asks or self.flow.write_paused or self.transport.is_closing()

    def _wait(self) -> None:
        self._stop_waiting()
        # What is left to be sent is not waited for.
        self._deadline = self.loop.call_later(PATIENCE, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _make_room(self) -> None:
        others = [c for c in self.connections if isinstance(c, PatientProtocol) and c is not self and c._owes]
        if others:
            longest = min(others, key=lambda other: other._heard)
            longest.transport.abort()
            # At once: ``connection_lost`` comes later, and a request may come before.
            self.connections.discard(longest)
