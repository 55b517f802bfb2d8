#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The tracepoints of slubprobe: known numbers of our own allocations and frees appear
# with the objects and levels that the answer has, in a trace buffer of our own; and
# the hooks are armed while an event is on, not longer. Numbers are primes.
#
# Others allocate as well: an event counts when it is of the process that asked and of
# the cache that hardly anybody else uses.

# shellcheck disable=SC2317 # check() calls the functions by name

. "$(dirname "$0")/lib.sh"
. ./lib_trace.sh

SYSTEM=slubprobe
NR=13
WORDS="size=2000 gfp=GFP_NOWAIT|__GFP_RECLAIMABLE"
EVENTS="alloc free slab_new slab_free"
declare -A FIELDS=(
	[alloc]="object cache slab_pfn call_site gfp node level name[32]"
	[free]="object cache slab_pfn node level name[32]"
	[slab_new]="cache slab_pfn node order name[32]"
	[slab_free]="cache slab_pfn node order name[32]"
)

# only_ours() - events of the cache that the exerciser gets its objects from
only_ours()
{
	local event

	CACHE=$(answer slubprobe/classes |
		awk '$1 == "reclaimable" && $2 <= 2000 && $3 >= 2000 { print $5 }')
	for event in $EVENTS; do
		echo "name == \"$CACHE\"" > "$TRACE/events/slubprobe/$event/filter" || return 1
	done
}

# recorded(name, words) - the answer goes to $SCRATCH/name.answer, all events meanwhile to
# name.trace. Nothing else here while events are on: every process pays for them.
recorded()
{
	: > "$TRACE/trace"
	./request "$MMSCOPE/slubprobe/kmalloc" "$2" > "$SCRATCH/$1.answer" || return 1
	cat "$TRACE/trace" > "$SCRATCH/$1.trace"
}

nr_slabs()
{
	cut -d ' ' -f 1 "/sys/kernel/slab/$CACHE/slabs"
}

# What the checks look at, all in one go.
record()
{
	events_on || return 1
	recorded few "$WORDS count=$NR" || return 1
	echo 1 > "/sys/kernel/slab/$CACHE/shrink" && BEFORE=$(nr_slabs)
	recorded many "$WORDS count=199" && HELD=$(nr_slabs)
	echo 1 > "/sys/kernel/slab/$CACHE/shrink" && AFTER=$(nr_slabs)
	cat "$TRACE/trace" > "$SCRATCH/shrunk.trace"
	# An enabled event holds the module.
	! rmmod slubprobe 2> /dev/null && is_loaded slubprobe && events_off
}

# ours(name, event) - of the process that asked
ours()
{
	grep -E "^ *request-[0-9]+ +\[.* $2: " "$SCRATCH/$1.trace"
}

# nr_of(name, event) - of any process
nr_of()
{
	grep -Fc " $2: " "$SCRATCH/$1.trace"
}

# column(number, section) - of the answer's rows
column()
{
	section "$2" < "$SCRATCH/few.answer" | cut -d ' ' -f "$1"
}

# Object, slab and level of each request are those of an event, in order.
one_for_each()
{
	echo "$(ours few alloc | wc -l) allocations, $(ours few free | wc -l) frees"
	(($(ours few alloc | wc -l) == NR && $(ours few free | wc -l) == NR)) ||
		return 1
	diff <(column 2 allocations) <(ours few alloc | field object) &&
		diff <(column 4 allocations) <(ours few alloc | field slab_pfn) &&
		diff <(column 8 allocations) <(ours few alloc | field level) &&
		diff <(column 2 frees) <(ours few free | field object) &&
		diff <(column 8 frees) <(ours few free | field level)
}

# Who asked is the exerciser.
call_sites()
{
	ours few alloc | field call_site | sort | uniq -c
	! ours few alloc | field call_site | grep -v '^measure_alloc+'
}

# As many slabs as sysfs says, and back when it is shrunk.
slabs()
{
	local made freed all

	made=$(nr_of many slab_new)
	freed=$(nr_of many slab_free)
	all=$(nr_of shrunk slab_free)
	echo "$made made, $freed freed, $all with shrinking; in sysfs $BEFORE, $HELD, $AFTER"
	((made && made - freed == HELD - BEFORE && made - all == AFTER - BEFORE))
}

levels_of_answer()
{
	local request level nr

	while read -r request level nr _; do
		echo "$request $level: answer $nr"
		(($(ours many "$request" | grep -c "level=$level\( \|$\)") == nr)) || return 1
	done < <(section levels < "$SCRATCH/many.answer")
}

# Its own hooks are armed, and others not.
one_alone()
{
	local users

	echo 1 > "$TRACE/events/slubprobe/slab_new/enable"
	wait_for eval "answer status | grep -Eq '^(allocate|new)_slab .*users=1,'" || return 1
	users=$(answer status | grep '^kfree ')
	echo 0 > "$TRACE/events/slubprobe/slab_new/enable"
	echo "$users"
	[[ $users == *users=0,* ]] && wait_for disarmed
}

# own_request(words) - to the own cache of the open file 3
own_request()
{
	echo "$1" >&3 && cat <&3
}

# Each object of a bulk request has an event with whoever asked; KFENCE may give one.
bulk()
{
	local event

	for event in alloc free; do
		echo 'name ~ "mmscope_own_*"' > "$TRACE/events/slubprobe/$event/filter" || return 1
	done
	exec 3<> "$MMSCOPE/slubprobe/own"
	own_request "size=496 ctor=1" > /dev/null && events_on || return 1
	: > "$TRACE/trace"
	own_request "alloc=13 bulk=5" > "$SCRATCH/bulk.answer"
	own_request "free=13 bulk=7" > /dev/null
	grep -F mmscope_own_ "$TRACE/trace" > "$SCRATCH/bulk.trace"
	events_off && exec 3>&- || return 1
	cat "$SCRATCH/bulk.trace"
	diff <(section objects < "$SCRATCH/bulk.answer" | cut -d ' ' -f 2) \
		<(grep ' alloc: .*level=\(bulk\|kfence\) .*\[slubprobe\]' "$SCRATCH/bulk.trace" |
			field object) &&
		diff <(section objects < "$SCRATCH/bulk.answer" | cut -d ' ' -f 2 | sort) \
			<(grep ' free: .*level=\(bulk\|kfence\)$' "$SCRATCH/bulk.trace" |
				field object | sort)
}

need_mmscope slubprobe/kmalloc
need_slabs
scratch
make_instance || skip_all "no tracefs"
only_ours || bail "events cannot be filtered by the name of a cache"

ktap_start 8
check "the events are there, and off" visible
check "on: all hooks are armed, and the module stays; off: none is" record
check "$NR allocations and frees, and events with the answer's objects and levels" one_for_each
check "who asked" call_sites
check "slabs made and freed" slabs
check "as many of each level as the answer says" levels_of_answer
check "one event alone arms its own hooks only" one_alone
check "bulk requests, object by object" bulk
ktap_finish
