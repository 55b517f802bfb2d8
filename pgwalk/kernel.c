// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's own page tables, and the few unexported things about them.
 *
 * init_mm's mmap_lock held for writing is what ptdump holds too: it keeps a
 * huge vmalloc mapping and, from 7.x on, set_memory() from freeing a table that
 * they replace. Memory hotplug is held off, because it frees tables as well.
 * Kernels before 6.1 have no such rule; there the walker's own checks stand
 * alone, as they do where init_mm is not found.
 */
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/static_call.h>
#include <linux/uaccess.h>

#include <mmscope/page.h>
#include <mmscope/symbol.h>
#include <mmscope/walker.h>

#include "arch.h"
#include "pgwalk.h"

enum {
	SYM_INIT_MM,
	SYM_HUGE_ZERO_PFN,
	SYM_FIND_VMA_PREV,
};

static struct mms_symbol table[] = {
	[SYM_INIT_MM] = {
		.name = "init_mm",
		.purpose = "lock_of_kernel_tables",
	},
	[SYM_HUGE_ZERO_PFN] = {
		.name = "huge_zero_pfn",
		.purpose = "word_zero_for_the_huge_zero_page",
	},
	[SYM_FIND_VMA_PREV] = {
		.name = "find_vma_prev",
		.purpose = "vmas_prev=",
	},
};

static struct mms_symbols symbols = {
	.owner = THIS_MODULE,
	.table = table,
	.nr = ARRAY_SIZE(table),
};

static struct vm_area_struct *no_find_vma_prev(struct mm_struct *mm,
					       unsigned long addr,
					       struct vm_area_struct **prev)
{
	return NULL;
}

DEFINE_STATIC_CALL(pgwalk_find_vma_prev_call, no_find_vma_prev);

static struct mm_struct *init_mm_of_kernel(void)
{
	return (struct mm_struct *)table[SYM_INIT_MM].addr;
}

/**
 * mms_kernel_tables() - the kernel's own page tables
 * @tables: filled in
 */
void mms_kernel_tables(struct mms_tables *tables)
{
	tables->root = pgwalk_arch_kernel_root(init_mm_of_kernel());
	tables->top = pgwalk_arch_top();
}
EXPORT_SYMBOL_NS_GPL(mms_kernel_tables, "MMSCOPE");

/**
 * mms_mm_tables() - the tables that a CPU uses for an address of a process
 * @mm: address space; the caller keeps it
 * @addr: with page-table isolation, user addresses have tables of their own
 * @tables: filled in
 */
void mms_mm_tables(struct mm_struct *mm, u64 addr, struct mms_tables *tables)
{
	tables->root = pgwalk_arch_process_root(mm, pgwalk_is_user(addr));
	tables->top = pgwalk_arch_top();
}
EXPORT_SYMBOL_NS_GPL(mms_mm_tables, "MMSCOPE");

/**
 * mms_kernel_tables_lock() - keep kernel page tables from being freed
 *
 * Mirrors ptdump_walk_pgd() of mm/ptdump.c.
 *
 * Context: Process context, may sleep.
 * Return: 0, or -EINTR when the caller is being killed.
 */
int mms_kernel_tables_lock(void)
{
	struct mm_struct *mm = init_mm_of_kernel();
	int err;

	mms_memory_hold();
	err = mm ? mmap_write_lock_killable(mm) : 0;
	if (err)
		mms_memory_release();
	return err;
}
EXPORT_SYMBOL_NS_GPL(mms_kernel_tables_lock, "MMSCOPE");

/**
 * mms_kernel_tables_unlock() - undo mms_kernel_tables_lock()
 */
void mms_kernel_tables_unlock(void)
{
	struct mm_struct *mm = init_mm_of_kernel();

	if (mm)
		mmap_write_unlock(mm);
	mms_memory_release();
}
EXPORT_SYMBOL_NS_GPL(mms_kernel_tables_unlock, "MMSCOPE");

/**
 * pgwalk_huge_zero() - the huge page of zeroes, if there is one
 * @pfn: its first page frame; that of none is no memory
 */
bool pgwalk_huge_zero(unsigned long *pfn)
{
	const void *huge = (const void *)table[SYM_HUGE_ZERO_PFN].addr;

	return huge && !copy_from_kernel_nofault(pfn, huge, sizeof(*pfn)) &&
	       pfn_valid(*pfn);
}

/**
 * pgwalk_is_zero_page() - is a leaf the shared page of zeroes?
 * @level: of the leaf
 * @pfn: of the leaf
 */
bool pgwalk_is_zero_page(unsigned int level, u64 pfn)
{
	unsigned long huge_pfn;

	if (level == MMSCOPE_LEVEL_PTE && pfn == page_to_pfn(ZERO_PAGE(0)))
		return true;
	return level == MMSCOPE_LEVEL_PMD && pgwalk_huge_zero(&huge_pfn) &&
	       pfn == huge_pfn;
}

/**
 * pgwalk_has_kernel_tables() - can the kernel's tables be walked at all?
 */
bool pgwalk_has_kernel_tables(void)
{
	return pgwalk_arch_kernel_root(init_mm_of_kernel());
}
EXPORT_SYMBOL_NS_GPL(pgwalk_has_kernel_tables, "MMSCOPE");

/**
 * pgwalk_has_find_vma_prev() - is find_vma_prev() there?
 */
bool pgwalk_has_find_vma_prev(void)
{
	return table[SYM_FIND_VMA_PREV].addr;
}

/**
 * pgwalk_find_vma_prev() - the kernel's own find_vma_prev()
 * @mm: address space, mmap_lock held
 * @addr: address
 * @prev: filled in: the VMA before @addr
 */
struct vm_area_struct *pgwalk_find_vma_prev(struct mm_struct *mm, u64 addr,
					    struct vm_area_struct **prev)
{
	return static_call(pgwalk_find_vma_prev_call)(mm, addr, prev);
}

/**
 * pgwalk_kernel_features() - rows for the features section of status
 * @m: where to print
 */
void pgwalk_kernel_features(struct seq_file *m)
{
	seq_printf(m, "kernel_tables pgwalk %s %s\n",
		   pgwalk_has_kernel_tables() ? "ok" : "off",
		   init_mm_of_kernel() ? "init_mm_lock_held" :
					 "no_lock,tables_are_read_until_equal");
	seq_puts(m, "process_tables pgwalk ok mmap_lock_and_page_table_locks_held\n");
	seq_printf(m, "huge_zero_page pgwalk %s\n",
		   table[SYM_HUGE_ZERO_PFN].addr ? "ok -" :
		   "off not_told_apart_from_other_huge_pages");
	seq_printf(m, "vmas_prev pgwalk %s -\n",
		   pgwalk_has_find_vma_prev() ? "ok" : "off");
	seq_printf(m, "entry_old pgwalk %s -\n",
		   pgwalk_arch_can_flush() ? "ok" : "off");
}

/**
 * pgwalk_kernel_init() - resolve the symbols
 */
void pgwalk_kernel_init(void)
{
	mms_symbols_add(&symbols);
	if (pgwalk_has_find_vma_prev())
		static_call_update(pgwalk_find_vma_prev_call,
				   (typeof(no_find_vma_prev) *)table[SYM_FIND_VMA_PREV].addr);
}

/**
 * pgwalk_kernel_exit() - undo pgwalk_kernel_init()
 */
void pgwalk_kernel_exit(void)
{
	mms_symbols_del(&symbols);
}
