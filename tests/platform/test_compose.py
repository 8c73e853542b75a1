"""The production composition: what can be checked of it without an engine to run it."""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

ROOT = settings.BASE_DIR
# The program itself: the command that the package installs beside Python forgets its exit status.
COMPOSE = Path(str(importlib.util.find_spec("compose").origin)).parent / "docker-compose"  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """The services as Compose itself reads them, with everything merged and filled in."""
    done = subprocess.run(
        [COMPOSE, "-f", str(ROOT / "docker-compose.yml"), "--env-file", str(ROOT / ".env.example"), "config"],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"},
    )
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(done.stdout)["services"]


def test_every_part_is_there(services: dict[str, Any]) -> None:
    assert set(services) == {"proxy", "migrate", "web", "worker", "beat", "postgres", "redis"}


def test_misspelt_key_is_noticed(tmp_path: Path) -> None:
    """The check is a real one."""
    text = (ROOT / "docker-compose.yml").read_text().replace("healthcheck:", "healthchek:", 1)
    (tmp_path / "docker-compose.yml").write_text(text)
    shutil.copy(ROOT / ".env.example", tmp_path / ".env")
    done = subprocess.run([COMPOSE, "-f", tmp_path / "docker-compose.yml", "config", "-q"], capture_output=True)
    assert done.returncode != 0


def test_only_the_proxy_is_reachable_from_outside(services: dict[str, Any]) -> None:
    assert [name for name, service in services.items() if service.get("ports")] == ["proxy"]
    assert list(services["postgres"]["networks"]) == ["inside"]
    assert list(services["redis"]["networks"]) == ["inside"]


@pytest.mark.parametrize("name", ["proxy", "web", "worker", "beat", "postgres", "redis"])
def test_lasting_service_has_a_health_check_and_comes_back(services: dict[str, Any], name: str) -> None:
    assert services[name]["healthcheck"]["test"]
    assert services[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", ["web", "worker", "beat", "migrate"])
def test_product_runs_with_no_privileges(services: dict[str, Any], name: str) -> None:
    service = services[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True
    assert "no-new-privileges:true" in service["security_opt"]


def test_secrets_are_files_and_never_in_the_environment(services: dict[str, Any]) -> None:
    """ASVS 13.3: the environment names files, and holds no key and no password."""
    for service in services.values():
        for variable, value in (service.get("environment") or {}).items():
            if "PASSWORD" in variable or "SECRET" in variable:
                assert variable.endswith("_FILE")
                assert value.startswith("/run/secrets/")


def test_only_the_installation_knows_the_owner(services: dict[str, Any]) -> None:
    """The application's processes cannot alter a table, nor learn the password of the role that can."""
    for name in ("web", "worker", "beat"):
        assert "schoolsafe_app@" in services[name]["environment"]["DATABASE_URL"]
        assert not any("owner" in secret["source"] for secret in services[name]["secrets"])
    assert "schoolsafe_owner@" in services["migrate"]["environment"]["DATABASE_URL"]


def test_web_does_not_wait_for_redis(services: dict[str, Any]) -> None:
    """F06: signing in and the desk work without it."""
    assert "redis" not in services["web"]["depends_on"]
    assert services["web"]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_image_runs_as_an_unprivileged_user_and_leaves_the_demonstration_out() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("USER")] == ["USER schoolsafe"]
    assert lines.index("USER schoolsafe") < next(n for n, line in enumerate(lines) if line.startswith("CMD"))
    assert any(line.startswith("HEALTHCHECK") for line in lines)
    assert "schoolsafe/demo" in (ROOT / ".dockerignore").read_text().splitlines()
