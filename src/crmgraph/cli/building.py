"""Building a program in memory: imports, and what is made of them once."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 20_000
"""How many objects are made before garbage is looked for. One answer makes thousands, and nearly all of them go by
themselves when it is sent: to look after every 700, as Python does, finds nothing thirty times.
"""


@contextmanager
def building() -> Iterator[None]:
    """Nothing of what is being built is garbage: looking for some takes a quarter of the time. What was built stays,
    so that no later search for garbage has to walk through it.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(YOUNG)
        gc.enable()
