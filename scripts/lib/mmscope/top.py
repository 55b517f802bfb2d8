# SPDX-License-Identifier: GPL-2.0
"""watch the allocators: requests per second by path, slow paths, fragmentation, caches

Each view counts for the interval: slab requests by level (slubprobe/stats), page requests by
path (the event buddyviz:alloc), faults by class (pgwalk/faults). While it counts, each of
these requests passes a hook.
"""

import sys
import time

from mmscope import answer, events, output, proc

_CACHES = 10
_FAST = {"cpu", "sheaf_main", "sheaf_spare", "pcp"}
_VMSTAT = ("pgfault", "pgmajfault", "pgfree", "allocstall_normal", "compact_stall",
           "pgsteal_kswapd", "pgsteal_direct", "pswpin", "pswpout")


def add_arguments(parser):
    """What the command takes."""
    parser.add_argument("--interval", type=output.seconds, default=1.0, metavar="SECONDS",
                        help="time of one view (default 1, at most 60)")
    parser.add_argument("--once", action="store_true", help="one view, then end")
    parser.add_argument("-n", "--views", type=int, metavar="N", help="so many views, then end")


def _rates(counts, seconds):
    """Requests per second by path, and the share of those that were not fast, in percent; None
    where they were not seen."""
    if counts is None:
        return None
    total = sum(counts.values())
    slow = sum(count for path, count in counts.items() if path not in _FAST)
    return {"per_s": {path: round(count / seconds, 1) for path, count in
                      sorted(counts.items(), key=lambda item: -item[1])},
            "requests_per_s": round(total / seconds, 1),
            "slow_percent": round(100 * slow / total, 1) if total else None}


def _slab(rows, request):
    if rows is None:
        return None
    counts = {}
    for row in rows:
        if row["request"] == request:
            counts[row["level"]] = counts.get(row["level"], 0) + int(row["count"])
    return counts


def _classes(rows, seconds):
    if rows is None:
        return None
    return {row["class"]: round(int(row["count"]) / seconds, 1) for row in rows}


def fragmentation():
    """Of each zone: free pages, and what share of them is too small for a huge page."""
    zones = []
    for row in answer.ask("buddyviz/fragmentation").rows:
        words = dict(word.split("=", 1) for word in row["section"].split()[1:])
        if row["order"] == words["huge_order"]:
            zones.append({"node": int(words["node"]), "zone": words["zone"],
                          "largest_free_pages": int(words["largest_free_pages"]),
                          "huge_order": int(words["huge_order"]),
                          "unusable_index": row["unusable_index"],
                          "fragmentation_index": row["fragmentation_index"]})
    return zones


def caches():
    """The caches with most memory."""
    rows = answer.ask("slubprobe/caches").rows
    for row in rows:
        row["total_B"] = int(row["slabs"] or 0) * (proc.PAGE_B << int(row["order"] or 0))
    rows.sort(key=lambda row: -row["total_B"])
    return [{"name": row["name"], "total_B": row["total_B"],
             "objects": output.number(row["objects"]),
             "allocated": output.number(row["allocated"])} for row in rows[:_CACHES]]


def _slab_for(seconds):
    """The counts of slab requests, after so many seconds; None where they cannot be had."""
    try:
        return answer.ask("slubprobe/stats", f"ms={max(1, int(seconds * 1000))}").rows
    except answer.Off:
        time.sleep(seconds)
        return None


def _count(faults):
    """Have faults counted: can they be?"""
    try:
        faults.request("all=1")
    except answer.Off:
        return False
    return True


def look(seconds):
    """One view; takes so many seconds."""
    before, started = proc.table("/proc/vmstat"), time.monotonic()
    with events.Events("buddyviz:alloc", hist="path") as pages, \
            answer.File("pgwalk/faults") as faults:
        counted = _count(faults)
        slab = _slab_for(seconds)
        paths, classes = pages.counts(), faults.ask().section("classes") if counted else None
        passed = time.monotonic() - started
    after = proc.table("/proc/vmstat")
    return {
        "seconds": round(passed, 2),
        "pages": _rates(paths, passed),
        "slab_alloc": _rates(_slab(slab, "alloc"), seconds),
        "slab_free": _rates(_slab(slab, "free"), seconds),
        "faults": _classes(classes, passed),
        "vmstat_per_s": {name: round((after[name] - before[name]) / passed, 1)
                         for name in _VMSTAT if name in after},
        "fragmentation": fragmentation(),
        "caches": caches(),
    }


_OFF = "not seen: no tracefs, or its hooks are off (see status)"


def _rate_line(name, rates):
    if rates is None:
        return f"{name:<11} {_OFF}"
    slow = rates["slow_percent"]
    share = "-" if slow is None else f"{slow} %"
    if slow is not None and slow >= 10:
        share = output.paint(share, output.YELLOW)
    paths = ", ".join(f"{path} {rate:g}" for path, rate in rates["per_s"].items())
    return f"{name:<11} {rates['requests_per_s']:>9g} a second, {share} slow: {paths or '-'}"


def lines(view):
    """For people."""
    yield output.paint(f"{time.strftime('%H:%M:%S')}  {view['seconds']} s", output.BOLD)
    for name, key in (("pages", "pages"), ("slab alloc", "slab_alloc"),
                      ("slab free", "slab_free")):
        yield _rate_line(name, view[key])
    for name, key in (("faults", "faults"), ("vmstat", "vmstat_per_s")):
        rates = view[key]
        words = _OFF if rates is None else ", ".join(f"{word} {rate:g}"
                                                     for word, rate in rates.items())
        yield f"{name:<11} {words or '-'}"
    yield ""
    yield from output.table(view["fragmentation"], [
        "node", "zone", "largest_free_pages", "huge_order", "unusable_index",
        "fragmentation_index"])
    yield ""
    yield from output.table([dict(row, total=output.size(row["total_B"]))
                             for row in view["caches"]],
                            ["name", "total", "objects", "allocated"])


def run(arguments):
    """View after view."""
    left = 1 if arguments.once else arguments.views
    while left is None or left > 0:
        view = look(arguments.interval)
        if arguments.json:
            output.show_json(view)
        else:
            screen = "\x1b[H\x1b[J" if sys.stdout.isatty() and left != 1 else ""
            print(screen + "\n".join(lines(view)))
        sys.stdout.flush()
        left = None if left is None else left - 1
    return answer.OK
