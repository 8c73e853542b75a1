"""How gunicorn serves schoolsafe, in production and from script/run; see the environment for what differs."""

import os
from typing import Any

from gunicorn.glogging import Logger

bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_WORKERS", "2"))
timeout = 30
graceful_timeout = 20
max_requests = 20_000
max_requests_jitter = 2_000
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
control_socket_disable = True
limit_request_line = 4094
limit_request_fields = 60


class Log(Logger):
    """The lines about requests, with no token of a one-time link in them."""

    def atoms(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> dict[str, Any]:
        from core.kit.tokens import without_tokens  # the product is on the path by then

        found: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        return found | {"U": without_tokens(str(found["U"]))}


# The path without its query string: nothing a person typed is in the log.
logger_class = Log
accesslog = "-"
access_log_format = '{"at":"%(t)s","method":"%(m)s","path":"%(U)s","status":%(s)s,"bytes":"%(B)s","ms":"%(M)s"}'
