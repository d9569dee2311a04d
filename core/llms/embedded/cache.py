"""Keys and values of the texts that a LLaMA has read, so that no token is computed twice."""

import numpy as np

from core.llms.embedded.files import LlamaConfig

_MORE = 64
"""Tokens for which room is made at a time."""


class Cache:
    """A place for each text; one that has ended gives its place up.

    Keys lie from the start of a place on, whatever the lengths of the others, so a key's index is
    its position in the text. Behind a text's end lies something finite that nobody looks at.

    Attributes:
        lengths: Tokens of each text that were read, shape (texts,).
    """

    def __init__(self, config: LlamaConfig, lengths: np.ndarray) -> None:
        """Make room for texts of these lengths; raises MemoryError when there is too little."""
        self.lengths = lengths.copy()
        self._context = config.context
        self._room = min(int(lengths.max()) + _MORE, config.context)
        shape = (len(lengths), config.heads, self._room, config.size)
        self._keys = [np.zeros(shape, np.float32) for _ in range(config.layers)]
        self._values = [np.zeros(shape, np.float32) for _ in range(config.layers)]

    def fill(self, layer: int, places: np.ndarray, keys: np.ndarray, values: np.ndarray) -> None:
        """Keep what a layer computed of texts from their start on.

        Args:
            layer: Its number.
            places: Where these texts lie.
            keys: Shape (places, heads, length, size of a head).
            values: The same.
        """
        self._keys[layer][places, :, : keys.shape[2]] = keys
        self._values[layer][places, :, : values.shape[2]] = values

    def lengthen(self) -> None:
        """Make each text one token longer; its key and value are to be appended.

        Raises:
            MemoryError: there is too little memory.
        """
        self.lengths += 1
        needed = int(self.lengths.max())
        if needed > self._room:
            self._room = min(needed + _MORE, self._context)
            for arrays in (self._keys, self._values):
                for layer, array in enumerate(arrays):
                    arrays[layer] = self._with_room(array)

    def _with_room(self, array: np.ndarray) -> np.ndarray:
        texts = len(self.lengths)
        wider = np.zeros((texts, array.shape[1], self._room, array.shape[3]), np.float32)
        wider[:, :, : array.shape[2]] = array[:texts]
        return wider

    def append(
        self, layer: int, keys: np.ndarray, values: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Keep the last token's key and value; return all, shape (texts, heads, longest, size).

        Args:
            layer: Its number.
            keys: Shape (texts, heads, 1, size of a head).
            values: The same.
        """
        texts, longest = np.arange(len(self.lengths)), self.lengths.max()
        all_keys, all_values = self._keys[layer], self._values[layer]
        all_keys[texts, :, self.lengths - 1] = keys[:, :, 0]
        all_values[texts, :, self.lengths - 1] = values[:, :, 0]
        return all_keys[: len(texts), :, :longest], all_values[: len(texts), :, :longest]

    def unread(self) -> np.ndarray | None:
        """-inf behind the end of each text, else 0, shape (texts, 1, 1, longest).

        None when all are equally long.
        """
        longest = self.lengths.max()
        if self.lengths.min() == longest:
            return None
        behind = np.arange(longest) >= self.lengths[:, None]
        return np.where(behind, np.float32(-np.inf), np.float32(0))[:, None, None]

    def keep(self, going: np.ndarray) -> np.ndarray:
        """Drop texts; the last ones move to the places that become free.

        Args:
            going: Which texts go on, booleans of shape (texts,).

        Returns:
            Which text lies at each place now, as indices into ``going``.
        """
        order = np.arange(len(going))
        count = int(going.sum())
        free = np.flatnonzero(~going[:count])
        last = count + np.flatnonzero(going[count:])
        used = self.lengths.max()
        for array in self._keys + self._values:
            array[free, :, :used] = array[last, :, :used]
        order[free] = last
        order = order[:count]
        self.lengths = self.lengths[order]
        return order
