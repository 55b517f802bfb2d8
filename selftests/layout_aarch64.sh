# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What layout_match knows of arm64: the note for crash dumps in /proc/kcore, in
# which the kernel tells tools where it lies, and what it said at boot of the
# features of the CPU.

# shellcheck disable=SC2317,SC2034 # check() calls the functions, the test reads the variables

ARCH_CHECKS=10
# Module addresses may be taken from all of vmalloc, and the kernel image is.
MODULE_REGIONS=(modules vmalloc)
ARCH_PARTS='kernel_(image|text|rodata|data|bss)'

# crash_note(name) - a value of the note
crash_note()
{
	head -c 65536 /proc/kcore | tr '\0' '\n' |
		sed -n "s/^\(NUMBER\|SYMBOL\|SIZE\)($1)=//p" | head -n 1
}

# detected(feature) - 1 or 0
detected()
{
	dmesg | grep -c -m 1 "CPU features: detected: $1"
}

address_bits()
{
	local t1sz

	t1sz=$(crash_note TCR_EL1_T1SZ)
	echo "addr_bits ${PAGING[addr_bits]}, T1SZ $t1sz"
	((PAGING[addr_bits] == 64 - t1sz))
}

# Nine bits a level, above the twelve of a page.
levels()
{
	local want=$(((PAGING[addr_bits] - 4) / 9))

	echo "levels ${PAGING[levels]}, should be $want"
	[[ ${PAGING[levels]} == "$want" ]] &&
		(($(section levels < "$SCRATCH/layout" | wc -l) == want)) &&
		[[ $(answer status | section kernel | awk '$1 == "page_table_levels" { print $2 }') == "$want" ]]
}

# is_detected(name of a row, feature) - 1 exactly if the kernel said so at boot
is_detected()
{
	echo "$1 ${PAGING[$1]}, detected: $(detected "$2")"
	[[ ${PAGING[$1]} == "$(detected "$2")" ]]
}

# region_is(region, name of its first address, of the one behind)
region_is()
{
	local start end

	read -r start end <<< "${REGION[$1]-}"
	echo "$1 $start-$end, note $(crash_note "$2")-$(crash_note "$3")"
	((start == $(crash_note "$2") && end == $(crash_note "$3")))
}

# vmemmap_is() - the note has it for the addresses that the kernel was built for;
# the struct pages of those that the CPU lacks come first, and are not there
vmemmap_is()
{
	local start end built has want

	read -r start end <<< "${REGION[vmemmap]-}"
	built=$(crash_note VA_BITS) has=${PAGING[addr_bits]}
	want=$(($(crash_note VMEMMAP_START) +
		(((1 << built) - (1 << has)) >> 12) * $(crash_note page)))
	printf 'vmemmap %s-%s, note %#x-%s\n' "$start" "$end" "$want" "$(crash_note VMEMMAP_END)"
	((start == want && end == $(crash_note VMEMMAP_END)))
}

regions_noted()
{
	region_is modules MODULES_VADDR MODULES_END &&
		region_is vmalloc VMALLOC_START VMALLOC_END && vmemmap_is
}

direct_map()
{
	local phys virt want

	phys=$(ram)
	virt=$(answer convert "phys=$phys" | records | awk '{ print $3 }')
	want=$((phys - $(crash_note PHYS_OFFSET) - (1 << $(crash_note VA_BITS))))
	printf '%s is at %s, should be %#x\n' "$phys" "$virt" "$want"
	((virt == want)) && lies_in_region "$virt" direct_map
}

kernel_parts()
{
	kernel_part kernel_image _text _end vmalloc &&
		kernel_part kernel_text _stext _etext vmalloc &&
		kernel_part kernel_rodata __start_rodata __end_rodata vmalloc &&
		kernel_part kernel_data _sdata _edata vmalloc &&
		kernel_part kernel_bss __bss_start __bss_stop vmalloc
}

registers()
{
	local bit t1sz

	for bit in m c i; do
		[[ ${REGISTER_BITS[sctlr_el1]} == *"|$bit|"* ]] ||
			{ echo "sctlr_el1 without $bit"; return 1; }
	done
	t1sz=$(($(crash_note TCR_EL1_T1SZ)))
	echo "tcr_el1 ${REGISTER_BITS[tcr_el1]}"
	[[ ${REGISTER_BITS[tcr_el1]} == *"|$(printf 't1sz=%#x' "$t1sz")|"* ]]
}

# The kernel's top table: the register, the note, and what a walk begins with.
top_table()
{
	local want ttbr1 pfn

	want=$((0x$(crash_note swapper_pg_dir) - $(crash_note kimage_voffset)))
	ttbr1=${REGISTER[ttbr1_el1]}
	pfn=$(answer pgwalk/walk symbol=schedule | awk '$1 == "pgd" { print $3 }')
	printf 'swapper_pg_dir %#x, ttbr1 %s, walk %s\n' "$want" "$ttbr1" "$pfn"
	(((ttbr1 & 0xfffffffff000) == want && pfn << 12 == want))
}

no_segments()
{
	(($(section segments < "$SCRATCH/layout" | wc -l) == 0))
}

arch_checks()
{
	check "address bits as noted for crash dumps" address_bits
	check "levels by the address bits" levels
	check "page-table isolation as the kernel said" \
		is_detected page_table_isolation "Kernel page table isolation"
	check "hardware dirty bits as the kernel said" \
		is_detected hardware_dirty "Hardware dirty bit management"
	check "regions as noted for crash dumps" regions_noted
	check "direct map: memory where the note says" direct_map
	check "parts of the kernel image as in kallsyms" kernel_parts
	check "system registers have what is noted" registers
	check "top table as noted, in the register and in a walk" top_table
	check "no segments" no_segments
}
