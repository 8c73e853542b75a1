"""Scenes played inside Django: each prints one JSON object as its last line."""

from __future__ import annotations

import django

django.setup()
