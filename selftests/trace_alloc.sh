#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The tracepoints of buddyviz: known numbers of our own allocations and frees appear
# with the pages and paths that the answer has, in a trace buffer of our own; and the
# hooks are armed while an event is on, not longer. Numbers are primes.
#
# Others allocate as well: an event counts when it is of the process that asked.

# shellcheck disable=SC2317 # check() calls the functions by name

. "$(dirname "$0")/lib.sh"
. ./lib_trace.sh

NR=23
SYSTEM=buddyviz
EVENTS="alloc split fallback refill free merge drain"
declare -A FIELDS=(
	[alloc]="pfn gfp pages blocks node zone order path steps attempts split_order migratetype fallback_type slow_ns"
	[split]="pfn node zone order from_order"
	[fallback]="pfn node zone order fallback_order migratetype fallback_type claimed"
	[refill]="blocks order path"
	[free]="pfn result_pfn node zone order path result_order"
	[merge]="pfn result_pfn node zone order result_order drain"
	[drain]="blocks node zone"
)

# column(number) - of the answer's rows
column()
{
	section allocations < "$SCRATCH/answer" | cut -d ' ' -f "$1"
}

# Order 7 is nobody's but ours.
one_for_each()
{
	traced buddyviz/alloc "order=7 count=$NR" || return 1
	echo "$(nr_events alloc order=7) events"
	(($(nr_events alloc order=7) == NR)) || return 1
	diff <(section allocations < "$SCRATCH/answer" | awk '{ print $4, $9, $13, $6, $7, $8 }') \
		<(events alloc order=7 | head -n 16 | fields pfn path split_order node zone migratetype)
}

# A split event for each row that was cut, with the order it was cut from.
splits()
{
	section allocations < "$SCRATCH/answer" |
		awk '$13 > $2 { print $4, $13 }' > "$SCRATCH/cut"
	[[ -s $SCRATCH/cut ]] || { echo "nothing was cut"; return 1; }
	diff "$SCRATCH/cut" <(events split order=7 | fields pfn from_order |
		head -n "$(wc -l < "$SCRATCH/cut")")
}

# What was taken is freed when the request is over: direct, and merged.
frees()
{
	local nr

	events free order=7 path=direct > "$SCRATCH/freed"
	nr=$(wc -l < "$SCRATCH/freed")
	echo "$nr frees"
	((nr == NR)) || return 1
	diff <(events alloc order=7 | field pfn | sort) <(field pfn < "$SCRATCH/freed" | sort)
}

merges()
{
	diff <(grep -v 'result_order=7' "$SCRATCH/freed" | field result_pfn) \
		<(events merge order=7 drain=0 | field result_pfn) || return 1
	(($(nr_events merge order=7 drain=0)))
}

# Enough pages of order 0 that the CPU's list is emptied and filled up. Each refill is
# an allocation whose path says so, and what is drained is merged.
pcp_lists()
{
	traced buddyviz/alloc "gfp=GFP_NOWAIT count=1009" || return 1
	echo "$(nr_events alloc order=0) allocations," \
		"$(nr_events refill) refills, $(nr_events drain) drains," \
		"$(nr_events free path=pcp order=0) frees"
	(($(nr_events alloc order=0) >= 1009)) &&
		(($(nr_events free path=pcp order=0) >= 970)) &&
		(($(nr_events refill path=refill))) &&
		(($(nr_events refill path=refill) ==
			$(nr_events alloc path=refill))) &&
		(($(nr_events drain))) &&
		(($(nr_events merge drain=1)))
}

paths_of_answer()
{
	local path

	for path in pcp refill; do
		echo "$path: answer $(section paths < "$SCRATCH/answer" | grep "^$path ")," \
			"events $(nr_events alloc path="$path")"
		(($(nr_events alloc path="$path") >=
			$(section paths < "$SCRATCH/answer" | awk -v p="$path" '$1 == p { print $2 }'))) ||
			return 1
	done
}

# More blocks than anybody left free of this type; a CPU may take two for one request.
other_types()
{
	local seen rows

	traced buddyviz/alloc "order=9 gfp=GFP_KERNEL|__GFP_RECLAIMABLE count=32" || return 1
	cut -c 1-200 "$SCRATCH/answer"
	events fallback
	seen=$(nr_events fallback order=9 migratetype=reclaimable)
	rows=$(section paths < "$SCRATCH/answer" | awk '$1 == "fallback" { print $2 }')
	echo "${rows:=0} requests, $seen events"
	((rows && seen >= rows && seen <= 2 * rows))
}

bulk()
{
	traced buddyviz/alloc "gfp=GFP_NOWAIT bulk=31 count=7" || return 1
	events alloc path=bulk | head -n 3
	(($(nr_events alloc path=bulk pages=31) == 7))
}

# More of the largest blocks than ZONE_DMA has: the rest comes to the slow path, and
# what that took is a part of what the call took. An answer has 16 rows at most.
slow_path()
{
	traced buddyviz/alloc "gfp=GFP_NOWAIT|__GFP_DMA order=10 count=13" || return 1
	paste -d ' ' <(section allocations < "$SCRATCH/answer" | cut -d ' ' -f 11,16) \
		<(events alloc order=10 | fields attempts slow_ns) |
		awk '{ print }
			$1 != $3 { bad++ }
			$3 == 1 && $4 { bad++ }
			$3 > 1 { slow++; bad += !$4 || $4 >= $2 }
			END { exit bad || !slow }'
}

# zone_pages(name) - that the zone has, on node 0
zone_pages()
{
	awk -v zone="$1" '/^Node/ { is_it = $2 == "0," && $4 == zone }
		is_it && $1 == "managed" { print $2; exit }' /proc/zoneinfo
}

# Its own hooks are armed, and others not.
one_alone()
{
	events_off || return 1
	echo 1 > "$TRACE/events/buddyviz/free/enable"
	wait_for eval "answer status | grep -q '^__free_one_page .*users=1,'" || return 1
	answer status | grep '^get_page_from_freelist '
	answer status | grep -q '^get_page_from_freelist .*users=0,' || return 1
	traced buddyviz/alloc "order=7 count=$NR" || return 1
	echo 0 > "$TRACE/events/buddyviz/free/enable"
	(($(nr_events free order=7) == NR && $(nr_events alloc) == 0))
}

none_when_off()
{
	wait_for disarmed || return 1
	traced buddyviz/alloc "order=7 count=$NR" || return 1
	[[ ! -s $SCRATCH/events ]]
}

need_mmscope buddyviz/alloc
scratch
# So short that 1,009 pages do not fit; the name is that before 5.14, or since.
for file in /proc/sys/vm/percpu_pagelist_{fraction,high_fraction}; do
	[[ ! -w $file ]] || knob "$file" 1000 || bail "the length of CPUs' lists"
done
make_instance || skip_all "no tracefs"

ktap_start 17
check "the events are there, and off" visible
check "off: no hook is armed" disarmed
check "off: no event" none_when_off
check "on: all hooks are armed" events_on
check "on: the module cannot go" stays_loaded
check "order 7: $NR allocations, $NR events with the answer's pages and paths" one_for_each
check "each block that was cut" splits
check "each free" frees
check "each merge" merges
check "order 0: the CPU's list is filled and emptied" pcp_lists
check "order 0: no path is missed" paths_of_answer
check "another migratetype" other_types
if (($(zone_pages DMA) < 13 << 10)); then
	check "the slow path: its time is within the call's" slow_path
else
	skip "the slow path: its time is within the call's" "ZONE_DMA is large"
fi
if [[ -e /sys/kernel/debug/page_owner ]]; then
	skip "bulk requests" "page_owner makes the kernel take one page at a time"
elif answer buddyviz/alloc "bulk=2" > "$SCRATCH/answer"; then
	check "bulk requests" bulk
else
	skip "bulk requests" "this kernel has no bulk allocator"
fi
check "one event alone arms its own hooks only" one_alone
check "off again: no hook is armed" events_off
check "off again: no event" none_when_off
ktap_finish
