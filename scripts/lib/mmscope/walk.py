# SPDX-License-Identifier: GPL-2.0
"""walk the page tables to an address or symbol, and compare with /proc

Every level with its raw entry, and what they lead to. The second look is
/proc/PID/pagemap for an address of a process, /proc/kallsyms for a symbol.
"""

from mmscope import answer, output, proof, proc

LEVELS = ("level", "index", "table_pfn", "entry_addr", "raw", "bits")


def _gone():
    return answer.Error("pgwalk/walk: the process ended meanwhile")


class Walk:
    """One walk: levels, and the leaf that they lead to."""

    def __init__(self, rows):
        self.levels = [row for row in rows if row["section"].startswith("walk ")]
        self.leaf = next((row for row in rows if row["section"].startswith("leaf ")), None)
        if self.leaf is None:
            raise _gone()
        self.addr = int(self.leaf["section"].split("addr=")[1].split()[0], 0)
        self.tables = self.levels[0]["section"].split("tables=")[1].split()[0]

    @property
    def present(self):
        """Whether a page is mapped."""
        return self.leaf["kind"] == "present"

    @property
    def pfn(self):
        """Page frame of the address, None when nothing is mapped."""
        return output.number(self.leaf["pfn"]) if self.present else None


def walks(addresses, pid=None):
    """Walk each address, of the kernel or of a process."""
    result = []
    for first in range(0, len(addresses), 64):
        words = ",".join(f"{addr:#x}" for addr in addresses[first:first + 64])
        rows = answer.ask("pgwalk/walk", f"addr={words}" + (f" pid={pid}" if pid else "")).rows
        start = 0
        for place, row in enumerate(rows):
            if row["section"].startswith("leaf "):
                result.append(Walk(rows[start:place + 1]))
                start = place + 1
    if len(result) < len(addresses):
        raise _gone()
    return result


def tell(told, found):
    """Show a walk as part of a proof."""
    told.table(found.levels, LEVELS)
    leaf = found.leaf
    told.say(f"{found.tables} tables map {found.addr:#x}: "
             + (f"page frame {found.pfn:#x} by a {leaf['level']} entry of "
                f"{output.size(int(leaf['size_B']))}, {leaf['perms']}, {leaf['type'] or 'no page'}"
                if found.present else f"{leaf['kind']} at {leaf['level']}"),
             addr=found.addr, pfn=found.pfn, leaf=leaf)


def add_arguments(parser):
    """What the command takes."""
    parser.add_argument("where", metavar="ADDRESS|SYMBOL", help="e.g. 0xffff888000000000, schedule")
    parser.add_argument("--pid", help="of this process (a number, or self)")


def _kallsyms(symbol):
    with open("/proc/kallsyms", encoding="ascii", errors="replace") as file:
        return [int(words[0], 16) for words in map(str.split, file)
                if words[2] == symbol]


def _frame(value):
    return None if value is None else f"{value:#x}"


def run(arguments):
    """Walk, compare, print."""
    try:
        words = f"addr={int(arguments.where, 0):#x}"
    except ValueError:
        words = f"symbol={arguments.where}"
    request = words + (f" pid={arguments.pid}" if arguments.pid else "")
    told = proof.Proof("walk", request)
    told.step(f"walk {request}")
    found = Walk(answer.ask("pgwalk/walk", request).rows)
    tell(told, found)
    if words.startswith("symbol="):
        symbol, _, offset = arguments.where.partition("+")
        addr = found.addr - int(offset or "0", 0)
        theirs = _kallsyms(symbol)
        if theirs and not any(theirs):
            told.say("/proc/kallsyms hides addresses: kernel.kptr_restrict is 2")
        else:
            told.agree(f"address of {symbol}", ("the walk", f"{addr:#x}"),
                       ("/proc/kallsyms", next((f"{one:#x}" for one in theirs
                                                if one == addr), None)))
    if found.tables == "user":
        looks = proof.steady(lambda: _frame(walks([found.addr], arguments.pid)[0].pfn),
                             lambda: _frame(proc.pagemap(arguments.pid, found.addr)[0]))
        told.agree("page frame", ("the walk", looks[0]), ("/proc/PID/pagemap", looks[1]))
    elif found.present:
        again = answer.ask("convert", f"pfn={found.pfn:#x}").rows[0]
        head = found.addr & ~(proc.PAGE_B - 1)
        if output.number(again["virt_addr"]) is not None and again["state"] == "online":
            direct = walks([int(again["virt_addr"], 0)])[0]
            told.agree("page frame", (f"the walk of {head:#x}", _frame(found.pfn)),
                       ("that of its direct-map address", _frame(direct.pfn)))
    told.summary = (f"{found.addr:#x} is page frame {found.pfn:#x}" if found.present else
                    f"{found.addr:#x} is not mapped: {found.leaf['kind']}")
    return told.show(arguments.json)
