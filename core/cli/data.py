"""`fetch`: bring the published files to this machine."""

import sys

import typer

from core.cli.output import errors, progress_bar, results
from core.errors import DataError
from core.logs import download, published, tokens


def fetch() -> None:
    """Download the published questions and logs (about 90 MB) and check them.

    Each file is checked against its SHA-256. Files that are already here are kept, so an
    interrupted download goes on where it stopped. With PROMPT_OIRL_DATA set, the folder it names
    is checked and nothing is downloaded.
    """
    verb = "Checking" if download.is_local_folder() else "Fetching"
    with progress_bar(len(download.registry()), "files") as bar:
        bar.stage(verb)
        report = download.fetch(on_file=lambda path: bar.step())
    results.print(f"{report.present} files are here and intact: {report.folder}", soft_wrap=True)
    if set(report.failed) == {tokens.LLAMA2_FILE}:
        reason = report.failed[tokens.LLAMA2_FILE]
        errors.print(
            "Continuing without the LLaMA-2 tokenizer: token counts and dollars stay empty. "
            f"({reason})",
            style="yellow",
            markup=False,
        )
    elif report.failed:
        shown = "\n".join(f"  {path}: {reason}" for path, reason in list(report.failed.items())[:5])
        raise DataError(
            f"{len(report.failed)} files are missing or damaged; run the command again. "
            f"The first:\n{shown}"
        )


def offer_download() -> None:
    """Ask whether to fetch the published files when they are needed and not here.

    Where nobody can be asked, reading them says how to get them.
    """
    here = download.is_present(published.GSM8K_TEST_FILE)
    if here or download.is_local_folder() or not _someone_is_there():
        return
    asked = f"The recorded answers are not on this machine. Download {download.DOWNLOAD_SIZE}?"
    if typer.confirm(asked, err=True):
        fetch()


def _someone_is_there() -> bool:
    return sys.stdin.isatty()
