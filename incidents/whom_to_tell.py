"""What the poster for pupils says before the school changes anything: whom to tell, and national services (COM-05)."""

from __future__ import annotations

from dataclasses import dataclass

from incidents.enums import HelpKind

HOW = (
    "Tell an adult you trust as soon as you can. You can bring a friend.",
    "Say what happened in your own words. You do not have to show anything.",
    "Keep messages that upset you, do not answer them, and do not send them on.",
    "We listen and take it seriously. We tell only those who need to know to help you.",
)


@dataclass(frozen=True)
class Help:
    """Somebody or some place to turn to."""

    kind: HelpKind
    name: str
    reach: str = ""
    words: str = ""


# The services are for all of England and free; a school adds its own.
USUAL = (
    Help(HelpKind.ADULT, "Your teacher or form tutor"),
    Help(HelpKind.ADULT, "Any other adult at school whom you trust"),
    Help(HelpKind.PLACE, "The school office", words="During the school day."),
    Help(HelpKind.SERVICE, "Emergency services", "999", "You or somebody else is in danger now."),
    Help(HelpKind.SERVICE, "Childline", "0800 1111 or childline.org.uk", "Day and night, about anything. Free."),
    Help(
        HelpKind.SERVICE, "CEOP", "ceop.police.uk", "Somebody online frightens you, or wants something sexual from you."
    ),
    Help(
        HelpKind.SERVICE,
        "Report Remove",
        "childline.org.uk/remove",
        "A sexual picture of you is online, or somebody says they will share one. It can be taken down.",
    ),
)
