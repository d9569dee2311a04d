"""Errors whose text is written for the person who uses the program."""


class PromptOIRLError(Exception):
    """Base of every error that a user can act on; its message is shown as it stands."""


class DataError(PromptOIRLError):
    """A log, a table or a question does not have the form that is needed."""


class MissingDataError(DataError):
    """A published file is not on this machine; the message says how to get it."""


class ArtifactError(PromptOIRLError):
    """A saved model or table is damaged, of another kind or of an unknown version."""


class UnknownNameError(PromptOIRLError):
    """A name that stands for nothing; the message lists the names there are."""

    def __init__(self, kind: str, name: object, allowed: "list[str] | tuple[str, ...]") -> None:
        super().__init__(f"Unknown {kind} {name!r}. Known: {', '.join(map(str, allowed))}.")
