#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The journeys of scripts/mmscope: every look at a request agrees with a second one, at rest and
# while somebody uses up memory; malloc() does at its threshold what glibc is known to do.
# That a disagreement is reported: scripts/lib/mmscope/unit_test.py.

# shellcheck disable=SC2317 # check() calls the functions by name

. "$(dirname "$0")/lib.sh"

FRONT=$MMSCOPE_TOP/scripts/mmscope
ANSWER=	# of the last journey, JSON

# goes(arguments...) - a journey of which all looks agree, and there are some
goes()
{
	ANSWER=$("$FRONT" journey --json "$@")
	local status=$?

	told 'not d["disagreements"] and d["looks_compared"] >= 8 and d["summary"]' &&
		((status == 0)) && return
	echo "exit status $status"
	python3 -c 'import json, sys
d = json.loads(sys.argv[1])
for proof in d["disagreements"]: print(proof)
print(d["looks_compared"], d["summary"])' "$ANSWER"
	return 1
}

# told(expression) - is true of the answer, d
told()
{
	python3 -c 'import json, sys
d = json.loads(sys.argv[1])
facts = {key: value for step in d["steps"] for key, value in step["facts"].items()}
sys.exit(not eval(sys.argv[2]))' "$ANSWER" "$1"
}

# chooses(how, size, options...) - malloc() of this size takes its memory so
chooses()
{
	local how=$1

	shift
	goes malloc "$@" || return 1
	told "facts['how'] == '$how'" && return
	python3 -c 'import json, sys; print(json.loads(sys.argv[1])["steps"][0])' "$ANSWER"
	return 1
}

# refuses(status, arguments...) - with this exit status and a line that says why
refuses()
{
	"$FRONT" journey "${@:2}" > "$SCRATCH/refused" 2>&1
	local status=$?

	cat "$SCRATCH/refused"
	((status == $1)) && [[ -s $SCRATCH/refused ]]
}

# start_hog() - a process that fills, forgets and fills again a good part of free memory
start_hog()
{
	local free_kB

	free_kB=$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)
	python3 -c 'import mmap, sys
size = int(sys.argv[1]) * 1024 * 6 // 10
while True:
    with mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        for at in range(0, size, 4096):
            memory[at] = 1' "$free_kB" &
	at_exit end_process $!
}

need_mmscope slubprobe/kmalloc buddyviz/alloc vmalloc_walk/vmalloc pgwalk/faults
[[ -x $FRONT ]] || skip_all "no scripts/mmscope in $MMSCOPE_TOP"
command -v python3 > /dev/null || skip_all "no python3"
scratch

if quick; then
	ktap_start 5
else
	ktap_start 17
fi
check_slabs "kmalloc of a slab" goes kmalloc 64
check_slabs "kmalloc of pages" goes kmalloc-large
check_areas "vmalloc" goes vmalloc 20000
check "malloc: above the threshold, mmap" chooses mmap 131049
check "malloc: below the threshold, brk" chooses brk 131048
if ! quick; then
	check_slabs "kmalloc of the largest class" goes kmalloc 8192
	check_slabs "kmalloc of an odd size" goes kmalloc 97
	check_slabs "kmalloc of 64 pages" goes kmalloc-large 262144
	check_areas "vmalloc of more than a table of pages" goes vmalloc 2500000
	check "malloc of little: the arena has room" chooses top 100
	check "malloc in a thread: the arena grows" chooses mprotect 131048 --thread
	check "malloc in a thread, above the threshold" chooses mmap 131049 --thread
	check "malloc above another threshold" chooses mmap 65513 --mmap-threshold 65536
	check "malloc below another threshold" chooses brk 65512 --mmap-threshold 65536
	check_slabs "a size that slabs do not serve: exit status 2" refuses 2 kmalloc 100000
	start_hog
	check_slabs "short of memory: kmalloc" goes kmalloc 1000
	check "short of memory: malloc" goes malloc 4000000
fi
ktap_finish
