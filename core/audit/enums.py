"""How an act ended, as the record keeps it."""

from django.db import models


class Outcome(models.TextChoices):
    DONE = "done", "Done"
    REFUSED = "refused", "Refused"
    VIEWED = "viewed", "Looked at"
    EXPORTED = "exported", "Exported"
