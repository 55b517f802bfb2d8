/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of vmalloc_walk.ko share among themselves.
 */
#ifndef _VMALLOC_WALK_H
#define _VMALLOC_WALK_H

#include <linux/kallsyms.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/vmalloc.h>

#include <mmscope/pgwalk.h>
#include <mmscope/query.h>
#include <mmscope/walker.h>

struct rb_node;
struct rb_root;
struct seq_file;

/* Debugfs files, one per source file of the same name. */
extern struct mms_file vmw_areas_file;
extern struct mms_file vmw_area_file;
extern struct mms_file vmw_holes_file;
extern struct mms_file vmw_lazy_file;
extern struct mms_file vmw_sync_file;
extern struct mms_file vmw_check_file;
extern struct mms_file vmw_vmalloc_file;

void vmw_areas_init(void);

/* owner.c: whose a page frame is */
extern struct mms_answerer vmw_answerer;

/* trees.c: the kernel's trees of virtual areas */

/* What the areas of a tree are. */
enum vmw_set {
	VMW_BUSY,	/* handed out */
	VMW_LAZY,	/* unmapped, not yet flushed from the TLBs */
	VMW_FREE,	/* to be handed out */
};

/**
 * struct vmw_tree - one tree of struct vmap_area, sorted by address
 * @lock: covers it
 * @root: its root
 */
struct vmw_tree {
	spinlock_t *lock;	/* covers the tree */
	struct rb_root *root;
};

/**
 * struct vmw_entry - one area, as it was when its tree was read
 * @start: first address
 * @end: address behind the last, the guard page included
 * @tree: index of its tree
 */
struct vmw_entry {
	u64 start;
	u64 end;
	unsigned int tree;
};

#define VMW_BATCH	256	/* areas copied under one hold of a lock */

/**
 * struct vmw_cursor - a walk over all trees of a set, by address
 * @set: which
 * @at: areas that end behind this address are next
 * @from: and do not start before this one
 * @last: and start at this address at most
 * @done: there are no more behind @entries
 * @next: of @entries
 * @nr: number of them
 * @entries: one batch, sorted
 */
struct vmw_cursor {
	enum vmw_set set;
	u64 at;
	u64 from;
	u64 last;
	bool done;
	unsigned int next;
	unsigned int nr;
	struct vmw_entry entries[VMW_BATCH];
};

/**
 * struct vmw_pool - areas of one node that may be handed out without the free tree
 * @lock: covers it
 * @lists: a struct vmap_pool for each size, in pages - 1
 * @nr: number of them
 */
struct vmw_pool {
	spinlock_t *lock;	/* covers the lists */
	void *lists;
	unsigned int nr;
};

int vmw_trees_init(void);
void vmw_trees_exit(void);
void vmw_trees_features(struct seq_file *m);
unsigned int vmw_trees(enum vmw_set set);
bool vmw_tree(enum vmw_set set, unsigned int i, struct vmw_tree *tree);
struct vmap_area *vmw_find_behind(const struct vmw_tree *tree, u64 addr);
struct vmap_area *vmw_next_in(const struct vmap_area *va);
void vmw_cursor_begin(struct vmw_cursor *cursor, enum vmw_set set, u64 start,
		      u64 last);
bool vmw_cursor_next(struct vmw_cursor *cursor, struct vmw_entry *entry);
bool vmw_find(u64 addr, struct vmw_entry *entry);
bool vmw_pool(unsigned int node, struct vmw_pool *pool);
unsigned long vmw_pool_areas(const struct vmw_pool *pool, unsigned int i);
u64 vmw_pool_first(const struct vmw_pool *pool, unsigned int i);
bool vmw_pool_peek(u64 size_B, u64 *start);
bool vmw_lazy_pages(unsigned long *pages);
bool vmw_is_percpu_caller(const void *caller);
int vmw_check_trees(struct mms_request *request, enum vmw_set set);

/* lazy.c: freed areas */
unsigned long vmw_lazy_limit_pages(void);

/* vmalloc.c: areas on request */
void __iomem *vmw_ioremap_unused(size_t size_B);

/* holes.c: where an area would go */

/**
 * struct vmw_fit - where an allocation would go
 * @size_B: of the area, its guard page included
 * @align: of its start
 * @start: there; 0: nowhere
 * @hole_end: end of the hole
 * @source: what it is taken from: "pool" or "free"
 */
struct vmw_fit {
	u64 size_B;
	u64 align;
	u64 start;
	u64 hole_end;
	const char *source;
};

void vmw_fit_find(struct vmw_fit *fit, struct vmw_cursor *cursor);

/* look.c: one area, its pages and its mapping */

#define VMW_CHUNK	512	/* pages looked at under one hold of a lock */

/**
 * struct vmw_area - what the kernel notes of an area
 * @start: first address
 * @end: address behind the last, the guard page included
 * @entry: its vmap_area, only to be shown
 * @where: its vm_struct, only to be compared or shown; NULL: it has none
 * @vm: copy of that
 */
struct vmw_area {
	u64 start;
	u64 end;
	const struct vmap_area *entry;
	const struct vm_struct *where;
	struct vm_struct vm;
};

/**
 * struct vmw_look - a look at one area, a chunk at a time
 * @entry: which area
 * @want_pages: copy the page array, too; else runs are merged over chunks
 * @holds: how often the lock was taken
 * @area: what the area was under every one of these holds
 * @walk: its page tables, guard page included
 * @at: first address of this chunk
 * @extents: of this chunk
 * @nr_extents: number of them
 * @pages: the part of the page array that belongs to this chunk
 * @nr_pages: number of them
 * @fault: the page array could not be read
 */
struct vmw_look {
	struct vmw_entry entry;
	bool want_pages;
	unsigned int holds;
	struct vmw_area area;
	struct mms_range walk;
	u64 at;
	struct mmscope_range_record extents[VMW_CHUNK + 1];
	unsigned int nr_extents;
	struct page *pages[VMW_CHUNK];
	unsigned int nr_pages;
	bool fault;
};

#define VMW_LOOKS_MAX	8	/* at an area that changes */

void vmw_look_begin(struct vmw_look *look, const struct vmw_entry *entry,
		    bool want_pages);
int vmw_look_next(struct vmw_look *look);
int vmw_node_of(unsigned long pfn);
bool vmw_is_settled(const struct vmw_area *area);
u64 vmw_guard_B(const struct vmw_area *area);

/**
 * struct vmw_map - what the page tables say of an area
 * @level_B: bytes mapped by leaves of a level, [level - 1]
 * @runs: of pages that follow each other physically
 * @longest_B: longest of them
 * @tables: page-table pages below the top one that lead to its pages
 * @table_end: address behind what the last table covers, by level - 1
 * @any: permissions that some page has
 * @all: those that all have
 * @guard_mapped: something is mapped at the guard page
 * @bad: a table did not hold still
 * @run_end_pfn: page frame behind the last run
 * @run_end: address behind it
 * @run_B: bytes of it
 */
struct vmw_map {
	u64 level_B[MMSCOPE_LEVELS];
	unsigned long runs;
	u64 longest_B;
	unsigned long tables;
	u64 table_end[MMSCOPE_LEVELS];
	u32 any;
	u32 all;
	bool guard_mapped;
	bool bad;
	u64 run_end_pfn;
	u64 run_end;
	u64 run_B;
};

void vmw_map_begin(struct vmw_map *map);
void vmw_map_add(struct vmw_map *map, const struct vmw_area *area,
		 const struct mmscope_range_record *extent);

/* kind.c: words */

/* What an area is for. */
enum vmw_kind {
	VMW_VMALLOC,
	VMW_VMAP,
	VMW_IOREMAP,
	VMW_MAP_RAM,
	VMW_MODULE_TEXT,
	VMW_MODULE_DATA,
	VMW_STACK,
	VMW_PERCPU,
	VMW_BPF,
	VMW_SPARSE,
	VMW_DMA,
	VMW_OTHER,
	VMW_KIND_COUNT
};

/**
 * struct vmw_caller - the name behind an address, kept for the next area
 * @addr: the address
 * @name: "function+0x12/0x34 [module]"
 */
struct vmw_caller {
	const void *addr;
	char name[KSYM_SYMBOL_LEN];
};

void vmw_caller_find(struct vmw_caller *caller, const void *addr);
bool vmw_caller_is(const struct vmw_caller *caller, const char *function);
enum vmw_kind vmw_kind(const struct vmw_area *area, const struct vmw_map *map,
		       struct vmw_caller *caller);
const char *vmw_kind_name(enum vmw_kind kind);
int vmw_kind_find(const char *name);
void vmw_show_flags(struct seq_file *m, unsigned long flags);

#endif /* _VMALLOC_WALK_H */
