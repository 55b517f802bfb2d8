# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2317 # check() calls the functions by name
#
# What tests of events share: a trace buffer of our own, hooks that are armed only
# while an event is on, and the events of the process that made a request.
#
# Sourced behind lib.sh, with the events' system in SYSTEM, their names in EVENTS and
# the fields of each in FIELDS.

# make_instance() - the buffer, TRACE; fails if there is no tracefs
make_instance()
{
	TRACE=/sys/kernel/tracing
	[[ -d $TRACE/events ]] || TRACE=/sys/kernel/debug/tracing
	[[ -d $TRACE/events ]] || return 1
	TRACE=$TRACE/instances/mmscope_selftest
	mkdir "$TRACE" && at_exit rmdir "$TRACE" || return 1
	echo 20000 > "$TRACE/buffer_size_kb"
}

# visible() - all events with their fields, and off
visible()
{
	local event field format

	for event in $EVENTS; do
		[[ $(< "$TRACE/events/$SYSTEM/$event/enable") == 0 ]] || return 1
		format=$(< "$TRACE/events/$SYSTEM/$event/format")
		for field in ${FIELDS[$event]}; do
			[[ $format == *" $field;"* ]] || { echo "$event: no field $field"; return 1; }
		done
	done
}

# hooks_users(pattern) - whether each hook of ours that is on has users= so
hooks_users()
{
	! answer status | section hooks | grep "^[^ ]* $SYSTEM ok " | grep -Ev "users=$1,"
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
	echo 1 > "$TRACE/events/$SYSTEM/enable" && wait_for armed
}

events_off()
{
	echo 0 > "$TRACE/events/$SYSTEM/enable" && wait_for disarmed
}

# stays_loaded() - an enabled event holds the module
stays_loaded()
{
	! rmmod "$SYSTEM" && is_loaded "$SYSTEM"
}

# traced(file, words) - the answer goes to $SCRATCH/answer, the events of the process
# that asked, and of no other, to $SCRATCH/events
traced()
{
	(
		echo "$BASHPID" > "$TRACE/set_event_pid" && : > "$TRACE/trace" &&
			exec ./request "$MMSCOPE/$1" "$2" > "$SCRATCH/answer"
	) || return 1
	grep -v '^#' "$TRACE/trace" > "$SCRATCH/events"
	! grep 'LOST' "$SCRATCH/events"
}

# events(name, field=value...) - those that have all of these
events()
{
	awk -v want="$*" '
		BEGIN { nr = split(want, w, " ") }
		index($0, " " w[1] ": ") {
			for (i = 2; i <= nr; i++)
				if (!index($0 " ", " " w[i] " "))
					next
			print
		}' "$SCRATCH/events"
}

# nr_events(name, field=value...)
nr_events()
{
	local found

	mapfile -t found < <(events "$@")
	echo "${#found[@]}"
}

# field(name) < events
field()
{
	sed -n "s/.* $1=\([^ ]*\).*/\1/p"
}

# fields(name...) < events - one line each
fields()
{
	awk -v want="$*" '
		BEGIN { nr = split(want, w, " ") }
		{
			for (i = 1; i <= NF; i++)
				if (split($i, part, "=") == 2)
					value[part[1]] = part[2]
			for (i = 1; i <= nr; i++)
				printf "%s%s", value[w[i]], i < nr ? " " : "\n"
		}'
}
