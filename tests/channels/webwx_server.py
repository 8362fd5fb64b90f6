"""A web-WeChat server for tests, on loopback: its world, on a port that can go away and come back."""

from __future__ import annotations

import contextlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.channels.webwx_calls import Calls
from tests.channels.webwx_world import World


class WebWx(World):
    """The platform as a client sees it."""

    def __init__(self) -> None:
        super().__init__()
        self._server: ThreadingHTTPServer | None = None
        self._connections: set[socket.socket] = set()

    def up(self) -> None:
        """Listen, on the same port as before if there was one."""
        self.closing = False
        handler = type("Handler", (_Handler,), {"wx": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def down(self) -> None:
        """Gone: nobody listens, and what was open is cut."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.shutdown()
        server.server_close()
        with self.news:
            self.closing = True
            for connection in list(self._connections):
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self.news.notify_all()

    def joined(self, connection: socket.socket) -> None:
        with self.news:
            self._connections.add(connection)

    def left(self, connection: socket.socket) -> None:
        with self.news:
            self._connections.discard(connection)


class _Handler(BaseHTTPRequestHandler):
    """One connection; `wx` is set by `_handler`."""

    protocol_version = "HTTP/1.1"
    wx: WebWx

    def setup(self) -> None:
        super().setup()
        self.wx.joined(self.connection)

    def finish(self) -> None:
        self.wx.left(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            super().handle()

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

    def _answer(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        answer = Calls(self.wx).answer(parts.path, query, body)
        if answer is None:
            self.close_connection = True
            return
        status, said, headers = answer
        content = said.encode() if isinstance(said, str) else said
        self.send_response(status)
        for cookie in headers.get("Set-Cookie", "").split("; "):
            if cookie:
                self.send_header("Set-Cookie", cookie)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a test's output is its own."""
