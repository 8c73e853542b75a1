"""The Celery application: the doorbell that tells the worker there are rows to see to."""

import logging
import os
from typing import Any

from celery import Celery, Task
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "schoolsafe.settings.production")

log = logging.getLogger(__name__)


class BellTask(Task):
    """A task that may be rung when nobody can hear: the row is written, and a periodic task will find it."""

    abstract = True

    def apply_async(self, *args: Any, **kwargs: Any) -> Any:
        """Ring; without a broker log it and return None. Inside the worker the error is raised, so a retry is not lost."""
        try:
            return super().apply_async(*args, **kwargs)
        except OperationalError:
            if self.request.called_directly is False:
                raise
            log.warning("The broker did not answer; %s waits for its periodic run.", self.name)
            return None


app = Celery("schoolsafe", task_cls=BellTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
