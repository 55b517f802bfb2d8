# SPDX-License-Identifier: GPL-2.0
"""The journey of vmalloc(): a place in the address space, pages, and a mapping of them."""

import collections
import os

from mmscope import answer, output, proc, walk

# So many pages at most are walked and looked at one by one.
_PAGES = 512

# In the tables of so many processes at most.
_PROCESSES = 8

_GONE = object()


def _hex(value):
    return None if value is None else f"{value:#x}"


def run(told, size, _):
    """Follow one area that is kept until we are done."""
    told.step("Where it will go")
    before = answer.ask("vmalloc_walk/holes", f"size={size}")
    fit, holes = before.section("fit"), before.values("summary")
    told.say(f"{holes['holes']} holes, the largest of "
             f"{output.size(int(holes['largest_B']))}; just now the next area of this size "
             f"would go to {fit[0]['start']} ({fit[0]['source']}), in the hole up to "
             f"{fit[0]['hole_end']}", fit=fit[0])
    with answer.File("vmalloc_walk/vmalloc") as file:
        made = file.ask(f"size={size} keep=1 phases=1").section("areas")
        if not made or made[0]["start"] is None:
            raise answer.Error(f"vmalloc({size}) failed: short of memory?")
        made = made[0]
        start = int(made["start"], 0)
        details = answer.ask("vmalloc_walk/area", f"addr={start:#x}")
        area = details.values("area")
        _tell_area(told, size, made, area, details)
        _tell_pages(told, area, details)
        _tell_walk(told, area, details, size)
        _tell_processes(told, start)
    told.step("Freed again")
    lazy = answer.ask("vmalloc_walk/lazy")
    waits = any(int(row["start"], 0) == start for row in lazy.section("areas"))
    told.say("its addresses wait for the next purge, with "
             f"{lazy.values('summary')['lazy_pages']} lazy pages in all" if waits else
             "its addresses were purged already", lazy=waits)
    told.summary = (f"vmalloc({size}) = {start:#x}: {area['pages']} pages in {made['runs']} "
                    f"physical runs, from {made['source']}")


def _tell_area(told, size, made, area, details):
    told.step("The area")
    start, end = int(area["start"], 0), int(area["end"], 0)
    told.say(f"vmalloc({size}) gave {made['start']} from {made['source']}; vm_struct "
             f"{area['vm_struct']}, flags {area['flags']}, caller {area['caller']}", area=area)
    for row in details.section("neighbours"):
        told.say(f"{row['side']} area {row['start'] or '-'}, {row['gap_B'] or '-'} bytes between")
    pages = -(-size // proc.PAGE_B)
    told.agree("address", ("vmalloc", made["start"]), ("the vmap_area", area["start"]))
    listed = proc.vmallocinfo(start, end - start, "vmalloc_walk")
    told.agree("bytes of the area", ("the vmap_area", end - start),
               ("/proc/vmallocinfo", listed[0] if listed else None))
    told.agree("pages", ("the vm_struct", int(area["pages"])),
               ("/proc/vmallocinfo", listed[1] if listed else None))
    told.agree("pages and guard page", ("the vmap_area", (end - start) // proc.PAGE_B),
               ("the size", pages + int(area["guard_B"] or 0) // proc.PAGE_B))


def _tell_pages(told, area, details):
    told.step("The page array, and physical runs")
    runs = details.section("runs")
    told.say(f"page array {area['page_array']}, {area['page_array_size_B']} bytes, by "
             f"{area['page_array_in']}", page_array=area["page_array"])
    told.table(runs[:8], ("start", "pages", "pfn", "level", "perms", "page_array", "node"))
    if len(runs) > 8:
        told.say(f"{len(runs)} runs, of which 8 are shown")
    told.agree("pages of all runs", ("the page tables", sum(int(row["pages"]) for row in runs)),
               ("the vm_struct", int(area["pages"])))
    told.agree("runs that the page array has, too", ("the page tables", len(runs)),
               ("the page array", sum(row["page_array"] == "same" for row in runs)))


def _tell_walk(told, area, details, size):
    """Each page by pgwalk, which knows nothing of areas, against the runs."""
    told.step("From pgd to pte")
    start, guard = int(area["start"], 0), -(-size // proc.PAGE_B)
    frames = {}
    for row in details.section("runs"):
        first = (int(row["start"], 0) - start) // proc.PAGE_B
        for place in range(int(row["pages"])):
            frames[first + place] = int(row["pfn"], 0) + place
    looked = sorted(frames)[:_PAGES]
    found = walk.walks([start + place * proc.PAGE_B for place in looked])
    walk.tell(told, found[0])
    told.agree(f"page frames of the first {len(looked)} pages, one by one",
               ("vmalloc_walk", f"{len(looked)} equal"),
               ("pgwalk", f"{sum(frames[place] == one.pfn for place, one in zip(looked, found))} "
                          "equal"))
    flags = [proc.page_flags(frames[place]) for place in looked]
    told.agree("of these still free in the page allocator", ("the area", 0),
               ("/proc/kpageflags", sum(bool(word & proc.BUDDY) for word in flags)))
    behind = walk.walks([start + guard * proc.PAGE_B])[0]
    shown = next((row for row in details.section("walks") if row["page"] == "guard"), None)
    if shown:
        told.agree("the guard page", ("vmalloc_walk", shown["kind"]),
                   ("pgwalk", behind.leaf["kind"]))


def _tell_processes(told, start):
    told.step("In the tables of processes")
    ours = walk.walks([start], os.getpid())[0]
    kernel = walk.walks([start])[0]
    told.say(f"this process's own {ours.levels[0]['level']} entry: {ours.levels[0]['raw']}")
    told.agree("page frame", ("the kernel's tables", _hex(kernel.pfn)),
               ("those of this process", _hex(ours.pfn)))
    rows = answer.ask("vmalloc_walk/sync", "all=1").rows
    told.say(f"top-level entries of {len(rows)} processes: "
             f"{sum(row['verdict'] == 'ok' for row in rows)} ok ({rows[0]['why']})",
             processes=len(rows))
    frames = collections.Counter(_frame_in(row["pid"], start) for row in rows[:_PROCESSES])
    del frames[_GONE]
    told.agree(f"page frame in {sum(frames.values())} processes",
               ("the kernel's tables", [_hex(kernel.pfn)] if frames else []),
               ("theirs", list(frames)))


def _frame_in(pid, addr):
    """The page frame of a kernel address in a process's tables."""
    try:
        return _hex(walk.walks([addr], pid)[0].pfn)
    except answer.Error:
        return _GONE  # it ended
