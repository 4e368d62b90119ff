"""Model fields whose values are encrypted at rest."""

import base64
import json
from typing import Any

from django.db import models

from core.identity import ciphers


class EncryptedTextField(models.Field):
    """Text encrypted under its table and column. Cannot be filtered: keep a blind index beside."""

    def get_internal_type(self) -> str:
        return "BinaryField"

    @property
    def context(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None:
            return None
        sealed = ciphers.encrypt(self.to_text(value), context=self.context)
        return connection.Database.Binary(sealed)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if value is None:
            return None
        return self.from_text(ciphers.decrypt(bytes(value), context=self.context))

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise TypeError("An encrypted column cannot be searched: use its blind index.")
        return super().get_lookup(lookup_name)

    def value_to_string(self, obj: Any) -> str:
        return ""  # never serialised in clear

    def to_text(self, value: Any) -> str:
        return str(value)

    def from_text(self, text: str) -> Any:
        return text


class EncryptedJSONField(EncryptedTextField):
    """A JSON value encrypted under its table and column."""

    def to_text(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def from_text(self, text: str) -> Any:
        return json.loads(text)


class EncryptedBytesField(EncryptedTextField):
    """Bytes encrypted under their table and column."""

    def to_text(self, value: Any) -> str:
        return base64.b64encode(value).decode()

    def from_text(self, text: str) -> Any:
        return base64.b64decode(text)
