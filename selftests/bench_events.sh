#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# bench_events.sh - what a page fault costs while its allocation is observed, by whom.
#
# bench touch times a page that comes and goes. What it takes more than without the modules
# is what the observer costs for one allocation and one free.

. "$(dirname "$0")/lib.sh"

TRACE=/sys/kernel/tracing
PLAIN=

# row(what)
row()
{
	local us

	us=$(./bench touch) || bail "bench touch"
	: "${PLAIN:=$us}"
	awk -v what="$1" -v us="$us" -v plain="$PLAIN" \
		'BEGIN { printf "%-44s %12.3f %12.3f\n", what, us, us - plain }'
}

# with_event(event, what)
with_event()
{
	echo 1 > "$TRACE/events/$1/enable"
	sleep 1
	row "$2"
	echo 0 > "$TRACE/events/$1/enable"
}

# with_bpftrace(event)
with_bpftrace()
{
	local pid

	bpftrace -e "BEGIN { printf(\"ready\\n\"); } tracepoint:$1 { @ = count(); }" > "$SCRATCH/bpf" &
	pid=$!
	while ! grep -q ready "$SCRATCH/bpf"; do
		sleep 1
	done
	sleep 2
	row "bpftrace counts $1"
	kill -INT "$pid"
	wait "$pid"
}

scratch
unload_modules
printf '\nevents: a page that comes and goes\n%-44s %12s %12s\n' observer touch_us more_us
row "none, not loaded"
load_modules || bail "the modules do not load"
row "none, loaded"
with_event kmem/mm_page_alloc "trace buffer, kmem:mm_page_alloc"
with_event buddyviz/alloc "trace buffer, buddyviz:alloc"
with_event buddyviz/free "trace buffer, buddyviz:free"
if command -v bpftrace > /dev/null; then
	with_bpftrace kmem:mm_page_alloc
	with_bpftrace buddyviz:alloc
fi
