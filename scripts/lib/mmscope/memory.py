# SPDX-License-Identifier: GPL-2.0
"""Physical memory as the page allocator has it, cut into cells of equal size."""

import array
import collections
import struct

from mmscope import answer

# struct mmscope_block_record, MMSCOPE_BLOCK_END
_BLOCK = struct.Struct("=QIBBBB")
_BLOCK_END = 255

# No machine of ours has a page frame behind it: 52 bits of address.
_PFN_MAX = (1 << 40) - 1

ZONES = ("DMA", "DMA32", "Normal", "HighMem", "Movable", "Device")

# Of the pages of a cell that are in use, so many are looked at.
_SAMPLE_PAGES = 32

# What a page in use is: letter, name, and the bits of /proc/kpageflags that all have to be set,
# in the order of the questions.
USES = (
    (" ", "no memory", 1 << 20),
    ("x", "poisoned", 1 << 19),
    ("o", "offline", 1 << 23),
    ("s", "slab", 1 << 7),
    ("t", "page table", 1 << 26),
    ("h", "hugetlb", 1 << 17),
    ("a", "anonymous", 1 << 12),
    ("f", "file", 1 << 5),
    ("f", "file", 1 << 11),
    ("r", "reserved", 1 << 32),
    ("k", "other kernel", 0),
)

Block = collections.namedtuple("Block", "pfn node zone order migratetype kind")


class Cell:
    """Some pages that lie side by side, in one zone."""

    __slots__ = ("pfn", "pages", "free_pages", "largest_order", "use", "migratetype")

    def __init__(self, pfn, pages, migratetype):
        self.pfn = pfn
        self.pages = pages
        self.free_pages = 0
        self.largest_order = None  # of the free blocks that reach into it
        self.use = None  # letter: what most of it is, when nothing is free
        self.migratetype = migratetype

    def state(self):
        """What two looks are compared by."""
        return self.free_pages, self.largest_order


class Zone:
    """One zone of one node: its cells by number, pfn // pages of a cell."""

    def __init__(self, node, name):
        self.node = node
        self.name = name
        self.cells = {}
        self.blocks = collections.Counter()  # free blocks by order

    @property
    def free_pages(self):
        """Pages in free blocks."""
        return sum(number << order for order, number in self.blocks.items())


def _page_flags(first_pfn, pages):
    """/proc/kpageflags of these pages."""
    flags = array.array("Q")
    with open("/proc/kpageflags", "rb") as file:
        file.seek(first_pfn * flags.itemsize)
        flags.frombytes(file.read(pages * flags.itemsize))
    return flags


def _use(flags):
    """The letter of what most of these pages are."""
    count = collections.Counter()
    for word in flags:
        count[next(letter for letter, _, bits in USES if word & bits == bits)] += 1
    return count.most_common(1)[0][0] if count else " "


def pageblocks(node=None, zone=None):
    """(first pfn, pfn behind the last, node, zone, migratetype) of each run of pageblocks."""
    for row in answer.ask("buddyviz/pageblocks", _words("merge=1", node, zone)).rows:
        if row["state"] == "online":
            yield (int(row["start_pfn"], 0), int(row["end_pfn"], 0), int(row["node"]),
                   row["zone"], row["migratetype"])


def _words(first, node, zone):
    """A request about one node or zone, or about all. A file that may be read without having been
    asked answers what somebody asked before."""
    return first + "".join(f" {key}={value}" for key, value in (("node", node), ("zone", zone))
                           if value is not None)


def look(cell_pages, node=None, zone=None):
    """Every zone with its cells, in the order of pages."""
    zones = {}
    for start, end, node_id, name, migratetype in pageblocks(node, zone):
        here = zones.setdefault((node_id, name), Zone(node_id, name))
        for number in range(start // cell_pages, -(-end // cell_pages)):
            pfn = max(start, number * cell_pages)
            pages = min(end, (number + 1) * cell_pages) - pfn
            if number in here.cells:
                here.cells[number].pages += pages
            else:
                here.cells[number] = Cell(pfn, pages, migratetype)
    for block in answer.ask_bin("buddyviz/blocks.bin", _BLOCK, _BLOCK_END,
                                _words(f"pfn=0-{_PFN_MAX}", node, zone)):
        _add_block(zones, Block(*block), cell_pages)
    for here in zones.values():
        for cell in here.cells.values():
            if cell.largest_order is None:
                _look_at_use(cell)
    return list(zones.values())


def _add_block(zones, block, cell_pages):
    here = zones.get((block.node, ZONES[block.zone]))
    if here is None:
        return  # memory that came after the first answer
    here.blocks[block.order] += 1
    end = block.pfn + (1 << block.order)
    for number in range(block.pfn // cell_pages, -(-end // cell_pages)):
        cell = here.cells.get(number)
        if cell is None:
            continue
        start = max(block.pfn, number * cell_pages)
        cell.free_pages += min(end, (number + 1) * cell_pages) - start
        cell.largest_order = max(block.order, cell.largest_order or 0)


def _look_at_use(cell):
    flags = _page_flags(cell.pfn, cell.pages)
    cell.use = _use(flags[::max(1, len(flags) // _SAMPLE_PAGES)])
