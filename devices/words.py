"""What the school says to owners of devices, on receipts, in agreements and in reports: one source for all of them."""

from __future__ import annotations

from typing import Any

from core.rules.words import words_for
from devices.judgement import UNSPECIFIED, DeskTerms


def disclaimer(rules: Any) -> str:
    """The school's words on loss, theft and damage under its rules (DEV-23, law PH-10); `rules` are the day's.

    They claim no more than the law gives: for what is handed in by arrangement the ordinary duty of care holds
    (law PH-9), and the shield of a lawful penalty falls with the penalty, so that no paper leans on it (law CO-3).
    Where the rules do not say whether a device may come at all, there are no words to stand on.
    """
    if rules.pupil_bring_rule == UNSPECIFIED:
        return (
            "The school’s policy does not say who answers for loss, theft or damage. The ordinary duty of care holds."
        )
    return (
        f"A {words_for(rules).child}’s own device comes to school at its owner’s risk. The school takes reasonable "
        "care of a device that it keeps. Beyond that it takes no responsibility for loss, theft or damage."
    )


def pin_advice() -> str:
    """Advice to whoever owns a device (DEV-24). The school never asks for the code and has nowhere to write it."""
    return (
        "Set a PIN or a password on the device, know where it is, and keep a note of its make and number at home. "
        "The school never asks for the code."
    )


def content_advice() -> str:
    """What a device that comes to school does not hold (DEV-25)."""
    return (
        "A device that comes to school holds nothing that is offensive, derogatory, illegal or against the school’s "
        "policies."
    )


def terms_in_words(terms: DeskTerms, rules: Any) -> list[str]:
    """What this school's rules make of a hand-in, for the strip above the box."""
    lines = []
    if terms.needs_decision:
        lines.append("The rules do not say whether devices are handed in.")
    elif rules.handin_required == "no":
        lines.append("Devices need not be handed in.")
    else:
        lines.append(f"Takes in {terms.takes_in}.")
    if terms.off_check == "required":
        lines.append("Each is seen switched off.")
    elif terms.off_check == "advised" and not terms.needs_decision:
        lines.append("Ask that each is switched off.")
    if terms.needs_agreement:
        lines.append("The headteacher agrees first who brings one.")
    if terms.needs_reason:
        lines.append("A reason for bringing one is kept.")
    if terms.banned:
        lines.append("Devices are not brought: each one is flagged.")
    return lines
