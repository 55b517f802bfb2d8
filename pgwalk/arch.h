/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between architectures: one arch-<name>.c each.
 */
#ifndef _PGWALK_ARCH_H
#define _PGWALK_ARCH_H

#include <linux/pgtable.h>
#include <linux/types.h>

struct mm_struct;
struct seq_file;
struct vm_area_struct;

/* Access that an entry at an upper level may withhold. */
#define PGWALK_ACCESS	(MMSCOPE_PG_WRITE | MMSCOPE_PG_EXEC | MMSCOPE_PG_USER)

unsigned int pgwalk_arch_top(void);
unsigned int pgwalk_arch_top_entries(void);
bool pgwalk_arch_is_canonical(u64 addr);
u64 pgwalk_arch_user_last(void);
u64 pgwalk_arch_kernel_first(void);
void *pgwalk_arch_process_root(struct mm_struct *mm, bool user);
void *pgwalk_arch_kernel_root(struct mm_struct *init_mm);
int pgwalk_arch_check(void);
u64 pgwalk_arch_table_pfn(u64 raw);
bool pgwalk_arch_is_table(u64 raw);
bool pgwalk_arch_may_access(u64 raw);
u32 pgwalk_arch_table_access(u64 raw, bool user);
u32 pgwalk_arch_leaf_flags(unsigned int level, u64 raw);
void pgwalk_arch_show_bits(struct seq_file *m, unsigned int level, u64 raw);
void pgwalk_arch_show_regions(struct seq_file *m);
void pgwalk_arch_show_paging(struct seq_file *m);
void pgwalk_arch_show_registers(struct seq_file *m);
void pgwalk_arch_show_segments(struct seq_file *m);

/* Making entries old, which needs a flush that not every kernel exports. */
void pgwalk_arch_init(void);
void pgwalk_arch_exit(void);
bool pgwalk_arch_can_flush(void);
bool pgwalk_arch_make_old(struct vm_area_struct *vma, unsigned long addr,
			  pte_t *pte);
void pgwalk_arch_flush(struct vm_area_struct *vma, unsigned long start,
		       unsigned long end);

#endif /* _PGWALK_ARCH_H */
