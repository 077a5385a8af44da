"""Where the nodes and edges of a lineage stand in its picture, and its nested list. No query."""

from collections import defaultdict
from typing import Final, NamedTuple

from lifecycle.usecases.queries.lineage import KINDS, Key, Lineage, Node

WIDTH: Final = 204
HEIGHT: Final = 46
_STEP_X: Final = 252
_STEP_Y: Final = 64
_MARGIN: Final = 12
_TITLE_ROOM: Final = 26
_ABOUT_ROOM: Final = 32
_HEADS: Final = ("Sources", "Compiles and uploads", "Artifacts", "Installs", "Modules")
_TOP: Final = 36
_SWEEPS: Final = 4


class Box(NamedTuple):
    """A node with its place; `title` and `about` are cut to what fits."""

    node: Node
    x: int
    y: int
    title: str
    about: str
    is_centre: bool


class Line(NamedTuple):
    """An edge, as the path of a curve."""

    path: str


class Column(NamedTuple):
    """The name of a layer and where it stands."""

    name: str
    x: int


class Picture(NamedTuple):
    """A drawn lineage."""

    width: int
    height: int
    columns: list[Column]
    boxes: list[Box]
    lines: list[Line]


class Branch(NamedTuple):
    """A node of the nested list with what it led to; `seen` says that it stands above already."""

    node: Node
    branches: list["Branch"]
    seen: bool


def draw(lineage: Lineage) -> Picture:
    """Lay the nodes out in a column for each kind, near to what they hang together with."""
    columns = _ordered(lineage)
    boxes = {
        node.key: _box(node, column, row, lineage.centre)
        for column, nodes in enumerate(columns)
        for row, node in enumerate(nodes)
    }
    longest = max((len(nodes) for nodes in columns), default=0)
    return Picture(
        width=2 * _MARGIN + (len(KINDS) - 1) * _STEP_X + WIDTH,
        height=_TOP + _MARGIN + max(1, longest) * _STEP_Y,
        columns=[Column(name, _MARGIN + at * _STEP_X) for at, name in enumerate(_HEADS)],
        boxes=list(boxes.values()),
        lines=[_line(boxes[edge.source], boxes[edge.target]) for edge in lineage.edges],
    )


def _ordered(lineage: Lineage) -> list[list[Node]]:
    """Give the columns, each ordered by the mean place of its nodes' neighbours."""
    columns = [[node for node in lineage.nodes if node.key.kind == kind] for kind in KINDS]
    neighbours: dict[Key, list[Key]] = defaultdict(list)
    for edge in lineage.edges:
        neighbours[edge.source].append(edge.target)
        neighbours[edge.target].append(edge.source)
    for _ in range(_SWEEPS):
        places = {node.key: row for nodes in columns for row, node in enumerate(nodes)}
        for nodes in columns:
            nodes.sort(key=lambda node: _mean([places[key] for key in neighbours[node.key]]))
            places.update({node.key: row for row, node in enumerate(nodes)})
    return columns


def _mean(places: list[int]) -> float:
    return sum(places) / len(places) if places else 0.0


def _box(node: Node, column: int, row: int, centre: Key) -> Box:
    return Box(
        node=node,
        x=_MARGIN + column * _STEP_X,
        y=_TOP + row * _STEP_Y,
        title=_cut(node.title, _TITLE_ROOM),
        about=_cut(node.about, _ABOUT_ROOM),
        is_centre=node.key == centre,
    )


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _line(source: Box, target: Box) -> Line:
    x1, y1 = source.x + WIDTH, source.y + HEIGHT // 2
    x2, y2 = target.x, target.y + HEIGHT // 2
    bend = (x2 - x1) // 2
    return Line(f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}")


def nest(lineage: Lineage) -> list[Branch]:
    """Give the lineage as a nested list: what nothing shown led to, and below it what it led to."""
    nodes = {node.key: node for node in lineage.nodes}
    after: dict[Key, list[Key]] = defaultdict(list)
    for edge in lineage.edges:
        after[edge.source].append(edge.target)
    led_to = {edge.target for edge in lineage.edges}
    seen: set[Key] = set()

    def branch(key: Key) -> Branch:
        if key in seen:
            return Branch(nodes[key], [], seen=True)
        seen.add(key)
        return Branch(nodes[key], [branch(other) for other in after[key]], seen=False)

    return [branch(key) for key in nodes if key not in led_to]
