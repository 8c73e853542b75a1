"""ORG-20: everybody signs in with the address their school gave them."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from core.people.forms.sign_in import validate_any_email
from core.people.models import School
from core.people.roles import Role
from tests.factories import make_user


def test_sign_in_address_with_an_accent_opens_the_door(school: School) -> None:
    """F27: a sixth of staff lists carry such addresses."""
    make_user(Role.TEACHER, school, email="zoë.mensah@example.org")
    client = Client()
    answer = client.post("/account/login/", {"login": "Zoë.Mensah@example.org", "password": "a long enough password"})
    assert answer.status_code == 302
    assert client.get("/harbour-view/").status_code == 200


@pytest.mark.parametrize("address", ["zoë", "zoë mensah@example.org", "zoë@", "@example.org", "a\nb@example.org"])
def test_sign_in_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        validate_any_email(address)
