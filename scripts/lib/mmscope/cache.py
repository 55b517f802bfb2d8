# SPDX-License-Identifier: GPL-2.0
"""show how much of files is in memory, without bringing anything in

One character of a bar is an equal part of the file: O all of it is in memory, o some of it,
blank nothing.
"""

import collections
import os

from mmscope import answer

BAR = 60  # characters

_FILE = "pgwalk/pagecache"


def add_arguments(parser):
    """What the command takes."""
    parser.add_argument("files", metavar="FILE", nargs="+", help="a regular file")


def _request(path):
    """The request for a path: blanks and what is not printable as octal, as /proc/mounts has it."""
    escaped = "".join(chr(byte) if 0x20 < byte < 0x7f and byte != 0x5c else f"\\{byte:03o}"
                      for byte in os.fsencode(os.path.abspath(path)))
    return f"path={escaped}"


def _printable(path):
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _bar(extents, file_pages):
    width = min(BAR, file_pages)
    resident = [0] * width
    for index, pages in extents:
        end = min(index + pages, file_pages)
        while index < end:
            cell = index * width // file_pages
            cell_end = -(-(cell + 1) * file_pages // width)
            resident[cell] += min(end, cell_end) - index
            index = cell_end
    sizes = [-(-(cell + 1) * file_pages // width) - -(-cell * file_pages // width)
             for cell in range(width)]
    return "".join("O" if have >= size else "o" if have else " "
                   for have, size in zip(resident, sizes))


def _show(path):
    """Print one file; return its resident pages and all its pages."""
    rows = answer.ask(_FILE, _request(path)).rows
    extents = [row for row in rows if row["section"] == "extents"]
    totals = {row["name"]: row["value"] for row in rows if row["section"] == "totals"}
    folios = collections.Counter()
    for row in extents:
        folios[int(row["order"])] += int(row["pages"]) >> int(row["order"])
    file_pages, resident = int(totals["file_pages"]), int(totals["resident_pages"])
    bar = _bar([(int(row["index"]), int(row["pages"])) for row in extents], file_pages)
    orders = " ".join(f"{order}:{folios[order]}" for order in sorted(folios))
    print(_printable(path))
    print(f"[{bar}] {resident}/{file_pages} pages, {totals['resident_percent'] or 0} %")
    print(f"  dirty {totals['dirty_pages']}, writeback {totals['writeback_pages']}, "
          f"referenced {totals['referenced_pages']}, active {totals['active_pages']}; "
          f"folios by order {orders or '-'}")
    return resident, file_pages


def run(arguments):
    """Show each file, and several together."""
    status, resident, pages = 0, 0, 0
    for path in arguments.files:
        if not os.path.isfile(path):
            print(f"{_printable(path)}: not a regular file")
            status = 1
            continue
        have, size = _show(path)
        resident += have
        pages += size
    if len(arguments.files) > 1:
        print(f"together {resident}/{pages} pages, {resident * 100 // max(pages, 1)} %")
    return status
