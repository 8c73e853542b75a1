"""Imports of the roll: the files as sent, what each would do and did, what was wrong with them, how far they are."""

from __future__ import annotations

from django.db import models

from core.kit.models import Privacy
from core.people.models import Contact, SchoolModel, TrackedModel, User
from core.roll.enums import Action, ChangeState, Entity, FileKind, ImportState, ProposalAnswer

_THIRTY_DAYS = "30 days after the upload; what was done stays in the history of each record"


class RollImport(TrackedModel):
    """One upload of up to five lists, from the files to the result and its undoing (ORG-24)."""

    state = models.CharField(max_length=20, choices=ImportState.choices, default=ImportState.UPLOADED)
    effective_on = models.DateField(help_text="First day of those who join, last day of those who left.")
    summary = models.JSONField(default=dict, help_text="Counts by kind of list; no names.")
    role_choices = models.JSONField(default=dict, help_text="Job title to the roles a person chose for it.")
    roll_mark = models.CharField(max_length=200, blank=True, default="", help_text="The roll as it was at the preview.")
    without_problem_rows = models.BooleanField(default=False)
    failure = models.CharField(max_length=300, blank=True, default="")
    applied_at = models.DateTimeField(null=True, blank=True)
    applied_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    privacy = Privacy(data_class="school", keep="as long as the audit record of the import", scrub={})

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["school"],
                condition=models.Q(state__in=[ImportState.APPLYING, ImportState.UNDOING]),
                name="roll_rollimport_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=ImportState.values), name="roll_rollimport_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(applied_by__isnull=True) | models.Q(applied_at__isnull=False),
                name="roll_rollimport_applied_at_and_by",
            ),
            models.CheckConstraint(
                condition=models.Q(undone_by__isnull=True) | models.Q(undone_at__isnull=False),
                name="roll_rollimport_undone_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"Import {self.pk}"

    @property
    def is_running(self) -> bool:
        return self.state in {ImportState.APPLYING, ImportState.UNDOING}

    @property
    def is_open(self) -> bool:
        """Still to be applied or cancelled."""
        return self.state in {ImportState.UPLOADED, ImportState.PREVIEWED}


class RollFile(SchoolModel):
    """One file as it was sent, and how its columns were read. The bytes live here: there is no upload folder."""

    roll_import = models.ForeignKey(RollImport, on_delete=models.PROTECT, related_name="files")
    kind = models.CharField(max_length=20, choices=FileKind.choices)
    name = models.CharField(max_length=120)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    encoding = models.CharField(max_length=20)
    delimiter = models.CharField(max_length=20)
    header = models.JSONField(default=list)
    columns = models.JSONField(default=list)
    date_order = models.CharField(max_length=20)
    row_count = models.PositiveIntegerField()
    is_sure = models.BooleanField(default=True, help_text="Kind and columns were recognised without doubt.")
    cleared_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(data_class="personal", keep=_THIRTY_DAYS, scrub={"content": "drop", "name": "hash"})

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["roll_import", "kind"], name="roll_rollfile_one_of_each_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of import {self.roll_import_id}"


class RememberedColumns(TrackedModel):
    """How this school once corrected the columns of a list with these headings; used for the next one like it."""

    kind = models.CharField(max_length=20, choices=FileKind.choices)
    signature = models.CharField(max_length=64, help_text="SHA-256 of the headings.")
    columns = models.JSONField(default=list)

    privacy = Privacy(data_class="school", keep="while the school uses the service")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "kind", "signature"], name="roll_rememberedcolumns_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} columns"


class RollImportChange(SchoolModel):
    """One record that an import adds, changes or closes: before and after, so that it can be undone.

    Its key is set aside when the preview is made, so that a batch which runs twice writes nothing twice.
    """

    roll_import = models.ForeignKey(RollImport, on_delete=models.PROTECT, related_name="changes")
    position = models.PositiveIntegerField()
    batch = models.PositiveIntegerField()
    entity = models.CharField(max_length=20, choices=Entity.choices)
    action = models.CharField(max_length=10, choices=Action.choices)
    state = models.CharField(max_length=10, choices=ChangeState.choices, default=ChangeState.PLANNED)
    is_chosen = models.BooleanField(default=True, help_text="Leavers are closed only when a person ticks them.")
    kind = models.CharField(max_length=20, choices=FileKind.choices)
    row = models.PositiveIntegerField(null=True, blank=True)
    target_id = models.BigIntegerField()
    belongs_to = models.BigIntegerField(null=True, blank=True, help_text="Key of the pupil or person it is about.")
    label = models.CharField(max_length=250, blank=True, default="")
    old = models.JSONField(default=dict)
    new = models.JSONField(default=dict)
    expected_version = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=200, blank=True, default="")

    privacy = Privacy(
        data_class="personal", keep=_THIRTY_DAYS, scrub={"label": "blank", "old": "blank", "new": "blank"}
    )

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["roll_import", "position"], name="roll_rollimportchange_position_once"),
        ]
        indexes = [models.Index(fields=["roll_import", "batch"], name="roll_rollimportchange_by_batch")]

    def __str__(self) -> str:
        return f"{self.action} {self.entity} {self.target_id}"


class RollProblem(SchoolModel):
    """Something wrong with a row: where, what was read there, and why that cannot be right."""

    roll_import = models.ForeignKey(RollImport, on_delete=models.PROTECT, related_name="problems")
    kind = models.CharField(max_length=20, choices=FileKind.choices)
    row = models.PositiveIntegerField()
    column = models.CharField(max_length=200, blank=True, default="")
    value = models.CharField(max_length=220, blank=True, default="")
    sentence = models.CharField(max_length=400)
    stops = models.BooleanField(default=True, help_text="The row is left out; otherwise it only needs a look.")

    privacy = Privacy(data_class="personal", keep=_THIRTY_DAYS, scrub={"value": "blank", "sentence": "blank"})

    class Meta:
        ordering = ["-stops", "kind", "row", "id"]
        indexes = [models.Index(fields=["roll_import", "stops"], name="roll_rollproblem_by_import")]

    def __str__(self) -> str:
        return f"Row {self.row}"


class RollRun(SchoolModel):
    """How far the worker has got with applying or undoing an import. Locked by whoever does the next batch."""

    roll_import = models.ForeignKey(RollImport, on_delete=models.PROTECT, related_name="runs")
    is_undo = models.BooleanField(default=False)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField()
    next_batch = models.IntegerField(default=0)
    last_batch = models.IntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Starts without a batch done since.")
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    privacy = Privacy(data_class="school", keep="as long as the import")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["roll_import", "is_undo"], name="roll_rollrun_once_each_way"),
            models.CheckConstraint(condition=models.Q(done__lte=models.F("total")), name="roll_rollrun_done_in_total"),
        ]

    def __str__(self) -> str:
        return f"{self.done} of {self.total}"


class ProposedDoNotInform(SchoolModel):
    """A contact that came with a court-order note: only the DSL decides whether they may be informed (ORG-13)."""

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+")
    roll_import = models.ForeignKey(RollImport, on_delete=models.PROTECT, related_name="proposals")
    note = models.CharField(max_length=300)
    answer = models.CharField(max_length=20, choices=ProposalAnswer.choices, default=ProposalAnswer.OPEN)
    reason = models.CharField(max_length=300, blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    privacy = Privacy(
        data_class="restricted", keep="with the pupil's record", scrub={"note": "blank", "reason": "blank"}
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["contact"],
                condition=models.Q(answer=ProposalAnswer.OPEN),
                name="roll_proposeddonotinform_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(answer=ProposalAnswer.OPEN, answered_at__isnull=True, answered_by__isnull=True)
                | (
                    ~models.Q(answer=ProposalAnswer.OPEN)
                    & models.Q(answered_at__isnull=False, answered_by__isnull=False)
                ),
                name="roll_proposeddonotinform_answered_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"Proposal {self.pk}"
