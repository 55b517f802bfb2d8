# SPDX-License-Identifier: GPL-2.0
"""follow one request from the call to the page-table entry, with proof

kmalloc        SIZE bytes (default 64) of a slab: cache, level, slab, pages, walk
kmalloc-large  more than a slab has (default: the first such size): order, zone, pages, walk
vmalloc        SIZE bytes (default 20000): hole, area, guard, page array, pages, runs, walk
malloc         SIZE bytes (default 131049) of a process: brk or mmap, VMA, faults, pages, RSS

Each claim is compared with a second, independent look. Exit status 1 if two disagree.
What is allocated is freed again.
"""

from mmscope import answer, journey_kmalloc, journey_malloc, journey_vmalloc, proof

_WAYS = {
    "kmalloc": (journey_kmalloc.small, 64),
    "kmalloc-large": (journey_kmalloc.large, None),
    "vmalloc": (journey_vmalloc.run, 20000),
    "malloc": (journey_malloc.run, 131049),
}


def _size(word):
    number = int(word, 0)
    if number <= 0:
        raise ValueError
    return number


_size.__name__ = "size in bytes"


def add_arguments(parser):
    """What the command takes."""
    parser.add_argument("way", choices=_WAYS, help="who is asked")
    parser.add_argument("size", type=_size, nargs="?", metavar="SIZE", help="bytes")
    parser.add_argument("--thread", action="store_true",
                        help="malloc: in a second thread, whose arena is another")
    parser.add_argument("--mmap-threshold", type=_size, metavar="BYTES",
                        help="malloc: set M_MMAP_THRESHOLD first")


def run(arguments):
    """Go, and print what was seen, the part before an error, too."""
    way, default = _WAYS[arguments.way]
    told = proof.Proof(arguments.way, {"size_B": arguments.size or default})
    try:
        way(told, arguments.size or default, arguments)
    except answer.Error:
        if not arguments.json:
            print("\n".join(told.lines()))
        raise
    return told.show(arguments.json)
