"""Documents, their wording and what they are about, for the sweeps."""

from __future__ import annotations

from typing import Any

# Where an address needs its stay in a state of its own.
FITTING: dict[str, dict[str, str]] = {
    "devices:papers": {"custody": "stay_taken"},
    "devices:claim-pack": {"loss": "damage"},
}
SHOWN: dict[str, tuple[str, ...]] = {
    "devices:papers": ("contact", "issued_document"),
    "devices:search-papers": ("search_paper",),
    "devices:claim-pack": ("claim_pack",),
    "devices:letters": ("stay_taken", "contact"),
    "devices:wordings": ("edition",),
    "devices:wording-slip": ("edition",),
    "devices:figures": ("stay_taken", "search"),
}


class PaperRecords:
    """Each document is made by the reader, as the DSL may make them all."""

    school: Any
    at: Any
    reader: Any
    make: Any
    said: Any

    def _paper(self, kind: str, **about: Any) -> Any:
        from devices.enums import DocumentKind
        from devices.operations.taken import issue_document

        return issue_document(school=self.school, actor=self.make("dsl"), at=self.at, kind=DocumentKind(kind), **about)

    def make_dsl(self) -> Any:
        from tests.factories import make_user

        return make_user("dsl", self.school)

    def make_issued_document(self) -> Any:
        return self._paper("receipt", custody=self.make("stay_taken"))

    def make_search_paper(self) -> Any:
        return self._paper("search", search=self.make("search"))

    def make_claim_pack(self) -> Any:
        report = self.make("damage")
        return self._paper("claim_pack", custody=report.custody, loss=report)

    def make_edition(self) -> Any:
        from devices.enums import DocumentKind
        from devices.models import DocumentWording
        from devices.operations.taken import save_wording
        from tests.factories import make_user

        before = DocumentWording.objects.filter(school=self.school, kind=DocumentKind.SLIP).first()
        return save_wording(
            school=self.school, actor=make_user("headteacher", self.school), at=self.at, kind=DocumentKind.SLIP,
            title=self.said("Our slip for {child}", 120), body=self.said("Bring it to {school}.", 6000),
            edition=before.number if before else 0,
        )  # fmt: skip
