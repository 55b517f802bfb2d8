#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Processes of every state as the target of a request: just started, stopped, a
# zombie, a kernel thread, one that exits or execs between request and answer,
# one in another pid namespace, ourselves. The oracles are the state that the
# test itself brought about, and /proc/PID/maps.

# shellcheck disable=SC2317 # check() calls the functions by name

. "$(dirname "$0")/lib.sh"

# Every file that takes a pid, with the words it needs besides.
PID_FILES=("walk addr=0x400000" walk.bin range range.bin mm vmas)

# all_refused(pid, errno) - by every file
all_refused()
{
	local entry file words

	for entry in "${PID_FILES[@]}"; do
		read -r file words <<< "$entry"
		refused "pgwalk/$file" "pid=$1 $words"
		[[ $REFUSED == "$2" ]] || { echo "$file pid=$1: $REFUSED"; return 1; }
	done
}

# spans(pid) < /proc/PID/maps or the records of vmas - "start-end" a line
spans_of_maps()
{
	awk '$NF != "[vsyscall]" { print $1 }'
}

spans_of_vmas()
{
	records | awk '{
		sub(/^0x/, "", $1); sub(/^0x/, "", $2)
		if ($NF != "[vsyscall]")
			printf "%8s-%8s\n", $1, $2 }' | sed 's/ /0/g'
}

# same_process(pid, answer) - the VMAs of the answer are those of the process
same_process()
{
	diff <(spans_of_maps < "/proc/$1/maps") <(spans_of_vmas < "$2")
}

fresh()
{
	local pid ok=1

	for _ in {1..20}; do
		sleep 60 &
		pid=$!
		answer pgwalk/range "pid=$pid" > "$SCRATCH/fresh" || ok=0
		kill -KILL "$pid"
		wait "$pid" 2> /dev/null
		((ok)) || { cat "$SCRATCH/fresh"; return 1; }
	done
}

settled()
{
	answer pgwalk/vmas "pid=$TARGET_PID" > "$SCRATCH/vmas" &&
		same_process "$TARGET_PID" "$SCRATCH/vmas"
}

stopped()
{
	kill -STOP "$TARGET_PID"
	settled
	local status=$?
	kill -CONT "$TARGET_PID"
	return "$status"
}

# sleep(1) never waits for the child that it inherits from the shell it replaced.
zombie()
{
	local parent

	sh -c 'sleep 0 & exec sleep 600' &
	parent=$!
	at_exit end_process "$parent"
	wait_for has_zombie "$parent" || { echo "no zombie"; return 1; }
	all_refused "$ZOMBIE" ESRCH
}

zombie_of()
{
	awk -v parent="$1" '{ sub(/^.*\) /, "") } $1 == "Z" && $2 == parent {
		split(FILENAME, part, "/"); print part[3] }' /proc/[0-9]*/stat 2> /dev/null
}

has_zombie()
{
	ZOMBIE=$(zombie_of "$1")
	[[ -n $ZOMBIE ]]
}

kernel_thread()
{
	local entry file words

	[[ $(< /proc/2/comm) == kthreadd ]] || { echo "pid 2 is not kthreadd"; return 1; }
	for entry in "${PID_FILES[@]}"; do
		read -r file words <<< "$entry"
		[[ $file == mm ]] && continue
		refused "pgwalk/$file" "pid=2 $words"
		[[ $REFUSED == ESRCH ]] || { echo "$file"; return 1; }
	done
	answer pgwalk/mm pid=2 | grep -qx "kind kernel_thread"
}

# gone_or_cut(fd) - what is read tells that the process is gone
gone_or_cut()
{
	local out status

	out=$(LC_ALL=C cat <&"$1" 2>&1)
	status=$?
	[[ $out == *"No such process"* && $status != 0 ]] && return 0
	[[ $out == *truncated=process_gone* ]] && return 0
	printf 'status %d: %s\n' "$status" "$(tail -n 3 <<< "$out" | tr -d '\0')"
	return 1
}

# exits_before_read(file, words)
exits_before_read()
{
	local fd pid status

	sleep 600 &
	pid=$!
	exec {fd}<> "$MMSCOPE/pgwalk/$1"
	echo "pid=$pid $2" >&"$fd"
	kill -KILL "$pid"
	wait "$pid" 2> /dev/null
	gone_or_cut "$fd"
	status=$?
	exec {fd}>&-
	return "$status"
}

exits_half_way()
{
	local fd status pid

	start_target sparse
	pid=$TARGET_PID
	exec {fd}<> "$MMSCOPE/pgwalk/range"
	echo "pid=$pid" >&"$fd"
	head -c 500 <&"$fd" > /dev/null
	kill -KILL "$pid"
	wait "$pid" 2> /dev/null
	# What was fetched before it died may still come; then it must end.
	cat <&"$fd" > "$SCRATCH/half" 2>&1
	status=$?
	exec {fd}>&-
	tail -n 1 "$SCRATCH/half" | grep -Eq '^# end records=[0-9]+( truncated=process_gone)?$' ||
		((status != 0)) || { tail -n 2 "$SCRATCH/half"; return 1; }
	all_refused "$pid" ESRCH
}

# The same pid, another address space: the answer must be the new one's.
execs_before_read()
{
	local fd pid status

	mkfifo "$SCRATCH/go"
	bash -c 'read -r < "$1"; exec sleep 600' - "$SCRATCH/go" &
	pid=$!
	at_exit end_process "$pid"
	exec {fd}<> "$MMSCOPE/pgwalk/vmas"
	echo "pid=$pid" >&"$fd"
	echo go > "$SCRATCH/go"
	wait_for grep -q '^sleep$' "/proc/$pid/comm" || { echo "no exec"; return 1; }
	wait_for is_asleep "$pid"
	cat <&"$fd" > "$SCRATCH/vmas"
	exec {fd}>&-
	same_process "$pid" "$SCRATCH/vmas"
}

is_asleep()
{
	grep -q '^State:.*S (sleeping)' "/proc/$1/status"
}

# By builtins only: the shell itself writes, so it is the one that is meant. Its heap
# grows and shrinks between the two looks: several_times().
ourselves()
{
	local fd

	exec {fd}<> "$MMSCOPE/pgwalk/vmas"
	echo "pid=self" >&"$fd"
	cat <&"$fd" > "$SCRATCH/vmas"
	exec {fd}>&-
	same_process "$BASHPID" "$SCRATCH/vmas"
}

# Whoever reads later, the writer is meant.
ourselves_later()
{
	echo "pid=self" > "$MMSCOPE/pgwalk/vmas"
	cat "$MMSCOPE/pgwalk/vmas" > "$SCRATCH/vmas"
	same_process "$BASHPID" "$SCRATCH/vmas"
}

# Process 1 of the namespace is this shell.
inner_one()
{
	answer pgwalk/vmas pid=1 > "$SCRATCH/vmas" && same_process 1 "$SCRATCH/vmas"
}

# Runs in a pid namespace of its own, with its /proc, as process 1.
inside()
{
	several_times inner_one || return 1
	refused pgwalk/vmas "pid=$OUTER_PID"
	[[ $REFUSED == ESRCH ]]
}

# The number of the inner process outside, which is none inside.
namespace()
{
	OUTER_PID=$TARGET_PID SCRATCH=$SCRATCH \
		unshare --pid --fork --mount-proc -- "$LIB_DIR/targets.sh" --inside
}

if [[ ${1-} == --inside ]]; then
	inside
	exit $?
fi

need_mmscope pgwalk/vmas pgwalk/walk pgwalk/range
scratch
# A number that a new namespace has not reached.
for _ in {1..50}; do
	/bin/true
done
start_target sparse

ktap_start 18
check "a process just started" fresh
check "a process asleep" settled
check "a process stopped" stopped
check "a zombie: ESRCH" zombie
check "a kernel thread: ESRCH, but mm says what it is" kernel_thread
check "no such process: ESRCH" all_refused 4194303 ESRCH
check "pid 0: ESRCH" all_refused 0 ESRCH
for entry in "${PID_FILES[@]}"; do
	read -r file words <<< "$entry"
	check "exits before the answer is read: $file" exits_before_read "$file" "$words"
done
check "exits while the answer is read" exits_half_way
check "execs before the answer is read" execs_before_read
check "pid=self is who wrote" several_times ourselves
check "pid=self is who wrote, whoever reads" several_times ourselves_later
check "a pid namespace: inner numbers, and only those" namespace
ktap_finish
