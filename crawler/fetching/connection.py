"""Connections to sites: what comes over them belongs to the request that was asked, or to none."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.helpers import _EXC_SENTINEL as _NO_CAUSE

if TYPE_CHECKING:
    from aiohttp.connector import Connection as AiohttpConnection

_END_OF_HEADER = re.compile(rb"\n\r?\n")


MOST_INTERIM = 16
"""Interim responses (1xx) before the one that counts; a server that sends more sends nothing else."""


class PeerResponse(aiohttp.ClientResponse):
    """Keeps the server's address and the connection, which are lost once a short response has been read."""

    peer: tuple[Any, ...] | None = None
    came_by: Connection | None = None

    async def start(self, connection: AiohttpConnection) -> aiohttp.ClientResponse:
        if connection.transport is not None:
            self.peer = connection.transport.get_extra_info("peername")
        if isinstance(connection.protocol, Connection):
            self.came_by = connection.protocol
        return await super().start(connection)


class Connection(ResponseHandler):
    """A connection on which one request is answered by one response.

    What comes beyond that response would be taken for the answer to the next request, so that each page stands under
    the URL of another: the connection is closed by it. What the response's own length says is whole and is kept.

    Ends a body with its connection: after a broken chunk aiohttp's parser lets whoever reads wait for ever.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self.had_excess = False
        """Whether bytes came that belong to no response."""
        self._is_asked = False
        self._answer: aiohttp.StreamReader | None = None
        """The body of the response to what was asked last, once its header is here."""
        self._header_end = b""
        """The last bytes of a header that is not whole yet."""
        self._interim = 0

    def set_response_params(self, **options: Any) -> None:
        self._is_asked = True
        self._answer = None
        self._header_end = b""
        self._interim = 0
        super().set_response_params(**options)

    def data_received(self, data: bytes) -> None:
        if data and (not self._is_asked or (self._answer is not None and self._answer.is_eof())):
            self._close_for_excess()
            return
        # The parser gives out nothing of a piece that it stumbles over: the header is fed to it by itself, so that what
        # is wrong behind the body (or where there is to be none) costs neither.
        while data and self._answer is None and not self._upgraded:
            before = self._header_end
            end = _END_OF_HEADER.search(before + data)
            if end is None:
                self._header_end = (before + data)[-3:]
                break
            cut = end.end() - len(before)
            self._header_end = b""
            super().data_received(data[:cut])
            data = data[cut:]
            if not data or self.exception() is not None:
                return
            if self._answer is not None and self._answer.is_eof():
                self._close_for_excess()
                return
        super().data_received(data)
        if data and self._has_begun_another():
            self._close_for_excess()

    def _has_begun_another(self) -> bool:
        """Whether behind the end of the answer the header of another response has begun."""
        if self._answer is None or not self._answer.is_eof() or self._parser is None:
            return False
        try:  # the parser has done its work: the next request gets one of its own
            return self._parser.feed_eof() is not None
        except (aiohttp.http.HttpProcessingError, ValueError, LookupError):
            return True  # what the parser makes of half a header

    def feed_data(self, data: tuple[Any, aiohttp.StreamReader], size: int = 0) -> None:
        """Take a response from the parser; nobody asked for a second one."""
        message, body = data
        is_interim = 100 <= message.code < 200 and message.code != 101
        if is_interim:
            self._interim += 1
            if self._interim <= MOST_INTERIM:
                super().feed_data(data, size)
            elif self.exception() is None:
                flood = f"more than {MOST_INTERIM} interim responses"
                self.set_exception(aiohttp.http.HttpProcessingError(code=message.code, message=flood))
                self._close_for_excess()
        elif self._answer is None:
            self._answer = body
            super().feed_data(data, size)
        else:
            self._close_for_excess()

    def set_exception(self, exc: BaseException, exc_cause: BaseException = _NO_CAUSE) -> None:
        if self._answer is not None and self._answer.is_eof() and isinstance(exc, aiohttp.http.HttpProcessingError):
            self.had_excess = True  # behind the body stands what is no response
        super().set_exception(exc, exc_cause)

    def _close_for_excess(self) -> None:
        self.had_excess = True
        self.force_close()
        if self.transport is not None:
            self.transport.close()

    def connection_lost(self, exc: BaseException | None) -> None:
        body = self._payload
        super().connection_lost(exc)
        if body is not None and not body.is_eof() and body.exception() is None:
            body.set_exception(aiohttp.ClientPayloadError("the connection ended in the middle of the body"))


class Connector(aiohttp.TCPConnector):
    """Makes connections of our class."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._factory = partial(Connection, loop=self._loop)  # type: ignore[assignment]
