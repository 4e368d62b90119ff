"""Encryption of fields and blind indexes.

A stored value is ``version byte ‖ 12-byte nonce ‖ ciphertext and tag`` (AES-256-GCM). The
associated data is ``table.column``, so a value moved into another column does not decrypt.
"""

import hmac
import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from core.identity.numbers import normalise


class CannotDecrypt(Exception):
    """The value was altered, belongs to another column, or its key is not configured."""


def encrypt(text: str, *, context: str) -> bytes:
    """The stored form of ``text`` under the newest key."""
    return seal(text.encode(), context=context)


def decrypt(stored: bytes, *, context: str) -> str:
    """The text of a stored value. Raises CannotDecrypt."""
    try:
        return unseal(stored, context=context).decode()
    except UnicodeDecodeError as error:
        raise CannotDecrypt(context) from error


def seal(content: bytes, *, context: str) -> bytes:
    """The stored form of any content, such as a file, under the newest key."""
    version = max(settings.FIELD_KEYS)
    nonce = secrets.token_bytes(12)
    sealed = _cipher(settings.FIELD_KEYS[version]).encrypt(nonce, content, context.encode())
    return bytes([version]) + nonce + sealed


def unseal(stored: bytes, *, context: str) -> bytes:
    """The content of a sealed value. Raises CannotDecrypt."""
    stored = bytes(stored)
    try:
        cipher = _cipher(settings.FIELD_KEYS[stored[0]])
        return cipher.decrypt(stored[1:13], stored[13:], context.encode())
    except (IndexError, KeyError, InvalidTag, ValueError) as error:
        raise CannotDecrypt(context) from error


def blind_index(text: str, *, kind: str = "id_number") -> str:
    """A keyed, one-way key for look-up: 64 hex characters, the same for every spelling."""
    message = f"{kind}\0{normalise(text)}".encode()
    return hmac.digest(settings.INDEX_KEY.encode(), message, "sha256").hex()


def keyed_digest(text: str, *, kind: str) -> str:
    """64 hex characters that tell whether two texts are the same, and nothing about either."""
    message = f"{kind}\0{text}".encode()
    return hmac.digest(settings.INDEX_KEY.encode(), message, "sha256").hex()


@lru_cache(maxsize=8)
def _cipher(key_hex: str) -> AESGCM:
    return AESGCM(bytes.fromhex(key_hex))
