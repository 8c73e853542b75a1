"""One's own page: what to read, what one has read, signed, declared and been given, and what lapses soon (STA-18)."""

from __future__ import annotations

from typing import Any

from agreements.queries.mine import mine_of
from core.approvals.words import state_tag, when_in_words
from core.people.roles import Permission
from core.people.views.pages import Page
from policies.queries import monitoring_acknowledged, overdue_managed_by


class MineView(Page):
    """Everything of one's own, for whatever role."""

    permission = Permission.SIGN_OWN
    template_name = "agreements/conduct_mine.html"
    title = "What you have read and signed"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        mine = mine_of(self.actor, self.school, self.today)
        return super().get_context_data(
            mine=mine,
            permissions=[{"row": row, "when": when_in_words(row), "tag": state_tag(row)} for row in mine.permissions],
            may_ask=self.may(Permission.ASK_PERMISSION),
            monitoring=monitoring_acknowledged(self.actor, self.today, school=self.school),
            managed=overdue_managed_by(self.actor, self.school, self.today),
            may_declare=self.may(Permission.DECLARE_RELATIONSHIP),
            **kwargs,
        )
