# SPDX-License-Identifier: GPL-2.0
"""draw the vmalloc space: what its areas are, what is free between them, what is lazy

One character is one cell: some pages, at least as many as are needed for all to fit.
A letter is what most of what is used of the cell is:
v vmalloc, m vmap, i ioremap, r vm_map_ram, t module text, d module data, s stack,
p per-CPU memory, b BPF, x sparse, c DMA coherent, o other, ~ lazy: freed, but TLBs may know it;
. is a hole, blank is none of these: in a pool, or it changed while it was looked at.
Lines without any area are left out, and those in the middle of a large one. How much they
are is told on a logarithmic scale, as are the sums: each # is twice as much as the one
before, the first is a page.
"""

import bisect
import collections
import os

from mmscope import answer, draw, output
from mmscope.draw import COLUMNS

PAGE_B = os.sysconf("SC_PAGE_SIZE")

HOLE = "hole"
LAZY = "lazy"

# kind: character, colour of the terminal, colour of the SVG file
_KINDS = {
    "vmalloc": ("v", 32, "#27ae60"),
    "vmap": ("m", 34, "#2980b9"),
    "ioremap": ("i", 31, "#c0392b"),
    "vm_map_ram": ("r", 36, "#16a085"),
    "module_text": ("t", 33, "#d4a017"),
    "module_data": ("d", 33, "#b7950b"),
    "stack": ("s", 35, "#8e44ad"),
    "percpu": ("p", 36, "#1abc9c"),
    "bpf": ("b", 34, "#5dade2"),
    "sparse": ("x", 31, "#e67e22"),
    "dma": ("c", 31, "#e74c3c"),
    "other": ("o", 39, "#7f8c8d"),
    LAZY: ("~", 90, "#95a5a6"),
    HOLE: (".", 90, "#ecf0f1"),
}

_EVERYWHERE = f"0-{(1 << 64) - 1:#x}"

Item = collections.namedtuple("Item", "start end kind caller")


def add_arguments(parser):
    """What the command takes."""
    parser.add_argument("--range", metavar="START-END", help="this part of the addresses only")
    draw.add_arguments(parser)


# ---- Looking ----


def _items(rows, kind=None):
    for row in rows:
        yield Item(int(row["start"], 0), int(row["end"], 0), kind or row["kind"],
                   row.get("caller"))


def _section(rows, name):
    return [row for row in rows if row["section"] == name]


def _holes(words):
    rows = answer.ask("vmalloc_walk/holes", words).rows
    return list(_items(_section(rows, "holes"), HOLE))


class Space:
    """What the modules say of a range of addresses, at one time after another."""

    def __init__(self, wanted):
        where = f" range={wanted}" if wanted else ""
        self.areas = list(_items(answer.ask("vmalloc_walk/areas", f"kind=any{where}").rows))
        # Modules lie behind the range that holes shows by itself.
        self.holes = _holes(f"range={wanted or _EVERYWHERE}")
        self.counted_holes = self.holes if wanted else _holes("size=1")
        lazy = answer.ask("vmalloc_walk/lazy").rows
        self.lazy = list(_items(_section(lazy, "areas"), LAZY))
        if wanted:
            start, _, end = wanted.partition("-")
            start = int(start, 0)
            end = int(end, 0) if end else start + 1
            self.lazy = [item for item in self.lazy if item.end > start and item.start < end]
        self.pool_pages = sum(int(row["value"]) for row in _section(lazy, "summary")
                              if row["name"] == "pool_pages")

    @property
    def used(self):
        """All that is no hole."""
        return sorted(self.areas + self.lazy)


class Cell:
    """Some pages that lie side by side."""

    __slots__ = ("bytes", "tip")

    def __init__(self):
        self.bytes = collections.Counter()  # by kind
        self.tip = None

    def add(self, item, size_B):
        """So much of the cell belongs to this."""
        self.bytes[item.kind] += size_B
        if self.tip is None and item.kind != HOLE:
            self.tip = f"{item.start:#x} {item.kind} {item.end - item.start} B {item.caller or ''}"

    @property
    def kind(self):
        """What most of it is; holes come last. The first of _KINDS, if two are equal."""
        used = [kind for kind in _KINDS if self.bytes[kind] and kind != HOLE]
        if used:
            return max(used, key=lambda kind: self.bytes[kind])
        return HOLE if self.bytes[HOLE] else None


def _row_spans(items, row_B):
    """(first, last) numbers of rows that these reach into, merged, in order; of an item that
    fills more than three, only the first and the last."""
    spans = []
    for item in items:
        first, last = item.start // row_B, (item.end - 1) // row_B
        for start, end in ((first, last),) if last - first < 4 else ((first, first), (last, last)):
            if spans and start <= spans[-1][1] + 1:
                spans[-1][1] = max(spans[-1][1], end)
            else:
                spans.append([start, end])
    return spans


def _cell_pages(arguments, space):
    """Pages of a cell: as asked for, or the fewest that let all fit in a screen."""
    if arguments.cell:
        return arguments.cell
    cell = 1
    while True:
        spans = _row_spans(space.used, cell * PAGE_B * COLUMNS)
        # A line for each row, and for what is left out between two spans.
        if sum(last - first + 2 for first, last in spans) <= draw.lines_for_cells(20):
            return cell
        cell *= 2


def _fill(rows, item, cell_B):
    """Put what the rows have of it into their cells."""
    row_B = cell_B * COLUMNS
    numbers = list(rows)
    for number in numbers[bisect.bisect_left(numbers, item.start // row_B):]:
        if number * row_B >= item.end:
            break
        start, end = max(item.start, number * row_B), min(item.end, (number + 1) * row_B)
        for at in range(start // cell_B, -(-end // cell_B)):
            rows[number][at % COLUMNS].add(
                item, min(end, (at + 1) * cell_B) - max(start, at * cell_B))


def _rows(space, cell_B):
    """Cells by number of the row, for rows with anything but holes."""
    rows = {}
    for first, last in _row_spans(space.used, cell_B * COLUMNS):
        for number in range(first, last + 1):
            rows[number] = [Cell() for _ in range(COLUMNS)]
    for item in space.used + space.holes:
        _fill(rows, item, cell_B)
    return rows


# ---- Words ----


def _bar(size_B):
    """Twice as much is one longer; a page is one."""
    return "#" * max(1, (max(1, size_B) // PAGE_B).bit_length())


def _sums(space):
    """(kind, number, bytes) of each kind that there is. Of holes, those of the vmalloc range
    unless another was asked for: the rest of the 64 bits is nobody's."""
    for kind in _KINDS:
        items = [item for item in space.areas + space.lazy + space.counted_holes
                 if item.kind == kind]
        if items:
            yield kind, len(items), sum(item.end - item.start for item in items)


def _lines(space, rows, row_B):
    """(number of a row, words on what was left out before it, or None)."""
    last = None
    for number in rows:
        left_B = 0 if last is None else (number - last - 1) * row_B
        of = next((f"more of this {item.kind}" for item in space.used
                   if item.start <= number * row_B - left_B < item.end), "without areas")
        yield number, f"{_bar(left_B)} {output.size(left_B)} {of}" if left_B else None
        last = number


# ---- Drawing ----


def _title(cell_pages, space):
    return (f"one character is {cell_pages} pages; {len(space.areas)} areas, "
            f"{len(space.lazy)} lazy, {space.pool_pages} pages in pools")


def _glyph(cell, colour):
    if cell.kind is None:
        return " "
    character, code, _ = _KINDS[cell.kind]
    return draw.paint(character, code, cell.kind != HOLE) if colour else character


def _draw(space, cell_pages, colour):
    """The picture, as lines of text."""
    row_B = cell_pages * PAGE_B * COLUMNS
    rows = _rows(space, cell_pages * PAGE_B)
    yield _title(cell_pages, space)
    for number, left_out in _lines(space, rows, row_B):
        if left_out:
            yield f"{'':>18} {left_out}"
        cells = "".join(_glyph(cell, colour) for cell in rows[number])
        yield f"{number * row_B:#18x} {cells}".rstrip()
    for kind, number, size_B in _sums(space):
        character, code, _ = _KINDS[kind]
        name = draw.paint(character, code, True) if colour else character
        yield f"{name} {kind:<12} {number:>6} {output.size(size_B):>10} {_bar(size_B)}"


def _draw_svg(space, cell_pages):
    """The picture as an SVG file: a square a cell, filled as far as it is used."""
    cell_B = cell_pages * PAGE_B
    row_B = cell_B * COLUMNS
    rows = _rows(space, cell_B)
    top = 18
    shapes = [f'<text x="4" y="{top}">{_title(cell_pages, space)}</text>']
    for number, left_out in _lines(space, rows, row_B):
        if left_out:
            top += draw.SIDE + 2
            shapes.append(f'<text x="{draw.LEFT}" y="{top + draw.SIDE - 2}">{left_out}</text>')
        top += draw.SIDE + 2
        shapes.append(f'<text x="4" y="{top + draw.SIDE - 2}">{number * row_B:#x}</text>')
        for column, cell in enumerate(rows[number]):
            if cell.kind is None:
                continue
            used_B = sum(cell.bytes.values()) - cell.bytes[HOLE]
            shapes.append(draw.square(column, top, _KINDS[cell.kind][2],
                                      min(1, used_B / cell_B) if used_B else 1,
                                      cell.tip or "hole"))
    for kind, number, size_B in _sums(space):
        top += draw.SIDE + 4
        shapes.append(f'<text x="4" y="{top + draw.SIDE}" fill="{_KINDS[kind][2]}">'
                      f'{kind}: {number}, {output.size(size_B)} {_bar(size_B)}</text>')
    return draw.svg(f"vmalloc space: one square is {cell_pages} pages, filled as far as used",
                    top + draw.SIDE + 20, shapes)


def _look(arguments):
    space = Space(arguments.range)
    if not space.used:
        raise answer.Error("no areas there")
    return space, _cell_pages(arguments, space)


def run(arguments):
    """Draw once, or again and again."""
    draw.check(arguments)
    colour = draw.use_colour(arguments)
    if arguments.json:
        space, _ = _look(arguments)
        output.show_json({
            "pool_pages": space.pool_pages,
            "sums": [{"kind": kind, "number": number, "size_B": size_B}
                     for kind, number, size_B in _sums(space)],
            "items": [item._asdict() for item in sorted(space.used + space.holes)]})
        return answer.OK
    return draw.show(arguments,
                     lambda: _draw(*_look(arguments), colour),
                     lambda: _draw_svg(*_look(arguments)))
