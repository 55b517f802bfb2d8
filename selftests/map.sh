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
	free_cells DMA32 | sort > "$SCRATCH/before"
	map --cell "$CELL_PAGES" --zone DMA32 > "$SCRATCH/map"
	free_cells DMA32 | sort > "$SCRATCH/after"
	cells DMA32 < "$SCRATCH/map" | grep '[0-9A]$' | sort > "$SCRATCH/found"
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

# title_matches() - the pages free in the title are the digits' blocks
title_matches()
{
	awk '/^node / {
		for (i = 13; i <= NF; i++) { split($i, n, ":"); sum += n[2] * 2 ^ n[1] }
		if (sum != $5) { print; exit 1 }
		seen = 1
	}
	END { exit !seen }' "$SCRATCH/map"
}

# change_seen() - a file of so many MiB in memory: pages went, and cells lost some
change_seen()
{
	local pages

	map --cell "$CELL_PAGES" --zone DMA32 --diff \
		dd if=/dev/zero of="$MEMORY/taken" bs=1M count="$TAKEN_MIB" status=none > "$SCRATCH/diff" ||
		return
	tail -n 1 "$SCRATCH/diff"
	pages=$(sed -n 's/^node .* zone DMA32: -\([0-9]*\) pages free.*/\1/p' "$SCRATCH/diff")
	((pages >= TAKEN_MIB * 1024 * 1024 / $(getconf PAGESIZE) / 2)) &&
		cells DMA32 < "$SCRATCH/diff" | grep -q -e '-$'
}

# nothing_changed() - true changes nothing that large
nothing_changed()
{
	map --cell "$CELL_PAGES" --zone DMA32 --diff true > "$SCRATCH/diff" || return
	cells DMA32 < "$SCRATCH/diff" | awk '$2 == "." { same++ } END { print same, NR; exit same < NR * 9 / 10 }'
}

# svg_matches() - one square for each cell that is not blank
svg_matches()
{
	map --cell "$CELL_PAGES" --zone DMA32 --svg "$SCRATCH/map.svg" || return
	python3 -c 'import sys, xml.dom.minidom as x; x.parse(sys.argv[1])' "$SCRATCH/map.svg" &&
		same_count "$(grep -c '^<rect' "$SCRATCH/map.svg")" "$(cells DMA32 < "$SCRATCH/map" | wc -l)"
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
check "free pages are the sum of blocks" title_matches
check "what a command takes is seen" change_seen
check "what does nothing changes nothing" nothing_changed
check "SVG: a square a cell" svg_matches
check "wrong zone: says so" fails_with "error_log" --zone Nowhere
check "wrong cell: says so" fails_with "power of two" --cell 3
check "no command: says so" fails_with "wants a command" --diff
ktap_finish
