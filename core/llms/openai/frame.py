"""What a caller's own request has around the message that a policy writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Frame:
    """Earlier messages and settings that go along with every message.

    Attributes:
        before: Messages before it, as the API takes them.
        options: Parameters of the request, in place of those of a ``Sampling``.
    """

    before: tuple[Mapping[str, object], ...] = ()
    options: Mapping[str, object] = field(default_factory=dict)
