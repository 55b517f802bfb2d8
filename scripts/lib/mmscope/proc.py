# SPDX-License-Identifier: GPL-2.0
"""The second look: what the kernel itself says, in /proc."""

import array
import collections
import os

PAGE_B = os.sysconf("SC_PAGE_SIZE")

# Bits of /proc/kpageflags
COMPOUND_HEAD, SLAB, BUDDY = 1 << 15, 1 << 7, 1 << 10

Mapping = collections.namedtuple("Mapping", "start end perms name")


def _words(path, first, count):
    """So many 64-bit words of a file."""
    words = array.array("Q")
    with open(path, "rb", buffering=0) as file:
        file.seek(first * words.itemsize)
        words.frombytes(file.read(count * words.itemsize))
    return words


def pagemap(pid, addr, pages=1):
    """The page frame of each page, None where none is present."""
    return [word & ((1 << 55) - 1) if word >> 63 else None
            for word in _words(f"/proc/{pid}/pagemap", addr // PAGE_B, pages)]


def page_flags(pfn):
    """/proc/kpageflags of one page frame."""
    return _words("/proc/kpageflags", pfn, 1)[0]


def maps(pid):
    """The areas of a process."""
    areas = []
    with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as file:
        for line in file:
            words = line.split(maxsplit=5)
            start, end = (int(word, 16) for word in words[0].split("-"))
            areas.append(Mapping(start, end, words[1], words[5].strip() if words[5:] else ""))
    return areas


def area_of(areas, addr):
    """The one that holds an address, or None."""
    return next((area for area in areas if area.start <= addr < area.end), None)


def rss_pages(pid, addr):
    """Pages in memory of the area that holds an address: /proc/PID/smaps counts them."""
    inside = False
    with open(f"/proc/{pid}/smaps", encoding="utf-8", errors="replace") as file:
        for line in file:
            word = line.split(maxsplit=1)[0]
            if not word.endswith(":"):
                start, end = (int(part, 16) for part in word.split("-"))
                inside = start <= addr < end
            elif inside and word == "Rss:":
                return int(line.split()[1]) * 1024 // PAGE_B
    return None


def status(pid, name):
    """A number of /proc/PID/status, in the unit it has there."""
    with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
        return next((int(line.split()[1]) for line in file if line.startswith(f"{name}:")), None)


def statm_pages(pid):
    """(all, resident) pages of a process."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return tuple(int(word) for word in file.read().split()[:2])


def vmallocinfo(start, size_B, module):
    """(bytes, pages) of an area, as /proc/vmallocinfo has it, or None: of the one at this
    address; where addresses are hashed (kptr_restrict=0), of one of this size by this module."""
    with open("/proc/vmallocinfo", encoding="ascii", errors="replace") as file:
        lines = [line.split() for line in file]
    real = any(words[0].startswith(f"{start:#x}-") for words in lines)
    for words in lines:
        if (words[0].startswith(f"{start:#x}-") if real else
                words[1] == str(size_B) and f"[{module}]" in words):
            return int(words[1]), next((int(word[6:]) for word in words
                                        if word.startswith("pages=")), None)
    return None


def slab_object_B(cache):
    """The size of a cache's objects, without what slub_debug adds (in /proc/slabinfo it is
    part of it); None where /sys/kernel/slab has no such cache."""
    try:
        with open(f"/sys/kernel/slab/{cache}/object_size", encoding="ascii") as file:
            return int(file.read())
    except OSError:
        return None


def table(path):
    """A file of "name value" lines, as a dict of numbers (/proc/vmstat, /proc/meminfo)."""
    with open(path, encoding="ascii") as file:
        return {words[0].rstrip(":"): int(words[1]) for words in map(str.split, file)}
