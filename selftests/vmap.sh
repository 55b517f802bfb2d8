#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# scripts/mmscope vmap against what the modules answered: areas of ours are where they
# are, and each cell is painted again from vmalloc_walk/areas, lazy and holes.
#
# Areas come and go meanwhile. What the answers before and after the picture do not
# agree upon is not compared, and of the rest one cell in fifty may differ: what came
# and went between the two.

# shellcheck disable=SC2317 # check() calls the functions by name

. "$(dirname "$0")/lib.sh"

FRONT=$MMSCOPE_TOP/scripts/mmscope
CELL_PAGES=16
NR=31
PAGES=3
PAGE_SHIFT=12
(($(getconf PAGESIZE) == 4096)) || PAGE_SHIFT=16
declare -A LETTERS=(
	[vmalloc]=v [vmap]=m [ioremap]=i [vm_map_ram]=r [module_text]=t [module_data]=d
	[stack]=s [percpu]=p [bpf]=b [sparse]=x [dma]=c [other]=o [lazy]="~" [hole]=.
)

# vmap(arguments...) - plain, as it goes into a file
vmap()
{
	"$FRONT" vmap "$@"
}

# page(address) - number of its page, which awk can hold; sets PAGE
page()
{
	PAGE=$((($1 >> PAGE_SHIFT) & ((1 << (64 - PAGE_SHIFT)) - 1)))
}

# cells(pages of a cell) < picture - "cell character" of those that are not blank
cells()
{
	local line

	while IFS= read -r line; do
		[[ $line =~ ^\ *(0x[0-9a-f]+)\ (.*) ]] || continue
		page "${BASH_REMATCH[1]}"
		echo "$((PAGE / $1)) ${BASH_REMATCH[2]}"
	done | awk '
		BEGIN { OFMT = "%.0f" }
		{
			row = substr($0, length($1) + 2)
			for (i = 1; i <= length(row); i++)
				if (substr(row, i, 1) != " ")
					print $1 + i - 1, substr(row, i, 1)
		}'
}

# spans() - "first page, page behind the last, character" of all that the modules know
spans()
{
	local start end kind first

	{
		answer vmalloc_walk/areas kind=any | records | cut -d ' ' -f 1,2,4
		answer vmalloc_walk/lazy | section areas | sed 's/ [^ ]* [^ ]*$/ lazy/'
		answer vmalloc_walk/holes "range=0-0xffffffffffffffff" | section holes |
			sed 's/ [^ ]*$/ hole/'
	} | while read -r start end kind; do
		page "$start"
		first=$PAGE
		page "$end"
		echo "$first $PAGE ${LETTERS[$kind]}"
	done
}

# paint(pages of a cell) < spans - the same as cells(); of large holes, nothing
paint()
{
	awk -v cell="$1" -v order="vmirtdspbxco~" '
		BEGIN { CONVFMT = OFMT = "%.0f" }
		$2 - $1 > 65536 && $3 == "." { next }
		{
			for (c = int($1 / cell); c * cell < $2; c++) {
				from = $1 > c * cell ? $1 : c * cell
				to = $2 < (c + 1) * cell ? $2 : (c + 1) * cell
				pages[c, $3] += to - from
				seen[c]
			}
		}
		END {
			for (c in seen) {
				best = "."
				most = 0
				for (i = 1; i <= length(order); i++) {
					l = substr(order, i, 1)
					if (pages[c, l] > most) { most = pages[c, l]; best = l }
				}
				print c, best
			}
		}' | sort
}

# picture_matches() - what was the same before and after is in the picture, and what is
# in the picture was there before or after
picture_matches()
{
	local same wrong strange

	spans > "$SCRATCH/spans"
	vmap --cell "$CELL_PAGES" > "$SCRATCH/map" || return
	spans > "$SCRATCH/spans.after"
	paint "$CELL_PAGES" < "$SCRATCH/spans" > "$SCRATCH/before"
	paint "$CELL_PAGES" < "$SCRATCH/spans.after" > "$SCRATCH/after"
	cells "$CELL_PAGES" < "$SCRATCH/map" | sort > "$SCRATCH/found"
	comm -12 "$SCRATCH/before" "$SCRATCH/after" > "$SCRATCH/same"
	# Lines may be missing that are a hole, or in the middle of an area.
	awk -v columns=64 -v cell="$CELL_PAGES" '
		BEGIN { CONVFMT = OFMT = "%.0f" }
		FILENAME ~ /found$/ { drawn[int($1 / columns)]; next }
		FILENAME ~ /spans$/ {
			if ($3 != "." && $2 - $1 > 3 * columns * cell)
				for (l = int($1 / cell / columns) + 1; (l + 1) * cell * columns < $2; l++)
					middle[l]
			next
		}
		{ l = int($1 / columns) }
		l in drawn || ($2 != "." && !(l in middle))' \
		"$SCRATCH/found" "$SCRATCH/spans" "$SCRATCH/same" | sort > "$SCRATCH/expected"
	same=$(wc -l < "$SCRATCH/expected")
	comm -23 "$SCRATCH/expected" "$SCRATCH/found" > "$SCRATCH/wrong"
	grep -v '\.$' "$SCRATCH/found" |
		comm -23 - <(sort -u "$SCRATCH/before" "$SCRATCH/after") > "$SCRATCH/strange"
	wrong=$(wc -l < "$SCRATCH/wrong") strange=$(wc -l < "$SCRATCH/strange")
	echo "$same cells, $wrong not so, $strange not there"
	head -n 5 "$SCRATCH/wrong" "$SCRATCH/strange"
	((same > 50 && wrong * 50 <= same && strange * 50 <= same))
}

# keep_areas() - so many of ours, until descriptor 8 is closed; "start" of each in kept
keep_areas()
{
	exec 8<> "$MMSCOPE/vmalloc_walk/vmalloc" || return
	echo "size=$((PAGES << PAGE_SHIFT)) count=$NR keep=1" >&8 || return
	section areas <&8 | cut -d ' ' -f 2 > "$SCRATCH/kept"
	[[ $(wc -l < "$SCRATCH/kept") == 16 ]]
}

# kept_drawn() - by pages, each of ours with its guard page; nothing of this changes
kept_drawn()
{
	local start i

	sort "$SCRATCH/kept" | sed -n '1p;$p' > "$SCRATCH/ends"
	vmap --cell 1 --range "$(head -n 1 "$SCRATCH/ends")-$(printf '%#x' \
		$(($(tail -n 1 "$SCRATCH/ends") + ((PAGES + 1) << PAGE_SHIFT))))" |
		cells 1 | sort > "$SCRATCH/pages"
	while read -r start; do
		page "$start"
		for ((i = 0; i <= PAGES; i++)); do
			echo "$((PAGE + i)) v"
		done
	done < "$SCRATCH/kept" | sort > "$SCRATCH/ours"
	comm -23 "$SCRATCH/ours" "$SCRATCH/pages" | head -n 5
	[[ -s $SCRATCH/ours && -z $(comm -23 "$SCRATCH/ours" "$SCRATCH/pages") ]]
}

# sums_match() - the areas of vmalloc() that are counted are those of the answers
sums_match()
{
	local drawn before after

	drawn=$(awk '$1 == "v" && $2 == "vmalloc" { print $3 }' "$SCRATCH/map")
	before=$(grep -c ' v$' "$SCRATCH/spans") after=$(grep -c ' v$' "$SCRATCH/spans.after")
	echo "$drawn drawn, $before before, $after after"
	((drawn >= NR && drawn >= (before < after ? before : after) - 3)) &&
		((drawn <= (before > after ? before : after) + 3))
}

# svg_matches() - a square for each cell that is not blank, but for a few
svg_matches()
{
	local squares drawn

	vmap --cell "$CELL_PAGES" --svg "$SCRATCH/map.svg" || return
	python3 -c 'import sys, xml.dom.minidom as x; x.parse(sys.argv[1])' "$SCRATCH/map.svg" ||
		return
	squares=$(grep -c '^<rect' "$SCRATCH/map.svg") drawn=$(wc -l < "$SCRATCH/found")
	echo "$squares squares, $drawn cells"
	# A line more or less has 64.
	((squares >= drawn - 128 && squares <= drawn + 128 && squares > 50))
}

# fits_screen() - by itself it is no longer than a screen
fits_screen()
{
	local lines

	lines=$(LINES=40 COLUMNS=100 vmap | tee "$SCRATCH/screen" | wc -l)
	echo "$lines lines"
	((lines <= 40)) && grep -q 'TiB without areas' "$SCRATCH/screen"
}

# fails_with(text, arguments...) - exit status, and one line that says why
fails_with()
{
	local output

	output=$(vmap "${@:2}" 2>&1) && return 1
	echo "$output"
	[[ $output == *"$1"* ]]
}

need_mmscope vmalloc_walk/areas vmalloc_walk/vmalloc
need_areas
[[ -x $FRONT ]] || skip_all "no scripts/mmscope in $MMSCOPE_TOP"
command -v python3 > /dev/null || skip_all "no python3"
answer vmalloc_walk/areas kind=any > /dev/null ||
	bail "no areas, though the kernel tells of them"
scratch

ktap_start 8
check "areas of ours are kept" keep_areas
check "they are drawn where they are" kept_drawn
check "each cell is what most of it is" several_times picture_matches
check "sums are those of the answers" sums_match
check "SVG: a square a cell" several_times eval "picture_matches && svg_matches"
check "all fits on a screen" fits_screen
check "wrong range: says so" fails_with "error_log" --range 5-3
check "wrong cell: says so" fails_with "power of two" --cell 3
ktap_finish
