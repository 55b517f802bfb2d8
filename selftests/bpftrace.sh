#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Each script of scripts/bpftrace runs while a known number of requests is made, and
# prints the number it must: numbers are primes, or what the answer of the request
# itself counted. And the modules have the type information that this kernel can read.

# shellcheck disable=SC2317 # check() calls the functions by name

. "$(dirname "$0")/lib.sh"

SCRIPTS=$MMSCOPE_TOP/scripts/bpftrace
PAGE_B=$(getconf PAGESIZE)
# The cache that hardly anybody else uses
RCL="size=2000 gfp=GFP_NOWAIT|__GFP_RECLAIMABLE"

# hooks_armed(module, [hook]) - does somebody use hooks of the module, or this one?
hooks_armed()
{
	answer status | section hooks | grep -q "^${2:-[^ ]*} $1 ok .*users=[1-9]"
}

# running() - of the script that was started last: it said its first line
running()
{
	grep -q 'Ctrl-C ends' "$SCRATCH/out" || ! kill -0 "$BPFTRACE"
}

# ended() - is it gone?
ended()
{
	! kill -0 "$BPFTRACE" 2> /dev/null
}

# interrupt() - as Ctrl-C does; one may be lost, but a second one cuts what it prints, which
# takes long where that are stacks
interrupt()
{
	local size

	for _ in {1..3}; do
		kill -INT "$BPFTRACE" 2> /dev/null
		size=-1
		while ! wait_for ended && ((size != $(stat -c %s "$SCRATCH/out"))); do
			size=$(stat -c %s "$SCRATCH/out")
		done
		ended && break
	done
	kill -KILL "$BPFTRACE" 2> /dev/null
	wait "$BPFTRACE"
}

# nr_ticks() - how often the script has printed the time
nr_ticks()
{
	grep -c '^[0-9][0-9]:[0-9][0-9]:' "$SCRATCH/out"
}

# ticked(number) - once more than that?
ticked()
{
	(($(nr_ticks) > $1))
}

# between_ticks(script) - where each second all is printed and cleared, which bpftrace does
# while it counts on: what comes in between is lost
between_ticks()
{
	! grep -q '^interval:' "$1" || wait_for ticked "$(nr_ticks)"
}

# watched(script and its arguments, module and hook that is armed last, command...) - the
# output of the script, which saw the command, in $SCRATCH/out. It prints all that it has
# counted, not only the highest.
watched()
{
	local status words last script

	read -ra words <<< "$1"
	read -ra last <<< "$2"
	script=$SCRATCH/${words[0]}.bt
	sed 's/^\(\tprint(@[a-z_]*\), [0-9]*);/\1);/' "$SCRIPTS/${words[0]}.bt" > "$script"

	# Job control, or it would be deaf to SIGINT.
	set -m
	bpftrace "$script" "${words[@]:1}" > "$SCRATCH/out" 2> "$SCRATCH/err" &
	BPFTRACE=$!
	set +m
	for _ in {1..12}; do
		wait_for running && grep -q 'Ctrl-C ends' "$SCRATCH/out" && break
		kill -0 "$BPFTRACE" || break
	done
	wait_for hooks_armed "${last[@]}" && between_ticks "$script" && "${@:3}"
	status=$?
	sleep 1
	interrupt
	head -n 20 "$SCRATCH/err" "$SCRATCH/out"
	return "$status"
}

# ask(file, words) - by a process whose name is request; the answer is $SCRATCH/answer
ask()
{
	./request "$MMSCOPE/$1" "$2" > "$SCRATCH/answer"
}

# twice(check) - once more, where a pause of a second may spoil it
twice()
{
	"$1" || "$1"
}

# total(regular expression of the map's entry) - over all that was printed
total()
{
	grep -E "^@$1: " "$SCRATCH/out" | awk '{ sum += $NF } END { print sum + 0 }'
}

# equal(number, number) - and not nothing
equal()
{
	echo "$1, expected $2"
	(($1 == $2 && $2))
}

# path_count(path) - as the answer counts
path_count()
{
	section paths < "$SCRATCH/answer" | awk -v p="$1" '$1 == p { n = $2 } END { print n + 0 }'
}

# More of the largest blocks than ZONE_DMA has: the rest fails, on the slow path.
exhaust_dma()
{
	ask buddyviz/alloc "gfp=GFP_NOWAIT|__GFP_DMA order=10 count=13"
}

# nearly(number, number) - the process itself may have asked for a few pages, too
nearly()
{
	echo "$1, expected $2 or a few more"
	(($2 && $1 >= $2 && $1 <= $2 + 3))
}

# check_dma(title, check) - where ZONE_DMA has less than that
check_dma()
{
	local pages

	pages=$(awk '/zone *DMA$/ { own = 1 } own && $1 == "managed" { print $2; exit }' \
		/proc/zoneinfo)
	if ((pages < 13 << 10)); then
		check "$@"
	else
		skip "$1" "ZONE_DMA has $pages pages"
	fi
}

# A slab of high order, say, that it does without, may fail as well.
paths()
{
	watched buddy-paths buddyviz exhaust_dma || return 1
	nearly "$(total 'allocations\[request, failed\]')" "$(path_count failed)"
}

# Each that failed was slow, and so may be some that did not.
slow()
{
	watched buddy-slow buddyviz exhaust_dma || return 1
	equal "$(total 'slow\[request, 10, failed\]')" "$(path_count failed)" &&
		equal "$(total 'slow\[request, 10, [a-z]+\]')" \
			"$(section allocations < "$SCRATCH/answer" | awk '$11 > 1' | wc -l)" &&
		(($(total 'longest_us\[request\]')))
}

# No CPU keeps blocks of order 8: they are cut from larger ones.
splits()
{
	watched "buddy-splits request" buddyviz ask buddyviz/alloc "order=8 count=13" || return 1
	nearly "$(total 'split_from\[(9|10)\]')" \
		"$(section allocations < "$SCRATCH/answer" | awk '$13 > 8' | wc -l)"
}

# other_types() - more blocks than anybody left free of this type: others had to be taken, in
# as many requests as FALLBACKS says
other_types()
{
	ask buddyviz/alloc "order=9 gfp=GFP_KERNEL|__GFP_RECLAIMABLE count=32" || return 1
	FALLBACKS=$(path_count fallback)
}

# A CPU may take two blocks for one request.
fragmentation()
{
	local seen

	watched "fragmentation request" buddyviz other_types || return 1
	seen=$(total 'fallbacks\[request, 9, reclaimable, [a-z]+\]')
	echo "$seen, expected $FALLBACKS to twice as many"
	((FALLBACKS && seen >= FALLBACKS && seen <= 2 * FALLBACKS))
}

# levels_sum(request) - of the answer
levels_sum()
{
	section levels < "$SCRATCH/answer" | awk -v r="$1" '$1 == r { n += $3 } END { print n + 0 }'
}

levels()
{
	local request level nr

	watched "slub-levels request" "slubprobe kfree" ask slubprobe/kmalloc "$RCL count=199" || return 1
	(($(levels_sum alloc) == 199)) || return 1
	while read -r request level nr _; do
		equal "$(total "$request\[$CACHE, $level\]")" "$nr" || return 1
	done < <(section levels < "$SCRATCH/answer")
}

slub_callers()
{
	watched slub-callers slubprobe ask slubprobe/kmalloc "$RCL count=1999" ||
		return 1
	equal "$(total "allocations\[$CACHE, measure_alloc.*\]")" 1999
}

# ask_on_one_cpu(file, words) - what it takes, it does not take on another
ask_on_one_cpu()
{
	taskset -c 0 ./request "$MMSCOPE/$1" "$2" > "$SCRATCH/answer"
}

slub_cross()
{
	watched slub-cross "slubprobe kfree" ask_on_one_cpu slubprobe/kmalloc "$RCL count=997 pattern=cross" || return 1
	equal "$(total "freed_elsewhere\[$CACHE\]")" 997
}

# Large requests have no fast path: all of them are slow.
slub_slow()
{
	watched slub-slow "slubprobe kfree" ask slubprobe/kmalloc "size=20000 count=199" || return 1
	grep -E 'percent_slow\[-\]' "$SCRATCH/out"
	grep -qx '@alloc_percent_slow\[-\]: 100' "$SCRATCH/out" &&
		grep -qx '@free_percent_slow\[-\]: 100' "$SCRATCH/out"
}

# Its request waits for no hook; those of the other modules wait until all are armed.
vmalloc_callers()
{
	watched vmalloc-callers "vmalloc_walk __purge_vmap_area_lazy" ask vmalloc_walk/vmalloc \
		"size=$((5 * PAGE_B)) count=23" || return 1
	equal "$(total 'bytes\[request\]')" $((23 * 6 * PAGE_B)) &&
		equal "$(total 'mapped_bytes\[request, pages\]')" $((23 * 5 * PAGE_B))
}

# Shared memory that is written page by page, by a process of that name
touch_shared()
{
	python3 -c "import mmap
m = mmap.mmap(-1, 211 * mmap.PAGESIZE)
for i in range(211): m[i * mmap.PAGESIZE] = 1"
}

faults()
{
	watched "faults python3" pgwalk touch_shared || return 1
	equal "$(total 'faults\[python3, shmem\]')" 211
}

# recorded() - by trace-cmd; the hooks are armed a moment after the event is on. The shell
# forks while it waits, and trace-cmd calls a process what it was called last: so request
# is a process of its own.
recorded()
{
	"$MMSCOPE_TOP/scripts/mmscope" record -o "$SCRATCH/trace.dat" -e vmalloc_walk:map \
		bash -c ". ./lib.sh; $(declare -f hooks_armed); wait_for hooks_armed vmalloc_walk; sleep 2
			./request $MMSCOPE/vmalloc_walk/vmalloc 'size=$PAGE_B count=23'
			exit" > "$SCRATCH/out"
	echo "status $?"
	maps_recorded
}

# maps_recorded() - those of the request
maps_recorded()
{
	"$MMSCOPE_TOP/scripts/mmscope" record -o "$SCRATCH/trace.dat" --report \
		> "$SCRATCH/report" || return 1
	cat "$SCRATCH/report"
	nearly "$(awk '$2 == "map" && $3 == "request" && $4 == "pages" { print $1 }' \
		"$SCRATCH/report")" 23
}

# recording() - the hooks are armed, and trace-cmd, which turns tracing off while it starts,
# has turned it on: for a second
recording()
{
	local on=/sys/kernel/tracing/tracing_on

	[[ -e $on ]] || on=/sys/kernel/debug/tracing/tracing_on
	hooks_armed vmalloc_walk && sleep 1 && [[ $(< "$on") == 1 ]] && pgrep -x trace-cmd > /dev/null
}

# recorded_until_interrupt() - Ctrl-C, which all of them get, ends trace-cmd, and we wait
recorded_until_interrupt()
{
	local record status

	set -m
	"$MMSCOPE_TOP/scripts/mmscope" record -o "$SCRATCH/trace.dat" -e vmalloc_walk:map \
		> "$SCRATCH/out" 2>&1 &
	record=$!
	set +m
	wait_for recording && ask vmalloc_walk/vmalloc "size=$PAGE_B count=23"
	kill -INT -- "-$record"
	wait "$record"
	status=$?
	cat "$SCRATCH/out"
	echo "status $status"
	((!status)) && maps_recorded
}

# btf_of_others() - does this kernel show the types of any module that is not ours?
btf_of_others()
{
	find /sys/kernel/btf ! -name vmlinux -type f | grep -qvE "/$OUR_MODULES$"
}

module_btf()
{
	local module missing=0

	for module in "${MODULES[@]##*/}"; do
		[[ -s /sys/kernel/btf/$module ]] || { echo "$module has none"; missing=1; }
	done
	((!missing))
}

need_mmscope buddyviz/alloc slubprobe/kmalloc vmalloc_walk/vmalloc pgwalk/faults
for program in bpftrace trace-cmd python3; do
	command -v "$program" > /dev/null || skip_all "no $program"
done
[[ -d $SCRIPTS ]] || skip_all "no scripts/bpftrace beside the selftests"
scratch
CACHE=$(! has_data slab_caches || answer slubprobe/classes |
	awk '$1 == "reclaimable" && $2 <= 2000 && $3 >= 2000 { print $5 }')

ktap_start "$(quick && echo 6 || echo 13)"
if btf_of_others; then
	check "modules have their types" module_btf
else
	skip "modules have their types" "this kernel reads none"
fi
check_dma "buddy-paths: requests that fail" paths
check "faults: 211 pages of shared memory" faults
check_slabs "slub-levels: 199 objects by level" twice levels
check_areas "vmalloc-callers: bytes of 23 areas" vmalloc_callers
check_areas "mmscope record: 23 mappings" recorded
! quick || ktap_finish
check_areas "mmscope record until Ctrl-C: 23 mappings" recorded_until_interrupt
check_dma "buddy-slow: requests that had to look again" slow
check "buddy-splits: blocks that 13 of order 8 are cut from" twice splits
check "fragmentation: blocks of another type" fragmentation
check_slabs "slub-callers: 1999 requests of one function" slub_callers
check_slabs "slub-cross: 997 objects freed elsewhere" slub_cross
check_slabs "slub-slow: large requests are all slow" slub_slow
ktap_finish
