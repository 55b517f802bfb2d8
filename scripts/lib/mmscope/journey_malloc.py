# SPDX-License-Identifier: GPL-2.0
"""The journey of a user's malloc(): glibc's choice, the VMA, faults, pages, page tables."""

import os
import subprocess

from mmscope import answer, events, load, output, proc, proof, walk

# glibc: a chunk has a header of one word, is a multiple of 16 bytes, of at least 32; those of
# at least the threshold get a mapping of their own. Bits of the header's word:
_ALIGN_B, _HEADER_B, _CHUNK_MIN_B = 16, 8, 32
_IS_MMAPPED, _NON_MAIN_ARENA = 2, 4
THRESHOLD_B = 128 << 10

_FAULTS_SHOWN = 6
_ANON = 1 << 12  # of /proc/kpageflags

_CHOICES = {
    "top": "the arena had room: no system call",
    "brk": "brk() moved the end of the heap",
    "mprotect": "mprotect() made more of the arena usable",
    "mmap": "mmap() made a new mapping",
}


def chunk_B(size):
    """What glibc takes for a request."""
    return max(_CHUNK_MIN_B, (size + _HEADER_B + _ALIGN_B - 1) & -_ALIGN_B)


class User:
    """The process that calls malloc()."""

    def __init__(self):
        program = os.path.join(load.TOP, "selftests/malloc_user")
        if not os.access(program, os.X_OK):
            raise answer.Missing("no selftests/malloc_user: make -C selftests builds it")
        # What the environment tells malloc() would change what is shown.
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("MALLOC_") and name != "GLIBC_TUNABLES"}
        self._process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
            env=environment)
        self.pid = self._process.pid
        self._read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def _read(self):
        line = self._process.stdout.readline()
        if not line:
            raise answer.Error("malloc_user has ended")
        return {key: int(value, 0) for key, value in
                (word.split("=", 1) for word in line.split())}

    def tell(self, line):
        """Have it do something; its answer."""
        try:
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise answer.Error("malloc_user has ended") from None
        return self._read()


def choice(before, after, last):
    """How the address of the last byte came to be usable, by the areas before and after."""
    was, now = proc.area_of(before, last), proc.area_of(after, last)
    if now is None:
        return None
    if was is not None:
        return "top" if "w" in was.perms else "mprotect"
    return "brk" if now.name == "[heap]" else "mmap"


def run(told, size, arguments):
    """Have a process call malloc(), and look at it after each step."""
    with User() as user, answer.File("pgwalk/faults") as faults:
        if arguments.thread:
            user.tell("thread")
        if arguments.mmap_threshold:
            user.tell(f"threshold {arguments.mmap_threshold}")
        # Twice, so that all that the answer needs is mapped.
        user.tell("stat")
        start = user.tell("stat")
        tables_kB = proc.status(user.pid, "VmPTE")
        before = proc.maps(user.pid)
        with events.Events("pgwalk:fault", "buddyviz:alloc", pid=start["tid"]) as seen:
            faults.request(f"pid={user.pid}")
            block = user.tell(f"malloc {size}")
            if not block["addr"]:
                raise answer.Error(f"malloc({size}) failed")
            _tell_choice(told, user, block, before, arguments)
            _tell_untouched(told, user, block)
            touched = user.tell("touch")
            answered = faults.ask()
            _tell_faults(told, user, start, touched, answered, seen)
        _tell_page(told, user, block)
        _tell_totals(told, user, block, answered, tables_kB)
        _tell_freed(told, user, block)


def _tell_choice(told, user, block, before, arguments):
    told.step("glibc's choice")
    size, addr = block["size"], block["addr"]
    threshold = arguments.mmap_threshold or THRESHOLD_B
    after = proc.maps(user.pid)
    how = choice(before, after, addr + size - 1)
    mapped = bool(block["chunk"] & _IS_MMAPPED)
    chunk = chunk_B(size)
    told.say(f"malloc({size}) gave {addr:#x}: a chunk of {chunk} bytes with its header, "
             f"{'not less' if chunk >= threshold else 'less'} than the threshold of {threshold}; "
             f"{_CHOICES.get(how, 'no area')}", how=how, chunk_B=chunk, threshold_B=threshold,
             addr=addr)
    # What the arena has room for needs no other memory, however large it is.
    told.agree("a mapping of its own", ("the size", chunk >= threshold and how != "top"),
               ("glibc's chunk header", mapped))
    told.agree("the mapping", ("glibc's chunk header", "mmap" if mapped else "of the arena"),
               ("/proc/PID/maps", "mmap" if how == "mmap" else "of the arena"))
    told.agree("another arena than the first", ("glibc's chunk header", bool(
        block["chunk"] & _NON_MAIN_ARENA)), ("the request", arguments.thread and not mapped))
    _tell_heap_end(told, block, after)
    told.step("The VMA")
    was = proc.area_of(before, addr + size - 1)
    now = proc.area_of(after, addr)
    told.say(f"before: {_area(was)}")
    told.say(f"after: {_area(now)}", vma=_area(now))
    vma = answer.ask("pgwalk/vmas", f"pid={user.pid} find={addr:#x}").rows[0]
    told.agree("area", ("pgwalk/vmas", [f"{int(vma[key], 0):#x}" for key in ("start", "end")]),
               ("/proc/PID/maps", [f"{now.start:#x}", f"{now.end:#x}"]))


def _tell_heap_end(told, block, areas):
    # Several areas where glibc asks for huge pages in a part of it.
    ends = [area.end for area in areas if area.name == "[heap]"]
    told.agree("end of the heap", ("the process", f"{block['brk']:#x}"),
               ("/proc/PID/maps", f"{max(ends):#x}" if ends else None))


def _area(area):
    return f"{area.start:#x}-{area.end:#x} {area.perms} {area.name}".rstrip() if area else "nothing"


def _pages(block):
    """(address of the first page, number) of all that the block reaches into."""
    first = block["addr"] & -proc.PAGE_B
    return first, (block["addr"] + block["size"] - 1 - first) // proc.PAGE_B + 1


def _frames(pid, block):
    """The page frame of each page by the page tables: those of pgwalk/range."""
    first, pages = _pages(block)
    frames = [None] * pages
    for row in answer.ask("pgwalk/range",
                          f"pid={pid} addr={first:#x}-{first + pages * proc.PAGE_B:#x}").rows:
        if row["kind"] == "present":
            place = (int(row["start"], 0) - first) // proc.PAGE_B
            same = "zero" in (row["detail"] or "").split(",")
            for page in range(int(row["size_B"]) // proc.PAGE_B):
                if 0 <= place + page < pages:
                    frames[place + page] = int(row["pfn"], 0) + (0 if same else page)
    return frames


def _both(user, block):
    first, pages = _pages(block)
    return proof.steady(lambda: _frames(user.pid, block),
                        lambda: proc.pagemap(user.pid, first, pages))


def _present(frames):
    return sum(frame is not None for frame in frames)


def _tell_frames(told, user, block):
    ours, theirs = _both(user, block)
    told.agree(f"pages in memory, of {len(ours)}", ("the walk", _present(ours)),
               ("/proc/PID/pagemap", _present(theirs)))
    told.agree("those with the same frame", ("the walk", _present(ours)),
               ("/proc/PID/pagemap", sum(one == two and one is not None
                                         for one, two in zip(ours, theirs))))
    return ours


def _tell_untouched(told, user, block):
    told.step("Before the first touch")
    found = walk.walks([block["addr"] + block["size"] - 1], user.pid)[0]
    walk.tell(told, found)
    _tell_frames(told, user, block)


def _tell_faults(told, user, start, touched, answered, seen):
    told.step("The first touch: page faults")
    classes = answered.section("classes")
    told.table(classes, ("class", "count", "p50_ns", "max_ns", "minor", "major", "pte", "pmd",
                         "tables"))
    traced = [words for name, words in seen.read() if name == "fault"]
    shown = [dict(words, pfn=next((f"{frame:#x}" for frame in proc.pagemap(
        user.pid, int(words["addr"], 0)) if frame is not None), None))
             for words in traced[:_FAULTS_SHOWN]]
    told.table(shown, ("addr", "class", "level", "tables", "latency_ns", "pfn"))
    if len(traced) > len(shown):
        told.say(f"{len(traced)} faults were traced, of which {len(shown)} are shown")
    for kind in ("minor", "major"):
        told.agree(f"{kind} faults", ("pgwalk/faults", sum(int(row[kind]) for row in classes)),
                   ("getrusage()", touched[f"{kind[:3]}flt"] - start[f"{kind[:3]}flt"]))
    # The last byte's page is new unless what is left of the arena held it.
    frame = proc.pagemap(user.pid, touched["addr"] + touched["size"] - 1)[0]
    request = events.page_request(seen, frame) if frame is not None else None
    if request:
        told.say(f"the last page, frame {frame:#x}, came by path {request['path']} of order "
                 f"{request['order']} from zone {request['zone']}, {request['migratetype']}",
                 buddy=request)


def _tell_page(told, user, block):
    told.step("The pages")
    frames = _tell_frames(told, user, block)
    found = walk.walks([block["addr"] + block["size"] - 1], user.pid)[0]
    walk.tell(told, found)
    frame = next((frame for frame in reversed(frames) if frame is not None), None)
    if frame is None:
        return
    page, flags = proof.steady(
        lambda: answer.ask("page", f"pfn={frame:#x}").rows[0]["type"] == "anon",
        lambda: bool(proc.page_flags(frame) & _ANON))
    told.agree(f"anonymous, of frame {frame:#x}", ("page", page), ("/proc/kpageflags", flags))


def _tell_totals(told, user, block, answered, tables_kB):
    told.step("Page tables and RSS")
    classes = answered.section("classes")
    tables = sum(int(row["tables"]) for row in classes)
    area = proc.area_of(proc.maps(user.pid), block["addr"])
    grown_kB = proc.status(user.pid, "VmPTE") - tables_kB
    resident = proc.statm_pages(user.pid)[1]
    told.say(f"{tables} page tables were built; the process has {resident} pages in memory",
             tables=tables, resident_pages=resident)
    # A huge page has a table in store that no walk passes.
    if not any(row["class"] == "thp" for row in classes):
        told.agree("page tables that were built", ("pgwalk/faults", tables),
                   ("VmPTE of /proc/PID/status", grown_kB * 1024 // proc.PAGE_B))
    whole = {"addr": area.start, "size": area.end - area.start}
    looks = proof.steady(lambda: _present(_frames(user.pid, whole)),
                         lambda: proc.rss_pages(user.pid, block["addr"]))
    told.agree("pages in memory of the whole area", ("pgwalk/range", looks[0]),
               ("Rss of /proc/PID/smaps", looks[1]))
    told.summary = (f"malloc({block['size']}) = {block['addr']:#x}: "
                    f"{told.steps[0]['facts']['how']}, "
                    f"{sum(int(row['minor']) + int(row['major']) for row in classes)} faults, "
                    f"{tables} page tables, {output.size(looks[0] * proc.PAGE_B)} in memory")


def _tell_freed(told, user, block):
    told.step("Freed")
    left = user.tell("free")
    area = proc.area_of(proc.maps(user.pid), block["addr"])
    told.say(f"its address is in {_area(area)}")
    if block["chunk"] & _IS_MMAPPED:
        told.agree("page frame", ("/proc/PID/maps", None if area is None else _area(area)),
                   ("the walk", walk.walks([block["addr"]], user.pid)[0].pfn))
    _tell_heap_end(told, left, proc.maps(user.pid))
