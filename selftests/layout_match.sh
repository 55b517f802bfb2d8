#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# layout against what user space can know of the machine: /proc/iomem,
# /proc/vmallocinfo, /proc/modules, /proc/kallsyms, and what is known of the
# architecture alone: layout_x86_64.sh, layout_aarch64.sh. These set ARCH_CHECKS,
# the number of results of their function arch_checks, and MODULE_REGIONS.

# shellcheck disable=SC2317,SC2034 # check() calls the functions by name; the architecture reads REGISTER

. "$(dirname "$0")/lib.sh"

# Read once, asked for many times: rows of the paging section, "start end" of each
# region, value and bits of each register, addresses of the symbols below.
declare -A PAGING REGION REGISTER REGISTER_BITS KALLSYM
SYMBOLS="_text _stext _etext __start_rodata __end_rodata _sdata _edata
	__bss_start __bss_stop _end"

read_all()
{
	local addr end name rest size start value

	while read -r name rest; do
		PAGING[$name]=$rest
	done < <(section paging < "$SCRATCH/layout")
	while read -r start end size name; do
		REGION[$name]="$start $end"
	done < <(section regions < "$SCRATCH/layout")
	while read -r name value rest; do
		REGISTER[$name]=$value
		REGISTER_BITS[$name]="|$rest|"
	done < <(section registers < "$SCRATCH/layout")
	while read -r addr _ name; do
		KALLSYM[$name]=0x$addr
	done < <(awk -v names="$SYMBOLS" '
		BEGIN { split(names, list); for (i in list) wanted[list[i]] }
		$3 in wanted' /proc/kallsyms)
}

# lies_in(address, start, end) - unsigned, all in hex; end is not included
lies_in()
{
	local addr start end

	# bash counts with a sign: shift the middle to where its order is right
	printf -v addr %d $(($1 ^ (1 << 63)))
	printf -v start %d $(($2 ^ (1 << 63)))
	printf -v end %d $((($3 - 1) ^ (1 << 63)))
	((addr >= start && addr <= end))
}

# lies_in_region(address, region...) - in one of them
lies_in_region()
{
	local addr=$1 name start end

	shift
	for name in "$@"; do
		read -r start end <<< "${REGION[$name]-}"
		[[ -n $start ]] && lies_in "$addr" "$start" "$end" && return 0
	done
	echo "$addr is not in $*"
	return 1
}

# A table is a page long and its entries span one of the level above; the top
# table, all addresses. The last level's entries span a page.
spans()
{
	section levels < "$SCRATCH/layout" | awk -v page="$(getconf PAGESIZE)" \
		-v all="${PAGING[addr_bits]}" '
	$5 != 2 ^ $2 { print; exit 1 }
	above && (above != $5 * $3 || $3 * $4 != page) { print; exit 1 }
	!above && ($5 * $3 != 2 ^ all || $3 * $4 > page) { print; exit 1 }
	{ above = $5 }
	END { if (above != page) exit 1 }'
}

regions_well_formed()
{
	local start end size name rest

	while read -r start end size name rest; do
		echo "$start $end $size $name $rest"
		[[ -n $name && -z $rest && $start == 0x* && $end == 0x* ]] || return 1
		((size == end - start && size > 0)) || return 1
	done < <(section regions < "$SCRATCH/layout")
}

# Regions that are not parts of others do not overlap.
regions_apart()
{
	section regions < "$SCRATCH/layout" |
		grep -Ev " ($ARCH_PARTS)\$" |
		awk '{ printf "%16s %16s %s\n", substr($1, 3), substr($2, 3), $NF }' |
		sed 's/ /0/g; s/\(.\{16\}\)0\(.\{16\}\)0/\1 \2 /' | sort |
		awk '$1 < end { print "overlap: " $0 " begins before " end; exit 1 }
			{ end = $2 }'
}

user_mappings()
{
	local span

	while read -r span _; do
		lies_in_region "0x${span%-*}" user || return 1
	done < <(grep -v vsyscall "/proc/$TARGET_PID/maps")
}

# ram() - physical address of the first page of the last piece of memory, in hex
ram()
{
	sed -n 's/^\([0-9a-f]*\)-.* : System RAM$/0x\1/p' /proc/iomem | tail -n 1
}

vmemmap()
{
	lies_in_region "$(answer convert "phys=$(ram)" | records | awk '{ print $4 }')" \
		vmemmap
}

# Modules and the fixed areas of each CPU are vmalloc areas as well.
vmalloc()
{
	local span nr=0

	while read -r span _; do
		lies_in_region "${span%-*}" vmalloc modules || return 1
		nr=$((nr + 1))
	done < <(shuf -n 100 --random-source=/proc/kallsyms /proc/vmallocinfo)
	echo "$nr areas"
	((nr > 10))
}

modules()
{
	local addr

	while read -r _ _ _ _ _ addr _; do
		lies_in_region "$addr" "${MODULE_REGIONS[@]}" || return 1
	done < /proc/modules
}

# kernel_part(region, first symbol, symbol behind, region around it) - as far as
# kallsyms knows these
kernel_part()
{
	local first=${KALLSYM[$2]-} behind=${KALLSYM[$3]-} start end

	read -r start end <<< "${REGION[$1]-}"
	echo "$1 $start-$end, kallsyms $first-$behind"
	if [[ -z $first || -z $behind ]]; then
		[[ -z $start ]]
	else
		((start == first && end == behind)) && lies_in_region "$start" "$4"
	fi
}

ARCH=./layout_$(uname -m).sh
[[ -f $ARCH ]] || skip_all "the oracles are not known for $(uname -m)"
# shellcheck source=layout_x86_64.sh
. "$ARCH"

need_mmscope pgwalk/layout status convert
scratch
start_target sparse
answer pgwalk/layout > "$SCRATCH/layout" || bail "no layout"
# vmallocinfo shows hashes otherwise, even to root.
knob /proc/sys/kernel/kptr_restrict 1
read_all

ktap_start $((8 + ARCH_CHECKS))
check "spans of the levels" spans
check "regions: start, end and size" regions_well_formed
check "regions do not overlap" regions_apart
check "user mappings lie in the user region" user_mappings
check "struct pages lie in the vmemmap" vmemmap
check "vmallocinfo's areas lie in vmalloc or modules" vmalloc
check "modules lie in ${MODULE_REGIONS[*]}" modules
check "the page size" same_words "${PAGING[page_size_B]}" "$(getconf PAGESIZE)"
arch_checks
ktap_finish
