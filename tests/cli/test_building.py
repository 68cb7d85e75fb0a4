"""While a program is built, nobody looks for garbage; afterwards nobody looks through what was built."""

import gc

from crmgraph.cli.building import building


def test_garbage_is_looked_for_again_afterwards_but_not_in_what_was_built() -> None:
    frozen = gc.get_freeze_count()
    with building():
        built = [[] for _ in range(1000)]
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() > frozen + len(built)
    gc.unfreeze()


def test_a_program_that_cannot_be_built_leaves_things_as_they_were() -> None:
    try:
        with building():
            raise ImportError
    except ImportError:
        assert gc.isenabled()
    gc.unfreeze()
