#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ledger and pfn: sums against /proc/zoneinfo, owners against /proc/vmstat, single pages
# whose owner is known, and what is told when modules are missing.
#
# Pages change hands while memory is counted, and the peers are counted by each CPU for
# itself: so of moving figures the closest of some looks counts, and DRIFT pages and one
# in twenty may differ. Sums of a zone must be equal.

# shellcheck disable=SC2317 # check() calls the functions by name

. "$(dirname "$0")/lib.sh"

LOOKS=4
DRIFT=100
MEMORY_B=20000000
LEDGER=
PAGE_KIB=$(($(getconf PAGESIZE) / 1024))

# owned(owner...) - pages of all zones that they have
owned()
{
	awk -v owners=" $* " 'index(owners, " " $3 " ") { pages += $4 } END { print pages + 0 }' \
		"$LEDGER"
}

# vmstat(name...) - sum of counters of /proc/vmstat, with what CPUs have not yet added
vmstat()
{
	cat /proc/sys/vm/stat_refresh 2> /dev/null
	awk -v names=" $* " 'index(names, " " $1 " ") { sum += $2 } END { print sum + 0 }' \
		/proc/vmstat
}

# zoneinfo(name) - "node zone pages" of every zone that has pages
zoneinfo()
{
	awk -v name="$1" '/^Node/ { sub(",", ""); node = $2; zone = $4 }
		$1 == "present" { present = $2 }
		$1 == name { value[node " " zone] = $2 }
		$1 == "managed" && present { has[node " " zone] = 1 }
		END { for (i in has) print i, value[i] }' /proc/zoneinfo | sort
}

sums_equal()
{
	diff <(zoneinfo "$1") <(awk -v sum="$2" '$3 == sum { print $1, $2, $4 }' "$LEDGER" | sort)
}

# look() - the ledger once more
look()
{
	answer ledger > "$LEDGER"
}

# near(owners, counters) - do they agree, on one of some looks?
near()
{
	local i ours theirs

	for ((i = 0; i < LOOKS; i++)); do
		# shellcheck disable=SC2086 # words
		ours=$(owned $1) theirs=$(vmstat $2)
		echo "$1: $ours; $2: $theirs"
		((ours - theirs <= DRIFT + theirs / 20 && theirs - ours <= DRIFT + theirs / 20)) &&
			return 0
		look
	done
	return 1
}

# Those of processes are counted, those of the kernel are not. The shells that read the
# counter have some that were not there when the ledger was made.
tables_covered()
{
	local i ours theirs

	for ((i = 0; i < LOOKS; i++)); do
		ours=$(owned pgtable) theirs=$(vmstat nr_page_table_pages)
		echo "pgtable: $ours, nr_page_table_pages: $theirs"
		((theirs && ours + DRIFT / 2 >= theirs && ours <= theirs + 20 * DRIFT)) && return 0
		look
	done
	return 1
}

# Slabs are ours; the kernel counts large requests of kmalloc() as well, which before 6.15
# look like any other compound page.
slab_near()
{
	local i slabs all theirs

	for ((i = 0; i < LOOKS; i++)); do
		slabs=$(owned slab) all=$(owned slab large_kmalloc compound)
		theirs=$(vmstat nr_slab_reclaimable nr_slab_unreclaimable)
		echo "slab: $slabs, with all that may be: $all; vmstat: $theirs"
		((slabs - theirs <= DRIFT + theirs / 20 && theirs - all <= DRIFT)) && return 0
		look
	done
	return 1
}

# holds() - does the process have all of it? Its page tables are asked: the counters of
# status lack, up to 6.1, what the last faults brought.
holds()
{
	(($(awk '$1 == "Anonymous:" { print $2 }' "/proc/$HOLDER/smaps_rollup") * 1024 >= MEMORY_B))
}

# hold_memory() - anonymous memory and shared memory that nobody else has
hold_memory()
{
	head -c "$MEMORY_B" /dev/zero > /dev/shm/ledger_match
	at_exit rm -f /dev/shm/ledger_match
	{ head -c "$MEMORY_B" /dev/zero; exec tail -f --pid="$$" /dev/null; } 2> /dev/null |
		tail -c "$MEMORY_B" > /dev/null &
	HOLDER=$!
	at_exit kill "$HOLDER"
	wait_for holds || bail "tail does not keep $MEMORY_B bytes"
}

# kernel_stack is in KiB there
stacks_near()
{
	local i ours theirs

	for ((i = 0; i < LOOKS; i++)); do
		ours=$(owned kernel_stack) theirs=$(($(vmstat nr_kernel_stack) / PAGE_KIB))
		echo "kernel_stack: $ours pages, nr_kernel_stack: $theirs"
		((theirs && ours + DRIFT >= theirs && ours <= theirs + DRIFT)) && return 0
		look
	done
	return 1
}

# on_long_lists() - pages on lists of CPUs that are too long to be walked to their end
on_long_lists()
{
	local pages

	pages=$(awk '$1 == "count:" { pages += $2 } END { print pages + 0 }' /proc/zoneinfo)
	((pages -= $(owned pcp)))
	echo $((pages > 0 ? pages : 0))
}

# At least 98 of 100 pages' owner is told, on one of some looks: what a large process frees
# while its pages are counted goes to lists of CPUs that were walked already. Compound ones
# count as untold here.
nearly_all_told()
{
	local i untold all long

	for ((i = 0; i < LOOKS; i++)); do
		untold=$(owned unknown compound) all=$(owned sum) long=$(on_long_lists)
		echo "$untold of $all, $long on lists that are too long"
		((all && (untold - long) * 50 < all)) && return 0
		sleep 1
		look
	done
	return 1
}

# fact(name) < answer of pfn
fact()
{
	awk -v name="$1" '$1 == name { print $2; exit }'
}

# is_owner(page frame, owner...) - pfn says one of these
is_owner()
{
	local pfn=$1 owner i

	for ((i = 0; i < LOOKS; i++)); do
		answer pfn "pfn=$pfn" > "$SCRATCH/pfn"
		owner=$(fact owner < "$SCRATCH/pfn")
		[[ " ${*:2} " == *" $owner "* ]] && return 0
	done
	cat "$SCRATCH/pfn"
	return 1
}

# Where the heap begins that hold_memory has filled; the .bss before it may have its name.
heap_of_holder()
{
	local start end

	while IFS='- ' read -r start end _; do
		((0x$end - 0x$start < MEMORY_B)) || echo "0x$start"
	done < <(grep -F '[heap]' "/proc/$HOLDER/maps")
}

# A page in its midst, and its tables. The index of a page tells its address only in
# memory that was mapped without a file.
own_page()
{
	local heap pfn table

	heap=$(heap_of_holder)
	heap=$(printf '%#x' $((heap + MEMORY_B / 2 & ~0xfff)))
	answer pgwalk/walk "pid=$HOLDER addr=$heap" > "$SCRATCH/walk" || return 1
	pfn=$(awk '/^present/ { print $4 }' "$SCRATCH/walk")
	is_owner "$pfn" anon || return 1
	grep -qx "mapped_at $heap,pid=$HOLDER" "$SCRATCH/pfn" || { cat "$SCRATCH/pfn"; return 1; }
	while read -r table; do
		is_owner "$table" pgtable || return 1
	done < <(awk '/^(pgd|p4d|pud|pmd|pte) / { print $3 }' "$SCRATCH/walk")
}

file_page()
{
	local map pfn

	map=$(awk '$6 == "/" || $6 ~ /libc\.so|libc-/ { print; exit }' /proc/$$/maps)
	answer pgwalk/walk "pid=$$ addr=0x${map%%-*}" > "$SCRATCH/walk" || return 1
	pfn=$(awk '/^present/ { print $4 }' "$SCRATCH/walk")
	is_owner "$pfn" file shmem || return 1
	grep -q '^file ' "$SCRATCH/pfn"
}

# An object that is kept: its cache and address
slab_object()
{
	local object cache rest

	exec 3<> "$MMSCOPE/slubprobe/kmalloc" || return 1
	echo "size=64 count=1 keep=1" >&3
	read -r _ object cache rest < <(cat <&3 | grep '^0 0x')
	answer pfn "addr=$object" > "$SCRATCH/pfn"
	exec 3>&-
	cat "$SCRATCH/pfn"
	[[ -n $object && $(fact owner < "$SCRATCH/pfn") == slab ]] &&
		[[ $(fact cache < "$SCRATCH/pfn") == "$cache" ]] &&
		[[ $(fact object < "$SCRATCH/pfn") == "$object" ]] &&
		[[ $(fact state < "$SCRATCH/pfn") == allocated ]]
}

# Every run of an area that loading a module has made
area_page()
{
	local start pfn

	start=$(answer vmalloc_walk/areas kind=vmalloc | awk '$7 && /alloc/ && !/^#/ { print $1; exit }')
	pfn=$(answer vmalloc_walk/area "addr=$start" |
		awk '/^##/ { runs = $2 == "runs" } runs && !/^#/ { print $4; exit }')
	is_owner "$pfn" vmalloc || return 1
	[[ $(fact area_start < "$SCRATCH/pfn") == "$start" && $(fact index < "$SCRATCH/pfn") == 0 ]]
}

# The first page of a large free block, and one inside
free_page()
{
	local pfn order i

	for ((i = 0; i < LOOKS; i++)); do
		read -r pfn order < <(answer buddyviz/blocks order=8-11 | awk '!/^#/ { print $1, $2; exit }')
		is_owner $((pfn + 5)) buddy && [[ $(fact block_pfn < "$SCRATCH/pfn") == "$pfn" &&
			$(fact block_order < "$SCRATCH/pfn") == "$order" ]] && return 0
	done
	return 1
}

# Without the modules above, their owners are "-" and the sums are the same
without_modules()
{
	unload_upper && rmmod pgwalk || return 1
	look
	awk '$9 == "not_loaded" { print $3, $4, $6 }' "$LEDGER" | sort -u | tee "$SCRATCH/missing"
	grep -qx 'pcp - buddyviz' "$SCRATCH/missing" &&
		grep -qx 'vmalloc - vmalloc_walk' "$SCRATCH/missing" &&
		grep -qx 'memmap - pgwalk' "$SCRATCH/missing" && sums_equal present sum
}

need_mmscope ledger pfn pgwalk/walk buddyviz/blocks slubprobe/kmalloc vmalloc_walk/areas
have_build || skip_all "the modules were not built in $MMSCOPE_TOP"
scratch
LEDGER=$SCRATCH/ledger
ktap_start 17
look
awk '!/^#/ && $3 !~ /^sum/ && $4 { pages[$3] += $4 } END { for (i in pages) print i, pages[i] }' \
	"$LEDGER" | note_text
if [[ -e /sys/kernel/debug/page_owner ]]; then
	skip "unknown and compound" "page_owner and its like take pages that nobody can name"
else
	check "unknown and compound: less than 2 % of all" nearly_all_told
fi
hold_memory
look
check "each zone's sum is what is present" sums_equal present sum
check "what is not reserved is managed" sums_equal managed sum_not_reserved
check "buddy is what is free" near buddy nr_free_pages
check "slab" slab_near
check "anon" near "anon ksm" nr_anon_pages
check "file and shmem" near "file shmem" nr_file_pages
check "shmem" near shmem nr_shmem
if grep -q 'kernel_clone\|dup_task_struct\|copy_process\|_do_fork' /proc/vmallocinfo; then
	check_areas "kernel_stack" stacks_near
else
	skip "kernel_stack" "stacks are not of vmalloc: CONFIG_VMAP_STACK is off"
fi
check "page tables: those of processes and the kernel's" tables_covered
check "pfn: an anonymous page, its address, its tables" several_times own_page
check "pfn: a page of a file" several_times file_page
check_slabs "pfn: an object" slab_object
check_areas "pfn: a page of vmalloc" several_times area_page
check "pfn: a free block" free_page
check "without the other modules" without_modules
check "loaded again" load_modules
ktap_finish
