"""The content of a picture that came by the WeCom callback, by an employee or by the robot."""

from __future__ import annotations

import httpx

from bot.channels.downloading import download, host_of
from bot.channels.wecom_app import WecomApp
from bot.channels.wecom_crypt import Tampered, WecomCrypt
from bot.channels.wecom_wire import SEALED
from domain.errors import ChannelError


async def content(
    reference: str,
    *,
    crypt: WecomCrypt,
    app: WecomApp | None,
    transport: httpx.AsyncBaseTransport | None,
) -> bytes:
    """The picture behind a reference of `wecom_wire`; raises ChannelError when it cannot be had.

    What comes by the robot is sealed, and lies there for minutes. An application's picture lies at
    an address, and for three days under its media id, which takes the secret.
    """
    beside = host_of(app.api) if app else ""
    if reference.startswith(SEALED):
        url = reference.removeprefix(SEALED)
        try:
            return crypt.unsealed(await download(url, beside=beside, transport=transport))
        except Tampered as error:
            raise ChannelError("the picture is not sealed with our key") from error
    url, _, media = reference.rpartition(" ")
    if url:
        try:
            return await download(url, beside=beside, transport=transport)
        except ChannelError:
            if app is None:
                raise
    if app is None:
        raise ChannelError("the picture needs XIAOGE_WECOM_CALLBACK_SECRET")
    return await app.media(media)
