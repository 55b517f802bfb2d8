# SPDX-License-Identifier: GPL-2.0
"""The journeys of kmalloc(): an object of a slab, and one that is pages of its own."""

import os
import time

from mmscope import answer, events, proc, walk

_FILE = "slubprobe/kmalloc"

# To see a slab made, so many objects at most are taken at once, and so often.
_MANY_BYTES, _MANY, _ROUNDS = 1 << 21, 1000, 8

# KFENCE takes a request now and then; hooks are armed a moment after the event is on.
_TRIES = 10

_LEVEL_PROOF = {
    "both": "the hooks and the allocator's lists before and after tell the same",
    "hooks": "the hooks tell; the lists do not, as somebody else used them meanwhile",
    "state": "the allocator's lists before and after tell",
}


def _hex(word):
    return None if word is None else f"{int(word):#x}"


def _convert(words):
    return answer.ask("convert", words).rows[0]


def _class_of(size):
    """The row of slubprobe/classes for a plain request of this size, or None above them."""
    return next((row for row in answer.ask("slubprobe/classes").rows if row["kind"] == "normal"
                 and int(row["from_B"]) <= size <= int(row["to_B"])), None)


def _ask_until(file, size, accept):
    """Ask for one object until it is one to follow, or it was often enough; the row of it."""
    for left in reversed(range(_TRIES)):
        row = file.ask(f"size={size} keep=1").section("allocations")[0]
        if row["object"] is None:
            raise answer.Error(f"kmalloc({size}) failed: short of memory?")
        if accept(row) or not left:
            break
        file.ask("free=all")
        time.sleep(0.1)
    return row


def _tell_address(told, addr, pfn, what):
    """page_address() of the page and the walk to it are two ways to one frame."""
    found = walk.walks([addr])[0]
    walk.tell(told, found)
    direct = _convert(f"pfn={pfn:#x}")
    offset = addr - int(direct["virt_addr"], 0)
    told.say(f"page_address({what} {pfn:#x}) is {direct['virt_addr']}, in zone "
             f"{direct['zone']} of node {direct['node']}",
             page_address=direct["virt_addr"], zone=direct["zone"], node=direct["node"])
    told.agree("page frame of the object", ("page_address", _hex(pfn + offset // proc.PAGE_B)),
               ("the walk", _hex(found.pfn)))
    return found, direct


def _tell_pages(told, seen, direct, order):
    """Where in the page allocator the pages came from, by the event of our own request."""
    if seen is None:
        told.say("the event buddyviz:alloc was not seen: no tracefs, or its hooks are off "
                 "(see status)")
        return
    cut = int(seen["split_order"])
    told.say(f"path {seen['path']}: order {seen['order']} of zone {seen['zone']}, "
             f"{seen['migratetype']}, "
             + ("from this CPU's page list" if seen["path"] == "pcp" else
                f"cut from a free block of order {cut}" if cut > int(seen["order"]) else
                "a free block of just this order"), buddy=seen)
    told.agree("order", ("buddyviz:alloc", int(seen["order"])), order)
    told.agree("zone", ("buddyviz:alloc", seen["zone"]), ("convert", direct["zone"]))


def _tell_not_free(told, pfn):
    """The page allocator does not have the page any more, in either of two ways to ask."""
    block = answer.ask("buddyviz/block", f"pfn={pfn:#x}").section("block")[0]
    told.say(f"buddyviz/block: held by {block['holder']}, {block['migratetype']} pageblock",
             holder=block["holder"])
    told.agree("free in the page allocator", ("buddyviz/block", block["holder"] in
                                              ("buddy", "pcp")),
               ("/proc/kpageflags", bool(proc.page_flags(pfn) & proc.BUDDY)))


def small(told, size, _):
    """An object of a slab."""
    told.step("The size class")
    row = _class_of(size)
    if row is None or row["served_by"] != "slab":
        raise answer.Usage(f"no slab serves {size} bytes here: journey kmalloc-large does")
    told.say(f"requests of {row['from_B']} to {row['to_B']} bytes get objects of "
             f"{row['size_B']}, e.g. of {row['cache']}", size_class=row)
    with answer.File(_FILE) as file:
        obj = _ask_until(file, size, lambda one: one["level"] != "kfence")
        _tell_object(told, size, row, obj)
        told.step("The page")
        slab = int(obj["slab_pfn"], 0)
        _tell_address(told, int(obj["object"], 0), slab, "slab")
        told.agree("page_address of the slab", ("kmalloc", obj["page_address"]),
                   ("convert", _convert(f"pfn={slab:#x}")["virt_addr"]))
        page = answer.ask("page", f"pfn={slab:#x}").rows[0]
        if obj["level"] != "kfence":
            told.agree("a page of a slab", ("page", page["type"] == "slab"),
                       ("/proc/kpageflags", bool(proc.page_flags(slab) & proc.SLAB)))
        _tell_not_free(told, slab)
        _tell_new_slab(told, file, size)
        freed = file.ask("free=all").section("levels")
        told.step("Freed again")
        told.say("all objects of this journey: " + ", ".join(
            f"{one['count']} {one['level']}" for one in freed if one["request"] == "free"),
                 freed=freed)
    told.summary = (f"kmalloc({size}) = {obj['object']}: {obj['cache']}, level {obj['level']}, "
                    f"slab at page frame {obj['slab_pfn']}")


def _tell_object(told, size, row, obj):
    told.step("The request")
    told.say(f"kmalloc({size}) gave {obj['object']}, object {obj['index']} of the slab at "
             f"page frame {obj['slab_pfn']} of {obj['cache']}, on CPU {obj['cpu']}", object=obj)
    told.say(f"level {obj['level']}: " + _LEVEL_PROOF.get(obj["proof"], "nothing tells it"))
    told.agree("object size", ("slubprobe/classes", int(row["size_B"])),
               ("/sys/kernel/slab", proc.slab_object_B(obj["cache"])))
    seen = answer.ask("slubprobe/object", f"addr={obj['object']}").rows[0]
    for what, ours, theirs in (("cache", "cache", "cache"), ("object", "object", "object_addr"),
                               ("page frame of the slab", "slab_pfn", "pfn"),
                               ("index in the slab", "index", "index")):
        told.agree(what, ("kmalloc", obj[ours]), ("slubprobe/object", seen[theirs]))
    told.agree("state", ("kmalloc", "allocated"), ("slubprobe/object", seen["state"]))


def _tell_new_slab(told, file, size):
    """Ask for more, until a slab has to be made; show where its pages came from."""
    told.step("A new slab")
    count = max(1, min(_MANY, _MANY_BYTES // size))
    with events.Events("buddyviz:alloc", pid=os.getpid()) as seen:
        time.sleep(0.3 if seen.usable else 0)
        for asked in range(1, _ROUNDS + 1):
            slabs = file.ask(f"size={size} count={count} keep=1").section("new_slabs")
            if slabs:
                break
        else:
            told.say(f"{_ROUNDS * count} more objects needed no new slab")
            return
        # The newest: the hooks of the event were armed by then.
        slab = slabs[-1]
        pfn = int(slab["slab_pfn"], 0)
        request = events.page_request(seen, pfn)
    told.say(f"after at most {asked * count} more: a slab of {slab['objects']} objects at page "
             f"frame {slab['slab_pfn']}, the first at {slab['first_object']}; free objects in "
             f"the order {slab['free_list']}", slab=slab)
    direct = _convert(f"pfn={pfn:#x}")
    page = answer.ask("page", f"pfn={pfn:#x}").rows[0]
    _tell_pages(told, request, direct, ("slubprobe/kmalloc", int(slab["order"])))
    told.agree("order", ("slubprobe/kmalloc", int(slab["order"])), ("page", int(page["order"])))
    told.agree("page_address", ("slubprobe/kmalloc", slab["page_address"]),
               ("convert", direct["virt_addr"]))
    told.agree("page frame", ("slubprobe/kmalloc", _hex(pfn)),
               ("the walk", _hex(walk.walks([int(slab["page_address"], 0)])[0].pfn)))


def large(told, size, _):
    """An object that is pages of its own."""
    told.step("The size class")
    rows = [row for row in answer.ask("slubprobe/classes").rows
            if row["kind"] == "normal" and row["served_by"] == "pages"]
    size = size or int(rows[0]["from_B"])
    told.request["size_B"] = size
    if size < int(rows[0]["from_B"]):
        raise answer.Usage(f"slabs serve {size} bytes here: journey kmalloc does")
    order = max(0, (-(-size // proc.PAGE_B) - 1).bit_length())
    row = _class_of(size)
    told.say(f"the first size that no slab serves is {rows[0]['from_B']}; {size} bytes are "
             f"{1 << order} pages, order {order}", order=order)
    if row:
        told.agree("order", ("the size", order), ("slubprobe/classes", int(row["order"])))
    with answer.File(_FILE) as file, events.Events("buddyviz:alloc", pid=os.getpid()) as seen:
        def followed(one):
            return not seen.usable or events.page_request(seen, int(one["slab_pfn"], 0))

        time.sleep(0.3 if seen.usable else 0)
        obj = _ask_until(file, size, followed)
        pfn = int(obj["slab_pfn"], 0)
        told.step("The request")
        told.say(f"kmalloc({size}) gave {obj['object']}, level {obj['level']}, told by "
                 f"{obj['proof']}", object=obj)
        told.step("The page allocator")
        page = answer.ask("page", f"pfn={pfn:#x}").rows[0]
        _tell_pages(told, events.page_request(seen, pfn), _convert(f"pfn={pfn:#x}"),
                    ("page", int(page["order"])))
        told.agree("order of the page", ("the size", order), ("page", int(page["order"])))
        if order:
            told.agree("first page of several", ("page", page["head_pfn"] == f"{pfn:#x}"),
                       ("/proc/kpageflags", bool(proc.page_flags(pfn) & proc.COMPOUND_HEAD)))
        _tell_not_free(told, pfn)
        told.step("The address")
        _, direct = _tell_address(told, int(obj["object"], 0), pfn, "page")
        told.agree("address", ("kmalloc", obj["object"]), ("page_address", direct["virt_addr"]))
        last = int(obj["object"], 0) + size - 1
        told.agree("page frame of the last byte", ("the order", _hex(
            pfn + (size - 1) // proc.PAGE_B)), ("the walk", _hex(walk.walks([last])[0].pfn)))
        file.ask("free=all")
    told.summary = (f"kmalloc({size}) = {obj['object']}: {1 << order} pages from page frame "
                    f"{pfn:#x}, order {order}, zone {direct['zone']}")
