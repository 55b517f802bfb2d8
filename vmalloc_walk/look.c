// SPDX-License-Identifier: GPL-2.0
/*
 * A look at one area: what the kernel notes of it, its page array, and what its
 * page tables say.
 *
 * What keeps them alive is the lock of the busy tree. Whoever frees an area takes
 * its vm_struct out of the tree under that lock first (up to 6.1: sets va->vm to
 * NULL; later: unlinks the area), and only then unmaps it, frees its pages, the
 * page array and the vm_struct, in this order. So while the lock is held and the
 * area is there with its vm_struct, all of these are, and page array and page
 * tables must agree: nobody unmaps a live area. Page tables that lead to a live
 * area are not freed either, as a huge mapping replaces only tables of a range
 * that is all its own. Everything is therefore read under one hold: VMW_CHUNK
 * pages, or BUDGET page-table entries, at most. What is larger takes several
 * holds; under each the area is looked up by its address again, and if it is not
 * the same any more, the look is given up with -EAGAIN. An area that was freed and
 * made again with the same address, size, caller, page array and vm_struct passes
 * for the same; then each chunk is true, but they are of two areas.
 *
 * Exceptions, where the lock does not tell the whole truth:
 *  - an area that is being made: vmalloc() marks it VM_UNINITIALIZED until all is
 *    mapped, and such an area is not walked. vmap() and ioremap() have no mark: what
 *    is mapped of theirs grows while we look, their guard page stays empty;
 *  - up to 6.1, an area that is made or unmade has no vm_struct, as those of
 *    vm_map_ram() have none;
 *  - vrealloc() of newer kernels gives up pages at the end of a live area. It
 *    lowers nr_pages under the lock first: entries behind nr_pages mean nothing.
 *
 * The page array is read with copy_from_kernel_nofault(), as are the tables.
 */
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/rbtree.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "vmalloc_walk.h"

#define BUDGET	1024	/* page-table entries read under one hold */

/**
 * vmw_look_begin() - start a look at an area
 * @look: to be set up
 * @entry: which area
 * @want_pages: copy the page array, too
 */
void vmw_look_begin(struct vmw_look *look, const struct vmw_entry *entry,
		    bool want_pages)
{
	look->entry = *entry;
	look->want_pages = want_pages;
	look->holds = 0;
	look->fault = false;
}

/**
 * vmw_node_of() - the node of a page frame
 * @pfn: any page frame number; no lock keeps what was mapped there
 *
 * Context: Between mms_memory_hold() and mms_memory_release().
 * Return: The node, or NUMA_NO_NODE: no online memory.
 */
int vmw_node_of(unsigned long pfn)
{
	struct page *page = pfn_to_online_page(pfn);

	return page ? page_to_nid(page) : NUMA_NO_NODE;
}

static void read_area(const struct vmap_area *va, struct vmw_area *area)
{
	area->start = va->va_start;
	area->end = va->va_end;
	area->entry = va;
	area->where = va->vm;
	if (area->where)
		area->vm = *area->where;
	else
		memset(&area->vm, 0, sizeof(area->vm));
}

static bool is_same(const struct vmw_area *a, const struct vmw_area *b)
{
	return a->start == b->start && a->end == b->end &&
	       a->where == b->where && a->vm.flags == b->vm.flags &&
	       a->vm.addr == b->vm.addr && a->vm.size == b->vm.size &&
	       a->vm.pages == b->vm.pages &&
	       a->vm.nr_pages == b->vm.nr_pages &&
	       a->vm.phys_addr == b->vm.phys_addr &&
	       a->vm.caller == b->vm.caller;
}

static void set_range(struct vmw_look *look)
{
	struct mms_range *walk = &look->walk;

	mms_kernel_tables(&walk->tables);
	walk->mm = NULL;
	walk->at = look->area.start;
	walk->last = look->area.end - 1;
	walk->vma_flags = 0;
	walk->holes = true;
	walk->narrow = true;
	walk->done = false;
	mms_range_begin(walk);
}

/* The part of the page array that belongs to this chunk. */
static void read_pages(struct vmw_look *look)
{
	const struct vm_struct *vm = &look->area.vm;
	unsigned long first = (look->at - look->area.start) >> PAGE_SHIFT;

	look->nr_pages = 0;
	if (!vm->pages || first >= vm->nr_pages)
		return;
	look->nr_pages = min_t(unsigned long, vm->nr_pages - first, VMW_CHUNK);
	if (!copy_from_kernel_nofault(look->pages, vm->pages + first,
				      look->nr_pages * sizeof(*look->pages)))
		return;
	look->nr_pages = 0;
	look->fault = true;
}

static int read_chunk(struct vmw_look *look)
{
	struct mms_range *walk = &look->walk;
	u64 last = walk->last;

	look->at = walk->at;
	if (look->want_pages) {
		read_pages(look);
		last = min(last, look->at + VMW_CHUNK * PAGE_SIZE - 1);
	}
	mms_range_relocked(walk);
	walk->budget = look->want_pages ? INT_MAX : BUDGET;
	look->nr_extents = mms_range_walk(walk, last, look->extents, VMW_CHUNK);
	if (walk->done || look->want_pages)
		look->nr_extents += mms_range_end(walk, look->extents +
						  look->nr_extents);
	return !walk->done;
}

static int look_locked(struct vmw_look *look, const struct vmw_tree *tree)
{
	const struct vmap_area *va = vmw_find_behind(tree, look->entry.start);
	struct vmw_area now;

	look->nr_extents = 0;
	look->nr_pages = 0;
	if (!va || va->va_start != look->entry.start)
		return look->holds ? -EAGAIN : -ENOENT;
	read_area(va, &now);
	/* Pairs with clear_vm_uninitialized_flag() of mm/vmalloc.c. */
	smp_rmb();
	if (!look->holds++) {
		look->area = now;
		set_range(look);
	} else if (!is_same(&look->area, &now)) {
		return -EAGAIN;
	}
	return vmw_is_settled(&look->area) ? read_chunk(look) : 0;
}

/**
 * vmw_look_next() - the first or next chunk
 * @look: the look; filled in are area, at, extents and pages
 *
 * Mirrors s_show() and vmalloc_info_show() of mm/vmalloc.c.
 *
 * Context: Process context; takes the lock of the area's tree.
 * Return: 1: there is more, 0: this was the last chunk, -ENOENT: the area is gone,
 * -EAGAIN: it is not the one any more that the look began with.
 */
int vmw_look_next(struct vmw_look *look)
{
	struct vmw_tree tree;
	int more;

	vmw_tree(VMW_BUSY, look->entry.tree, &tree);
	spin_lock(tree.lock);
	more = look_locked(look, &tree);
	spin_unlock(tree.lock);
	return more;
}

/**
 * vmw_is_settled() - is an area all made, as far as it can be told?
 * @area: the area
 */
bool vmw_is_settled(const struct vmw_area *area)
{
	return !(area->vm.flags & VM_UNINITIALIZED);
}

/* Per-CPU memory takes areas without a guard page and does not say so. */
static bool has_guard(const struct vmw_area *area)
{
	const struct vm_struct *vm = &area->vm;

	return area->where && !(vm->flags & VM_NO_GUARD) &&
	       !(vm->flags & VM_ALLOC && !vm->pages);
}

/**
 * vmw_guard_B() - how much at the end of an area is never mapped
 * @area: the area
 *
 * Mirrors get_vm_area_size() of <linux/vmalloc.h>.
 */
u64 vmw_guard_B(const struct vmw_area *area)
{
	return has_guard(area) ? PAGE_SIZE : 0;
}

/* ---- The mapping in figures ---- */

/**
 * vmw_map_begin() - start to sum up a mapping
 * @map: to be set up
 */
void vmw_map_begin(struct vmw_map *map)
{
	memset(map, 0, sizeof(*map));
	map->all = ~0U;
}

static void add_run(struct vmw_map *map,
		    const struct mmscope_range_record *extent)
{
	if (!map->runs || extent->start != map->run_end ||
	    extent->pfn != map->run_end_pfn) {
		map->runs++;
		map->run_B = 0;
	}
	map->run_B += extent->size_B;
	map->longest_B = max(map->longest_B, map->run_B);
	map->run_end = extent->start + extent->size_B;
	map->run_end_pfn = extent->pfn + (extent->size_B >> PAGE_SHIFT);
}

/* A table of one level covers what one entry of the level above does. */
static void add_tables(struct vmw_map *map,
		       const struct mmscope_range_record *extent)
{
	u64 last = extent->start + extent->size_B - 1, first, span_B;
	unsigned int level;

	for (level = extent->level; level <= MMSCOPE_LEVEL_PUD; level++) {
		span_B = 1ULL << pgwalk_level_shift(level + 1);
		/* A level that this machine has not is one with that above. */
		if (span_B == 1ULL << pgwalk_level_shift(level))
			continue;
		first = max(extent->start, map->table_end[level - 1]);
		if (first > last)
			continue;
		first &= ~(span_B - 1);
		map->tables += ((last & ~(span_B - 1)) - first) / span_B + 1;
		map->table_end[level - 1] = (last | (span_B - 1)) + 1;
	}
}

/**
 * vmw_map_add() - add the next extent of an area
 * @map: the sum
 * @area: the area
 * @extent: of its range, in order
 */
void vmw_map_add(struct vmw_map *map, const struct vmw_area *area,
		 const struct mmscope_range_record *extent)
{
	u64 end = extent->start + extent->size_B;

	if (extent->kind == MMSCOPE_PG_BAD)
		map->bad = true;
	if (extent->kind != MMSCOPE_PG_PRESENT)
		return;
	if (end > area->end - vmw_guard_B(area))
		map->guard_mapped = true;
	map->level_B[extent->level - 1] += extent->size_B;
	map->any |= extent->flags;
	map->all &= extent->flags;
	add_run(map, extent);
	add_tables(map, extent);
}
