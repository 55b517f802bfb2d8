#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# bench_holds.sh - the longest time that reading a file keeps a lock and interrupts off.
#
# The function tracer notes when the reader takes and drops a spinlock with interrupts off;
# the outermost pair counts, and the tracer's own cost is in it, alike for all. bench runs
# this with fragmented memory, where lists are long.

. "$(dirname "$0")/lib.sh"

FILES=(/proc/pagetypeinfo "$MMSCOPE"/buddyviz/{freelists,blocks,blocks.bin,pcp,check}
	/proc/slabinfo "$MMSCOPE"/slubprobe/{caches,check})
TRACE=/sys/kernel/tracing

# longest() < trace - us and caller of the longest outermost hold, and how many there were
longest()
{
	awk '
	/_raw_spin_lock_irq(save)? <-/ {
		if (!depth++) { taken = $(NF - 2) + 0; caller = substr($NF, 3) }
	}
	/_raw_spin_unlock_irq(restore)? <-/ && depth && !--depth {
		held = ($(NF - 2) - taken) * 1e6
		holds++
		if (held > most) { most = held; by = caller }
	}
	END { printf "%12.1f %8d  %s\n", most, holds, by }'
}

# holds(file) - read by a shell, as starting a program takes locks of its own
holds()
{
	: > trace
	(
		echo "$BASHPID" > set_ftrace_pid
		mapfile < "$1"
	) 2> /dev/null
	printf '%-44s %s\n' "$1" "$(grep -v '^#' trace | longest)"
}

cd "$TRACE" || exit
grep -qw function available_tracers || bail "no function tracer"
echo 1000000 > buffer_size_kb
printf '_raw_spin_%s\n' lock_irq lock_irqsave unlock_irq unlock_irqrestore > set_ftrace_filter
echo function > current_tracer
printf '\nlocks: the longest hold with interrupts off, of one reading\n%-44s %12s %8s  %s\n' \
	file longest_us holds taken_by
for file in "${FILES[@]}"; do
	[[ ! -r $file ]] || holds "$file"
done
echo nop > current_tracer
