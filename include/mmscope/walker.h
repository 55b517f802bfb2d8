/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page-table walks for modules above pgwalk.
 */
#ifndef _MMSCOPE_WALKER_H
#define _MMSCOPE_WALKER_H

#include <linux/mm_types.h>
#include <linux/types.h>

#include <mmscope/pgwalk.h>

struct mms_request;
struct mms_value;
struct seq_file;

/* Of any table but the top one, which may be shorter. */
#define MMS_TABLE_ENTRIES	(PAGE_SIZE / sizeof(u64))

/**
 * struct mms_tables - a tree of page tables
 * @root: virtual address of the top table
 * @top: level of the top table
 */
struct mms_tables {
	void *root;
	u8 top;
};

/**
 * struct mms_table_copy - one table, copied
 * @table: where it is; NULL: nothing copied
 * @entries: the raw entries
 */
struct mms_table_copy {
	const void *table;
	u64 entries[MMS_TABLE_ENTRIES];
};

/**
 * struct mms_range - a walk over a range of addresses
 * @tables: what to walk
 * @mm: whose tables, to lock each while it is copied; NULL: the kernel's, or
 *	tables that other address spaces share, copied until two copies agree
 * @first: where the walk began
 * @at: next address
 * @last: last address, included
 * @vma_flags: MMSCOPE_PG_HUGETLB and MMSCOPE_PG_PFNMAP of the VMA at @at
 * @holes: report what is not mapped, too
 * @narrow: kernel only: copy no entry outside of the range, so that neighbours may
 *	change as they like; what is repeated is then told page by page
 * @done: all up to @last was walked
 * @budget: entries that may still be read under this hold of the lock
 * @extent: the extent that still grows; kind MMSCOPE_PG_END: none yet
 * @again: the second copy of a table that has no lock
 * @copy: the tables on the way to @at, by level - 1
 */
struct mms_range {
	struct mms_tables tables;
	struct mm_struct *mm;
	u64 first;
	u64 at;
	u64 last;
	u32 vma_flags;
	bool holes;
	bool narrow;
	bool done;
	int budget;
	struct mmscope_range_record extent;
	u64 again[MMS_TABLE_ENTRIES];
	struct mms_table_copy copy[MMSCOPE_LEVELS];
};

bool mms_walk(const struct mms_tables *tables, u64 addr,
	      struct mmscope_walk_record *walk);
void mms_range_begin(struct mms_range *range);
void mms_range_relocked(struct mms_range *range);
unsigned int mms_range_walk(struct mms_range *range, u64 last,
			    struct mmscope_range_record *records,
			    unsigned int max);
void mms_range_hole(struct mms_range *range, u64 last,
		    struct mmscope_range_record *records, unsigned int *nr);
unsigned int mms_range_end(struct mms_range *range,
			   struct mmscope_range_record *records);

void mms_kernel_tables(struct mms_tables *tables);
void mms_mm_tables(struct mm_struct *mm, u64 addr, struct mms_tables *tables);
int mms_kernel_tables_lock(void);
void mms_kernel_tables_unlock(void);
bool pgwalk_has_kernel_tables(void);

/* Whose address space, and words for what a walk found. */

/**
 * struct pgwalk_name - a bit, or the bits of a mask, and what it is called
 * @mask: the bits; 0 where this kernel has none
 * @name: its name
 */
struct pgwalk_name {
	u64 mask;
	const char *name;
};

void pgwalk_show_names(struct seq_file *m, u64 bits,
		       const struct pgwalk_name *names, unsigned int nr,
		       char separator, bool follows);
const char *pgwalk_kind_name(unsigned int kind);
const char *pgwalk_level_name(unsigned int level, unsigned int top);
unsigned int pgwalk_level_shift(unsigned int level);
void pgwalk_show_perms(struct seq_file *m, unsigned int kind, u32 flags);
bool pgwalk_has_pfn(unsigned int kind);
int pgwalk_address_check(const struct mms_request *request, int word, u64 addr);
int pgwalk_target_check(struct mms_request *request, int pid_word);
struct mm_struct *pgwalk_target_get(const struct mms_value *pid);
void pgwalk_target_put(struct mm_struct *mm);

#endif /* _MMSCOPE_WALKER_H */
