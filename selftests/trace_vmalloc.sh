#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The tracepoints of vmalloc_walk: known numbers of our own areas appear with the
# sizes and addresses that the answer has, in a trace buffer of our own; and the hooks
# are armed while an event is on, not longer. Numbers are primes.
#
# Others make areas as well: an event counts when it is of the process that asked.

# shellcheck disable=SC2317 # check() calls the functions by name

. "$(dirname "$0")/lib.sh"
. ./lib_trace.sh

NR=23
PAGE_B=$(getconf PAGESIZE)
SYSTEM=vmalloc_walk
EVENTS="area_alloc area_free map purge"
declare -A FIELDS=(
	[area_alloc]="start size_B align_B time_ns error source space"
	[area_free]="start size_B lazy_pages limit_pages"
	[map]="start size_B leaf_B time_ns error kind"
	[purge]="lazy_pages left_pages limit_pages time_ns flushed"
)

# vmalloc(words)
vmalloc()
{
	traced vmalloc_walk/vmalloc "$1"
}

# row_fields(number) - of the answer's areas
row_fields()
{
	section areas < "$SCRATCH/answer" | cut -d ' ' -f "$1"
}

# starts(event, size in pages) - addresses, in the order of the events
starts()
{
	events "$1" "size_B=$(($2 * PAGE_B))" | field start
}

# nr_is(number, event, field=value...)
nr_is()
{
	local nr

	nr=$(nr_events "${@:2}")
	echo "$nr of ${*:2}, not $1"
	((nr == $1))
}

# areas_traced(kind, pages, guard pages) - each area once: found, mapped, freed
areas_traced()
{
	local area_B=$((($2 + $3) * PAGE_B)) event

	vmalloc "kind=$1 size=$(($2 * PAGE_B)) count=$NR" || return 1
	nr_is "$NR" area_alloc "size_B=$area_B" error=0 space=vmalloc &&
		nr_is "$NR" area_free "size_B=$area_B" &&
		nr_is "$NR" map "size_B=$(($2 * PAGE_B))" error=0 || return 1
	diff <(row_fields 2) <(starts area_alloc $(($2 + $3)) | head -n 16) || return 1
	for event in "map $2" "area_free $(($2 + $3))"; do
		# shellcheck disable=SC2086 # two words
		diff <(starts area_alloc $(($2 + $3))) <(starts $event) || return 1
	done
}

# No area but ours, and so no event of an area that nobody made.
nothing_else()
{
	nr_is "$NR" area_alloc && nr_is "$NR" area_free && nr_is "$NR" map
}

# Finding and mapping take a part of the time that the whole took.
times_fit()
{
	paste -d ' ' <(row_fields 10) \
		<(events area_alloc | field time_ns | head -n 16) \
		<(events map | field time_ns | head -n 16) |
		awk '{ if (!$2 || !$3 || $2 + $3 > $1) bad = 1; print } END { exit bad || NR != 16 }'
}

# The first page more than fills a page of pointers takes an area for the array.
page_array()
{
	local array=$((PAGE_B / 8 + 1))

	vmalloc "size=$(((array - 1) * PAGE_B)) count=11" || return 1
	nr_is 11 area_alloc "size_B=$((array * PAGE_B))" && nr_is 11 area_alloc || return 1
	[[ $(row_fields 11 | sort -u) == kmalloc ]] || return 1
	vmalloc "size=$((array * PAGE_B)) count=11" || return 1
	nr_is 11 area_alloc "size_B=$(((array + 1) * PAGE_B))" &&
		nr_is 11 area_alloc "size_B=$((3 * PAGE_B))" && nr_is 22 area_alloc &&
		nr_is 11 area_free "size_B=$((3 * PAGE_B))" &&
		nr_is 11 map "size_B=$((2 * PAGE_B))" || return 1
	[[ $(row_fields 11 | sort -u) == vmalloc ]]
}

# Of the last request: huge pages are mapped as such: leaves of the size that the answer counts.
huge()
{
	nr_is 1 map "size_B=$((2 << 20))" "leaf_B=$((2 << 20))" error=0 &&
		nr_is 1 area_alloc "align_B=$((2 << 20))"
}

# What was freed is lazy, and what is lazy is purged; the kernel may purge in between.
purged()
{
	local pages

	vmalloc "size=$((7 * PAGE_B)) count=$NR purge=1" || return 1
	events purge
	(($(nr_events purge flushed=1) >= 1)) || return 1
	pages=$(events area_free "size_B=$((8 * PAGE_B))" | field lazy_pages |
		awk 'NR > 1 && $1 < last + 8 { bad = 1 } { last = $1 } END { if (!bad) print last }')
	[[ -n $pages ]] || { echo "a free that does not count"; return 1; }
	(($(events purge flushed=1 | field lazy_pages | head -n 1) >= pages)) &&
		(($(events purge flushed=1 | field left_pages | head -n 1) < pages))
}

# The answer asked just before what the events tell. After a purge the pool has what
# its own CPU freed; so all is done by one CPU.
sources()
{
	taskset -pc 0 $$ > /dev/null || return 1
	vmalloc "size=$((7 * PAGE_B)) count=$NR keep=1" || return 1
	vmalloc "size=$PAGE_B purge=1" || return 1
	vmalloc "size=$((7 * PAGE_B)) count=$NR keep=1" || return 1
	taskset -pc "0-$(($(nproc --all) - 1))" $$ > /dev/null
	paste -d ' ' <(row_fields 4) \
		<(events area_alloc "size_B=$((8 * PAGE_B))" | fields start source | head -n 16) |
		awk '{ print }
			$1 != "-" && $3 != "unknown" { same += $1 == $3; known++ }
			END { exit !(known >= 8 && same == known) }' || return 1
	! answer status | grep -q '^pools vmalloc_walk ok' || (($(nr_events area_alloc source=pool)))
}

# What the answer says of its own phases is what the events say.
phases()
{
	vmalloc "size=$((7 * PAGE_B)) count=$NR phases=1" || return 1
	diff <(row_fields 12) <(events area_alloc | field time_ns | head -n 16) &&
		diff <(row_fields 13) <(events map | field time_ns | head -n 16) &&
		[[ $(section lazy < "$SCRATCH/answer") == "$NR $((NR * 8)) 0 0" ]] &&
		(($(section paths < "$SCRATCH/answer" | grep -c "^phase_[a-z]* $NR ") == 3))
}

# Its own hooks are armed, and others not.
one_alone()
{
	events_off || return 1
	echo 1 > "$TRACE/events/$SYSTEM/area_free/enable"
	wait_for eval "answer status | grep -q '^free_vmap_area_noflush .*users=1,'" || return 1
	answer status | grep '^alloc_vmap_area '
	answer status | grep -q '^alloc_vmap_area .*users=0,' || return 1
	vmalloc "size=$((7 * PAGE_B)) count=$NR" || return 1
	echo 0 > "$TRACE/events/$SYSTEM/area_free/enable"
	nr_is "$NR" area_free "size_B=$((8 * PAGE_B))" && nr_is 0 area_alloc && nr_is 0 map
}

none_when_off()
{
	wait_for disarmed && vmalloc "size=$((7 * PAGE_B)) count=$NR" && [[ ! -s $SCRATCH/events ]]
}

# Without an event, a request for phases arms the hooks for itself alone.
phases_alone()
{
	vmalloc "size=$((7 * PAGE_B)) count=$NR phases=1" || return 1
	[[ ! -s $SCRATCH/events && $(row_fields 12 | grep -c -v -x -e -) == 16 ]] && disarmed
}

need_mmscope vmalloc_walk/vmalloc
need_areas
scratch
make_instance || skip_all "no tracefs"
! answer status | grep -E '^(area_alloc|area_free|map|purge)_event vmalloc_walk off' ||
	bail "the hooks are off, though the kernel tells of its areas"

ktap_start 19
check "the events are there, and off" visible
check "off: no hook is armed" disarmed
check "off: no event" none_when_off
check "on: all hooks are armed" events_on
check "on: the module cannot go" stays_loaded
check "vmalloc: $NR areas, $NR events with the answer's addresses" areas_traced vmalloc 7 1
check "no event but these" nothing_else
check "times are parts of the whole" times_fit
check "vmap" areas_traced vmap 5 1
check "a large vm_map_ram" areas_traced vm_map_ram 67 0
if answer vmalloc_walk/vmalloc "kind=ioremap size=$PAGE_B" | section areas | grep -q '^0 0x'; then
	check "ioremap: a physical range is mapped" areas_traced ioremap 2 1
else
	skip "ioremap: a physical range is mapped" "memory, where it would be"
fi
check "the page array is kmalloc's, or an area of its own" page_array
if ! vmalloc "kind=huge size=$((2 << 20))"; then
	skip "huge pages" "this kernel has no vmalloc_huge()"
elif (($(row_fields 8) != 2 << 20)); then
	skip "huge pages" "none was to be had"
else
	check "huge pages" huge
fi
check "lazy until a purge" several_times purged
check "where areas come from" sources
check "phases of a request" phases
check "one event alone arms its own hooks only" one_alone
check "off again: no hook is armed, and no event" eval "events_off && none_when_off"
check "phases without events" phases_alone
ktap_finish
