"""Sealing text: what the most confidential records say is kept encrypted, under keys that are not in the database.

A sealed value names the key it was made with, so that keys can be replaced while the service runs
(`manage.py reseal`), and is bound to its row and field: copied to another row it opens no more (security 5.8).
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_FORM = b"\x01"
_NAME, _NONCE = 8, 12
_KEY_BYTES = 32


class SealBroken(ValueError):
    """A sealed text cannot be opened: its key is missing, or it is not where it was put."""


@dataclass(frozen=True)
class Ring:
    """The keys that open, by the name that stands in what they sealed; `current` is the one that seals."""

    keys: dict[bytes, bytes]
    current: bytes


@functools.cache
def _ring(written: str) -> Ring:
    keys: dict[bytes, bytes] = {}
    for word in written.split():
        try:
            key = base64.urlsafe_b64decode(word)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != _KEY_BYTES:
            raise ImproperlyConfigured("Each of SEAL_KEYS is 32 random bytes, written in URL-safe base 64.")
        keys[hashlib.sha256(b"name of " + key).digest()[:_NAME]] = key
    if not keys:
        raise ImproperlyConfigured("SEAL_KEYS names no key: confidential records cannot be written or read.")
    return Ring(keys, next(iter(keys)))


def ring() -> Ring:
    """The keys of this installation: the first of `SEAL_KEYS` seals, all of them open."""
    return _ring(settings.SEAL_KEYS)


def new_key() -> str:
    """A fresh key, as `SEAL_KEYS` writes it."""
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def seal(text: str, *, about: str) -> bytes:
    """`text` encrypted and bound to `about`, which names its row and field; an empty text stays empty."""
    if not text:
        return b""
    keys = ring()
    nonce = secrets.token_bytes(_NONCE)
    closed = AESGCM(keys.keys[keys.current]).encrypt(nonce, text.encode(), about.encode())
    return _FORM + keys.current + nonce + closed


def unseal(sealed: bytes, *, about: str) -> str:
    """The text again. Raises `SealBroken`."""
    if not sealed:
        return ""
    name, nonce, closed = sealed[1 : 1 + _NAME], sealed[1 + _NAME : 1 + _NAME + _NONCE], sealed[1 + _NAME + _NONCE :]
    key = ring().keys.get(name)
    if sealed[:1] != _FORM or key is None:
        raise SealBroken("The key that opens this is not among SEAL_KEYS.")
    try:
        return AESGCM(key).decrypt(nonce, closed, about.encode()).decode()
    except InvalidTag as error:
        raise SealBroken("This sealed text is damaged, or not where it was put.") from error


def is_current(sealed: bytes) -> bool:
    """Whether the current key made it; an empty one needs none."""
    return not sealed or sealed[1 : 1 + _NAME] == ring().current
