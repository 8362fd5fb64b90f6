"""A foreign client: NoneBot2 with its OneBot adapter, forward WebSocket. Arguments: url, token."""

from __future__ import annotations

import sys
from typing import Any, cast

import nonebot
from nonebot import on_message
from nonebot.adapters.onebot.v11 import Adapter, Bot, MessageEvent

nonebot.init(
    driver="~none+~websockets",
    onebot_v11_ws_urls=[sys.argv[1]],
    onebot_v11_access_token=sys.argv[2],
    log_level="ERROR",
)
cast("Any", nonebot.get_driver()).register_adapter(Adapter)


@on_message().handle()
async def answer(bot: Bot, event: MessageEvent) -> None:
    """Says back what was heard."""
    await bot.send(event, f"收到: {event.get_plaintext()}")


nonebot.run()
