"""What every section of the configuration has in common: frozen, and no unknown key."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of `config.yaml`; unknown keys are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)
