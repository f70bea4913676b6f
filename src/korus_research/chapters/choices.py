"""What chapters declare in TOML files of their own: windows, rules, seeds, and how claims are judged."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A file of choices, or a table of it: read-only, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
