"""The lists that come with a preset (matrix 2.8), typed: documents, risk areas, curriculum, duty holders, guidance."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

RiskArea = Literal["content", "contact", "conduct", "commerce"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LinkedDocument(_Frozen):
    """A document that a policy points to; `part` says which of two policies in one file does (POL-10)."""

    title: str
    level: Literal["school", "group", "authority", "national"]
    part: Literal["", "both", "mobile", "social_media"] = ""


class RsheCell(_Frozen):
    """One filled cell of the two-year grid (CUR-03)."""

    half_term: Literal["autumn_1", "autumn_2", "spring_1", "spring_2", "summer_1", "summer_2"]
    years: Literal["1-2", "3-4", "5-6"]
    cycle: Literal[1, 2]
    topics: tuple[str, ...]


class DutyHolder(_Frozen):
    """Who holds which duty of online safety."""

    holder: str
    duty: str


class Guidance(_Frozen):
    """Items of guidance, and the presets whose policy gives it."""

    items: tuple[str, ...]
    presets: tuple[str, ...] = ()


class ReferenceLists(_Frozen):
    """Everything of matrix 2.8. Risk areas, themes, grid and duty holders come from `primary-online-safety`."""

    linked_documents: dict[str, tuple[LinkedDocument, ...]]
    risk_areas: dict[RiskArea, tuple[str, ...]]
    incident_types_left_out: dict[str, tuple[str, ...]]
    curriculum_themes: dict[str, tuple[str, ...]]
    rshe_grid: tuple[RsheCell, ...]
    duty_holders: tuple[DutyHolder, ...]
    staff_social_media_guidance: Guidance
    policy_front_page: Guidance


@cache
def reference_lists() -> ReferenceLists:
    """The lists, read once in a process."""
    path = Path(__file__).with_suffix(".toml")
    return ReferenceLists.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
