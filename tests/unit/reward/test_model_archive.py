"""Files of models: saving again changes nothing, and what is no model of ours is refused early."""

import zipfile
from pathlib import Path

import pytest

from core.errors import ArtifactError
from core.model_archive import Kind
from core.paths import FOLDER
from core.policies.budget import storage as budget_storage
from core.reward import storage as reward_storage

CAKE = Kind("cake model", 2, 1_000, "Bake it again.")


def _members(path: Path) -> list[tuple[object, ...]]:
    """All that a file holds, short of how well the machine's zlib compressed it."""
    with zipfile.ZipFile(path) as archive:
        return [
            (member.filename, member.date_time, member.compress_type, archive.read(member))
            for member in archive.infolist()
        ]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.zip")), ids=lambda path: path.stem)
def test_a_shipped_model_saved_again_is_the_same_file(path: Path, tmp_path: Path) -> None:
    kind = budget_storage if path.name.startswith("budget") else reward_storage
    kind.save(kind.load(path), tmp_path / "again.zip")
    assert _members(tmp_path / "again.zip") == _members(path)


def test_header_and_members_come_back(tmp_path: Path) -> None:
    CAKE.write(tmp_path / "cake.zip", {"eggs": 3}, {"icing.txt": b"white"})
    with CAKE.reading(tmp_path / "cake.zip") as (header, members):
        assert header["eggs"] == 3
        assert members == {"icing.txt": b"white"}


def test_a_file_that_unpacks_to_more_than_a_model_is_refused(tmp_path: Path) -> None:
    CAKE.write(tmp_path / "cake.zip", {}, {"icing.txt": b" " * 1_001})
    with (
        pytest.raises(ArtifactError, match=r"cake\.zip is too large to be a cake model"),
        CAKE.reading(tmp_path / "cake.zip"),
    ):
        pytest.fail("the file was read")


def test_another_version_says_how_to_make_the_file_again(tmp_path: Path) -> None:
    Kind("cake model", 3, 1_000, "").write(tmp_path / "cake.zip", {}, {})
    with (
        pytest.raises(ArtifactError, match=r"format version 3; .* reads 2\. Bake it again\."),
        CAKE.reading(tmp_path / "cake.zip"),
    ):
        pytest.fail("the file was read")
