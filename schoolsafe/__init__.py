"""The roof: settings, URLs, Celery, and the pages that compose the features."""

from schoolsafe.celery import app as celery_app

__all__ = ["celery_app"]
