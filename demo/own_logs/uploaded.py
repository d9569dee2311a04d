"""Files that a visitor has sent, kept only while their columns can still be chosen."""

import weakref
from collections.abc import Sequence
from pathlib import Path

from core.errors import DataError


class Uploaded:
    """Files of one log; they are deleted with this object at the latest."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Take the files over.

        Raises:
            DataError: one of them is not there.
        """
        self.paths = tuple(paths)
        self._delete = weakref.finalize(self, _delete, self.paths)
        if not self.there:
            raise DataError("The file did not arrive; choose it again.")

    @property
    def name(self) -> str:
        """What to call them."""
        several = f"{len(self.paths)} files, " if len(self.paths) > 1 else ""
        return f"{several}{self.paths[0].name}"

    @property
    def there(self) -> bool:
        """Whether all of them still are."""
        return bool(self.paths) and all(path.is_file() for path in self.paths)

    def delete(self) -> None:
        """Delete them with the folders that they leave empty."""
        self._delete()


def _delete(paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
        # Gradio gives each file a folder of its own.
        if path.parent.is_dir() and not any(path.parent.iterdir()):
            path.parent.rmdir()
