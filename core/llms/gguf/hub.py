"""GGUF files of the Hugging Face Hub: in this machine's cache, or fetched when a person agrees."""

import hashlib
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.llms.gguf.names import Source
from core.llms.local.checks import refusal

Progress = Callable[[int, int], None]
"""Told how many bytes of how many are here."""
_SHA256 = 64
_SPARE_DISK = 2**28


@dataclass(frozen=True)
class Remote:
    """A file as the Hub describes it.

    Attributes:
        source: Of the file.
        size: Bytes.
        licence: As its owner names it; empty where it does not.
        checksum: SHA-256, empty where the Hub gives none.
    """

    source: Source
    size: int
    licence: str
    checksum: str

    def __str__(self) -> str:
        """What a person agrees to."""
        licence = f"licence {self.licence}" if self.licence else "without a licence"
        return f"{self.source.name} ({self.source.repo}): {megabytes(self.size)}, {licence}"


def megabytes(size: int) -> str:
    """A size as people read it."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def cached(source: Source) -> Path | None:
    """The file in the Hub's usual cache on this machine, if it is there whole."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(source.repo, source.file)
    return Path(found) if isinstance(found, str) else None


def located(source: Source) -> Path:
    """Where a file is on this machine.

    Raises:
        LLMError: one of the Hub is not here yet; the message says how to fetch it.
    """
    if source.path is not None:
        return source.path
    path = cached(source)
    if path is None:
        raise refusal(
            "not found",
            f"{source.name} is not on this machine. Fetch it with "
            f'`python -m core ask --llm {source.name} --yes "…"`, which says its size and '
            "licence, or name a file that is: gguf:/a/file.gguf.",
        )
    return path


def describe(source: Source) -> Remote:
    """Ask the Hub about a file.

    Raises:
        LLMError: the repository or the file does not exist, is not open to this account, or the
            Hub cannot be reached.
    """
    from huggingface_hub import HfApi, get_hf_file_metadata, hf_hub_url

    with _explained(source):
        card = HfApi().model_info(source.repo).card_data
        found = get_hf_file_metadata(hf_hub_url(source.repo, source.file))
    licence = source.licence or str((card and card.get("license")) or "")
    etag = found.etag or ""
    return Remote(source, found.size or 0, licence, etag if len(etag) == _SHA256 else "")


def fetch(remote: Remote, progress: Progress) -> Path:
    """Download a file into the Hub's usual cache; what was broken off goes on where it stopped.

    Args:
        remote: What ``describe`` returned.
        progress: Told of the bytes; what it raises breaks the download off.

    Raises:
        LLMError: the disk is too small, the Hub cannot be reached, or the file differs from what
            the Hub announced.
    """
    from huggingface_hub import constants, hf_hub_download

    source, bar = remote.source, _reporting(progress)
    _require_disk(Path(constants.HF_HUB_CACHE), remote)
    with _explained(source):
        if remote.checksum:
            _fetch_content(remote, bar)
        path = Path(hf_hub_download(source.repo, source.file, tqdm_class=bar))
    if remote.checksum and _sha256(path) != remote.checksum:
        path.resolve().unlink()
        path.unlink(missing_ok=True)
        raise refusal(
            "malformed",
            f"The file of {source.name} arrived damaged: its SHA-256 is not the Hub's. Fetch it "
            "again.",
        )
    return path


def _fetch_content(remote: Remote, bar: type) -> None:
    """Put the content where the Hub's library looks for it before it downloads.

    The library begins anew once its process has ended, which for gigabytes is not good enough.
    """
    from huggingface_hub import constants, hf_hub_url
    from huggingface_hub.file_download import http_get, repo_folder_name
    from huggingface_hub.utils import WeakFileLock, build_hf_headers

    source = remote.source
    owner = repo_folder_name(repo_id=source.repo, repo_type="model")
    content = Path(constants.HF_HUB_CACHE, owner, "blobs", remote.checksum)
    content.parent.mkdir(parents=True, exist_ok=True)
    part = content.with_name(f"{remote.checksum}.part")
    with WeakFileLock(f"{part}.lock"):
        if content.exists():
            return
        with part.open("ab") as file:
            if file.tell() > remote.size:
                file.truncate(0)
            http_get(
                hf_hub_url(source.repo, source.file),
                file,
                resume_size=file.tell(),
                headers=build_hf_headers(),
                expected_size=remote.size,
                tqdm_class=bar,
            )
        part.replace(content)
    Path(f"{part}.lock").unlink(missing_ok=True)


def _explained(source: Source) -> AbstractContextManager[None]:
    from core.llms.local.hub import explained

    return explained(
        source.name,
        source.repo,
        no_file=f"cannot be fetched: its repository has no file {source.file}",
        instead="a file on this machine: gguf:/a/file.gguf",
    )


def _require_disk(folder: Path, remote: Remote) -> None:
    there = next(one for one in (folder, *folder.parents) if one.is_dir())
    free = shutil.disk_usage(there).free
    if free < remote.size + _SPARE_DISK:
        raise refusal(
            "server error",
            f"{remote.source.name} takes {megabytes(remote.size)}; {megabytes(free)} are free in "
            f"{there}. Free some, or set HF_HOME to a folder on another disk.",
        )


def _reporting(progress: Progress) -> type:
    """A progress bar that tells ``progress`` in place of the screen."""
    from tqdm import tqdm

    class Reporting(tqdm):
        def __init__(self, *args: Any, **options: Any) -> None:
            options.pop("name", None)
            super().__init__(*args, **{**options, "disable": True})
            self._here = options.get("initial") or 0
            self._all = options.get("total") or 0

        def update(self, n: float | None = 1) -> None:
            """Count more bytes."""
            self._here += int(n or 0)
            progress(self._here, self._all)

    return Reporting


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
