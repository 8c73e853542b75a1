"""What is installed in production is what the product uses; the rest is for the tests and the gate."""

from __future__ import annotations

import re
from importlib.metadata import packages_distributions

import pytest
from django.conf import settings

ROOT = settings.BASE_DIR
NAMED = re.compile(r"^([a-z0-9][a-z0-9-]*)", re.M)
# Loaded by name by something else, or there because the customer asks.
ELSEWHERE = {
    "argon2-cffi": "Django's password hasher",
    "psycopg2-binary": "Django's backend",
    "pytest-django": "the customer's list",
}


def _packages(name: str) -> list[str]:
    return NAMED.findall((ROOT / name).read_text())


def _product() -> str:
    tops = ("schoolsafe", "core", "policies", "agreements", "devices", "visitors", "incidents")
    code = [path.read_text() for top in tops for path in sorted((ROOT / top).rglob("*.py"))]
    return "\n".join([*code, (ROOT / "Dockerfile").read_text(), (ROOT / "docker-compose.yml").read_text()])


@pytest.mark.parametrize("package", _packages("requirements.in"))
def test_package_of_production_is_used_by_the_product(package: str) -> None:
    """Every package is one more thing to patch, so none is there for a test alone."""
    if package in ELSEWHERE:
        return
    modules = [
        module
        for module, sources in packages_distributions().items()
        if package in {source.lower().replace("_", "-") for source in sources}
    ]
    assert modules, f"{package} is not installed"
    assert re.search(rf"\b({'|'.join(map(re.escape, modules))})\b", _product()), f"nothing uses {package}"


def test_each_package_is_locked_once_where_it_belongs() -> None:
    for name in ("requirements", "requirements-dev"):
        locked = _packages(f"{name}.txt")
        assert len(locked) == len(set(locked))
        assert set(_packages(f"{name}.in")) <= set(locked)
