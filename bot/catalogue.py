"""The service catalogue as written in the configuration: 25 rows, none of them in code."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, StrictBool, model_validator

from bot.section import Section
from bot.spans import Written
from bot.yaml_file import nearest
from domain.grid import HANDLERS, KNOWN_ROLES, SKILLS
from domain.reading import Urgency
from domain.rules import Category, Limit


def _known(kind: str, known: tuple[str, ...]) -> AfterValidator:
    def check(value: str) -> str:
        if value and value not in known:
            raise ValueError(f"`{value}` is not a known {kind}{nearest(value, known)}")
        return value

    return AfterValidator(check)


Role = Annotated[str, _known("role", KNOWN_ROLES), Field(min_length=1)]
Handler = Annotated[str, _known("handler", HANDLERS)]
Skill = Annotated[str, _known("skill", SKILLS)]


class Limits(Section):
    """One limit for each urgency; those of an emergency run day and night."""

    emergency: Written
    urgent: Written
    normal: Written

    @model_validator(mode="after")
    def _emergencies_do_not_sleep(self) -> Self:
        if self.emergency.working:
            raise ValueError(
                "an emergency cannot wait for working hours: write natural time, as in 15min"
            )
        return self

    def limits(self, day_minutes: float) -> dict[Urgency, Limit]:
        """By urgency; `day_minutes` is the length of one working day."""
        return {
            Urgency.EMERGENCY: self.emergency.limit(day_minutes),
            Urgency.URGENT: self.urgent.limit(day_minutes),
            Urgency.NORMAL: self.normal.limit(day_minutes),
        }


class CategoryRow(Section):
    """What one kind of matter is called, who answers it, and how soon."""

    name: str = Field(min_length=1, max_length=40)
    roles: tuple[Role, ...] = Field(min_length=1)
    handler: Handler = ""
    skill: Skill = ""
    urgency: Urgency = Urgency.NORMAL
    claim: Limits
    solve: Limits
    private: StrictBool = False
    place: StrictBool = True
    escalates_to: str = ""

    def category(self, key: str, day_minutes: float) -> Category:
        return Category(
            key=key,
            name=self.name,
            roles=self.roles,
            handler=self.handler,
            skill=self.skill,
            urgency=self.urgency,
            claim=self.claim.limits(day_minutes),
            solve=self.solve.limits(day_minutes),
            private=self.private,
            place=self.place,
            escalates_to=self.escalates_to,
        )
