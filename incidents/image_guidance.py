"""What to do about a suspected image of a child, and what never to do, worded by place (IMG-02, IMG-06, IMG-15)."""

from __future__ import annotations

from dataclasses import dataclass

from incidents.enums import ImagePlace

TITLE = "A nude or sexual image of a child: do not look"
NEVER = (
    "Do not look at it, not to make sure, not even once.",
    "Do not copy, print, share, store, save, send, move or photograph it.",
    "Do not ask a child to show it, share it or open it.",
    "Do not delete it, and do not ask a child to delete it.",
    "Do not write down what it shows.",
)
FOR_STAFF = (
    "To make, have, send or show a sexual image of anybody under 18 is a crime. It is one also when a child did it, "
    "when it is of themselves, and when software made the picture (AI). To look or to pass it on can be a crime for "
    "you too."
)
FOR_PUPILS = (
    "It is against the law to take, keep or send a sexual picture of anybody under 18, even of yourself, and even if "
    "an app made it. Do not look at it, keep it or send it on. It was right to tell us, and we will help."
)
_TELL = "Tell a DSL now, in person or by phone. This report tells them too, urgently."
_PUPILS = "Tell the pupils who know of it not to look, keep it or pass it on. Say that they were right to tell you."


@dataclass(frozen=True)
class Guidance:
    """One list for one place: what is done, and what besides is not done there."""

    place: ImagePlace
    title: str
    do: tuple[str, ...]
    do_not: tuple[str, ...]


OWN_DEVICE = Guidance(
    ImagePlace.PERSONAL_DEVICE,
    "On somebody’s own device",
    (
        _TELL,
        "Take the device, switch it off without looking at the screen, and seal it. Bring it to the DSL.",
        "Stay with the pupil, keep calm, listen, and promise no secret.",
        _PUPILS,
    ),
    ("Do not ask for the code, and do not let it be unlocked.", "Do not search the device or let anybody search it."),
)
NETWORK = Guidance(
    ImagePlace.SCHOOL_NETWORK,
    "On the school’s network or equipment",
    (
        _TELL,
        "Have access to the network blocked for all users until it is isolated.",
        "Have it isolated where it is. Write down the computer and the account, not what is in the file.",
        _PUPILS,
    ),
    ("Do not print it or move it, not even to a safe place.", "Do not shut down or clean the computer it is on."),
)
ONLINE = Guidance(
    ImagePlace.WEBSITE,
    "On a website or social network",
    (
        _TELL,
        "Report it to the website or network as an image of a child. Write down its name, when, and their reference.",
        "Where a child may be abused, report to CEOP at once. Do not wait for the website to answer.",
        _PUPILS,
    ),
    ("Do not open the page to check, and do not send anybody the link.", "Do not take a screenshot."),
)
NOT_KNOWN = Guidance(
    ImagePlace.NOT_KNOWN,
    "Where it is, is not known",
    (_TELL, "Do not go looking for it. Write down what you were told, and by whom.", _PUPILS),
    ("Do not ask a child to find it for you.",),
)
GUIDANCE: dict[ImagePlace, Guidance] = {one.place: one for one in (OWN_DEVICE, NETWORK, ONLINE, NOT_KNOWN)}


def guidance_for(place: str) -> tuple[Guidance, ...]:
    """The list for a place; before the place is known the two that a member of staff may stand before, and the rest."""
    return (GUIDANCE[ImagePlace(place)],) if place else tuple(GUIDANCE.values())
