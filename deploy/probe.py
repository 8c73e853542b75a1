"""The container's health check: ask the web process beside us, as the proxy would. `probe.py readyz`"""

import os
import sys
import urllib.request

host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0]
request = urllib.request.Request(
    f"http://127.0.0.1:8000/{sys.argv[1]}", headers={"Host": host, "X-Forwarded-Proto": "https"}
)
with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310
    sys.exit(0 if answer.status == 200 else 1)
