"""The forward pass of a LLaMA in NumPy, for a model so small that loading PyTorch takes longer.

As in Touvron et al. 2023 (https://arxiv.org/abs/2302.13971) with the weights' layout of Hugging
Face: RMSNorm, rotary embeddings that turn the first half of a head against the second, causal
attention with a cache, SwiGLU. Everything is float32.
"""

from collections.abc import Callable, Sequence

import numpy as np

from core.llms.embedded.files import LlamaConfig, Weights

_AT_ONCE = 4096
"""Tokens that are read together; more would not fit into the processor's caches."""

_Attended = Callable[[int, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Takes a layer's new keys and values; gives all that its queries look at."""


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
        # Zeros take no memory before something is written over them.
        shape = (len(lengths), config.heads, config.context, config.size)
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


class Llama:
    """A LLaMA that reads tokens and gives the scores of the next one."""

    def __init__(self, config: LlamaConfig, weights: Weights) -> None:
        """Keep the weights and make the tables of the rotary embeddings."""
        self.config = config
        self._weights = weights
        turns = config.theta ** -(np.arange(0, config.size, 2, dtype=np.float32) / config.size)
        angles = np.arange(config.context, dtype=np.float32)[:, None] * turns.astype(np.float32)
        self._cosines, self._sines = np.cos(angles), np.sin(angles)

    def read(self, texts: Sequence[Sequence[int]]) -> tuple[np.ndarray, Cache]:
        """Read whole texts.

        Texts of one length are computed together, so that nothing is padded.

        Args:
            texts: Tokens, at least one each and at most as many as the context holds.

        Returns:
            Scores of the next token, float32 of shape (texts, vocabulary), and what was read.

        Raises:
            MemoryError: there is too little memory.
        """
        lengths = np.array([len(text) for text in texts])
        cache = Cache(self.config, lengths)
        scores = np.empty((len(texts), self.config.vocabulary), np.float32)
        for length in np.unique(lengths):
            places = np.flatnonzero(lengths == length)
            for start in range(0, len(places), max(1, _AT_ONCE // length)):
                chunk = places[start : start + max(1, _AT_ONCE // length)]
                tokens = np.array([texts[place] for place in chunk])
                scores[chunk] = self._read_chunk(tokens, chunk, cache)
        return scores, cache

    def _read_chunk(self, tokens: np.ndarray, places: np.ndarray, cache: Cache) -> np.ndarray:
        length = tokens.shape[1]
        later = np.triu(np.full((length, length), -np.inf, np.float32), 1)

        def attended(
            layer: int, keys: np.ndarray, values: np.ndarray
        ) -> tuple[np.ndarray, np.ndarray]:
            cache.fill(layer, places, keys, values)
            return keys, values

        return self._scores(tokens, np.arange(length)[None], later, attended)

    def step(self, tokens: np.ndarray, cache: Cache) -> np.ndarray:
        """Read one more token of every text.

        Args:
            tokens: Shape (texts,), in the order of the cache.
            cache: What was read before; is added to.

        Returns:
            Scores of the next token, float32 of shape (texts, vocabulary).

        Raises:
            MemoryError: there is too little memory.
        """
        positions = cache.lengths[:, None].copy()
        cache.lengths += 1
        return self._scores(tokens[:, None], positions, cache.unread(), cache.append)

    def _scores(
        self,
        tokens: np.ndarray,
        positions: np.ndarray,
        hidden_keys: np.ndarray | None,
        attended: _Attended,
    ) -> np.ndarray:
        """Scores after the last of the tokens.

        Args:
            tokens: Shape (texts, length).
            positions: Of these tokens in their texts, of shape (texts or 1, length).
            hidden_keys: -inf where a query does not look, else 0; broadcasts to shape
                (texts, heads, length, keys). None: every query looks at all.
            attended: Keeps the new keys and values.
        """
        texts, length = tokens.shape
        states = self._weights.embeddings[tokens.ravel()]
        turn = self._cosines[positions][:, :, None], self._sines[positions][:, :, None]
        for number, layer in enumerate(self._weights.layers):
            normed = self._normed(states, layer.before_attention)
            new = (normed @ layer.queries_keys_values).reshape(texts, length, -1, self.config.size)
            queries, keys, values = self._heads(new, turn)
            keys, values = attended(number, keys, values)
            states += self._attention(queries, keys, values, hidden_keys) @ layer.out
            states += _swiglu(self._normed(states, layer.before_inner) @ layer.gate_up) @ layer.down
        last = states.reshape(texts, length, -1)[:, -1]
        return self._normed(last, self._weights.norm) @ self._weights.head

    def _normed(self, states: np.ndarray, factors: np.ndarray) -> np.ndarray:
        squares = np.einsum("ij,ij->i", states, states) / np.float32(self.config.hidden)
        return states * (1 / np.sqrt(squares + np.float32(self.config.epsilon)))[:, None] * factors

    def _heads(
        self, new: np.ndarray, turn: tuple[np.ndarray, np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Queries, keys and values, each of shape (texts, heads, length, size of a head)."""
        heads = self.config.heads
        turned = _turned(new[:, :, : 2 * heads], *turn).swapaxes(1, 2)
        return turned[:, :heads], turned[:, heads:], new[:, :, 2 * heads :].swapaxes(1, 2)

    def _attention(
        self,
        queries: np.ndarray,
        keys: np.ndarray,
        values: np.ndarray,
        hidden_keys: np.ndarray | None,
    ) -> np.ndarray:
        """What the queries find, shape (texts * length, heads * size of a head)."""
        texts, heads, length, size = queries.shape
        weights = queries @ keys.swapaxes(2, 3)
        if hidden_keys is not None:
            weights += hidden_keys
        weights -= weights.max(axis=-1, keepdims=True)
        np.exp(weights, out=weights)
        found = weights @ values
        found /= weights.sum(axis=-1, keepdims=True)
        return found.swapaxes(1, 2).reshape(texts * length, heads * size)


def _turned(heads: np.ndarray, cosines: np.ndarray, sines: np.ndarray) -> np.ndarray:
    """Rotary embeddings (Su et al. 2021), the first half of a head against the second."""
    half = heads.shape[-1] // 2
    first, second = heads[..., :half], heads[..., half:]
    turned = np.empty_like(heads)
    turned[..., :half] = first * cosines - second * sines
    turned[..., half:] = second * cosines + first * sines
    return turned


def _swiglu(gate_up: np.ndarray) -> np.ndarray:
    """SiLU of the first half times the second (Shazeer 2020)."""
    gate, up = np.split(gate_up, 2, axis=1)
    result = np.exp(-gate)
    result += 1
    np.divide(gate, result, out=result)
    result *= up
    return result
