/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of pgwalk.ko share among themselves.
 */
#ifndef _PGWALK_H
#define _PGWALK_H

#include <linux/types.h>

#include <mmscope/pgwalk.h>
#include <mmscope/query.h>
#include <mmscope/walker.h>

struct mm_struct;
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
extern struct mms_file pgwalk_faults_file;
extern struct mms_file pgwalk_pagecache_file;
extern struct mms_file pgwalk_map_file;
extern struct mms_file pgwalk_entry_file;
extern struct mms_file pgwalk_pin_file;
extern struct mms_file pgwalk_rmap_file;

/* names.c: the rest is in <mmscope/walker.h> */
void pgwalk_show_entry(struct seq_file *m,
		       const struct mmscope_walk_record *walk);
void pgwalk_show_detail(struct seq_file *m, unsigned int kind,
			unsigned int level, u32 flags, u64 pfn,
			unsigned int swap_type);

/* walker.c: geometry, and what faults look at */
unsigned int pgwalk_level_entries(unsigned int level);
unsigned int pgwalk_level_index(unsigned int level, u64 addr);
void pgwalk_walk_settled(struct mm_struct *mm, u64 addr,
			 struct mmscope_walk_record *walk);
unsigned int pgwalk_count_present(const struct mms_tables *tables, u64 addr,
				  unsigned int pages);

/**
 * struct pgwalk_visit - a visit to all tables that a range of addresses has
 * @tables: the tree
 * @at: next address
 * @last: last address, included
 * @lowest: level below which tables are left out
 * @done: all were visited
 * @fresh: bits of the levels whose table is another than before, after a visit
 * @walk: of the last visit
 */
struct pgwalk_visit {
	struct mms_tables tables;
	u64 at;
	u64 last;
	unsigned int lowest;
	bool done;
	u32 fresh;
	struct mmscope_walk_record walk;
};

bool pgwalk_visit(struct pgwalk_visit *visit);

/* owner.c: whose a page frame is */
extern struct mms_answerer pgwalk_answerer;

/* layout.c: rows of its regions */
void pgwalk_show_region(struct seq_file *m, u64 start, u64 last,
			const char *name);
void pgwalk_show_symbols(struct seq_file *m, const char *first,
			 const char *behind, const char *name);

/* kernel.c: the kernel's own tables and pages */
void pgwalk_kernel_init(void);
void pgwalk_kernel_exit(void);
void pgwalk_kernel_features(struct seq_file *m);
bool pgwalk_huge_zero(unsigned long *pfn);
bool pgwalk_is_zero_page(unsigned int level, u64 pfn);
struct vm_area_struct *pgwalk_find_vma_prev(struct mm_struct *mm, u64 addr,
					    struct vm_area_struct **prev);
bool pgwalk_has_find_vma_prev(void);

/* map.c: the mappings that the module makes itself */
struct address_space *pgwalk_map_of(const struct vm_area_struct *vma);

/* rmap.c: the walk that finds who maps a page */
void pgwalk_rmap_init(void);
void pgwalk_rmap_exit(void);
void pgwalk_rmap_features(struct seq_file *m);

/* target.c: whose address space */
int pgwalk_target_lock(struct mm_struct *mm);
void pgwalk_target_unlock(struct mm_struct *mm);
int pgwalk_user_check(struct mms_request *request, int addr_word, int pid_word);
bool pgwalk_mm_walk(struct mm_struct *mm, u64 addr,
		    struct mmscope_walk_record *walk);
int pgwalk_target_walk(struct mm_struct *mm, u64 addr,
		       struct mmscope_walk_record *walk);
bool pgwalk_is_user(u64 addr);
u32 pgwalk_vma_flags(const struct vm_area_struct *vma);

#endif /* _PGWALK_H */
