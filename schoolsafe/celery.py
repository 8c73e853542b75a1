"""The Celery application: the doorbell that tells the worker there are rows to see to."""

import logging
import os
import time
from typing import Any

from celery import Celery, Task, current_task
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "schoolsafe.settings.production")

log = logging.getLogger(__name__)


QUIET_SECONDS = 15.0


class BellTask(Task):
    """A task that may be rung when nobody can hear: the row is written, and a periodic task will find it."""

    abstract = True
    quiet_until = 0.0

    def apply_async(self, *args: Any, **kwargs: Any) -> Any:
        """Ring; without a broker log it, return None, and do not try again for a while: a desk must not wait for it.

        Inside the worker the error is raised, so that a retry is not lost.
        """
        working = bool(current_task)
        if not working and time.monotonic() < BellTask.quiet_until:
            return None
        try:
            return super().apply_async(*args, **kwargs)
        except OperationalError:
            if working:
                raise
            BellTask.quiet_until = time.monotonic() + QUIET_SECONDS
            log.warning("The broker did not answer; %s waits for its periodic run.", self.name)
            return None


app = Celery("schoolsafe", task_cls=BellTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
