"""Files that a visitor has sent, kept only while their columns can still be chosen."""

import shutil
import weakref
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp

from core.errors import DataError


class Uploaded:
    """Files of one log or model; they are deleted with this object at the latest."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Take the files over, into a folder of their own.

        Gradio names a folder by what a file holds: equal files of two visitors would be one.

        Raises:
            DataError: one of them is not there.
        """
        if not paths or not all(path.is_file() for path in paths):
            raise DataError("The file did not arrive; choose it again.")
        folder = Path(mkdtemp())
        self._delete = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        # A folder each, as two may have one name.
        self.paths = tuple(_moved(path, folder / str(place)) for place, path in enumerate(paths))

    @property
    def name(self) -> str:
        """What to call them."""
        several = f"{len(self.paths)} files, " if len(self.paths) > 1 else ""
        return f"{several}{self.paths[0].name}"

    @property
    def is_model(self) -> bool:
        """Whether a model was sent: no log comes in such an archive."""
        return any(path.suffix.lower() == ".zip" for path in self.paths)

    @property
    def there(self) -> bool:
        """Whether all of them still are."""
        return all(path.is_file() for path in self.paths)

    def delete(self) -> None:
        """Delete them."""
        self._delete()


def _moved(path: Path, folder: Path) -> Path:
    """The file in another folder; the one that it leaves goes when it is empty."""
    folder.mkdir()
    moved = Path(shutil.move(path, folder / path.name))
    if not any(path.parent.iterdir()):
        path.parent.rmdir()
    return moved
