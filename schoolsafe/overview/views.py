"""Home pages by role, finding a pupil, telling a DSL, and the investigator's record."""

from __future__ import annotations

from core.people.roles import Permission
from core.people.views.base import SchoolView


class HomeView(SchoolView):
    """What needs me now."""

    permission = Permission.VIEW_HOME
    template_name = "overview/home.html"
