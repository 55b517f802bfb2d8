// SPDX-License-Identifier: GPL-2.0
/*
 * x86-64: entry bits, address-space regions, control registers, GDT.
 */
#define pr_fmt(fmt) "pgwalk: " fmt

#include <linux/bits.h>
#include <linux/kasan.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/seq_file.h>
#include <linux/static_call.h>
#include <linux/uaccess.h>

#include <asm/cpu_entry_area.h>
#include <asm/desc.h>
#include <asm/fixmap.h>
#include <asm/msr.h>
#include <asm/processor-flags.h>
#include <asm/segment.h>
#include <asm/special_insns.h>
#include <asm/vsyscall.h>

#include <mmscope/symbol.h>
#include <mmscope/walker.h>

#include "arch.h"
#include "pgwalk.h"

/**
 * pgwalk_arch_check() - can page tables be read here as they are?
 *
 * Return: 0, or -EOPNOTSUPP in a Xen PV guest, whose tables hold the numbers of
 * the machine's frames instead of its own.
 */
int pgwalk_arch_check(void)
{
	if (!boot_cpu_has(X86_FEATURE_XENPV))
		return 0;
	pr_err("the page tables of a Xen PV guest are not supported\n");
	return -EOPNOTSUPP;
}

/**
 * pgwalk_arch_top() - level of the top table
 */
unsigned int pgwalk_arch_top(void)
{
	return pgtable_l5_enabled() ? MMSCOPE_LEVEL_PGD : MMSCOPE_LEVEL_P4D;
}

/**
 * pgwalk_arch_top_entries() - number of entries in the top table
 */
unsigned int pgwalk_arch_top_entries(void)
{
	return PTRS_PER_PGD;
}

static unsigned int addr_bits(void)
{
	return pgtable_l5_enabled() ? 57 : 48;
}

/**
 * pgwalk_arch_is_canonical() - may the hardware translate this address?
 * @addr: any number
 */
bool pgwalk_arch_is_canonical(u64 addr)
{
	return sign_extend64(addr, addr_bits() - 1) == addr;
}

/**
 * pgwalk_arch_user_last() - last address that a process may map
 */
u64 pgwalk_arch_user_last(void)
{
	return BIT_ULL(addr_bits() - 1) - 1;
}

/**
 * pgwalk_arch_kernel_first() - first address of the kernel half
 */
u64 pgwalk_arch_kernel_first(void)
{
	return ~pgwalk_arch_user_last();
}

/**
 * pgwalk_arch_process_root() - the top table in use while a process runs
 * @mm: address space
 * @user: for an address of the user half
 *
 * With page-table isolation there are two: mm->pgd for the kernel, in which the
 * user half is not executable, and the one that user mode really runs on.
 */
void *pgwalk_arch_process_root(struct mm_struct *mm, bool user)
{
	return user && boot_cpu_has(X86_FEATURE_PTI) ?
	       kernel_to_user_pgdp(mm->pgd) : mm->pgd;
}

/**
 * pgwalk_arch_kernel_root() - the kernel's own top table
 * @init_mm: init_mm, or NULL if it was not found
 */
void *pgwalk_arch_kernel_root(struct mm_struct *init_mm)
{
	return init_mm ? init_mm->pgd : NULL;
}

/**
 * pgwalk_arch_table_pfn() - page frame that an upper entry points to
 * @raw: the entry
 */
u64 pgwalk_arch_table_pfn(u64 raw)
{
	return (raw & PTE_PFN_MASK) >> PAGE_SHIFT;
}

/**
 * pgwalk_arch_is_table() - does an upper entry that maps no page lead to a table?
 * @raw: the entry, not empty
 *
 * It may withhold any right, but has no bit that tables never have.
 */
bool pgwalk_arch_is_table(u64 raw)
{
	return raw & _PAGE_PRESENT &&
	       !(raw & ~(PTE_PFN_MASK | _PAGE_TABLE | _PAGE_NX));
}

/**
 * pgwalk_arch_may_access() - does the hardware use an entry that maps a page?
 * @raw: the entry; without, the page is there, but every access faults
 */
bool pgwalk_arch_may_access(u64 raw)
{
	return raw & _PAGE_PRESENT;
}

/**
 * pgwalk_arch_table_access() - what an upper entry lets the levels below allow
 * @raw: the entry
 * @user: of the user half; no difference here
 */
u32 pgwalk_arch_table_access(u64 raw, bool user)
{
	return (raw & _PAGE_RW ? MMSCOPE_PG_WRITE : 0) |
	       (raw & _PAGE_NX ? 0 : MMSCOPE_PG_EXEC) |
	       (raw & _PAGE_USER ? MMSCOPE_PG_USER : 0);
}

static u64 cache_bits(unsigned int level)
{
	return _PAGE_PWT | _PAGE_PCD |
	       (level == MMSCOPE_LEVEL_PTE ? _PAGE_PAT : _PAGE_PAT_LARGE);
}

/**
 * pgwalk_arch_leaf_flags() - flags of an entry that maps a page
 * @level: enum mmscope_pgwalk_level
 * @raw: the entry
 */
u32 pgwalk_arch_leaf_flags(unsigned int level, u64 raw)
{
	u32 flags = pgwalk_arch_table_access(raw, raw & _PAGE_USER);

	if (raw & _PAGE_ACCESSED)
		flags |= MMSCOPE_PG_ACCESSED;
	if (raw & _PAGE_DIRTY_BITS)
		flags |= MMSCOPE_PG_DIRTY;
	if (raw & _PAGE_PRESENT && raw & _PAGE_GLOBAL)
		flags |= MMSCOPE_PG_GLOBAL;
	if (raw & _PAGE_SOFT_DIRTY)
		flags |= MMSCOPE_PG_SOFT_DIRTY;
	if (raw & _PAGE_UFFD_WP)
		flags |= MMSCOPE_PG_UFFD_WP;
	if (raw & _PAGE_SPECIAL)
		flags |= MMSCOPE_PG_SPECIAL;
	if (raw & cache_bits(level))
		flags |= MMSCOPE_PG_WEAK;
	/* The software bits mean something else in the kernel half. */
	if (!(raw & _PAGE_USER) && raw & _PAGE_PRESENT)
		flags &= ~(MMSCOPE_PG_SOFT_DIRTY | MMSCOPE_PG_UFFD_WP |
			   MMSCOPE_PG_SPECIAL);
	return flags;
}

/**
 * pgwalk_arch_show_bits() - print an entry's bits by name
 * @m: where to print
 * @level: enum mmscope_pgwalk_level
 * @raw: the entry
 */
void pgwalk_arch_show_bits(struct seq_file *m, unsigned int level, u64 raw)
{
	static const struct pgwalk_name common[] = {
		{ _PAGE_PRESENT, "present" }, { _PAGE_RW, "rw" },
		{ _PAGE_USER, "user" }, { _PAGE_PWT, "pwt" },
		{ _PAGE_PCD, "pcd" }, { _PAGE_ACCESSED, "accessed" },
		{ _PAGE_DIRTY, "dirty" }, { _PAGE_GLOBAL, "global" },
		{ BIT_ULL(_PAGE_BIT_SOFTW1), "sw1" },
		{ BIT_ULL(_PAGE_BIT_SOFTW2), "sw2" },
		{ BIT_ULL(_PAGE_BIT_SOFTW3), "sw3" },
		{ BIT_ULL(57), "sw4" }, { BIT_ULL(58), "sw5" },
		{ _PAGE_PKEY_MASK, "pkey" }, { _PAGE_NX, "nx" },
	};

	if (!(raw & _PAGE_PRESENT)) {
		seq_puts(m, raw & _PAGE_PROTNONE ? "protnone" :
			    raw ? "not_present" : "-");
		return;
	}
	pgwalk_show_names(m, raw, common, ARRAY_SIZE(common), '|', false);
	if (raw & BIT_ULL(_PAGE_BIT_PSE))
		seq_puts(m, level == MMSCOPE_LEVEL_PTE ? "|pat" : "|huge");
	if (level > MMSCOPE_LEVEL_PTE && raw & BIT_ULL(_PAGE_BIT_PSE) &&
	    raw & _PAGE_PAT_LARGE)
		seq_puts(m, "|pat");
}

/**
 * pgwalk_arch_show_paging() - rows for the paging section of layout
 * @m: where to print
 */
void pgwalk_arch_show_paging(struct seq_file *m)
{
	seq_printf(m, "mode %s\n", pgtable_l5_enabled() ? "5-level" : "4-level");
	seq_printf(m, "addr_bits %u\n", addr_bits());
	seq_printf(m, "phys_bits %u\n", boot_cpu_data.x86_phys_bits);
	seq_printf(m, "page_table_isolation %d\n",
		   !!boot_cpu_has(X86_FEATURE_PTI));
	seq_printf(m, "huge_1G %d\n", !!boot_cpu_has(X86_FEATURE_GBPAGES));
	seq_printf(m, "no_execute %d\n", !!boot_cpu_has(X86_FEATURE_NX));
	seq_printf(m, "global_pages %d\n", !!boot_cpu_has(X86_FEATURE_PGE));
	seq_printf(m, "pcid %d\n", !!boot_cpu_has(X86_FEATURE_PCID));
}

#ifdef CONFIG_KASAN
static void show_shadow(struct seq_file *m)
{
	pgwalk_show_region(m, KASAN_SHADOW_START, KASAN_SHADOW_END - 1,
			   "kasan_shadow");
}
#else
static void show_shadow(struct seq_file *m)
{
}
#endif

/**
 * pgwalk_arch_show_regions() - rows for the regions section of layout
 * @m: where to print
 *
 * Mirrors Documentation/arch/x86/x86_64/mm.rst, with the addresses of this
 * boot: address-space layout randomisation moves most of them.
 */
void pgwalk_arch_show_regions(struct seq_file *m)
{
	const u64 vmemmap_B = (BIT_ULL(MAX_PHYSMEM_BITS) >> PAGE_SHIFT) *
			      sizeof(struct page);

	pgwalk_show_region(m, 0, TASK_SIZE_MAX - 1, "user");
	pgwalk_show_region(m, GUARD_HOLE_BASE_ADDR, GUARD_HOLE_END_ADDR - 1,
			   "guard_hole");
	if (boot_cpu_has(X86_FEATURE_PTI))
		pgwalk_show_region(m, LDT_BASE_ADDR, LDT_END_ADDR - 1,
				   "ldt_remap");
	pgwalk_show_region(m, PAGE_OFFSET, (u64)high_memory - 1, "direct_map");
	pgwalk_show_region(m, VMALLOC_START, VMALLOC_END, "vmalloc");
	pgwalk_show_region(m, VMEMMAP_START, VMEMMAP_START + vmemmap_B - 1,
			   "vmemmap");
	show_shadow(m);
	pgwalk_show_region(m, CPU_ENTRY_AREA_BASE,
			   CPU_ENTRY_AREA_BASE + CPU_ENTRY_AREA_MAP_SIZE - 1,
			   "cpu_entry_area");
	pgwalk_show_region(m, ESPFIX_BASE_ADDR, ESPFIX_BASE_ADDR + P4D_SIZE - 1,
			   "espfix");
	pgwalk_show_region(m, EFI_VA_END, EFI_VA_START - 1, "efi");
	pgwalk_show_region(m, __START_KERNEL_map, MODULES_VADDR - 1,
			   "kernel_image");
	pgwalk_show_symbols(m, "_text", "_etext", "kernel_text");
	pgwalk_show_symbols(m, "__start_rodata", "__end_rodata", "kernel_rodata");
	pgwalk_show_symbols(m, "_sdata", "_edata", "kernel_data");
	pgwalk_show_symbols(m, "__bss_start", "__bss_stop", "kernel_bss");
	pgwalk_show_region(m, MODULES_VADDR, MODULES_END - 1, "modules");
	pgwalk_show_region(m, FIXADDR_START, FIXADDR_TOP - 1, "fixmap");
	pgwalk_show_region(m, VSYSCALL_ADDR, VSYSCALL_ADDR + PAGE_SIZE - 1,
			   "vsyscall");
}

static void show_register(struct seq_file *m, const char *name, u64 value,
			  const struct pgwalk_name *names, unsigned int nr)
{
	seq_printf(m, "%s %#llx ", name, value);
	pgwalk_show_names(m, value, names, nr, '|', false);
	seq_putc(m, '\n');
}

/**
 * pgwalk_arch_show_registers() - rows for the registers section of layout
 * @m: where to print
 *
 * Context: Preemption off.
 */
void pgwalk_arch_show_registers(struct seq_file *m)
{
	static const struct pgwalk_name cr0[] = {
		{ X86_CR0_PE, "pe" }, { X86_CR0_MP, "mp" },
		{ X86_CR0_EM, "em" }, { X86_CR0_TS, "ts" },
		{ X86_CR0_ET, "et" }, { X86_CR0_NE, "ne" },
		{ X86_CR0_WP, "wp" }, { X86_CR0_AM, "am" },
		{ X86_CR0_NW, "nw" }, { X86_CR0_CD, "cd" },
		{ X86_CR0_PG, "pg" },
	};
	static const struct pgwalk_name cr3[] = {
		{ X86_CR3_PWT, "pwt" }, { X86_CR3_PCD, "pcd" },
	};
	static const struct pgwalk_name cr4[] = {
		{ X86_CR4_VME, "vme" }, { X86_CR4_PVI, "pvi" },
		{ X86_CR4_TSD, "tsd" }, { X86_CR4_DE, "de" },
		{ X86_CR4_PSE, "pse" }, { X86_CR4_PAE, "pae" },
		{ X86_CR4_MCE, "mce" }, { X86_CR4_PGE, "pge" },
		{ X86_CR4_PCE, "pce" }, { X86_CR4_OSFXSR, "osfxsr" },
		{ X86_CR4_OSXMMEXCPT, "osxmmexcpt" },
		{ X86_CR4_UMIP, "umip" }, { X86_CR4_LA57, "la57" },
		{ X86_CR4_VMXE, "vmxe" }, { X86_CR4_SMXE, "smxe" },
		{ X86_CR4_FSGSBASE, "fsgsbase" }, { X86_CR4_PCIDE, "pcide" },
		{ X86_CR4_OSXSAVE, "osxsave" }, { X86_CR4_SMEP, "smep" },
		{ X86_CR4_SMAP, "smap" }, { X86_CR4_PKE, "pke" },
		{ BIT_ULL(23), "cet" },
	};
	static const struct pgwalk_name efer[] = {
		{ EFER_SCE, "sce" }, { EFER_LME, "lme" }, { EFER_LMA, "lma" },
		{ EFER_NX, "nxe" }, { EFER_SVME, "svme" },
	};
	u64 value;

	show_register(m, "cr0", native_read_cr0(), cr0, ARRAY_SIZE(cr0));
	show_register(m, "cr3", __native_read_cr3(), cr3, ARRAY_SIZE(cr3));
	show_register(m, "cr4", native_read_cr4(), cr4, ARRAY_SIZE(cr4));
	rdmsrq(MSR_EFER, value);
	show_register(m, "efer", value, efer, ARRAY_SIZE(efer));
	rdmsrq(MSR_FS_BASE, value);
	seq_printf(m, "fs_base %#llx -\n", value);
	rdmsrq(MSR_GS_BASE, value);
	seq_printf(m, "gs_base %#llx -\n", value);
	rdmsrq(MSR_KERNEL_GS_BASE, value);
	seq_printf(m, "kernel_gs_base %#llx -\n", value);
}

static const char *segment_type(const struct desc_struct *desc)
{
	if (!desc->s)
		return desc->type == DESC_LDT ? "ldt" :
		       (desc->type & ~2) == DESC_TSS ? "tss" : "system";
	if (!(desc->type & 8))
		return desc->type & 2 ? "data_rw" : "data_ro";
	return desc->l ? "code64" : desc->d ? "code32" : "code16";
}

/* Selectors that the CPU has loaded now. */
struct selector {
	u16 value;
	const char *name;
};

#define SELECTORS	7

static void read_selectors(struct selector *selectors)
{
	u16 value;

#define READ_SELECTOR(i, insn, reg)				\
	do {							\
		asm volatile(insn : "=r" (value));		\
		selectors[i] = (struct selector){ value, reg };	\
	} while (0)

	READ_SELECTOR(0, "mov %%cs, %0", "cs");
	READ_SELECTOR(1, "mov %%ds, %0", "ds");
	READ_SELECTOR(2, "mov %%es, %0", "es");
	READ_SELECTOR(3, "mov %%ss, %0", "ss");
	READ_SELECTOR(4, "mov %%fs, %0", "fs");
	READ_SELECTOR(5, "mov %%gs, %0", "gs");
	READ_SELECTOR(6, "str %0", "tr");
#undef READ_SELECTOR
}

static void show_uses(struct seq_file *m, const struct selector *selectors,
		      unsigned int selector)
{
	const char *bar = "";
	unsigned int i;

	for (i = 0; i < SELECTORS; i++) {
		if ((selectors[i].value & ~SEGMENT_RPL_MASK) != selector)
			continue;
		seq_printf(m, "%s%s", bar, selectors[i].name);
		bar = "|";
	}
	seq_puts(m, *bar ? "\n" : "-\n");
}

static u64 segment_limit(const struct desc_struct *desc)
{
	u64 limit = desc->limit0 | desc->limit1 << 16;

	return desc->g ? limit << PAGE_SHIFT | ~PAGE_MASK : limit;
}

/* A system descriptor takes two entries: the second holds the upper base. */
static u64 segment_base(const struct desc_struct *desc)
{
	u64 base = get_desc_base(desc) & U32_MAX;

	return desc->s ? base : base | (u64)*(const u32 *)(desc + 1) << 32;
}

/**
 * pgwalk_arch_show_segments() - rows for the segments section of layout
 * @m: where to print
 *
 * Context: Preemption off.
 */
void pgwalk_arch_show_segments(struct seq_file *m)
{
	struct selector selectors[SELECTORS];
	const struct desc_struct *desc;
	struct desc_struct gdt[GDT_ENTRIES + 1] = {};
	struct desc_ptr where;
	unsigned int i, nr;

	read_selectors(selectors);
	native_store_gdt(&where);
	nr = min_t(unsigned int, (where.size + 1) / sizeof(gdt[0]), GDT_ENTRIES);
	if (copy_from_kernel_nofault(gdt, (const void *)where.address,
				     nr * sizeof(gdt[0])))
		return;
	for (i = 0; i < nr; i++) {
		desc = &gdt[i];
		if (!desc->p)
			continue;
		seq_printf(m, "%#x %#llx %#llx %s %u ", i * 8, segment_base(desc),
			   segment_limit(desc), segment_type(desc), desc->dpl);
		show_uses(m, selectors, i * 8);
		if (!desc->s)
			i++;
	}
}

/* ---- Entries made old ---- */

static void no_flush(struct mm_struct *mm, unsigned long start,
		     unsigned long end, unsigned int stride_shift,
		     bool freed_tables)
{
}

DEFINE_STATIC_CALL(pgwalk_flush, no_flush);

static struct mms_symbol flush_symbol = {
	.name = "flush_tlb_mm_range",
	.purpose = "entry_op=old",
};

static struct mms_symbols symbols = {
	.owner = THIS_MODULE,
	.table = &flush_symbol,
	.nr = 1,
};

/**
 * pgwalk_arch_init() - find the kernel's flush
 *
 * Context: Process context, from module init.
 */
void pgwalk_arch_init(void)
{
	mms_symbols_add(&symbols);
	if (pgwalk_arch_can_flush())
		static_call_update(pgwalk_flush,
				   (typeof(no_flush) *)flush_symbol.addr);
}

/**
 * pgwalk_arch_exit() - undo pgwalk_arch_init()
 */
void pgwalk_arch_exit(void)
{
	mms_symbols_del(&symbols);
}

/**
 * pgwalk_arch_can_flush() - may pgwalk_arch_flush() be called?
 */
bool pgwalk_arch_can_flush(void)
{
	return flush_symbol.addr;
}

/**
 * pgwalk_arch_make_old() - clear the accessed bit of an entry
 * @vma: that maps @addr
 * @addr: user address
 * @pte: its entry
 *
 * Mirrors ptep_test_and_clear_young() of arch/x86/mm/pgtable.c, not exported. The
 * CPU sets the bit by a locked operation of its own, hence the atomic one.
 *
 * Context: The page-table lock is held.
 * Return: It was set. The TLB may still hold it.
 */
bool pgwalk_arch_make_old(struct vm_area_struct *vma, unsigned long addr,
			  pte_t *pte)
{
	return pte_young(*pte) &&
	       test_and_clear_bit(_PAGE_BIT_ACCESSED, (unsigned long *)&pte->pte);
}

/**
 * pgwalk_arch_flush() - have no CPU use an older entry
 * @vma: that maps the range
 * @start: of it
 * @end: of it, not included
 *
 * Context: Process context, interrupts on, no page-table lock held.
 */
void pgwalk_arch_flush(struct vm_area_struct *vma, unsigned long start,
		       unsigned long end)
{
	static_call(pgwalk_flush)(vma->vm_mm, start, end, PAGE_SHIFT, false);
}
