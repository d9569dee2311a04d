"""Files of models: saving again changes nothing, and what is no model of ours is refused early."""

import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from core.errors import ArtifactError
from core.model_archive import Kind, model_in
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


def test_a_member_that_says_it_is_small_is_not_unpacked_further(tmp_path: Path) -> None:
    path, content = tmp_path / "cake.zip", b" " * 50_000_000
    CAKE.write(path, {}, {"icing.txt": content})
    lie = path.read_bytes().replace(struct.pack("<L", len(content)), struct.pack("<L", 100))
    path.write_bytes(lie)
    tracemalloc.start()
    with pytest.raises(ArtifactError, match=r"cake\.zip is damaged"), CAKE.reading(path):
        pytest.fail("the file was read")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 5_000_000


@pytest.mark.parametrize("way", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_cannot_be_unpacked_in_part_is_refused(tmp_path: Path, way: int) -> None:
    CAKE.write(tmp_path / "cake.zip", {}, {})
    with zipfile.ZipFile(tmp_path / "cake.zip", "a", way) as archive:
        archive.writestr("icing.txt", b"white")
    with (
        pytest.raises(ArtifactError, match=r"icing\.txt is packed in another way"),
        CAKE.reading(tmp_path / "cake.zip"),
    ):
        pytest.fail("the file was read")


def test_an_error_repeats_little_of_the_file(tmp_path: Path) -> None:
    long = "x" * 5_000
    with zipfile.ZipFile(tmp_path / "cake.zip", "w") as archive:
        archive.writestr(
            "header.json", f'{{"format": "prompt-oirl cake model", "version": "{long}"}}'
        )
    with pytest.raises(ArtifactError) as refused, CAKE.reading(tmp_path / "cake.zip"):
        pytest.fail("the file was read")
    assert len(str(refused.value)) < 400


def test_a_file_says_what_model_it_is(tmp_path: Path) -> None:
    CAKE.write(tmp_path / "cake.zip", {}, {})
    assert model_in(tmp_path / "cake.zip") == "cake model"
    assert model_in(FOLDER / "reward-embedded.zip") == reward_storage.KIND.name
    (tmp_path / "log.csv").write_text("query,prompt,correct\n")
    with zipfile.ZipFile(tmp_path / "log.zip", "w") as archive:
        archive.writestr("header.json", "[]")
    for name in ("log.csv", "log.zip", "nowhere.zip"):
        assert model_in(tmp_path / name) == ""
