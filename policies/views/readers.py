"""Pages about what people read: the documents, their versions and texts, and who has acknowledged them (AGR-18)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from core.kit.forms import BaseForm
from core.people.models import Contact, FormGroup, Pupil
from core.people.queries import contacts_of, forms_of, pupils_on_roll
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from core.people.views.pages import FormPage, Page
from policies import operations
from policies.documents import text_pdf
from policies.enums import Readership
from policies.forms.learning import AcknowledgeForm, AcknowledgeFormGroupForm
from policies.forms.readers import AcknowledgeParentForm, NameDocumentForm, PublishVersionForm, ReadForm, WriteTextForm
from policies.models import Document, DocumentText, DocumentVersion
from policies.queries import (
    PUPILS,
    asks,
    contacts_with_answers,
    coverage_by_form,
    coverage_of_people,
    pupils_with_answers,
    readership_of_user,
    reading_documents,
    reading_versions,
    text_for,
    texts_of,
    versions_in_force,
)
from policies.ready import READY, ready_document


class DocumentsPage(Page, abstract=True):
    """What the pages about documents share."""

    permission = Permission.VIEW_ACKNOWLEDGEMENTS

    @property
    def document(self) -> Document:
        if not hasattr(self, "_document"):
            self._document: Document = get_or_404(reading_documents(self.school), pk=self.kwargs["document"])
        return self._document

    @property
    def edition(self) -> DocumentVersion:
        """The version of the address; `version` is what an edited form carries."""
        if not hasattr(self, "_edition"):
            self._edition: DocumentVersion = get_or_404(
                reading_versions(self.school), pk=self.kwargs["document_version"]
            )
        return self._edition

    def address(self, document: Document) -> str:
        return self.link("policies:document", document=document.pk)

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Documents to read", "url": self.link("policies:documents")}]


class DocumentsView(DocumentsPage):
    """Every document that people read, the version in force, and how far those with an account are (STA-16)."""

    template_name = "policies/documents.html"
    title = "Documents to read"

    def crumbs(self) -> list[dict[str, str]]:
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        in_force = {one.document_id: one for one in versions_in_force(self.school, self.today)}
        asked = {one.version.pk: one for one in coverage_of_people(self.school, in_force.values(), self.today)}
        rows: list[dict[str, Any]] = []
        for document in reading_documents(self.school):
            version = in_force.get(document.pk)
            rows.append({"document": document, "version": version, "asked": asked[version.pk] if version else None})
        known = {row["document"].kind for row in rows}
        return super().get_context_data(
            rows=rows,
            may_write=self.may(Permission.EDIT_TEMPLATES),
            ready=[kind for kind in READY if kind not in known],
            **kwargs,
        )


class DocumentView(DocumentsPage):
    """One document: its version in force, who has acknowledged it and who has not, and the earlier ones."""

    template_name = "policies/document.html"

    def get_title(self) -> str:
        return self.document.title

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        versions = [one for one in reading_versions(self.school) if one.document_id == self.document.pk]
        version = next((one for one in versions if one.starts_on <= self.today), None)
        texts: dict[int, list[DocumentText]] = {}
        for text in texts_of(self.school).filter(document_version__document=self.document):
            texts.setdefault(text.document_version_id, []).append(text)
        for_pupils = version is not None and any(asks(version, one) for one in PUPILS)
        return super().get_context_data(
            document=self.document,
            in_force=version,
            versions=[{"version": one, "texts": texts.get(one.pk, [])} for one in versions],
            asked=coverage_of_people(self.school, [version], self.today)[0] if version is not None else None,
            forms=coverage_by_form(self.school, version, self.today) if version is not None and for_pupils else [],
            labels=[Readership(one).label for one in self.document.asked_of],
            has_ready=self.document.kind in READY,
            may_write=self.may(Permission.EDIT_TEMPLATES),
            may_record=self.may(Permission.EDIT_PUPILS),
            **kwargs,
        )


class NameDocumentPage(FormPage, DocumentsPage, abstract=True):
    """Name a document and say who has to acknowledge it."""

    permission = Permission.EDIT_TEMPLATES
    form_class = NameDocumentForm
    existing: Document | None = None

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        document = operations.name_document(
            school=self.school, actor=self.actor, at=self.now, document=self.existing, **form.cleaned_data
        )
        return self.done("The document is saved.", self.address(document))


class AddDocumentView(NameDocumentPage):
    """Add a document; the address may say of which kind, to begin with the ready names."""

    title = "Add a document to read"

    def cancel_url(self) -> str:
        return self.link("policies:documents")

    def get_initial(self) -> dict[str, Any]:
        kind = self.request.GET.get("kind", "")
        ready = ready_document(self.school, kind, self.rules)
        return {"kind": kind, "title": ready.title, "asked_of": list(ready.asked_of)} if ready else {}


class ChangeDocumentView(NameDocumentPage):
    """Change what a document is called and who has to acknowledge it."""

    title = "Change the document"

    def crumbs(self) -> list[dict[str, str]]:
        return [*super().crumbs(), {"label": self.document.title, "url": self.address(self.document)}]

    def cancel_url(self) -> str:
        return self.address(self.document)

    def get_form_kwargs(self) -> dict[str, Any]:
        self.existing = self.document
        return super().get_form_kwargs() | {"kind": self.document.kind}

    def get_initial(self) -> dict[str, Any]:
        document = self.document
        return {"kind": document.kind, "title": document.title, "asked_of": document.asked_of}


class PublishVersionView(FormPage, DocumentsPage):
    """Publish a version with its texts, empty, from the version before, or from the ready ones."""

    permission = Permission.EDIT_TEMPLATES
    form_class = PublishVersionForm
    title = "Publish a version"
    intro = "From its first day everybody asked has to acknowledge it anew. A text left empty is not published."

    def crumbs(self) -> list[dict[str, str]]:
        return [*super().crumbs(), {"label": self.document.title, "url": self.address(self.document)}]

    def cancel_url(self) -> str:
        return self.address(self.document)

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.today}

    def get_form_kwargs(self) -> dict[str, Any]:
        begin: list[operations.Wording] = []
        ready = ready_document(self.school, self.document.kind, self.rules) if "ready" in self.request.GET else None
        if ready is not None:
            begin = list(ready.texts)
        else:
            newest = reading_versions(self.school).filter(document=self.document).first()
            if newest is not None:
                begin = [
                    operations.Wording(one.readership, one.title, one.text, plain=one.plain)
                    for one in newest.texts.all()
                    if one.language == "en"
                ]
        return super().get_form_kwargs() | {"asked_of": self.document.asked_of, "ready": begin}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, PublishVersionForm)
        given = form.cleaned_data
        operations.publish_version(
            school=self.school, actor=self.actor, at=self.now, document=self.document, label=given["label"],
            starts_on=given["starts_on"], change_note=given["change_note"], texts=form.texts(),
            submission=given["submission"],
        )  # fmt: skip
        return self.done("The version is published.", self.address(self.document))


class WriteTextView(FormPage, DocumentsPage):
    """Add a text to a version, short or in another language; or put one right that nobody acknowledged."""

    permission = Permission.EDIT_TEMPLATES
    form_class = WriteTextForm
    title = "Write a text"
    intro = "A text for the same readers and in the same language is replaced, unless somebody has acknowledged it."

    def crumbs(self) -> list[dict[str, str]]:
        document = self.edition.document
        return [*super().crumbs(), {"label": document.title, "url": self.address(document)}]

    def cancel_url(self) -> str:
        return self.address(self.edition.document)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, WriteTextForm)
        operations.write_text(
            school=self.school, actor=self.actor, at=self.now, version=self.edition, wording=form.wording(),
            submission=form.cleaned_data["submission"],
        )  # fmt: skip
        return self.done("The text is saved.", self.cancel_url())


class ShowTextView(DocumentsPage):
    """One text as its readers see it, with the way to print it."""

    template_name = "policies/show_text.html"

    @property
    def text(self) -> DocumentText:
        if not hasattr(self, "_text"):
            self._text: DocumentText = get_or_404(texts_of(self.school), pk=self.kwargs["text"])
        return self._text

    def get_title(self) -> str:
        return self.text.title

    def crumbs(self) -> list[dict[str, str]]:
        document = self.text.document_version.document
        return [*super().crumbs(), {"label": document.title, "url": self.address(document)}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(text=self.text, **kwargs)


class PrintTextView(ShowTextView):
    """The same on paper, with a slip to sign and give back (DOC-04, DOC-05)."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = HttpResponse(text_pdf(self.text, made_at=self.now), content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="document-{self.text.pk}.pdf"'
        response["Cache-Control"] = "private, no-store"
        return response


class ReadView(FormPage, DocumentsPage):
    """Read a document and confirm it, for oneself (STA-16, STA-18)."""

    permission = Permission.SIGN_OWN
    form_class = ReadForm
    template_name = "policies/read.html"

    @property
    def text(self) -> DocumentText | None:
        return text_for(self.edition, readership_of_user(self.actor, self.school))

    def get_title(self) -> str:
        return self.edition.document.title

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "What you have read and signed", "url": self.cancel_url()}]

    def cancel_url(self) -> str:
        return self.link("agreements:mine")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if not asks(self.edition, readership_of_user(self.actor, self.school)):
            raise Http404
        known = self.edition.acknowledgements.filter(user=self.actor).first()
        return super().get_context_data(edition=self.edition, text=self.text, known=known, **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        if not asks(self.edition, readership_of_user(self.actor, self.school)):
            raise Http404
        operations.read_and_acknowledge(
            school=self.school, actor=self.actor, at=self.now, version=self.edition,
            submission=form.cleaned_data["submission"],
        )  # fmt: skip
        return self.done("Your confirmation is recorded.", self.cancel_url())


class RecordPage(SchoolFormView, DocumentsPage, abstract=True):
    """Acknowledgements of a version that staff write down."""

    permission = Permission.EDIT_PUPILS

    def get_initial(self) -> dict[str, Any]:
        return {"acknowledged_on": self.today}

    def crumbs(self) -> list[dict[str, str]]:
        document = self.edition.document
        return [*super().crumbs(), {"label": document.title, "url": self.address(document)}]

    @property
    def pupil(self) -> Pupil:
        if not hasattr(self, "_pupil"):
            self._pupil: Pupil = get_or_404(pupils_on_roll(self.school, self.today), pk=self.kwargs["pupil"])
        return self._pupil

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(in_force=self.edition, edition=self.edition, named="", **kwargs)


class RecordPupilView(RecordPage):
    """Record that one pupil acknowledged a version; and see which parents have."""

    form_class = AcknowledgeForm
    template_name = "policies/record_pupil.html"

    def get_title(self) -> str:
        return "Record an acknowledgement"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parents = contacts_with_answers(self.pupil, self.edition) if asks(self.edition, Readership.PARENTS) else []
        return super().get_context_data(
            pupil=self.pupil,
            known=self.edition.acknowledgements.filter(pupil=self.pupil).first(),
            parents=parents,
            back_url=self.address(self.edition.document),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, AcknowledgeForm)
        operations.record_acknowledgement(
            school=self.school, actor=self.actor, at=self.now, pupil=self.pupil, version=self.edition, **form.values()
        )
        here = self.link("policies:record-pupil", document_version=self.edition.pk, pupil=self.pupil.pk)
        return self.done("The acknowledgement is recorded.", here)


class RecordFormView(RecordPage):
    """Record it for a whole form at once."""

    form_class = AcknowledgeFormGroupForm
    template_name = "policies/record_form.html"

    @property
    def group(self) -> FormGroup:
        if not hasattr(self, "_group"):
            self._group: FormGroup = get_or_404(forms_of(self.school), pk=self.kwargs["form"])
        return self._group

    @property
    def rows(self) -> list[Any]:
        if not hasattr(self, "_rows"):
            self._rows = pupils_with_answers(self.group, self.edition, self.today)
        return self._rows

    def get_title(self) -> str:
        return f"Acknowledgements of {self.group.name}"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"pupils": [pupil for pupil, known in self.rows if known is None]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            group=self.group,
            rows=[{"pupil": pupil, "known": known} for pupil, known in self.rows],
            waiting=sum(known is None for _pupil, known in self.rows),
            back_url=self.address(self.edition.document),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, AcknowledgeForm)
        operations.record_form_acknowledgements(
            school=self.school, actor=self.actor, at=self.now, form=self.group, version=self.edition, **form.values()
        )
        number = len(form.cleaned_data["pupils"])
        said = "1 acknowledgement is" if number == 1 else f"{number} acknowledgements are"
        return self.done(f"{said} recorded for {self.group.name}.", self.address(self.edition.document))


class RecordParentView(FormPage, DocumentsPage):
    """Record that a parent or carer has read it and talked it through with the child (AGR-21)."""

    permission = Permission.EDIT_PUPILS
    form_class = AcknowledgeParentForm
    title = "Record a parent’s confirmation"
    intro = "They have read it. Tick, too, whether they talked it through with the child."

    @property
    def pupil(self) -> Pupil:
        if not hasattr(self, "_pupil"):
            self._pupil: Pupil = get_or_404(pupils_on_roll(self.school, self.today), pk=self.kwargs["pupil"])
        return self._pupil

    @property
    def contact(self) -> Contact:
        found: Contact = get_or_404(contacts_of(self.pupil), pk=self.kwargs["contact"])
        return found

    def cancel_url(self) -> str:
        return reverse("policies:record-pupil", args=[self.school.slug, self.edition.pk, self.pupil.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs["intro"] = f"{self.contact.display_name}. {self.intro}"
        return super().get_context_data(**kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        given = form.cleaned_data
        operations.record_contact_acknowledgement(
            school=self.school, actor=self.actor, at=self.now, contact=self.contact, version=self.edition,
            method=given["how"], talked_over=given["talked_over"], submission=given["submission"],
        )  # fmt: skip
        return self.done("The confirmation is recorded.", self.cancel_url())
