# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What layout_match knows of x86-64: cpuinfo's flags, the kernel's own word on
# page-table isolation, and the constants of the ABI.

# shellcheck disable=SC2317,SC2034 # check() calls the functions, the test reads the variables

ARCH_CHECKS=12
MODULE_REGIONS=(modules)
# Regions that are parts of others.
ARCH_PARTS='kernel_(text|rodata|data|bss)|vsyscall'

CPU_FLAGS=" $(sed -n 's/^flags.*: //p' /proc/cpuinfo | head -n 1) "

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

levels()
{
	local want=4

	cpu_has la57 && want=5
	echo "levels ${PAGING[levels]}, should be $want"
	[[ ${PAGING[levels]} == "$want" ]] &&
		(($(section levels < "$SCRATCH/layout" | wc -l) == want)) &&
		[[ $(answer status | section kernel | awk '$1 == "page_table_levels" { print $2 }') == "$want" ]]
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

# register_has(register, bit, flag of cpuinfo) - the bit is on exactly if the CPU
# has the feature, which the kernel then uses
register_has()
{
	local bits=${REGISTER_BITS[$1]}

	if [[ $3 == always ]] || cpu_has "$3"; then
		[[ $bits == *"|$2|"* ]]
	else
		[[ $bits != *"|$2|"* ]]
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

kernel_parts()
{
	kernel_part kernel_text _text _etext kernel_image &&
		kernel_part kernel_rodata __start_rodata __end_rodata kernel_image &&
		kernel_part kernel_data _sdata _edata kernel_image &&
		kernel_part kernel_bss __bss_start __bss_stop kernel_image
}

arch_checks()
{
	check "levels as cpuinfo's la57 says" levels
	check "address bits as in cpuinfo" address_bits
	check "page-table isolation as the kernel says" isolation
	check "1 GiB pages as in cpuinfo" is_flag huge_1G pdpe1gb
	check "no-execute as in cpuinfo" is_flag no_execute nx
	check "global pages as in cpuinfo" is_flag global_pages pge
	check "PCID as in cpuinfo" is_flag pcid pcid
	check "direct map: as long as memory" direct_map
	check "parts of the kernel image as in kallsyms" kernel_parts
	check "vsyscall where its ABI puts it" same_words "${REGION[vsyscall]-}" \
		"0xffffffffff600000 0xffffffffff601000"
	check "control registers have what the CPU has" registers
	check "segments as the ABI numbers them" segments
}
