"""Published files: found, verified, refused when they are not what was published."""

import hashlib
import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from core.errors import DataError, MissingDataError
from core.logs import download

CONTENTS = {"owner/repo/abc/one.txt": b"one\n", "owner/repo/abc/data/two.txt": b"two\n"}


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry of two files in place of the published one."""
    lines = [f"{path} {hashlib.sha256(data).hexdigest()}" for path, data in CONTENTS.items()]
    path = tmp_path / "registry.txt"
    path.write_text("\n".join(lines))
    monkeypatch.setattr(download, "REGISTRY", path)
    download.registry.cache_clear()
    yield path
    download.registry.cache_clear()


@pytest.fixture
def local(tmp_path: Path, registry: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A local data folder that holds both files."""
    folder = tmp_path / "local"
    _write(folder)
    monkeypatch.setenv(download.DATA_VARIABLE, str(folder))
    return folder


def _write(folder: Path) -> None:
    for path, data in CONTENTS.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


@pytest.fixture
def server(tmp_path: Path, registry: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A web server in place of GitHub, and an empty cache folder; yields the served folder."""
    folder = tmp_path / "served"
    _write(folder)
    handler = partial(_Quiet, directory=str(folder))
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    monkeypatch.delenv(download.DATA_VARIABLE, raising=False)
    # Pooch waits before each retry.
    monkeypatch.setattr(download, "RETRIES", 0)
    monkeypatch.setattr(download, "HOST", f"http://127.0.0.1:{httpd.server_port}/")
    monkeypatch.setattr("pooch.os_cache", lambda name: tmp_path / "cache" / name)
    yield folder
    httpd.shutdown()
    httpd.server_close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing."""


def test_a_local_folder_is_used_as_it_is(local: Path) -> None:
    path = next(iter(CONTENTS))
    assert download.locate(path) == local / path


def test_a_missing_file_says_which_and_how_to_get_it(local: Path) -> None:
    path = next(iter(CONTENTS))
    (local / path).unlink()
    with pytest.raises(MissingDataError, match=r"one\.txt") as caught:
        download.locate(path)
    assert "python -m core fetch" in str(caught.value)
    assert download.DATA_VARIABLE in str(caught.value)


def test_a_changed_file_is_refused(local: Path) -> None:
    path = next(iter(CONTENTS))
    (local / path).write_bytes(b"something else\n")
    with pytest.raises(DataError, match="SHA-256"):
        download.locate(path)


def test_fetch_downloads_into_the_cache_and_keeps_what_is_there(server: Path) -> None:
    report = download.fetch()
    assert (report.present, report.failed) == (2, {})
    for path, data in CONTENTS.items():
        assert download.locate(path).read_bytes() == data
    for path in CONTENTS:
        (server / path).unlink()
    assert download.fetch().failed == {}


def test_fetch_goes_on_after_a_failure_and_names_it(server: Path) -> None:
    missing, other = CONTENTS
    (server / missing).rename(server / "aside")
    done: list[str] = []
    report = download.fetch(on_file=done.append)
    assert list(report.failed) == [missing]
    assert sorted(done) == sorted(CONTENTS)
    assert download.locate(other).read_bytes() == CONTENTS[other]
    (server / "aside").rename(server / missing)
    assert download.fetch().failed == {}


def test_fetch_refuses_a_download_with_a_wrong_checksum(server: Path) -> None:
    changed = next(iter(CONTENTS))
    (server / changed).write_bytes(b"tampered\n")
    report = download.fetch()
    assert list(report.failed) == [changed]
    assert not download.is_present(changed)


def test_fetch_only_checks_a_local_folder(local: Path) -> None:
    path = next(iter(CONTENTS))
    (local / path).unlink()
    report = download.fetch()
    assert report.folder == local
    assert list(report.failed) == [path]
    assert not (local / path).exists()


def test_a_cache_that_cannot_be_written_is_a_clear_error(
    server: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr("pooch.os_cache", lambda name: tmp_path / "file" / name)
    with pytest.raises(DataError, match="cannot be written"):
        download.fetch()
