"""Fetching what a page offers and is not here yet: one download of each, whoever asked for it."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

from core.errors import MissingDataError, PromptOIRLError
from core.hosting import settings
from core.hosting.offers import Offer
from core.llms import RecordedGSM8K
from core.llms.gguf import SHORT_NAMES, parse
from core.llms.gguf.hub import cached, describe, fetch, megabytes
from core.logs import download


@dataclass
class Download:
    """How far a download is; a thread of its own moves it on.

    Attributes:
        progress: As people read it.
        error: Why it ended without the files; empty while nothing went wrong.
    """

    progress: str = "asking for it"
    error: str = ""


_running: dict[str, tuple[Download, threading.Thread]] = {}
_lock = threading.Lock()


def is_missing(offer: Offer) -> bool:
    """Whether an offered LLM has to be fetched before it answers."""
    kind, _, model = offer.name.partition(":")
    if kind == "recorded":
        return not is_recorded()
    if kind != "gguf":
        return False
    source = parse(model)
    return source.path is None and cached(source) is None


def is_recorded() -> bool:
    """Whether the published answers are on this machine."""
    try:
        return not RecordedGSM8K().questions.empty
    except MissingDataError:
        return False


def may_be_fetched(offer: Offer) -> bool:
    """Whether the page may fetch an offered LLM that is missing.

    Published answers are not fetched into a folder that the operator named, nor against a switch.
    """
    if not is_missing(offer):
        return False
    if offer.name == RecordedGSM8K.name:
        return settings.fetches_recorded() and not download.is_local_folder()
    return True


def size_and_licence(offer: Offer) -> str:
    """What is known of an LLM before it is fetched; empty where that is nothing."""
    if offer.name == RecordedGSM8K.name:
        return f"{download.DOWNLOAD_SIZE}, with checksums"
    chosen = SHORT_NAMES.get(offer.name.partition(":")[2])
    return f"about {chosen.gigabytes:g} GB, licence {chosen.licence}" if chosen else ""


def start(offer: Offer) -> tuple[Download, threading.Thread]:
    """Begin to fetch an offered LLM, or join the download that is running."""
    with _lock:
        found = _running.get(offer.name)
        if found is None or not found[1].is_alive():
            fetched = Download()
            thread = threading.Thread(target=_fetch, args=(offer, fetched), daemon=True)
            found = _running[offer.name] = fetched, thread
            thread.start()
        return found


def _fetch(offer: Offer, fetched: Download) -> None:
    try:
        if offer.name == RecordedGSM8K.name:
            _fetch_recorded(fetched)
        else:
            _fetch_file(offer, fetched)
    except PromptOIRLError as error:
        fetched.error = str(error)


def _fetch_file(offer: Offer, fetched: Download) -> None:
    remote = describe(parse(offer.name.partition(":")[2]))

    def tell(here: int, size: int) -> None:
        whole = size or remote.size
        share = f" ({100 * here // whole} %)" if whole else ""
        fetched.progress = f"{megabytes(here)} of {megabytes(whole)}{share}"

    fetch(remote, tell)


def _fetch_recorded(fetched: Download) -> None:
    done, files = count(1), len(download.registry())

    def tell(path: str) -> None:
        fetched.progress = f"{next(done)} of {files} files"

    report = download.fetch(tell)
    if not is_recorded():
        path, why = next(iter(report.failed.items()))
        fetched.error = f"{len(report.failed)} of {files} files did not come; {path}: {why}"


def fetch_at_start(offers: Iterable[Offer]) -> None:
    """Begin to fetch what a Space offers; elsewhere a person asks for it."""
    if settings.on_space():
        for offer in filter(may_be_fetched, offers):
            start(offer)
