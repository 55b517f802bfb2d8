/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which level of the slab allocator served a request.
 */
#ifndef _SLUBPROBE_LEVEL_H
#define _SLUBPROBE_LEVEL_H

#include <linux/gfp.h>
#include <linux/types.h>

struct page;
struct seq_file;

/*
 * Where an object came from, or where it went. A kernel has a slab for each CPU
 * (5.10 to 6.12) or sheaves (7.x), and of these levels those that it can have.
 */
enum slubprobe_level {
	SLUBPROBE_LEVEL_UNKNOWN,	/* cannot be told */
	SLUBPROBE_LEVEL_FAILED,		/* no object came */
	SLUBPROBE_LEVEL_CPU,		/* the CPU's own list of free objects */
	SLUBPROBE_LEVEL_CPU_SLAB,	/* what others freed into the CPU's slab */
	SLUBPROBE_LEVEL_FROZEN,		/* free: into a slab that a CPU has */
	SLUBPROBE_LEVEL_CPU_PARTIAL,	/* a slab of the CPU's list of partial ones */
	SLUBPROBE_LEVEL_SHEAF_MAIN,	/* the CPU's sheaf */
	SLUBPROBE_LEVEL_SHEAF_SPARE,	/* the CPU's other sheaf, which took its place */
	SLUBPROBE_LEVEL_SHEAF_PREFILLED, /* a sheaf that the caller had filled before */
	SLUBPROBE_LEVEL_SHEAF_EMPTY,	/* free: an empty sheaf had to be fetched */
	SLUBPROBE_LEVEL_SHEAF_FLUSHED,	/* free: a full sheaf was emptied into slabs */
	SLUBPROBE_LEVEL_BARN,		/* a sheaf was exchanged with the node's barn */
	SLUBPROBE_LEVEL_NODE,		/* a partial slab of the node */
	SLUBPROBE_LEVEL_NEW_SLAB,	/* a slab that was made for it */
	SLUBPROBE_LEVEL_SLAB_FREED,	/* free: the slab was empty then and was given up */
	SLUBPROBE_LEVEL_KFENCE,		/* KFENCE's pool */
	SLUBPROBE_LEVEL_LARGE,		/* pages, in no slab */
	SLUBPROBE_LEVEL_BULK,		/* one of a bulk request, whose levels are not told */
	SLUBPROBE_LEVEL_COUNT
};

#define SLUB_LABEL_LEN	32	/* of a cache's name, in an event */
#define SLUB_ORDER_MAX	64	/* free objects of a new slab that are listed */

/**
 * struct slub_alloc - one allocation, when it is over
 * @object: what came; NULL: nothing
 * @cache: its struct kmem_cache, NULL for pages
 * @page: first page of its slab, NULL for pages
 * @call_site: who asked
 * @gfp: flags as they were asked
 * @level: enum slubprobe_level
 */
struct slub_alloc {
	const void *object;
	const void *cache;
	struct page *page;
	unsigned long call_site;
	gfp_t gfp;
	u8 level;
};

/**
 * struct slub_free - one free, when it is over
 * @object: what was freed
 * @cache: its struct kmem_cache, NULL for pages
 * @page: first page of the slab, which may be gone
 * @node: of it
 * @level: enum slubprobe_level
 */
struct slub_free {
	const void *object;
	const void *cache;
	struct page *page;
	s16 node;
	u8 level;
};

/**
 * struct slub_new_slab - a slab that was made
 * @page: its first page
 * @base: its first object's place
 * @order: of its pages
 * @objects: it holds
 * @nr: free objects that are listed in @index
 * @index: of each, in the order of the slab's list
 */
struct slub_new_slab {
	struct page *page;
	void *base;
	u8 order;
	u16 objects;
	u16 nr;
	u16 index[SLUB_ORDER_MAX];
};

/**
 * struct slub_watch - what the hooks tell of the current task
 * @alloc: the last allocation of an object, once its object is set
 * @wanted: the object whose free is to be told
 * @free: that, once its object is set
 * @slabs: slabs made since @slab was cleared
 * @slab: the last of them; no page: it could not be read
 *
 * Cleared by whoever watches.
 */
struct slub_watch {
	struct slub_alloc alloc;
	const void *wanted;
	struct slub_free free;
	unsigned int slabs;
	struct slub_new_slab slab;
};

enum slub_hooks {
	SLUB_HOOKS_ALLOC,
	SLUB_HOOKS_FREE,
	SLUB_HOOKS_SLAB,
	SLUB_HOOKS_COUNT
};

struct slub_counts;

int slub_level_init(void);
void slub_level_exit(void);
int slub_level_get(void);
void slub_level_put(void);
void slub_level_features(struct seq_file *m);
int slub_level_listen(enum slub_hooks group);
void slub_level_ignore(enum slub_hooks group);
bool slub_watch_begin(struct slub_watch *watch);
void slub_watch_end(void);
void slub_count_into(struct slub_counts *counts);
const char *slub_level_name(unsigned int level);
void slub_cache_label(const void *cache, char *label);
struct page *slub_page_of(const void *object);

/* stats.c: called by hooks, in any context */
void slub_counts_add(struct slub_counts *counts, const void *cache,
		     bool is_free, unsigned int level);

#endif /* _SLUBPROBE_LEVEL_H */
