# SPDX-License-Identifier: GPL-2.0
"""show how much of files is in memory, without bringing anything in

One character of a bar is an equal part of the file: O all of it is in memory, o some of it,
blank nothing. With --touch, --evict or --lock there is one bar from before and one from after.
"""

import collections
import mmap
import os
import signal
import sys

from mmscope import answer, output

BAR = 60  # characters

_FILE = "pgwalk/pagecache"

# mmap(2); Python 3.9 has no name for it.
_MAP_LOCKED = 0x2000


def _touch(file):
    """Read the file into memory"""
    while file.read(1 << 20):
        pass


def _evict(file):
    """Write out what is dirty, then drop what nobody uses"""
    os.fdatasync(file.fileno())
    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _lock(file):
    """Read the file in and keep it in memory until Ctrl-C"""
    if not os.fstat(file.fileno()).st_size:
        return None
    return mmap.mmap(file.fileno(), 0, mmap.MAP_SHARED | _MAP_LOCKED, mmap.PROT_READ)


_ACTIONS = {"touch": _touch, "evict": _evict, "lock": _lock}


def add_arguments(parser):
    """What the command takes."""
    parser.add_argument("files", metavar="FILE", nargs="+", help="a regular file")
    action = parser.add_mutually_exclusive_group()
    for name, function in _ACTIONS.items():
        action.add_argument(f"--{name}", dest="action", action="store_const", const=name,
                            help=function.__doc__)


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


class _Look:
    """One look at a file."""

    def __init__(self, path):
        found = answer.ask(_FILE, _request(path))
        self.extents, self.totals = found.section("extents"), found.values("totals")
        self.pages = int(self.totals["file_pages"])
        self.resident = int(self.totals["resident_pages"])

    def line(self):
        """The bar, and the share that is in memory."""
        bar = _bar([(int(row["index"]), int(row["pages"])) for row in self.extents], self.pages)
        return (f"[{bar}] {self.resident}/{self.pages} pages, "
                f"{self.totals['resident_percent'] or 0} %")

    def details(self):
        """What the resident pages are."""
        folios = collections.Counter()
        for row in self.extents:
            folios[int(row["order"])] += int(row["pages"]) >> int(row["order"])
        orders = " ".join(f"{order}:{folios[order]}" for order in sorted(folios))
        return (f"  dirty {self.totals['dirty_pages']}, writeback "
                f"{self.totals['writeback_pages']}, referenced {self.totals['referenced_pages']}, "
                f"active {self.totals['active_pages']}; folios by order {orders or '-'}")

    def data(self):
        """For programs."""
        return {"extents": self.extents, "totals": self.totals}


def _act(action, path, kept):
    """Do it; what has to live on goes to kept."""
    with open(path, "rb", buffering=0) as file:
        kept.append(_ACTIONS[action](file))


def _file(path, arguments, kept):
    """Look, act, look again, and show it: the last look, and what programs get."""
    data = {"path": _printable(path)}
    if not arguments.json:
        print(data["path"])
    look = _Look(path)
    if arguments.action:
        data["before"] = look.data()
        if not arguments.json:
            print(f"{look.line()}, before --{arguments.action}")
        _act(arguments.action, path, kept)
        look = _Look(path)
    if not arguments.json:
        print(look.line())
        print(look.details())
    return look, dict(data, **look.data())


def _failed(arguments, path, look):
    """Should the file be in memory, and is not? Then that is told."""
    if arguments.action not in ("touch", "lock") or look.resident >= look.pages:
        return False
    print(f"mmscope: {_printable(path)}: {look.pages - look.resident} of {look.pages} pages are "
          "not in memory: there is too little of it, or they are holes", file=sys.stderr)
    return True


def run(arguments):
    """Each file, and several together."""
    status, kept, looks, data = answer.OK, [], [], []
    for path in arguments.files:
        if not os.path.isfile(path):
            print(f"mmscope: {_printable(path)}: not a regular file", file=sys.stderr)
            status = answer.USAGE
            continue
        look, of_file = _file(path, arguments, kept)
        if _failed(arguments, path, look):
            status = answer.REFUSED
        looks.append(look)
        data.append(of_file)
    if arguments.json:
        output.show_json({"files": data})
    elif len(arguments.files) > 1:
        resident, pages = sum(look.resident for look in looks), sum(look.pages for look in looks)
        print(f"together {resident}/{pages} pages, {resident * 100 // max(pages, 1)} %")
    if arguments.action == "lock" and looks:
        sys.stdout.flush()
        print("mmscope: locked until Ctrl-C", file=sys.stderr)
        signal.pause()
    return status
