#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# bench_events.sh - what an observed allocation costs, by who observes it.
#
# bench touch times a page that comes and goes, bench socket a socket, for which a few small
# objects do. What one takes more than without the modules is what the observer costs,
# of all events that happened meanwhile.

. "$(dirname "$0")/lib.sh"

TRACE=/sys/kernel/tracing
PLAIN=

# recorded() - events in the trace buffers, and those that fell out
recorded()
{
	cat "$TRACE"/per_cpu/cpu*/stats |
		awk '/^(entries|overrun):/ { sum += $2 } END { print sum + 0 }'
}

# row(action, what) - how long an action takes, how much more than alone, and the events of one
row()
{
	local us times

	echo > "$TRACE/trace"
	read -r us times <<< "$(./bench "$1")"
	[[ $us ]] || bail "bench $1"
	: "${PLAIN:=$us}"
	awk -v what="$2" -v us="$us" -v plain="$PLAIN" -v events="$(recorded)" -v times="$times" \
		'BEGIN { printf "%-44s %12.3f %12.3f %8.1f\n", what, us, us - plain, events / times }'
}

# with_event(action, event)
with_event()
{
	echo 1 > "$TRACE/events/${2/://}/enable"
	sleep 1
	row "$1" "trace buffer, $2"
	echo 0 > "$TRACE/events/${2/://}/enable"
}

# with_bpftrace(action, event)
with_bpftrace()
{
	local pid

	bpftrace -e "BEGIN { printf(\"ready\\n\"); } tracepoint:$2 { @ = count(); }" > "$SCRATCH/bpf" &
	pid=$!
	while ! grep -q ready "$SCRATCH/bpf"; do
		sleep 1
	done
	sleep 2
	row "$1" "bpftrace counts $2"
	kill -INT "$pid"
	wait "$pid"
}

# title(what)
title()
{
	printf '\nevents: %s\n%-44s %12s %12s %8s\n' "$1" observer took_us more_us events
	PLAIN=
}

# loaded(action) - alone, then with the modules
loaded()
{
	unload_modules
	row "$1" "none, not loaded"
	load_modules || bail "the modules do not load"
	row "$1" "none, loaded"
}

scratch
title "a page that comes and goes"
loaded touch
with_event touch kmem:mm_page_alloc
with_event touch buddyviz:alloc
with_event touch buddyviz:free
if command -v bpftrace > /dev/null; then
	with_bpftrace touch kmem:mm_page_alloc
	with_bpftrace touch buddyviz:alloc
fi
title "a socket that comes and goes"
loaded socket
with_event socket kmem:kmem_cache_alloc
with_event socket slubprobe:alloc
with_event socket slubprobe:free
if command -v bpftrace > /dev/null; then
	with_bpftrace socket kmem:kmem_cache_alloc
	with_bpftrace socket slubprobe:alloc
fi
