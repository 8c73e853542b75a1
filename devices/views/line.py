"""What a desk's page needs to go on without the line: addresses and signed keys, and nothing about a person."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from core.people.models import School, User
from devices.judgement import desk_terms
from devices.models import Gate
from devices.queries.offline import sign_scanner

PAGES = {"arrivals": "devices:arrivals", "returns": "devices:returns"}


def line_of(
    school: School, user: User, rules: Any, *, desk: str, gate: Gate | None, stands_in: bool = False
) -> dict[str, Any]:
    """The context of `components/desk_line.html`."""
    return {
        "school": school.slug,
        "desk": desk,
        "by": sign_scanner(school, user),
        "gate": gate.pk if gate is not None else "",
        "off_check": desk == "arrivals" and desk_terms(rules).off_check == "required",
        "sync_url": reverse("devices:desk-sync", args=[school.slug]),
        "shell_url": reverse("devices:desk-offline", args=[school.slug]),
        "worker_url": reverse("service-worker"),
        "home_url": reverse(PAGES[desk], args=[school.slug]),
        "settle_url": reverse("devices:offline-scans", args=[school.slug]),
        "stands_in": stands_in,
    }
