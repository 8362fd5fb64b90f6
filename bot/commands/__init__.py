"""The `xiaoge` command: one small file per verb, put together here."""

from __future__ import annotations

import typer

from bot.commands import (
    calendar,
    check,
    code,
    demo,
    digest,
    evaluate,
    learn,
    migrate,
    outbox,
    replay,
    rooms,
    roster,
    run,
    tickets,
    train,
    understand,
)

app = typer.Typer(
    name="xiaoge",
    help=(
        "Xiaoge notices requests in community group chats, turns them into tickets, "
        "and follows them until the resident says it is done."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

for name, command in {
    "run": run.run,
    "demo": demo.demo,
    "replay": replay.replay,
    "understand": understand.understand,
    "train": train.train,
    "evaluate": evaluate.evaluate,
    "learn": learn.learn,
    "code": code.code,
    "digest": digest.digest,
    "tickets": tickets.tickets,
    "ticket": tickets.ticket,
    "outbox": outbox.outbox,
    "check": check.check,
    "migrate": migrate.migrate,
    "rooms": rooms.rooms,
    "calendar": calendar.calendar,
}.items():
    app.command(name)(command)
app.add_typer(roster.app, name="roster")
