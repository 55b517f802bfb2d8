/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of pgwalk.ko share among themselves.
 */
#ifndef _PGWALK_H
#define _PGWALK_H

#include <linux/types.h>

#include <mmscope/pgwalk.h>
#include <mmscope/query.h>

struct mm_struct;
struct mms_tables;
struct seq_file;
struct task_struct;
struct vm_area_struct;

/* Debugfs files, one per source file of the same name. */
extern struct mms_file pgwalk_walk_file;
extern struct mms_file pgwalk_walk_bin_file;
extern struct mms_file pgwalk_range_file;
extern struct mms_file pgwalk_range_bin_file;
extern struct mms_file pgwalk_mm_file;
extern struct mms_file pgwalk_vmas_file;
extern struct mms_file pgwalk_layout_file;

/* entry.c: names */

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
void pgwalk_show_perms(struct seq_file *m, unsigned int kind, u32 flags);
void pgwalk_show_detail(struct seq_file *m, unsigned int kind,
			unsigned int level, u32 flags, u64 pfn,
			unsigned int swap_type);
bool pgwalk_has_pfn(unsigned int kind);

/* walker.c: geometry */
unsigned int pgwalk_level_shift(unsigned int level);
unsigned int pgwalk_level_entries(unsigned int level);
unsigned int pgwalk_level_index(unsigned int level, u64 addr);

/* layout.c: rows of its regions */
void pgwalk_show_region(struct seq_file *m, u64 start, u64 last,
			const char *name);
void pgwalk_show_symbols(struct seq_file *m, const char *first,
			 const char *behind, const char *name);

/* kernel.c: the kernel's own tables and pages */
void pgwalk_kernel_init(void);
void pgwalk_kernel_exit(void);
void pgwalk_kernel_features(struct seq_file *m);
bool pgwalk_has_kernel_tables(void);
bool pgwalk_is_zero_page(unsigned int level, u64 pfn);
struct vm_area_struct *pgwalk_find_vma_prev(struct mm_struct *mm, u64 addr,
					    struct vm_area_struct **prev);
bool pgwalk_has_find_vma_prev(void);

/* target.c: whose address space */
int pgwalk_target_check(struct mms_request *request, int pid_word);
struct mm_struct *pgwalk_target_get(const struct mms_value *pid);
void pgwalk_target_put(struct mm_struct *mm);
int pgwalk_target_lock(struct mm_struct *mm);
void pgwalk_target_unlock(struct mm_struct *mm);
int pgwalk_address_check(const struct mms_request *request, int word, u64 addr);
bool pgwalk_is_user(u64 addr);
u32 pgwalk_vma_flags(const struct vm_area_struct *vma);

#endif /* _PGWALK_H */
