/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an area goes through: made, mapped, freed, purged.
 */
#ifndef _VMALLOC_WALK_PATH_H
#define _VMALLOC_WALK_PATH_H

#include <linux/types.h>

struct page;
struct seq_file;

/* What an area was taken from. */
enum vmw_source {
	VMW_SOURCE_UNKNOWN,	/* the pool's first was not it: another CPU was there */
	VMW_SOURCE_FREE,	/* the tree of free areas */
	VMW_SOURCE_POOL,	/* the pool of a node */
	VMW_SOURCE_COUNT
};

/* In which part of the address space an area was asked for. */
enum vmw_space {
	VMW_SPACE_VMALLOC,
	VMW_SPACE_MODULE,
	VMW_SPACE_OTHER,
};

/* What was mapped. */
enum vmw_map_kind {
	VMW_MAP_PAGES,		/* an array of pages */
	VMW_MAP_PHYS,		/* a physical range: ioremap, a part of huge pages */
};

/* What a step is; each is an event and a group of hooks. */
enum vmw_step_kind {
	VMW_STEP_AREA,
	VMW_STEP_FREE,
	VMW_STEP_MAP,
	VMW_STEP_PURGE,
	VMW_STEP_COUNT
};

/**
 * struct vmw_step - one thing that happened to an area
 * @kind: what
 * @start: first address; PURGE: 0
 * @size_B: AREA, FREE: its guard page included; MAP: of what was mapped
 * @time_ns: that it took; FREE: 0
 * @error: negative errno, or 0; PURGE: 0
 * @align_B: AREA: that was asked for
 * @source: AREA: enum vmw_source
 * @space: AREA: enum vmw_space
 * @map_kind: MAP: enum vmw_map_kind
 * @leaf_B: MAP: size of the largest leaf allowed, 0: not known
 * @lazy_pages: FREE: that are lazy now, these included; PURGE: before
 * @left_pages: PURGE: lazy afterwards; other CPUs free all the time
 * @limit_pages: FREE, PURGE: above this the kernel purges by itself
 * @flushed: PURGE: there was something, and the TLBs were flushed
 */
struct vmw_step {
	enum vmw_step_kind kind;
	u64 start;
	u64 size_B;
	u64 time_ns;
	int error;
	u64 align_B;
	u8 source;
	u8 space;
	u8 map_kind;
	u64 leaf_B;
	unsigned long lazy_pages;
	unsigned long left_pages;
	unsigned long limit_pages;
	bool flushed;
};

#define VMW_STEPS	16	/* of one request, with a page array of its own */

/**
 * struct vmw_watch - the steps of the current task
 * @nr: how many; more than VMW_STEPS: the rest is not in @steps
 * @steps: in the order in which they ended
 */
struct vmw_watch {
	unsigned int nr;
	struct vmw_step steps[VMW_STEPS];
};

int vmw_path_init(void);
void vmw_path_exit(void);
int vmw_path_get(void);
void vmw_path_put(void);
void vmw_path_features(struct seq_file *m);
int vmw_listen(enum vmw_step_kind kind);
void vmw_ignore(enum vmw_step_kind kind);
bool vmw_watch_begin(struct vmw_watch *watch);
void vmw_watch_end(void);
const char *vmw_source_name(enum vmw_source source);

#endif /* _VMALLOC_WALK_PATH_H */
