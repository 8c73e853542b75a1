"""Two tables: pupils, and what they handed in."""

from django.conf import settings
from django.db import models


class Pupil(models.Model):
    number = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)


class HandIn(models.Model):
    pupil = models.ForeignKey(Pupil, on_delete=models.CASCADE)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    at = models.DateTimeField(auto_now_add=True)
