# SPDX-License-Identifier: GPL-2.0
"""draw physical memory: what is free, in which blocks, and what the rest is used for

One character is one cell: some pages, at least as many as are needed for all to fit.
A digit (A is 10) is the order of the largest free block that reaches into the cell.
A letter is what most of the cell is used for when none of it is free:
s slab, t page table, h hugetlb, a anonymous, f file, r reserved, k other kernel,
o offline, x poisoned, blank no memory.
Colour is the migratetype of the pageblock: red unmovable, green movable, yellow
reclaimable, magenta high-order atomic, blue CMA, cyan isolated; bold where pages are free.
"""

import collections

from mmscope import answer, draw, load, memory, output
from mmscope.draw import COLUMNS

# migratetype: colour of the terminal, colour of the SVG file
_COLOURS = {
    "unmovable": (31, "#c0392b"),
    "movable": (32, "#27ae60"),
    "reclaimable": (33, "#d4a017"),
    "highatomic": (35, "#8e44ad"),
    "cma": (34, "#2980b9"),
    "isolate": (36, "#16a085"),
}


def _glyph(cell):
    if cell.largest_order is None:
        return cell.use
    return "0123456789ABCDEFG"[cell.largest_order]


def add_arguments(parser):
    """What the command takes."""
    parser.add_argument("--node", type=int, help="this NUMA node only")
    parser.add_argument("--zone", help="this zone only, e.g. DMA32")
    draw.add_arguments(parser)
    parser.add_argument("--diff", nargs="...", metavar="COMMAND",
                        help="run COMMAND, and draw what changed: + more is free, - less is free,\n"
                        "! as much is free, in other blocks. Last option")


def _cell_pages(arguments):
    """Pages of a cell: as asked for, or the fewest that let all fit in a screen."""
    if arguments.cell:
        return arguments.cell
    pages = sum(end - start for start, end, *_ in memory.pageblocks(arguments.node, arguments.zone))
    lines = draw.lines_for_cells(8)
    cell = 1
    while pages > cell * COLUMNS * lines:
        cell *= 2
    return cell


def _rows(zone):
    """(number of the first cell, cells or None where nothing is) of each line of a zone."""
    rows = collections.OrderedDict()
    for number in sorted(zone.cells):
        row = number - number % COLUMNS
        rows.setdefault(row, [None] * COLUMNS)[number - row] = zone.cells[number]
    return rows.items()


def _title(zone):
    pages = sum(cell.pages for cell in zone.cells.values())
    blocks = " ".join(f"{order}:{zone.blocks[order]}" for order in sorted(zone.blocks))
    return (f"node {zone.node} zone {zone.name}: {zone.free_pages} of {pages} pages free, "
            f"in blocks of order {blocks or '-'}")


def _paint(text, cell, colour):
    if not colour or cell is None or text == " ":
        return text
    code, _ = _COLOURS.get(cell.migratetype, (39, ""))
    return draw.paint(text, code, cell.free_pages)


def _draw(zones, cell_pages, colour, glyph=_glyph):
    """The picture, as lines of text."""
    yield f"one character is {cell_pages} pages"
    for zone in zones:
        yield _title(zone)
        for first, cells in _rows(zone):
            line = "".join(" " if cell is None else _paint(glyph(cell), cell, colour)
                           for cell in cells)
            yield f"{first * cell_pages:#12x} {line}".rstrip()


def _draw_svg(zones, cell_pages):
    """The picture as an SVG file: a square a cell, filled as far as it is free."""
    top = 18
    shapes = []
    for zone in zones:
        shapes.append(f'<text x="4" y="{top}">{_title(zone)}</text>')
        for first, cells in _rows(zone):
            top += draw.SIDE + 2
            shapes.append(f'<text x="4" y="{top + draw.SIDE - 2}">{first * cell_pages:#x}</text>')
            for column, cell in enumerate(cells):
                if cell is None or cell.use == " ":
                    continue
                colour = _COLOURS.get(cell.migratetype, (0, "#7f8c8d"))[1]
                tip = (f"pfn {cell.pfn:#x}, {cell.free_pages} of {cell.pages} pages free, "
                       f"{cell.migratetype}")
                shapes.append(draw.square(column, top, colour,
                                          cell.free_pages / cell.pages, tip))
        top += draw.SIDE + 20
    return draw.svg(f"Free memory: one square is {cell_pages} pages, filled as far as free",
                    top, shapes)


def _look(arguments, cell_pages):
    zones = memory.look(cell_pages, arguments.node, arguments.zone)
    if not zones:
        raise answer.Error("no memory there")
    return zones


def _changes(before, after):
    """A glyph for a cell: how it differs from the same one before."""
    old = {(zone.node, zone.name, number): cell.state()
           for zone in before for number, cell in zone.cells.items()}
    new = {id(cell): old.get((zone.node, zone.name, number), (0, None))
           for zone in after for number, cell in zone.cells.items()}

    def glyph(cell):
        was = new[id(cell)]
        if was == cell.state():
            return "."
        if was[0] == cell.free_pages:
            return "!"
        return "+" if cell.free_pages > was[0] else "-"

    return glyph


def _order_changes(before, after):
    """One line a zone: how many free blocks came or went, by order."""
    for old, new in zip(before, after):
        change = {order: new.blocks[order] - old.blocks[order]
                  for order in sorted(old.blocks | new.blocks)}
        words = " ".join(f"{order}:{number:+d}" for order, number in change.items() if number)
        yield (f"node {new.node} zone {new.name}: {new.free_pages - old.free_pages:+d} pages free, "
               f"blocks by order {words or 'unchanged'}")


def _diff(arguments, cell_pages, colour):
    if not arguments.diff:
        raise answer.Usage("--diff wants a command")
    before = _look(arguments, cell_pages)
    status = load.program(arguments.diff)
    after = _look(arguments, cell_pages)
    print("\n".join(_draw(after, cell_pages, colour, _changes(before, after))))
    print("\n".join(_order_changes(before, after)))
    return status


def _data(zones, cell_pages):
    """The picture for programs; the use of a cell by name."""
    names = {letter: name for letter, name, _ in memory.USES}
    return {"cell_pages": cell_pages, "zones": [
        {"node": zone.node, "zone": zone.name, "free_pages": zone.free_pages,
         "blocks": zone.blocks,
         "cells": [{"pfn": cell.pfn, "pages": cell.pages, "free_pages": cell.free_pages,
                    "largest_order": cell.largest_order, "use": names.get(cell.use),
                    "migratetype": cell.migratetype} for cell in zone.cells.values()]}
        for zone in zones]}


def run(arguments):
    """Draw once, again and again, or before and after a command."""
    draw.check(arguments)
    cell_pages = _cell_pages(arguments)
    colour = draw.use_colour(arguments)
    if arguments.diff is not None and (arguments.json or arguments.svg):
        raise answer.Usage("--diff draws in the terminal only")
    if arguments.json:
        output.show_json(_data(_look(arguments, cell_pages), cell_pages))
        return answer.OK
    if arguments.diff is not None:
        return _diff(arguments, cell_pages, colour)
    return draw.show(arguments,
                     lambda: _draw(_look(arguments, cell_pages), cell_pages, colour),
                     lambda: _draw_svg(_look(arguments, cell_pages), cell_pages))
