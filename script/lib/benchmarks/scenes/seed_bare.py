"""The bare limit's tables, its pupils and its signed-in user. Runs under the bare settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys

_INSIDE = """
import sys, json, django
django.setup()
from django.core.management import call_command
from django.db import connection
call_command("migrate", verbosity=0)
call_command("migrate", run_syncdb=True, verbosity=0)
from bare.models import Pupil
from django.contrib.auth.models import User
from django.test import Client
Pupil.objects.bulk_create(Pupil(number=f"{n:06d}", name=f"Pupil {n}") for n in range(int(sys.argv[1])))
user = User.objects.create_user("office", password="a long enough password")
client = Client()
client.force_login(user)
print(json.dumps({"session": client.session.session_key}))
"""

if __name__ == "__main__":
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "bare.settings"}
    done = subprocess.run([sys.executable, "-c", _INSIDE, sys.argv[1]], env=env, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    print(json.dumps(json.loads(done.stdout.splitlines()[-1])))
