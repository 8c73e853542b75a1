"""How a log line looks: one JSON object, with the request's identifier and without anyone's name or words."""

import json
import logging
import traceback
from datetime import UTC, datetime

from core.kit.middleware import request_id
from core.kit.tokens import without_tokens


class JsonFormatter(logging.Formatter):
    """Time (UTC), level, logger, message and request. Of an error: its type and its frames, not its text.

    The address of a page that was not found may hold the token of a link: it is struck out. The text of an exception,
    and Django's own request argument, may quote what somebody typed (ASVS 16.2.5).
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": without_tokens(record.getMessage()),
        }
        # Django speaks of a refused request after the middleware has ended; the request still knows its name.
        identity = getattr(getattr(record, "request", None), "request_id", None) or request_id.get()
        if identity != "-":
            line["request"] = identity
        status = getattr(record, "status_code", None)
        if status is not None:
            line["status"] = status
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["frames"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])[-12:]
            ]
        return json.dumps(line, default=str, ensure_ascii=False)
