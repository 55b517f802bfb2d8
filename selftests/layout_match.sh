#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# layout against what user space can know of the machine: cpuinfo's flags, the
# kernel's own word on page-table isolation, /proc/iomem, /proc/vmallocinfo,
# /proc/modules, /proc/kallsyms, and the constants of the x86-64 ABI.

# shellcheck disable=SC2317 # check() calls the functions by name

. "$(dirname "$0")/lib.sh"

# Read once, asked for many times: rows of the paging section, "start end" of each
# region, bits of each register; flags of the CPU, addresses of the symbols below.
declare -A PAGING REGION REGISTER KALLSYM
CPU_FLAGS=
SYMBOLS="_text _etext __start_rodata __end_rodata _sdata _edata __bss_start __bss_stop"

read_all()
{
	local addr end name rest size start

	while read -r name rest; do
		PAGING[$name]=$rest
	done < <(section paging < "$SCRATCH/layout")
	while read -r start end size name; do
		REGION[$name]="$start $end"
	done < <(section regions < "$SCRATCH/layout")
	while read -r name _ rest; do
		REGISTER[$name]=$rest
	done < <(section registers < "$SCRATCH/layout")
	while read -r addr _ name; do
		KALLSYM[$name]=0x$addr
	done < <(awk -v names="$SYMBOLS" '
		BEGIN { split(names, list); for (i in list) wanted[list[i]] }
		$3 in wanted' /proc/kallsyms)
	CPU_FLAGS=" $(sed -n 's/^flags.*: //p' /proc/cpuinfo | head -n 1) "
}

# cpu_has(flag)
cpu_has()
{
	[[ $CPU_FLAGS == *" $1 "* ]]
}

# is_flag(name of a row, flag of cpuinfo) - the row is 1 exactly if the CPU has it
is_flag()
{
	local want=0

	cpu_has "$2" && want=1
	echo "$1 ${PAGING[$1]}, cpuinfo $2: $want"
	[[ ${PAGING[$1]} == "$want" ]]
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

levels()
{
	local want=4

	cpu_has la57 && want=5
	echo "levels ${PAGING[levels]}, should be $want"
	[[ ${PAGING[levels]} == "$want" ]] &&
		(($(section levels < "$SCRATCH/layout" | wc -l) == want)) &&
		[[ $(answer status | section kernel | awk '$1 == "page_table_levels" { print $2 }') == "$want" ]]
}

# Each level's span is 512 entries of the level below; the last is a page.
spans()
{
	section levels < "$SCRATCH/layout" | awk -v page="$(getconf PAGESIZE)" '
	$3 * $4 != page || $5 != 2 ^ $2 { print; exit 1 }
	above && above != $5 * $3 { print; exit 1 }
	{ above = $5 }
	END { if (above != page) exit 1 }'
}

# "address sizes	: 40 bits physical, 48 bits virtual"
address_bits()
{
	local phys virt=48

	phys=$(sed -n 's/^address sizes.*: \([0-9]*\) bits phys.*/\1/p' /proc/cpuinfo | head -n 1)
	cpu_has la57 && virt=57
	echo "physical ${PAGING[phys_bits]} and $phys, virtual ${PAGING[addr_bits]} and $virt"
	[[ ${PAGING[phys_bits]} == "$phys" && ${PAGING[addr_bits]} == "$virt" ]]
}

isolation()
{
	local want=0

	# A CPU that is not affected can be made to do it, by pti=on: then only
	# cpuinfo tells.
	grep -q PTI /sys/devices/system/cpu/vulnerabilities/meltdown && want=1
	cpu_has pti && want=1
	echo "page_table_isolation ${PAGING[page_table_isolation]}, should be $want"
	[[ ${PAGING[page_table_isolation]} == "$want" ]]
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
		grep -Ev ' (kernel_(text|rodata|data|bss)|vsyscall)$' |
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

# As long as the memory that iomem shows, and it holds what convert says.
direct_map()
{
	local start end last

	read -r start end <<< "${REGION[direct_map]-}"
	last=$(sed -n 's/^[0-9a-f]*-\([0-9a-f]*\) : System RAM$/\1/p' /proc/iomem | tail -n 1)
	echo "direct map $start-$end, memory ends at 0x$last"
	((end - start == 0x$last + 1)) &&
		lies_in_region "$(answer convert pfn=256 | records | awk '{ print $3 }')" direct_map
}

vmemmap()
{
	lies_in_region "$(answer convert pfn=256 | records | awk '{ print $4 }')" vmemmap
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
		lies_in_region "$addr" modules || return 1
	done < /proc/modules
}

# kernel_part(region, first symbol, symbol behind)
kernel_part()
{
	local start end

	read -r start end <<< "${REGION[$1]-}"
	echo "$1 $start-$end, kallsyms ${KALLSYM[$2]}-${KALLSYM[$3]}"
	((start == KALLSYM[$2] && end == KALLSYM[$3])) &&
		lies_in_region "$start" kernel_image
}

kernel_parts()
{
	kernel_part kernel_text _text _etext &&
		kernel_part kernel_rodata __start_rodata __end_rodata &&
		kernel_part kernel_data _sdata _edata &&
		kernel_part kernel_bss __bss_start __bss_stop
}

# register_has(register, bit, flag of cpuinfo) - the bit is on exactly if the CPU
# has the feature, which the kernel then uses
register_has()
{
	local bits=${REGISTER[$1]}

	if [[ $3 == always ]] || cpu_has "$3"; then
		[[ "|$bits|" == *"|$2|"* ]]
	else
		[[ "|$bits|" != *"|$2|"* ]]
	fi || { echo "$1: $bits, $2 ($3)"; return 1; }
}

registers()
{
	register_has cr0 pg always && register_has cr0 wp always &&
		register_has cr0 pe always && register_has cr4 pae always &&
		register_has cr4 la57 la57 && register_has cr4 smep smep &&
		register_has cr4 smap smap && register_has cr4 fsgsbase fsgsbase &&
		register_has cr4 pge pge && register_has cr4 osxsave xsave &&
		register_has efer nxe nx && register_has efer lma always &&
		register_has efer sce always
}

# Numbers of arch/x86/include/asm/segment.h, which are ABI: user mode sees them.
segments()
{
	section segments < "$SCRATCH/layout" | awk '
	$1 == "0x10" && $4 == "code64" && $5 == 0 && $6 ~ /cs/ { kernel_code = 1 }
	$1 == "0x18" && $4 == "data_rw" && $5 == 0 { kernel_data = 1 }
	$1 == "0x28" && $4 == "data_rw" && $5 == 3 { user_data = 1 }
	$1 == "0x30" && $4 == "code64" && $5 == 3 { user_code = 1 }
	$1 == "0x40" && $4 == "tss" && $6 ~ /tr/ { task = 1 }
	{ print }
	END { exit !(kernel_code && kernel_data && user_code && user_data && task) }'
}

need_mmscope pgwalk/layout status convert
scratch
start_target sparse
answer pgwalk/layout > "$SCRATCH/layout" || bail "no layout"
# vmallocinfo shows hashes otherwise, even to root.
knob /proc/sys/kernel/kptr_restrict 1
read_all
[[ $(uname -m) == x86_64 ]] ||
	skip_all "the oracles are known for x86-64 only"

ktap_start 20
check "levels as cpuinfo's la57 says" levels
check "spans of the levels" spans
check "address bits as in cpuinfo" address_bits
check "page-table isolation as the kernel says" isolation
check "1 GiB pages as in cpuinfo" is_flag huge_1G pdpe1gb
check "no-execute as in cpuinfo" is_flag no_execute nx
check "global pages as in cpuinfo" is_flag global_pages pge
check "PCID as in cpuinfo" is_flag pcid pcid
check "regions: start, end and size" regions_well_formed
check "regions do not overlap" regions_apart
check "user mappings lie in the user region" user_mappings
check "direct map: as long as memory" direct_map
check "struct pages lie in the vmemmap" vmemmap
check "vmallocinfo's areas lie in vmalloc or modules" vmalloc
check "modules lie in the modules region" modules
check "parts of the kernel image as in kallsyms" kernel_parts
check "vsyscall where its ABI puts it" same_words "${REGION[vsyscall]-}" \
	"0xffffffffff600000 0xffffffffff601000"
check "control registers have what the CPU has" registers
check "segments as the ABI numbers them" segments
check "the page size" same_words "${PAGING[page_size_B]}" "$(getconf PAGESIZE)"
ktap_finish
