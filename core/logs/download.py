"""The published files: where they lie on this machine, fetched and verified by checksum.

`registry.txt` lists every file in Pooch's format (path, SHA-256 and, for files that are not on
GitHub, an address). A path is OWNER/REPO/COMMIT/PATH, as it follows the host of a raw file there.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import DataError, MissingDataError

if TYPE_CHECKING:
    import pooch

DATA_VARIABLE = "PROMPT_OIRL_DATA"
REGISTRY = Path(__file__).with_name("registry.txt")
HOST = "https://raw.githubusercontent.com/"
DOWNLOAD_SIZE = "about 90 MB"
DOWNLOADS_AT_ONCE = 8
RETRIES = 3


@dataclass(frozen=True)
class FetchReport:
    """What a fetch found: the folder, the number of files there and those that failed, by path."""

    folder: Path
    present: int
    failed: dict[str, str]


def data_folder() -> Path:
    """The local folder that `PROMPT_OIRL_DATA` names, else the cache folder of this user."""
    local = os.environ.get(DATA_VARIABLE, "").strip()
    if local:
        return Path(local).expanduser()
    import pooch

    return Path(pooch.os_cache("prompt-oirl"))


def is_local_folder() -> bool:
    """Whether the operator named a folder: nothing is ever downloaded into it."""
    return bool(os.environ.get(DATA_VARIABLE, "").strip())


def _fetcher() -> "pooch.Pooch":
    import pooch

    fetcher = pooch.create(path=data_folder(), base_url=HOST, retry_if_failed=RETRIES)
    fetcher.load_registry(REGISTRY)
    # Pooch stumbles when two threads make the same folder, so all are there beforehand.
    try:
        for path in registry():
            (data_folder() / path).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"The cache folder {data_folder()} cannot be written: {error}.") from error
    return fetcher


@lru_cache(maxsize=1)
def registry() -> dict[str, str]:
    """SHA-256 by path of every published file."""
    lines = REGISTRY.read_text("utf-8").splitlines()
    return {parts[0]: parts[1] for parts in (line.split() for line in lines) if parts}


@lru_cache(maxsize=1024)
def _matches(file: Path, sha256: str, _size: int, _modified: int) -> bool:
    import pooch

    return bool(pooch.file_hash(str(file), alg="sha256") == sha256)


def _check(path: str, folder: Path) -> Path:
    file = folder / path
    if not file.is_file():
        raise MissingDataError(
            f"{path} is not in {folder}. Run `python -m core fetch` to download it with all others "
            f"({DOWNLOAD_SIZE}), or set {DATA_VARIABLE} to a folder that holds it under that path."
        )
    stat = file.stat()
    if not _matches(file, registry()[path], stat.st_size, stat.st_mtime_ns):
        raise DataError(
            f"{file} is not the published file: its SHA-256 should be {registry()[path]}. "
            "Delete it and run `python -m core fetch` again."
        )
    return file


def locate(path: str) -> Path:
    """Return the verified file at ``path`` (OWNER/REPO/COMMIT/PATH).

    Raises:
        MissingDataError: it is not on this machine.
        DataError: its checksum is wrong.
    """
    return _check(path, data_folder())


def is_present(path: str) -> bool:
    """Whether the file is on this machine; its checksum is looked at when it is read."""
    return (data_folder() / path).is_file()


def fetch(on_file: Callable[[str], None] = lambda path: None) -> FetchReport:
    """Bring every published file to the cache folder, or check those of the local folder.

    Files that are there and intact are kept, so an interrupted fetch goes on where it stopped.

    Args:
        on_file: Called with the path of each file that is done, failed ones included.

    Raises:
        DataError: the cache folder cannot be written.
    """
    # One Pooch for all threads: it only reads its registry, and each thread writes its own file.
    get = _check_local if is_local_folder() else _fetcher().fetch
    failed: dict[str, str] = {}
    with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
        futures = {pool.submit(get, path): path for path in registry()}
        for future in as_completed(futures):
            path = futures[future]
            try:
                future.result()
            except (OSError, ValueError, DataError) as error:
                # requests' errors are OSErrors; Pooch raises ValueError for a wrong checksum.
                failed[path] = str(error)
            on_file(path)
    return FetchReport(data_folder(), len(registry()) - len(failed), failed)


def _check_local(path: str) -> str:
    return str(_check(path, data_folder()))
