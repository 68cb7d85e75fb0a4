"""aiodataloader, wrapped once: a hundred look-ups of one tick become one batch, and none can take another's answer
away.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar

from aiodataloader import DataLoader

K = TypeVar("K")
V = TypeVar("V")


class Loader(Generic[K, V]):
    """Batches look-ups and remembers their answers for one session.

    `batch` takes the keys of one tick and gives one value, or one exception, per key and in their order.
    """

    def __init__(self, batch: Callable[[Sequence[K]], Awaitable[Sequence[V | BaseException]]]) -> None:
        async def load(keys: list[K]) -> list[Any]:
            try:
                return list(await batch(keys))
            except asyncio.CancelledError:
                self._drop(keys)
                raise
            except Exception:  # It failed as a whole, and whoever asks again starts another.
                for key in keys:
                    self._asked.pop(key, None)
                raise

        self._loader: DataLoader[K, V] = DataLoader(load)
        self._asked: dict[K, asyncio.Future[V]] = {}

    async def load(self, key: K) -> V:
        """The answer for `key`. A waiter that is cancelled leaves the shared answer alone (DESIGN section 9, trap
        1).
        """
        future = self._asked[key] = self._loader.load(key)
        # An answer that nobody waits for any more must not be reported as a failure that was never looked at.
        future.add_done_callback(_seen)
        return await asyncio.shield(future)

    async def load_all(self, keys: Sequence[K]) -> list[V | BaseException]:
        """The answers for several keys, or the failures in their place, in the keys' order."""
        asked = self._asked
        for key in keys:
            if key not in asked:
                asked[key] = self._loader.load(key)
        futures = {key: asked[key] for key in keys}
        if not all(one.done() for one in futures.values()):
            # What is gathered is cancelled with who waits for it, so that it is a view of the answers and not they.
            await asyncio.shield(asyncio.gather(*futures.values(), return_exceptions=True))
        return [_answer(futures[key]) for key in keys]

    def _drop(self, keys: Sequence[K]) -> None:
        """Let nobody wait for a batch that was cancelled; whoever asks again starts another."""
        for key in keys:
            self._loader.clear(key)
            self._asked.pop(key).cancel()

    def prime(self, key: K, value: V) -> None:
        """Keep what is known already."""
        self._loader.prime(key, value)


def _answer(future: "asyncio.Future[Any]") -> Any:
    if future.cancelled():
        return asyncio.CancelledError()
    return future.exception() or future.result()


def _seen(future: "asyncio.Future[Any]") -> None:
    if not future.cancelled():
        future.exception()
