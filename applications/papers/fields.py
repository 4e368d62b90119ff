"""A column that names a kept file: the sweep of forgotten files reads every one there is."""

from typing import Any

from django.apps import apps
from django.db import models


class KeptFile(models.CharField):  # type: ignore[type-arg]
    """The name of a file in applications.papers.store; empty for none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 40)
        super().__init__(*args, **kwargs)


def names() -> set[str]:
    """Every name that a row of any app holds in such a column."""
    found: set[str] = set()
    for model in apps.get_models():
        for field in model._meta.fields:
            if isinstance(field, KeptFile):
                rows = model._default_manager.exclude(**{field.name: ""})
                found.update(rows.values_list(field.name, flat=True))
    return found
