"""The reverse way: OneBot implementations call us; the newest one with the token is heard."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.channels.onebot_socket import Refused, Socket, Verdict, accept, hang_up
from domain.errors import ChannelError


class Listener:
    """A listening address; `attend` is run for one caller at a time, the newest one."""

    def __init__(
        self,
        address: str,
        verdict: Verdict,
        attend: Callable[[Socket], Awaitable[None]],
    ) -> None:
        self._address = address
        self._verdict = verdict
        self._attend = attend
        self._one = asyncio.Lock()
        self._latest: asyncio.Task[None] | None = None
        self._callers: set[asyncio.Task[None]] = set()
        self.port = 0
        """The port that is listened on, 0 before."""

    async def run(self) -> None:
        """Listen until cancelled; raises ChannelError when the address cannot be had."""
        host, _, port = self._address.rpartition(":")
        try:
            server = await asyncio.start_server(self._came, host.strip("[]"), int(port))
        except OSError as error:
            raise ChannelError(
                f"onebot: cannot listen on {self._address} ({error.strerror}): "
                "is another program using it? change channels.onebot.listen"
            ) from error
        self.port = int(server.sockets[0].getsockname()[1])
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.port = 0
            server.close()
            callers = tuple(self._callers)
            for caller in callers:
                caller.cancel()
            await asyncio.gather(*callers, return_exceptions=True)

    def _came(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        caller = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._callers.add(caller)
        caller.add_done_callback(self._callers.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            socket = await accept(reader, writer, self._verdict)
        except (Refused, OSError, TimeoutError):
            await hang_up(writer)
            return
        before, self._latest = self._latest, asyncio.current_task()
        if before is not None:
            before.cancel()
        try:
            async with self._one:
                await self._attend(socket)
        finally:
            await hang_up(writer)
