"""Order among things that depend on each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter


class Cycle(ValueError):
    """The dependencies go round; `nodes` is the way round."""

    def __init__(self, nodes: Iterable[str]) -> None:
        self.nodes = tuple(nodes)
        super().__init__(" -> ".join(self.nodes))


def ranks(dependencies: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Nodes in groups: each depends only on groups before it, and each group is sorted by name.

    Dependencies that are not nodes themselves are left out.
    """
    sorter = TopologicalSorter({n: [d for d in ds if d in dependencies] for n, ds in dependencies.items()})
    try:
        sorter.prepare()
    except CycleError as err:
        raise Cycle(err.args[1]) from err
    groups = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        groups.append(ready)
        sorter.done(*ready)
    return groups
