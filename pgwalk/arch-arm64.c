// SPDX-License-Identifier: GPL-2.0
/*
 * arm64: entry bits, address-space regions, system registers. Pages of 4 KiB.
 *
 * A process's tables hold the user half only; the kernel half has one tree,
 * that of TTBR1_EL1, which is read from the register: in the kernel it is
 * always swapper_pg_dir, also with page-table isolation, which swaps it for a
 * trampoline on the way out to user mode. So no symbol is needed, and no lock:
 * the root table is never freed.
 *
 * An entry says "valid" (bit 0), and at the upper levels "table" or "block"
 * (bit 1). The kernel keeps writable-but-clean as DBM with RDONLY, which a CPU
 * that manages dirty bits turns into dirty by itself.
 *
 * Deliberately ignored: the contiguous bit as a size, for each entry of a group
 * is shown by itself; protection keys and permission overlays. Segments do not
 * exist here.
 */
#define pr_fmt(fmt) "pgwalk: " fmt

#include <linux/bits.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>

#include <asm/fixmap.h>
#include <asm/memory.h>
#include <asm/mmu.h>
#include <asm/sysreg.h>

#include <mmscope/walker.h>

#include "arch.h"
#include "pgwalk.h"

/* Bits that the architecture defines and the kernel names per level, or not. */
#define ENTRY_VALID		BIT_ULL(0)
#define ENTRY_TABLE		BIT_ULL(1)
#define TABLE_PXN		BIT_ULL(59)	/* no execution at EL1 below */
#define TABLE_UXN		BIT_ULL(60)	/* no execution at EL0 below */
#define TABLE_NO_EL0		BIT_ULL(61)	/* no access from EL0 below */
#define TABLE_RDONLY		BIT_ULL(62)	/* no writes below */

#define TTBR_BADDR		GENMASK_ULL(47, 12)
#define TTBR_BADDR_HIGH		GENMASK_ULL(5, 2)	/* bits 51 to 48 */
#define TTBR_BADDR_HIGH_SHIFT	46

/**
 * pgwalk_arch_check() - can page tables be read here as they are?
 *
 * Return: 0, or -EOPNOTSUPP with pages of 16 or 64 KiB.
 */
int pgwalk_arch_check(void)
{
	if (PAGE_SIZE == SZ_4K)
		return 0;
	pr_err("page tables with pages of %lu KiB are not supported, of 4 KiB only\n",
	       PAGE_SIZE / SZ_1K);
	return -EOPNOTSUPP;
}

/**
 * pgwalk_arch_top() - level of the top table
 *
 * Levels that this CPU does without are folded at boot.
 */
unsigned int pgwalk_arch_top(void)
{
	return MMSCOPE_LEVEL_PGD - !!mm_p4d_folded(NULL) -
	       !!mm_pud_folded(NULL) - !!mm_pmd_folded(NULL);
}

/**
 * pgwalk_arch_top_entries() - number of entries in the top table
 *
 * The top table of 52-bit addresses has 16. Where a CPU does without that level,
 * the one below is the top, and a page long as ever.
 */
unsigned int pgwalk_arch_top_entries(void)
{
	return pgwalk_arch_top() == CONFIG_PGTABLE_LEVELS ? PTRS_PER_PGD :
							    PTRS_PER_PTE;
}

/**
 * pgwalk_arch_is_canonical() - may the hardware translate this address?
 * @addr: any number; a tag in the top byte is not taken off
 */
bool pgwalk_arch_is_canonical(u64 addr)
{
	return addr <= pgwalk_arch_user_last() ||
	       addr >= pgwalk_arch_kernel_first();
}

/**
 * pgwalk_arch_user_last() - last address that a process may map
 */
u64 pgwalk_arch_user_last(void)
{
	return BIT_ULL(vabits_actual) - 1;
}

/**
 * pgwalk_arch_kernel_first() - first address of the kernel half
 */
u64 pgwalk_arch_kernel_first(void)
{
	return ~pgwalk_arch_user_last();
}

/**
 * pgwalk_arch_kernel_root() - the kernel's own top table
 * @init_mm: not needed here
 */
void *pgwalk_arch_kernel_root(struct mm_struct *init_mm)
{
	u64 ttbr = read_sysreg(ttbr1_el1);

	return __va((ttbr & TTBR_BADDR) |
		    (ttbr & TTBR_BADDR_HIGH) << TTBR_BADDR_HIGH_SHIFT);
}

/**
 * pgwalk_arch_process_root() - the top table in use while a process runs
 * @mm: address space
 * @user: for an address of the user half
 */
void *pgwalk_arch_process_root(struct mm_struct *mm, bool user)
{
	return user ? mm->pgd : pgwalk_arch_kernel_root(NULL);
}

/**
 * pgwalk_arch_table_pfn() - page frame that an upper entry points to
 * @raw: the entry
 */
u64 pgwalk_arch_table_pfn(u64 raw)
{
	return PHYS_PFN(__pte_to_phys(__pte(raw)));
}

/**
 * pgwalk_arch_is_table() - does an upper entry that maps no page lead to a table?
 * @raw: the entry, not empty
 */
bool pgwalk_arch_is_table(u64 raw)
{
	return raw & ENTRY_VALID && raw & ENTRY_TABLE;
}

/**
 * pgwalk_arch_may_access() - does the hardware use an entry that maps a page?
 * @raw: the entry; without, the page is there, but every access faults
 */
bool pgwalk_arch_may_access(u64 raw)
{
	return raw & ENTRY_VALID;
}

/**
 * pgwalk_arch_table_access() - what an upper entry lets the levels below allow
 * @raw: the entry
 * @user: of the user half, whose execute permission is EL0's
 */
u32 pgwalk_arch_table_access(u64 raw, bool user)
{
	return (raw & TABLE_RDONLY ? 0 : MMSCOPE_PG_WRITE) |
	       (raw & (user ? TABLE_UXN : TABLE_PXN) ? 0 : MMSCOPE_PG_EXEC) |
	       (raw & TABLE_NO_EL0 ? 0 : MMSCOPE_PG_USER);
}

/*
 * A clean page that may be written is read-only until its first write, which
 * the CPU or the kernel lets through without asking anybody.
 */
static bool may_write(u64 raw)
{
	return raw & PTE_WRITE || !(raw & PTE_RDONLY);
}

/* Every entry of the kernel half denies execution at EL0. */
static bool is_user_entry(u64 raw)
{
	return raw & PTE_USER || !(raw & PTE_UXN);
}

static bool is_weak(u64 raw)
{
	u64 type = raw & PTE_ATTRINDX_MASK;

	return type != PTE_ATTRINDX(MT_NORMAL) &&
	       type != PTE_ATTRINDX(MT_NORMAL_TAGGED);
}

/**
 * pgwalk_arch_leaf_flags() - flags of an entry that maps a page
 * @level: enum mmscope_pgwalk_level
 * @raw: the entry
 */
u32 pgwalk_arch_leaf_flags(unsigned int level, u64 raw)
{
	bool user = is_user_entry(raw);
	pte_t pte = __pte(raw);
	u32 flags = 0;

	if (may_write(raw))
		flags |= MMSCOPE_PG_WRITE;
	if (!(raw & (user ? PTE_UXN : PTE_PXN)))
		flags |= MMSCOPE_PG_EXEC;
	if (raw & PTE_AF)
		flags |= MMSCOPE_PG_ACCESSED;
	if (pte_dirty(pte))
		flags |= MMSCOPE_PG_DIRTY;
	/* Where the entry is not valid, this bit may mean something else. */
	if (raw & ENTRY_VALID && !(raw & PTE_NG))
		flags |= MMSCOPE_PG_GLOBAL;
	if (raw & PTE_CONT)
		flags |= MMSCOPE_PG_CONT;
	if (is_weak(raw))
		flags |= MMSCOPE_PG_WEAK;
	if (!user && raw & ENTRY_VALID)
		return flags;
	/* Software bits, which the kernel half does not use. */
	if (pte_soft_dirty(pte))
		flags |= MMSCOPE_PG_SOFT_DIRTY;
	if (pte_uffd_wp(pte))
		flags |= MMSCOPE_PG_UFFD_WP;
	if (pte_special(pte))
		flags |= MMSCOPE_PG_SPECIAL;
	if (user)
		flags |= MMSCOPE_PG_USER;
	/* Execute-only: EL0 may fetch from it, and nothing else. */
	if (user && !(raw & PTE_USER))
		flags |= MMSCOPE_PG_NOREAD;
	return flags;
}

static void show_table_bits(struct seq_file *m, u64 raw)
{
	static const struct pgwalk_name names[] = {
		{ TABLE_PXN, "pxn_below" }, { TABLE_UXN, "uxn_below" },
		{ TABLE_NO_EL0, "no_el0_below" },
		{ TABLE_RDONLY, "rdonly_below" },
	};

	seq_puts(m, "valid|table");
	pgwalk_show_names(m, raw, names, ARRAY_SIZE(names), '|', true);
}

static void show_leaf_bits(struct seq_file *m, unsigned int level, u64 raw)
{
	static const struct pgwalk_name names[] = {
		{ PTE_USER, "user" }, { PTE_RDONLY, "rdonly" },
		{ PTE_AF, "af" }, { PTE_NG, "ng" }, { PTE_GP, "gp" },
		{ PTE_DBM, "dbm" }, { PTE_CONT, "cont" }, { PTE_PXN, "pxn" },
		{ PTE_UXN, "uxn" }, { PTE_DIRTY, "dirty" },
		{ PTE_SPECIAL, "special" }, { BIT_ULL(57), "sw57" },
		{ BIT_ULL(58), "sw58" }, { BIT_ULL(63), "sw63" },
	};
	static const char *const share[] = {
		"non", "reserved", "outer", "inner",
	};

	seq_puts(m, level == MMSCOPE_LEVEL_PTE ? "valid|page" : "valid|block");
	pgwalk_show_names(m, raw, names, ARRAY_SIZE(names), '|', true);
	seq_printf(m, "|attr=%llu", (raw & PTE_ATTRINDX_MASK) >> 2);
	/* With 52-bit addresses these two bits are part of the address. */
	if (PTE_MAYBE_SHARED)
		seq_printf(m, "|sh=%s", share[(raw & PTE_SHARED) >> 8]);
}

/**
 * pgwalk_arch_show_bits() - print an entry's bits by name
 * @m: where to print
 * @level: enum mmscope_pgwalk_level
 * @raw: the entry
 */
void pgwalk_arch_show_bits(struct seq_file *m, unsigned int level, u64 raw)
{
	if (!raw)
		seq_putc(m, '-');
	else if (!(raw & ENTRY_VALID))
		seq_puts(m, pmd_present(__pmd(raw)) ? "protnone" : "not_present");
	else if (level > MMSCOPE_LEVEL_PTE && raw & ENTRY_TABLE)
		show_table_bits(m, raw);
	else
		show_leaf_bits(m, level, raw);
}

/* Part of a register: its number, or its name when it is one bit that is set. */
struct field {
	const char *name;
	u8 shift;
	u8 bits;
};

static u64 field_value(u64 value, const struct field *field)
{
	return value >> field->shift & (BIT_ULL(field->bits) - 1);
}

/* Physical address bits by ID_AA64MMFR0_EL1.PARange. */
static unsigned int phys_bits(void)
{
	static const struct field parange = { "parange", 0, 4 };
	static const u8 bits[] = { 32, 36, 40, 42, 44, 48, 52, 56 };
	u64 range;

	range = field_value(read_sysreg_s(SYS_ID_AA64MMFR0_EL1), &parange);
	return range < ARRAY_SIZE(bits) ? bits[range] : 0;
}

/**
 * pgwalk_arch_show_paging() - rows for the paging section of layout
 * @m: where to print
 */
void pgwalk_arch_show_paging(struct seq_file *m)
{
	u64 tcr = read_sysreg(tcr_el1);

	seq_printf(m, "mode %u-level\n", pgwalk_arch_top());
	seq_printf(m, "addr_bits %llu\n", (u64)vabits_actual);
	seq_printf(m, "phys_bits %u\n", phys_bits());
	seq_printf(m, "page_table_isolation %d\n",
		   arm64_kernel_unmapped_at_el0());
	seq_printf(m, "hardware_access_flag %d\n", !!(tcr & TCR_HA));
	seq_printf(m, "hardware_dirty %d\n", !!(tcr & TCR_HD));
	seq_printf(m, "asid_bits %d\n", tcr & TCR_ASID16 ? 16 : 8);
	seq_printf(m, "top_byte_ignored %d\n", !!(tcr & TCR_TBI0));
	seq_printf(m, "cont_pte_B %lu\n", CONT_PTE_SIZE);
	seq_printf(m, "cont_pmd_B %lu\n", CONT_PMD_SIZE);
}

/*
 * A kernel for 52-bit addresses lays out struct pages for these. On a CPU with
 * 48 bits, vmalloc takes the addresses of those that are not needed.
 */
static u64 vmemmap_first(void)
{
	u64 unused = _PAGE_OFFSET(vabits_actual) - PAGE_OFFSET;

	return VMEMMAP_START + (unused >> PAGE_SHIFT) * sizeof(struct page);
}

/**
 * pgwalk_arch_show_regions() - rows for the regions section of layout
 * @m: where to print
 *
 * Mirrors Documentation/arch/arm64/memory.rst. The kernel image lies somewhere
 * in vmalloc; its parts are shown as far as kallsyms tells where they are.
 */
void pgwalk_arch_show_regions(struct seq_file *m)
{
	pgwalk_show_region(m, 0, pgwalk_arch_user_last(), "user");
	pgwalk_show_region(m, _PAGE_OFFSET(vabits_actual), PAGE_END - 1,
			   "direct_map");
	pgwalk_show_region(m, MODULES_VADDR, MODULES_END - 1, "modules");
	pgwalk_show_region(m, VMALLOC_START, VMALLOC_END - 1, "vmalloc");
	pgwalk_show_symbols(m, "_text", "_end", "kernel_image");
	pgwalk_show_symbols(m, "_stext", "_etext", "kernel_text");
	pgwalk_show_symbols(m, "__start_rodata", "__end_rodata", "kernel_rodata");
	pgwalk_show_symbols(m, "_sdata", "_edata", "kernel_data");
	pgwalk_show_symbols(m, "__bss_start", "__bss_stop", "kernel_bss");
	pgwalk_show_region(m, vmemmap_first(), VMEMMAP_END - 1, "vmemmap");
	pgwalk_show_region(m, PCI_IO_START, PCI_IO_END - 1, "pci_io");
	pgwalk_show_region(m, FIXADDR_START, FIXADDR_TOP - 1, "fixmap");
}

static void show_register(struct seq_file *m, const char *name, u64 value,
			  const struct field *fields, unsigned int nr)
{
	const char *bar = "";
	unsigned int i;
	u64 part;

	seq_printf(m, "%s %#llx ", name, value);
	for (i = 0; i < nr; i++) {
		part = field_value(value, &fields[i]);
		if (fields[i].bits > 1)
			seq_printf(m, "%s%s=%#llx", bar, fields[i].name, part);
		else if (part)
			seq_printf(m, "%s%s", bar, fields[i].name);
		else
			continue;
		bar = "|";
	}
	seq_puts(m, *bar ? "\n" : "-\n");
}

static void show_feature_registers(struct seq_file *m)
{
	static const struct field mmfr0[] = {
		{ "parange", 0, 4 }, { "asidbits", 4, 4 },
		{ "tgran16", 20, 4 }, { "tgran64", 24, 4 },
		{ "tgran4", 28, 4 },
	};
	static const struct field mmfr1[] = {
		{ "hafdbs", 0, 4 }, { "vh", 8, 4 }, { "hpds", 12, 4 },
		{ "pan", 20, 4 }, { "xnx", 28, 4 },
	};
	static const struct field mmfr2[] = {
		{ "cnp", 0, 4 }, { "uao", 4, 4 }, { "varange", 16, 4 },
		{ "ttl", 48, 4 }, { "bbm", 52, 4 }, { "e0pd", 60, 4 },
	};

	show_register(m, "id_aa64mmfr0_el1", read_sysreg_s(SYS_ID_AA64MMFR0_EL1),
		      mmfr0, ARRAY_SIZE(mmfr0));
	show_register(m, "id_aa64mmfr1_el1", read_sysreg_s(SYS_ID_AA64MMFR1_EL1),
		      mmfr1, ARRAY_SIZE(mmfr1));
	show_register(m, "id_aa64mmfr2_el1", read_sysreg_s(SYS_ID_AA64MMFR2_EL1),
		      mmfr2, ARRAY_SIZE(mmfr2));
}

/**
 * pgwalk_arch_show_registers() - rows for the registers section of layout
 * @m: where to print
 *
 * Context: Preemption off.
 */
void pgwalk_arch_show_registers(struct seq_file *m)
{
	static const struct field ttbr[] = {
		{ "cnp", 0, 1 }, { "asid", 48, 16 },
	};
	static const struct field tcr[] = {
		{ "t0sz", 0, 6 }, { "epd0", 7, 1 }, { "tg0", 14, 2 },
		{ "t1sz", 16, 6 }, { "a1", 22, 1 }, { "epd1", 23, 1 },
		{ "tg1", 30, 2 }, { "ips", 32, 3 }, { "as", 36, 1 },
		{ "tbi0", 37, 1 }, { "tbi1", 38, 1 }, { "ha", 39, 1 },
		{ "hd", 40, 1 }, { "hpd0", 41, 1 }, { "hpd1", 42, 1 },
		{ "nfd0", 53, 1 }, { "nfd1", 54, 1 }, { "e0pd0", 55, 1 },
		{ "e0pd1", 56, 1 }, { "ds", 59, 1 },
	};
	static const struct field mair[] = {
		{ "attr0", 0, 8 }, { "attr1", 8, 8 }, { "attr2", 16, 8 },
		{ "attr3", 24, 8 }, { "attr4", 32, 8 }, { "attr5", 40, 8 },
		{ "attr6", 48, 8 }, { "attr7", 56, 8 },
	};
	static const struct field sctlr[] = {
		{ "m", 0, 1 }, { "a", 1, 1 }, { "c", 2, 1 }, { "sa", 3, 1 },
		{ "sa0", 4, 1 }, { "i", 12, 1 }, { "dze", 14, 1 },
		{ "uct", 15, 1 }, { "wxn", 19, 1 }, { "span", 23, 1 },
		{ "uci", 26, 1 }, { "enda", 27, 1 }, { "enib", 30, 1 },
		{ "enia", 31, 1 }, { "bt0", 35, 1 }, { "bt1", 36, 1 },
		{ "ata0", 42, 1 }, { "ata", 43, 1 }, { "epan", 57, 1 },
	};

	show_register(m, "ttbr0_el1", read_sysreg(ttbr0_el1), ttbr,
		      ARRAY_SIZE(ttbr));
	show_register(m, "ttbr1_el1", read_sysreg(ttbr1_el1), ttbr,
		      ARRAY_SIZE(ttbr));
	show_register(m, "tcr_el1", read_sysreg(tcr_el1), tcr, ARRAY_SIZE(tcr));
	show_register(m, "mair_el1", read_sysreg(mair_el1), mair,
		      ARRAY_SIZE(mair));
	show_register(m, "sctlr_el1", read_sysreg(sctlr_el1), sctlr,
		      ARRAY_SIZE(sctlr));
	show_feature_registers(m);
}

/**
 * pgwalk_arch_show_segments() - rows for the segments section of layout
 * @m: where to print
 */
void pgwalk_arch_show_segments(struct seq_file *m)
{
	seq_puts(m, "# none: arm64 has no segments\n");
}

/*
 * ---- Entries made old ----
 *
 * Not here: the flush is inline, but what it calls from 7.x on is not exported.
 */

/**
 * pgwalk_arch_init() - nothing to find
 *
 * Context: Process context, from module init.
 */
void pgwalk_arch_init(void)
{
}

/**
 * pgwalk_arch_exit() - undo pgwalk_arch_init()
 */
void pgwalk_arch_exit(void)
{
}

/**
 * pgwalk_arch_can_flush() - may pgwalk_arch_flush() be called?
 */
bool pgwalk_arch_can_flush(void)
{
	return false;
}

/**
 * pgwalk_arch_make_old() - never called: no entry is made old without a flush
 * @vma: that maps @addr
 * @addr: user address
 * @pte: its entry
 *
 * Return: false, nothing was changed.
 */
bool pgwalk_arch_make_old(struct vm_area_struct *vma, unsigned long addr,
			  pte_t *pte)
{
	return false;
}

/**
 * pgwalk_arch_flush() - never called
 * @vma: that maps the range
 * @start: of it
 * @end: of it, not included
 */
void pgwalk_arch_flush(struct vm_area_struct *vma, unsigned long start,
		       unsigned long end)
{
}
