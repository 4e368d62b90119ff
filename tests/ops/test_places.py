"""Folders in shared temp directories are ours, or they are refused."""

import os
from pathlib import Path

import pytest

from ops import places, secret_keys
from ops.places import Place
from ops.refusal import CannotRun


def test_a_new_folder_has_exactly_the_mode_asked_for(ground: Path) -> None:
    assert places.claim(ground / "new", 0o700).stat().st_mode & 0o777 == 0o700


def test_a_link_where_our_folder_should_be_is_refused(ground: Path) -> None:
    (ground / "elsewhere").mkdir()
    (ground / "ours").symlink_to(ground / "elsewhere")
    with pytest.raises(CannotRun, match="is a link or a file"):
        places.claim(ground / "ours", 0o700)


def test_a_folder_that_others_can_write_is_refused(ground: Path) -> None:
    (ground / "ours").mkdir()
    (ground / "ours").chmod(0o777)
    with pytest.raises(CannotRun, match="can be written by others"):
        places.claim(ground / "ours", 0o700)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_refused(ground: Path) -> None:
    (ground / "ours").mkdir()
    os.chown(ground / "ours", 12345, 12345)
    with pytest.raises(CannotRun, match="belongs to another user"):
        places.claim(ground / "ours", 0o700)


def test_a_link_where_the_sockets_should_be_is_refused(place: Place, ground: Path) -> None:
    (ground / "elsewhere").mkdir()
    (place.state / "s").symlink_to(ground / "elsewhere")
    with pytest.raises(CannotRun, match="is a link"):
        _ = place.sockets


def test_two_clones_never_share_a_folder_in_the_temp_directory(ground: Path) -> None:
    one, other = Place(root=ground / "a"), Place(root=ground / "b")
    assert one.outside_path != other.outside_path
    assert one.outside_path != Place(root=ground / "a", name="test").outside_path


def test_secrets_are_made_once_and_only_their_owner_reads_them(ground: Path) -> None:
    first = secret_keys.load(ground / "secrets.json")
    assert secret_keys.load(ground / "secrets.json") == first
    assert set(first) == set(secret_keys.NAMES)
    assert len(set(first.values())) == len(first)
    assert (ground / "secrets.json").stat().st_mode & 0o777 == 0o600
