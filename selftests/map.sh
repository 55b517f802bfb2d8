#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# scripts/mmscope map against what the modules answered: each cell is painted again
# from buddyviz/blocks, and what a command took is seen to be gone.

# shellcheck disable=SC2317 # check() calls the functions by name

. "$(dirname "$0")/lib.sh"

FRONT=$MMSCOPE_TOP/scripts/mmscope
CELL_PAGES=256
TAKEN_MIB=32
# Which has most of the memory.
ZONE=$(awk '/^Node/ { zone = $4 }
	/^ +managed/ { pages[zone] += $2 }
	END { for (zone in pages) if (pages[zone] > pages[most]) most = zone; print most }' /proc/zoneinfo)
readonly ZONE

# map(arguments...) - plain, as it goes into a file
map()
{
	"$FRONT" map "$@"
}

# cells(zone) < map - "cell character" of the cells that are not blank
cells()
{
	local line row i inside=0

	while IFS= read -r line; do
		if [[ $line == node\ * ]]; then
			[[ $line == *" zone $1:"* ]]
			inside=$((!$?))
		elif ((inside)) && [[ $line =~ ^\ *(0x[0-9a-f]+)\ (.*) ]]; then
			row=${BASH_REMATCH[2]}
			for ((i = 0; i < ${#row}; i++)); do
				[[ ${row:i:1} == " " ]] ||
					echo "$((BASH_REMATCH[1] / CELL_PAGES + i)) ${row:i:1}"
			done
		fi
	done
}

# free_cells(zone) - the same, of cells with free blocks, from buddyviz/blocks
free_cells()
{
	local digits=0123456789A pfn order pages rest cell largest=()

	while read -r pfn order pages rest; do
		for ((cell = pfn / CELL_PAGES; cell * CELL_PAGES < pfn + pages; cell++)); do
			((${largest[cell]:--1} >= order)) || largest[cell]=$order
		done
	done < <(answer buddyviz/blocks "zone=$1" | records)
	for cell in "${!largest[@]}"; do
		echo "$cell ${digits:largest[cell]:1}"
	done
}

# digits_match() - of the cells that had the same free blocks before and after, nearly all are
# painted so. Blocks come and go meanwhile, but a painter that errs, errs everywhere.
digits_match()
{
	free_cells "$ZONE" | sort > "$SCRATCH/before"
	map --cell "$CELL_PAGES" --zone "$ZONE" > "$SCRATCH/map"
	free_cells "$ZONE" | sort > "$SCRATCH/after"
	cells "$ZONE" < "$SCRATCH/map" | grep '[0-9A]$' | sort > "$SCRATCH/found"
	comm -12 "$SCRATCH/before" "$SCRATCH/after" > "$SCRATCH/same"
	comm -23 "$SCRATCH/same" "$SCRATCH/found" > "$SCRATCH/missing"
	sort -u "$SCRATCH/before" "$SCRATCH/after" | comm -13 - "$SCRATCH/found" > "$SCRATCH/strange"
	tail -n 20 "$SCRATCH/missing" "$SCRATCH/strange"
	wc -l "$SCRATCH"/{same,missing,strange}
	few missing && few strange
}

# few(cells) - not one in twenty of those that kept still, which are not few themselves
few()
{
	local same cells

	same=$(wc -l < "$SCRATCH/same")
	cells=$(wc -l < "$SCRATCH/$1")
	((same >= 100 && cells * 20 < same))
}

# zone_free() - pages on the free lists of ZONE, as the kernel counts them
zone_free()
{
	awk '/^Node/ { zone = $4 }
		/^ +pages free/ && zone == "'"$ZONE"'" { sum += $3 }
		END { print sum + 0 }' /proc/zoneinfo
}

# title_matches() - what the title calls free is what it has by order, and what /proc/zoneinfo
# has, but for the pages that came and went meanwhile
title_matches()
{
	local before after

	before=$(zone_free)
	map --cell "$CELL_PAGES" --zone "$ZONE" > "$SCRATCH/title" || return
	after=$(zone_free)
	echo "zoneinfo: $before before, $after after"
	awk -v before="$before" -v after="$after" '/^node / {
		print
		for (i = 13; i <= NF; i++) { split($i, n, ":"); sum += n[2] * 2 ^ n[1] }
		all += $5
	}
	END {
		low = before < after ? before : after
		high = before + after - low
		exit !all || sum != all || all < low * 0.95 || all > high * 1.05
	}' "$SCRATCH/title"
}

# change_seen() - a file of so many MiB in memory: pages went, and cells lost some
change_seen()
{
	local pages

	map --cell "$CELL_PAGES" --zone "$ZONE" --diff \
		dd if=/dev/zero of="$MEMORY/taken" bs=1M count="$TAKEN_MIB" status=none > "$SCRATCH/diff" ||
		return
	tail -n 1 "$SCRATCH/diff"
	pages=$(sed -n 's/^node .* zone '"$ZONE"': -\([0-9]*\) pages free.*/\1/p' "$SCRATCH/diff" |
		awk '{ sum += $1 } END { print sum + 0 }')
	((pages >= TAKEN_MIB * 1024 * 1024 / $(getconf PAGESIZE) / 2)) &&
		cells "$ZONE" < "$SCRATCH/diff" | grep -q -e '-$'
}

# nothing_changed() - true changes nothing that large
nothing_changed()
{
	map --cell "$CELL_PAGES" --zone "$ZONE" --diff true > "$SCRATCH/diff" || return
	cells "$ZONE" < "$SCRATCH/diff" | awk '$2 == "." { same++ } END { print same, NR; exit same < NR * 9 / 10 }'
}

# svg_matches() - one square for each cell that is not blank
svg_matches()
{
	map --cell "$CELL_PAGES" --zone "$ZONE" --svg "$SCRATCH/map.svg" || return
	python3 -c 'import sys, xml.dom.minidom as x; x.parse(sys.argv[1])' "$SCRATCH/map.svg" &&
		same_count "$(grep -c '^<rect' "$SCRATCH/map.svg")" "$(cells "$ZONE" < "$SCRATCH/map" | wc -l)"
}

# same_count(found, expected)
same_count()
{
	echo "$1 squares, $2 cells"
	(($1 == $2))
}

# fails_with(text, arguments...) - exit status, and one line that says why
fails_with()
{
	local output

	output=$(map "${@:2}" 2>&1) && return 1
	echo "$output"
	[[ $output == *"$1"* ]]
}

need_mmscope buddyviz/blocks buddyviz/pageblocks
[[ -x $FRONT ]] || skip_all "no scripts/mmscope in $MMSCOPE_TOP"
command -v python3 > /dev/null || skip_all "no python3"
scratch
MEMORY=$SCRATCH/memory
mkdir "$MEMORY"
mount -t tmpfs tmpfs "$MEMORY" || bail "no tmpfs"
at_exit umount "$MEMORY"

ktap_start 8
check "a digit is the order of the largest free block" digits_match
check "free pages are the sum of blocks, and those of /proc/zoneinfo" title_matches
check "what a command takes is seen" change_seen
check "what does nothing changes nothing" nothing_changed
check "SVG: a square a cell" svg_matches
check "wrong zone: says so" fails_with "error_log" --zone Nowhere
check "wrong cell: says so" fails_with "power of two" --cell 3
check "no command: says so" fails_with "wants a command" --diff
ktap_finish
