"""A foreign client: aiocqhttp, reverse WebSocket. Arguments: listening socket, token, API root."""

from __future__ import annotations

import asyncio
import sys
from typing import Any, cast

from aiocqhttp import (
    CQHttp,
    Event,
    Message,
)
from hypercorn import asyncio as hypercorn_asyncio
from hypercorn.config import Config

bot: Any = CQHttp(
    access_token=sys.argv[2],
    api_root=sys.argv[3] or None,
    message_class=Message,
    api_timeout_sec=20,
)


@bot.on_message
async def answer(event: Event) -> None:
    """Says back what was heard."""
    words = cast("Message", event.message).extract_plain_text()
    await bot.send(event, f"收到: {words}")


config = Config()
config.graceful_timeout = 0.1
config.bind = [f"fd://{sys.argv[1]}"]
asyncio.run(cast("Any", hypercorn_asyncio).serve(bot.asgi, config))
