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

NR=13
WORDS="size=2000 gfp=GFP_NOWAIT|__GFP_RECLAIMABLE"
EVENTS="alloc free slab_new slab_free"
declare -A FIELDS=(
	[alloc]="object cache slab_pfn call_site gfp node level name"
	[free]="object cache slab_pfn node level name"
	[slab_new]="cache slab_pfn node order name"
	[slab_free]="cache slab_pfn node order name"
)

make_instance()
{
	TRACE=/sys/kernel/tracing
	[[ -d $TRACE/events ]] || TRACE=/sys/kernel/debug/tracing
	[[ -d $TRACE/events ]] || return 1
	TRACE=$TRACE/instances/mmscope_selftest
	mkdir "$TRACE" && at_exit rmdir "$TRACE" || return 1
	echo 4000 > "$TRACE/buffer_size_kb"
}

# only_ours() - events of the cache that the exerciser gets its objects from
only_ours()
{
	local event

	CACHE=$(answer slubprobe/kmalloc "$WORDS" | section allocations | cut -d ' ' -f 3)
	for event in $EVENTS; do
		echo "name == \"$CACHE\"" > "$TRACE/events/slubprobe/$event/filter" || return 1
	done
}

visible()
{
	local event field

	for event in $EVENTS; do
		[[ $(< "$TRACE/events/slubprobe/$event/enable") == 0 ]] || return 1
		for field in ${FIELDS[$event]}; do
			grep -Eq "field:.* $field(\[|;)" "$TRACE/events/slubprobe/$event/format" ||
				{ echo "$event: no field $field"; return 1; }
		done
	done
}

# hooks_users(pattern) - whether each hook of ours that is on has users= so
hooks_users()
{
	! answer status | section hooks | grep '^[^ ]* slubprobe ok ' | grep -Ev "users=$1,"
}

armed()
{
	hooks_users '[1-9][0-9]*'
}

disarmed()
{
	hooks_users 0
}

events_on()
{
	echo 1 > "$TRACE/events/slubprobe/enable" && wait_for armed
}

events_off()
{
	echo 0 > "$TRACE/events/slubprobe/enable" && wait_for disarmed
}

# traced(words) - the answer goes to $SCRATCH/answer, the events of the process that
# asked to $SCRATCH/events
traced()
{
	local pid

	: > "$TRACE/trace"
	./request "$MMSCOPE/slubprobe/kmalloc" "$1" > "$SCRATCH/answer" &
	pid=$!
	wait "$pid" || return 1
	grep -E "^ *[^ ]+-$pid +\[" "$TRACE/trace" > "$SCRATCH/events"
	! grep 'LOST' "$TRACE/trace"
}

# events(name) - of our process
events()
{
	grep -F " $1: " "$SCRATCH/events"
}

# field(name) < events
field()
{
	sed -n "s/.* $1=\([^ ]*\).*/\1/p"
}

# column(number, section) - of the answer's rows
column()
{
	section "$2" < "$SCRATCH/answer" | cut -d ' ' -f "$1"
}

# Object, slab and level of each request are those of an event, in order.
one_for_each()
{
	traced "$WORDS count=$NR" || return 1
	echo "$CACHE: $(events alloc | wc -l) allocations, $(events free | wc -l) frees"
	(($(events alloc | wc -l) == NR && $(events free | wc -l) == NR)) || return 1
	diff <(column 2 allocations) <(events alloc | field object) &&
		diff <(column 4 allocations) <(events alloc | field slab_pfn) &&
		diff <(column 8 allocations) <(events alloc | field level) &&
		diff <(column 2 frees) <(events free | field object) &&
		diff <(column 8 frees) <(events free | field level)
}

# Who asked is the exerciser.
call_sites()
{
	events alloc | field call_site | sort | uniq -c
	! events alloc | field call_site | grep -v '\[*slubprobe\]*\|measure_alloc'
}

# From an empty cache: as many slabs as sysfs says, and back when it is shrunk.
slabs()
{
	local dir=/sys/kernel/slab/$CACHE before made freed

	[[ -w $dir/shrink ]] || { echo "no $dir"; return 1; }
	echo 1 > "$dir/shrink"
	before=$(cut -d ' ' -f 1 "$dir/slabs")
	traced "$WORDS count=199" || return 1
	made=$(grep -Fc " slab_new: " "$TRACE/trace")
	freed=$(grep -Fc " slab_free: " "$TRACE/trace")
	echo "$made slabs made, $freed freed; $before and" \
		"$(cut -d ' ' -f 1 "$dir/slabs") in sysfs"
	((made && made - freed == $(cut -d ' ' -f 1 "$dir/slabs") - before)) || return 1
	echo 1 > "$dir/shrink"
	freed=$(grep -Fc " slab_free: " "$TRACE/trace")
	((made - freed == $(cut -d ' ' -f 1 "$dir/slabs") - before))
}

levels_of_answer()
{
	local request level nr

	section levels < "$SCRATCH/answer" | while read -r request level nr _; do
		echo "$request $level: answer $nr, events" \
			"$(events "$request" | grep -c "level=$level\( \|$\)")"
		(($(events "$request" | grep -c "level=$level\( \|$\)") == nr)) || return 1
	done
}

# An enabled event holds the module.
stays_loaded()
{
	! rmmod slubprobe && is_loaded slubprobe
}

# Its own hooks are armed, and others not.
one_alone()
{
	events_off || return 1
	echo 1 > "$TRACE/events/slubprobe/slab_free/enable"
	wait_for eval "answer status | grep -q '^__free_slab .*users=1,'" || return 1
	answer status | grep '^kfree '
	answer status | grep -q '^kfree .*users=0,' || return 1
	traced "$WORDS count=$NR" || return 1
	echo 0 > "$TRACE/events/slubprobe/slab_free/enable"
	(($(events alloc | wc -l) == 0 && $(events free | wc -l) == 0))
}

none_when_off()
{
	wait_for disarmed || return 1
	traced "$WORDS count=$NR" || return 1
	[[ ! -s $SCRATCH/events ]]
}

need_mmscope slubprobe/kmalloc
scratch
make_instance || skip_all "no tracefs"
only_ours || bail "events cannot be filtered by the name of a cache"

ktap_start 11
check "the events are there, and off" visible
check "off: no hook is armed" disarmed
check "off: no event" none_when_off
check "on: all hooks are armed" events_on
check "on: the module cannot go" stays_loaded
check "$NR allocations and frees, and events with the answer's objects and levels" one_for_each
check "who asked" call_sites
check "slabs made and freed" slabs
check "as many of each level as the answer says" levels_of_answer
check "one event alone arms its own hooks only" one_alone
check "off again: no event" none_when_off
ktap_finish
