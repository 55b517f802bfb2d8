#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The tracepoint pgwalk:walk: there in tracefs, one event for each address that
# is walked, with the address and page frame that the answer and /proc/PID/pagemap
# have, and none when it is off. Numbers are primes, so that no batch fits them.

# shellcheck disable=SC2317 # check() calls the functions by name

. "$(dirname "$0")/lib.sh"

NR=23
NR_BIN=97

# A trace buffer of our own: others may be tracing.
make_instance()
{
	TRACE=/sys/kernel/tracing
	[[ -d $TRACE/events ]] || TRACE=/sys/kernel/debug/tracing
	[[ -d $TRACE/events ]] || return 1
	TRACE=$TRACE/instances/mmscope_selftest
	mkdir "$TRACE" && at_exit rmdir "$TRACE"
}

EVENT=events/pgwalk/walk

visible()
{
	local field

	[[ -f $TRACE/$EVENT/enable && $(< "$TRACE/$EVENT/enable") == 0 ]] || return 1
	for field in addr pfn entry size_B flags kind level; do
		grep -q "field:.* $field;" "$TRACE/$EVENT/format" ||
			{ echo "no field $field"; return 1; }
	done
}

events()
{
	grep ': walk: ' "$TRACE/trace"
}

# walk_some() - walk NR pages of the target's region
walk_some()
{
	local i list

	for ((i = 0; i < NR; i++)); do
		printf -v list '%s,%#x' "$list" $((REGION + i * 4096))
	done
	answer pgwalk/walk "pid=$TARGET_PID addr=${list#,}" > "$SCRATCH/walk"
}

nothing_when_off()
{
	: > "$TRACE/trace"
	walk_some || return 1
	(($(events | wc -l) == 0))
}

one_for_each()
{
	: > "$TRACE/trace"
	echo 1 > "$TRACE/$EVENT/enable"
	walk_some || return 1
	echo 0 > "$TRACE/$EVENT/enable"
	events > "$SCRATCH/events"
	echo "$(wc -l < "$SCRATCH/events") events"
	(($(wc -l < "$SCRATCH/events") == NR))
}

# value(name) < events - one field of each
field()
{
	sed -n "s/.* $1=\([^ ]*\).*/\1/p"
}

# In the order of the request, as the answer's sections have it.
same_addresses()
{
	diff <(field addr < "$SCRATCH/events") \
		<(sed -n 's/^## walk addr=\([^ ]*\) .*/\1/p' "$SCRATCH/walk")
}

# pfns_by_pagemap() - of the NR pages of the region; 0 when nothing is there
pfns_by_pagemap()
{
	local entry

	dd if="/proc/$TARGET_PID/pagemap" bs=8 skip=$((REGION / 4096)) count="$NR" status=none |
		od -A n -v -t u8 -w8 | while read -r entry; do
			echo $((entry & ((1 << 55) - 1)))
		done
}

same_pfns()
{
	local addr pfn kind want

	paste <(field addr < "$SCRATCH/events") <(field pfn < "$SCRATCH/events") \
		<(field kind < "$SCRATCH/events") <(pfns_by_pagemap) > "$SCRATCH/fields"
	while read -r addr pfn kind want; do
		((pfn == want)) || { echo "$addr: $pfn, pagemap $want"; return 1; }
		if ((want)); then
			[[ $kind == present ]]
		else
			[[ $kind == none ]]
		fi || { echo "$addr: $kind"; return 1; }
	done < "$SCRATCH/fields"
}

# walk.bin walks as many pages as it is asked for records of 112 bytes.
one_for_each_record()
{
	local page=$((REGION / 4096))

	: > "$TRACE/trace"
	echo 1 > "$TRACE/$EVENT/enable"
	./request -p -m $((NR_BIN * 112)) -s $((page * 112)) \
		"$MMSCOPE/pgwalk/walk.bin" "pid=$TARGET_PID" > "$SCRATCH/bin"
	echo 0 > "$TRACE/$EVENT/enable"
	echo "$(events | wc -l) events, $(wc -c < "$SCRATCH/bin") bytes"
	(($(events | wc -l) == NR_BIN)) &&
		diff <(events | field addr) \
			<(for ((i = 0; i < NR_BIN; i++)); do
				printf '%#x\n' $((REGION + i * 4096))
			done)
}

filtered()
{
	: > "$TRACE/trace"
	echo "kind == 0" > "$TRACE/$EVENT/filter" || return 1
	echo 1 > "$TRACE/$EVENT/enable"
	walk_some
	echo 0 > "$TRACE/$EVENT/enable"
	echo 0 > "$TRACE/$EVENT/filter"
	# Every other page of the region was never touched.
	echo "$(events | wc -l) events"
	(($(events | wc -l) == NR / 2)) && ! events | grep -v kind=none
}

need_mmscope pgwalk/walk pgwalk/walk.bin
scratch
make_instance || skip_all "no tracefs"
start_target sparse
kill -STOP "$TARGET_PID"
read -r REGION _ < <(target_region sparse)

ktap_start 8
check "the event is there, and off" visible
check "off: no event" nothing_when_off
check "on: $NR addresses, $NR events" one_for_each
check "the addresses of the answer" same_addresses
check "the page frames of pagemap" same_pfns
check "walk.bin: $NR_BIN records, $NR_BIN events" one_for_each_record
check "a filter on a field" filtered
check "off again: no event" nothing_when_off
ktap_finish
