# SPDX-License-Identifier: GPL-2.0
"""print what all files say of this machine's memory, for a bug report

With the verdicts of each allocator's own check. Addresses of the kernel are left out.
Exit status 1 if a check found something wrong, 3 if one could not be asked.
"""

import os
import time

from mmscope import answer, output, proc, status, top


def add_arguments(_):
    """What the command takes: nothing."""


def _plain(rows, columns):
    return [{column: row.get(column) for column in columns} for row in rows]


def _zones():
    zones = {}
    for row in answer.ask("buddyviz/zones").section("zone"):
        zones.setdefault(row["section"], {})[row["name"]] = row["value"]
    return [dict(word.split("=", 1) for word in name.split()[1:]) | values
            for name, values in zones.items()]


def _maybe(look):
    """What a file says; in words why it does not. One that is off must not hide the others."""
    try:
        return look()
    except answer.Error as error:
        return str(error)


def _whole(name):
    """The answer, if nothing cut it: what was not looked at is not known to be right."""
    found = answer.ask(name)
    if found.truncated:
        raise answer.Error(f"{name}: the answer is not whole: {found.truncated}")
    return found


def _buddy_check():
    return _plain(_whole("buddyviz/check").rows,
                  ("node", "zone", "total_pages", "buddy_pages", "pcp_pages", "free_pages",
                   "difference_pages", "verdict", "look"))


def _slab_check():
    rows = _whole("slubprobe/check").rows
    return [{"verdict": verdict, "caches": len({row["name"] for row in rows
                                                if row["verdict"] == verdict}),
             "names": ",".join(sorted({row["name"] for row in rows
                                       if row["verdict"] == verdict}))
             if verdict != "ok" else None}
            for verdict in ("ok", "partly", "bad")]


def _vmalloc_check():
    found = _whole("vmalloc_walk/check")
    wrong = [row for row in found.rows if row.get("verdict") == "wrong"]
    return {"wrong": len(wrong), "found": sorted({row["finding"] for row in wrong}),
            **found.values("checked")}


def _vmalloc():
    kinds = {}
    for row in answer.ask("vmalloc_walk/areas", "kind=any").rows:
        kind = kinds.setdefault(row["kind"], {"kind": row["kind"], "areas": 0, "size_B": 0,
                                              "pages": 0})
        kind["areas"] += 1
        kind["size_B"] += int(row["size_B"])
        kind["pages"] += int(row["pages"] or 0)
    return sorted(kinds.values(), key=lambda kind: -kind["size_B"])


def look():
    """All of it."""
    machine = status.look()
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "machine": machine["kernel"],
        "off": [dict(row, section=section) for section in status.SECTIONS
                for row in status.off(section, machine[section])],
        "load": {f"load_{minutes}_min": round(load, 2) for minutes, load in
                 zip((1, 5, 15), os.getloadavg())},
        "meminfo_kB": proc.table("/proc/meminfo"),
        "zones": _maybe(_zones),
        "fragmentation": _maybe(top.fragmentation),
        "buddy_check": _maybe(_buddy_check),
        "caches": _maybe(top.caches),
        "slab_check": _maybe(_slab_check),
        "vmalloc": _maybe(_vmalloc),
        "vmalloc_lazy": _maybe(lambda: answer.ask("vmalloc_walk/lazy").values("summary")),
        "vmalloc_check": _maybe(_vmalloc_check),
        "paging": _maybe(lambda: answer.ask("pgwalk/layout").values("paging")),
    }


def _rows(part):
    """The rows of a check; none where there are words instead."""
    return part if isinstance(part, list) else []


def wrong(data):
    """Which checks found something, in words."""
    found = []
    for row in _rows(data["buddy_check"]):
        if row["verdict"] not in ("equal", None):
            found.append(f"buddyviz/check: node {row['node']} zone {row['zone']} "
                         f"{row['verdict']}")
    for row in _rows(data["slab_check"]):
        if row["verdict"] == "bad" and row["caches"]:
            found.append(f"slubprobe/check: {row['names']}")
    if isinstance(data["vmalloc_check"], dict) and data["vmalloc_check"]["wrong"]:
        found.append(f"vmalloc_walk/check: {', '.join(data['vmalloc_check']['found'])}")
    return found


def unchecked(data):
    """Which checks could not be asked: there are words instead."""
    return [name for name in ("buddy_check", "slab_check", "vmalloc_check")
            if isinstance(data[name], str)]


def partly(data):
    """What the checks could not tell, in words."""
    found = []
    for row in _rows(data["buddy_check"]):
        if row["verdict"] is None:
            found.append(f"buddyviz/check: node {row['node']} zone {row['zone']}")
    for row in _rows(data["slab_check"]):
        if row["verdict"] == "partly" and row["caches"]:
            found.append(f"slubprobe/check: {row['names']}")
    return found


def lines(data):
    """For people."""
    for name, part in data.items():
        yield output.paint(f"== {name.replace('_', ' ')} ==", output.BOLD)
        if isinstance(part, dict):
            yield from (f"{key:<28} {'-' if value is None else value}"
                        for key, value in part.items())
        elif isinstance(part, list) and part:
            columns = [key for key in dict.fromkeys(key for row in part for key in row)
                       if key != "section" or name == "off"]
            yield from output.table(part, columns)
        else:
            yield str(part) if part else "nothing"
        yield ""
    found = wrong(data)
    yield from (output.paint(f"WRONG: {text}", output.RED) for text in found)
    yield from (output.paint(f"not checked: {name}", output.YELLOW) for name in unchecked(data))
    yield from (output.paint(f"checked in part: {text}", output.YELLOW) for text in partly(data))
    if not found and not unchecked(data) and not partly(data):
        yield output.paint("every check agrees", output.GREEN)


def run(arguments):
    """Print it."""
    data = look()
    if arguments.json:
        output.show_json(data | {"wrong": wrong(data), "not_checked": unchecked(data),
                                 "partly_checked": partly(data)})
    else:
        print("\n".join(lines(data)))
    if wrong(data):
        return answer.DISAGREE
    return answer.MISSING if unchecked(data) else answer.OK
