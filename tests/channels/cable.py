"""A cable between a client and a server on loopback, which a test can freeze or cut."""

from __future__ import annotations

import asyncio


class Cable:
    """Passes bytes on to `port`. `freeze`: both ends hear nothing more, as from a hung process."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def plug_in(self, port: int = 0) -> int:
        """Listen on loopback; the port."""
        self._server = await asyncio.start_server(self._joined, "127.0.0.1", port)
        return int(self._server.sockets[0].getsockname()[1])

    async def cut(self) -> None:
        """Both directions end at once, and nobody listens any more."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        self.break_off()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def break_off(self) -> None:
        """End the connections that stand; new ones can be made."""
        for end in list(self._ends):
            end.transport.abort()

    def freeze(self) -> None:
        """Connections are still accepted, as the operating system does, but nothing passes."""
        self._flows.clear()

    def thaw(self) -> None:
        self._flows.set()

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        self._ends |= {writer, back}
        for source, sink in ((reader, back), (there, writer)):
            task = asyncio.create_task(self._pass_on(source, sink, (writer, back)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        both: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
    ) -> None:
        try:
            while data := await source.read(65_536):
                await self._flows.wait()
                sink.write(data)
                await sink.drain()
        except OSError:
            pass
        finally:
            for end in both:
                end.close()
                self._ends.discard(end)
