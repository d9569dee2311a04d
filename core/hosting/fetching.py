"""Fetching the GGUF files that a page offers: one download a file, whoever asked for it."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass

from core.errors import PromptOIRLError
from core.hosting import settings
from core.hosting.offers import Offer
from core.llms.gguf import SHORT_NAMES, parse
from core.llms.gguf.hub import cached, describe, fetch, megabytes


@dataclass
class Download:
    """How far a download is; a thread of its own moves it on.

    Attributes:
        here, size: Bytes; 0 until the Hub has said its size.
        error: Why it ended without the file; empty while nothing went wrong.
    """

    here: int = 0
    size: int = 0
    error: str = ""

    def __str__(self) -> str:
        """Its progress as people read it."""
        if not self.size:
            return "asking the Hub"
        share = 100 * self.here // self.size
        return f"{megabytes(self.here)} of {megabytes(self.size)} ({share} %)"


_running: dict[str, tuple[Download, threading.Thread]] = {}
_lock = threading.Lock()


def is_missing(offer: Offer) -> bool:
    """Whether an offered LLM has to be fetched before it answers."""
    kind, _, model = offer.name.partition(":")
    if kind != "gguf":
        return False
    source = parse(model)
    return source.path is None and cached(source) is None


def size_and_licence(offer: Offer) -> str:
    """What is known of a file before the Hub is asked; empty where that is nothing."""
    chosen = SHORT_NAMES.get(offer.name.partition(":")[2])
    return f"about {chosen.gigabytes:g} GB, licence {chosen.licence}" if chosen else ""


def start(offer: Offer) -> tuple[Download, threading.Thread]:
    """Begin to fetch an offered LLM, or join the download that is running."""
    with _lock:
        found = _running.get(offer.name)
        if found is None or not found[1].is_alive():
            download = Download()
            thread = threading.Thread(target=_fetch, args=(offer, download), daemon=True)
            found = _running[offer.name] = download, thread
            thread.start()
        return found


def _fetch(offer: Offer, download: Download) -> None:
    def tell(here: int, size: int) -> None:
        download.here, download.size = here, size or download.size

    try:
        remote = describe(parse(offer.name.partition(":")[2]))
        download.size = remote.size
        fetch(remote, tell)
    except PromptOIRLError as error:
        download.error = str(error)


def fetch_at_start(offers: Iterable[Offer]) -> None:
    """Begin to fetch what a Space offers; elsewhere a person asks for it."""
    if settings.on_space():
        for offer in filter(is_missing, offers):
            start(offer)
