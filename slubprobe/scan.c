// SPDX-License-Identifier: GPL-2.0
/*
 * All slabs of one cache, also those that are on no list: page frames are looked
 * at one after the other for slabs that belong to the cache.
 *
 * Each slab is looked at under the list_lock of its node. What belongs to CPUs
 * and barns was looked at when the scan began. So each slab is right for an
 * instant, and the whole for a cache that nobody uses meanwhile: a slab that is
 * new, goes, or moves behind the scan is missing, or is shown as it was.
 *
 * slab_mutex is dropped every few thousand page frames; the scan goes on by page
 * frame number. Deliberately ignored: KFENCE's pages, which look like slabs of one
 * object (object knows them).
 */
#include <linux/kfence.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include <mmscope/page.h>

#include "slubprobe.h"

#define PFNS_MAX	32768	/* looked at under one hold of slab_mutex */

static unsigned long last_pfn(void)
{
	unsigned long end = 0;
	int nid;

	for_each_online_node(nid)
		end = max(end, node_end_pfn(nid));
	return end;
}

static int look_at_cpus(struct slub_scan *scan, const char *name)
{
	struct slub_look look = {
		.walk = scan->walk,
		.without_nodes = true,
	};
	int err;

	err = slub_look_by_name(name, &look);
	if (err)
		return err;
	scan->cache = look.cache;
	scan->is_stable = look.is_stable;
	slub_walk_sort(scan->walk);
	return look.is_truncated ? -E2BIG : 0;
}

/**
 * slub_scan_begin() - start a scan
 * @scan: filled in
 * @name: of the cache
 *
 * Context: Process context, may sleep.
 * Return: 0 or an errno.
 */
int slub_scan_begin(struct slub_scan *scan, const char *name)
{
	int err;

	scan->walk = slub_walk_new(SLUB_ITEMS_MAX);
	if (!scan->walk)
		return -ENOMEM;
	err = look_at_cpus(scan, name);
	if (err)
		slub_scan_end(scan);
	scan->end_pfn = last_pfn();
	return err;
}

/**
 * slub_scan_end() - undo slub_scan_begin()
 * @scan: the scan
 */
void slub_scan_end(struct slub_scan *scan)
{
	slub_walk_free(scan->walk);
	scan->walk = NULL;
}

/*
 * Frames to step over, from the head of a block or folio on. The order may be that
 * of a moment ago: it is bounded and never leads past a slab's alignment.
 */
static unsigned long frames_of(struct page *page, unsigned long pfn)
{
	unsigned int order = 0;

	if (PageBuddy(page))
		order = page_private(page);
	else if (PageHead(page))
		order = compound_order(page);
	if (order >= NR_PAGE_ORDERS || !IS_ALIGNED(pfn, 1UL << order))
		return 1;
	return 1UL << order;
}

static bool is_ours(const struct slub_scan *scan, struct page *page)
{
	return PageSlab(page) && !PageTail(page) &&
	       slub_pointer(page, SLAB_CACHE) == scan->cache.addr &&
	       !is_kfence_address(page_address(page));
}

/* True if a slab was found, in the frames of one hold. */
static bool scan_some(struct slub_scan *scan)
{
	struct page *page;
	unsigned long pfn;
	int nr;

	for (nr = 0; nr < PFNS_MAX && scan->next_pfn < scan->end_pfn; nr++) {
		pfn = scan->next_pfn;
		page = pfn_to_online_page(pfn);
		if (!page) {
			scan->next_pfn++;
			continue;
		}
		scan->next_pfn += frames_of(page, pfn);
		if (is_ours(scan, page) &&
		    slub_slab_look(&scan->cache, page, &scan->slab))
			return true;
	}
	return false;
}

/**
 * slub_scan_next() - find the next slab
 * @scan: the scan; its slab is filled in
 *
 * Context: Process context, may sleep.
 * Return: 1; 0 at the end; -ENOENT when the cache is gone, or -EINTR.
 */
int slub_scan_next(struct slub_scan *scan)
{
	bool found = false;
	int err;

	while (!found && scan->next_pfn < scan->end_pfn) {
		if (fatal_signal_pending(current))
			return -EINTR;
		err = slub_hold();
		if (err)
			return err;
		if (slub_is_cache(scan->cache.addr))
			found = scan_some(scan);
		else
			err = -ENOENT;
		slub_release();
		if (err)
			return err;
		cond_resched();
	}
	return found;
}

static bool of_item(const struct slub_item *item, struct slub_where *where)
{
	if (!item)
		return false;
	where->place = item->place;
	where->owner = item->owner;
	where->position = item->position;
	return true;
}

/**
 * slub_scan_slab() - where the slab that was found is
 * @scan: the scan
 * @where: filled in
 */
void slub_scan_slab(const struct slub_scan *scan, struct slub_where *where)
{
	const struct slub_slab_look *slab = &scan->slab;

	where->place = slab->place;
	where->owner = MMSCOPE_SLUB_NONE;
	where->position = MMSCOPE_SLUB_NONE;
	if (slab->place == MMSCOPE_SLUB_NODE || slab->place == MMSCOPE_SLUB_FULL)
		where->owner = page_to_nid(slab->slab.page);
	else if (of_item(slub_walk_find(scan->walk, slab->slab.page), where) &&
		 where->place == MMSCOPE_SLUB_CPU_SLAB)
		where->place = MMSCOPE_SLUB_CPU;	/* it is there twice */
}

/**
 * slub_scan_object() - where an object of the slab that was found is
 * @scan: the scan
 * @index: which object
 * @where: filled in
 */
void slub_scan_object(const struct slub_scan *scan, unsigned int index,
		      struct slub_where *where)
{
	const struct slub_slab_look *slab = &scan->slab;

	if (of_item(slub_walk_find(scan->walk, slub_object(&scan->cache, &slab->slab, index)),
		    where))
		return;
	*where = (struct slub_where){
		.place = MMSCOPE_SLUB_NOWHERE,
		.owner = MMSCOPE_SLUB_NONE,
		.position = MMSCOPE_SLUB_NONE,
	};
	if (!slab->position[index])
		return;
	where->place = slab->place;
	where->position = slab->position[index] - 1;
	if (slab->place == MMSCOPE_SLUB_NODE)
		where->owner = page_to_nid(slab->slab.page);
}

/**
 * slub_show_where() - print place, owner and position
 * @m: where to print
 * @where: them
 */
void slub_show_where(struct seq_file *m, const struct slub_where *where)
{
	seq_puts(m, slub_place_name(where->place));
	if (where->owner == MMSCOPE_SLUB_NONE)
		seq_puts(m, " -");
	else
		seq_printf(m, " %u", where->owner);
	if (where->position == MMSCOPE_SLUB_NONE)
		seq_puts(m, " -");
	else
		seq_printf(m, " %u", where->position);
}
