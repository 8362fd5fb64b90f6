"""Fetches a picture from the address that a platform gave: in time, not too large, no farther."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

from bot.channels.posting import HIDDEN, open_client
from domain.errors import ChannelError

LARGEST = 5 * 1024 * 1024
"""Bytes of one picture; what is larger is left where it lies."""
_SECONDS = 8.0
_OK = 200


def host_of(url: str) -> str:
    """The host in an address, `""` when there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


async def download(
    url: str,
    *,
    beside: str = "",
    hidden: Mapping[str, str] | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    seconds: float = _SECONDS,
) -> bytes:
    """What lies at `url`; raises ChannelError, whose words never hold the address.

    `hidden` goes into the query on the wire only, `seconds` is for the whole.

    No redirect is followed, and no machine of the own network is asked but the host `beside`,
    the platform's own: what people send must not make us call there.
    """
    if not _may_be_asked(url, beside):
        raise ChannelError("the picture lies where nothing is fetched from")
    plain = {"Accept-Encoding": "identity"}
    extensions = {HIDDEN: dict(hidden)} if hidden else {}
    try:
        async with (
            asyncio.timeout(seconds),
            open_client(transport) as client,
            client.stream("GET", url, headers=plain, extensions=extensions) as response,
        ):
            if response.status_code != _OK:
                raise ChannelError(f"the picture is not given: http_{response.status_code}")
            return await _content(response)
    except TimeoutError as error:
        raise ChannelError("the picture did not come in time") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ChannelError(f"the picture did not come: {type(error).__name__}") from None


async def _content(response: httpx.Response) -> bytes:
    if "content-encoding" in response.headers:
        raise ChannelError("the picture is packed, and nobody asked for that")
    found = bytearray()
    async for piece in response.aiter_bytes():
        found += piece
        if len(found) > LARGEST:
            raise ChannelError("the picture is too large")
    return bytes(found)


def _may_be_asked(url: str, beside: str) -> bool:
    host = host_of(url)
    if not url.startswith(("http://", "https://")) or not host:
        return False
    if host == beside:
        return True
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".internal", ".localhost"))
