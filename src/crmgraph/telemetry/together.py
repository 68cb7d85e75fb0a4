"""The numbers of all workers as one: counts are added up, what is so now is told for those that live."""

from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead


class Together(CollectorRegistry):
    """What `folder` holds of processes, `alive` being those that still run; a dead one's counts stay."""

    def __init__(self, folder: str, alive: Callable[[], Collection[int]]) -> None:
        super().__init__()
        self._folder = Path(folder)
        self._alive = alive
        MultiProcessCollector(self, folder)  # type: ignore[no-untyped-call]  # The library says no types here.

    def collect(self) -> Iterable[Metric]:
        """The numbers as they are now."""
        known = {int(one.stem.rpartition("_")[2]) for one in self._folder.glob("gauge_live*.db")}
        for process in known - set(self._alive()):
            mark_process_dead(process, str(self._folder))  # type: ignore[no-untyped-call]  # As above.
        return super().collect()
