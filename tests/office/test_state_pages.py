"""Diagrams of states: every table has its page, without a list to be kept."""

from django.apps import apps

from core.workflow import StateTable
from office.management.commands import gendocs


def test_every_model_with_states_has_its_page():
    tables = {
        model.STATES.name
        for model in apps.get_models()
        if isinstance(getattr(model, "STATES", None), StateTable)
    }
    pages = {path.stem for path in gendocs.pages() if path.parent.name == "states"}
    assert {name.replace(" ", "-") for name in tables} <= pages
    assert len(tables) > 10


def test_two_tables_never_share_a_page():
    names = [
        table.name
        for module in gendocs._MODULES
        for table in vars(module).values()
        if isinstance(table, StateTable)
    ]
    assert len(names) == len(set(names))
