// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/pgwalk/map: pages of an allocator that user space maps as
 * well: by page frame (remap_pfn_range(), VM_PFNMAP) or by page (vm_insert_page(),
 * VM_MIXEDMAP). The kernel's address and the user's meet in one page frame.
 *
 * A request makes the pages, each with a word of its own at the start, mmap(2) of the
 * same open file maps them, and a read shows both addresses. The pages belong to the
 * open file, which every VMA holds as its vm_file: they go with the last of the two,
 * and the module stays as long. One open file makes pages once; that never changes,
 * so mmap() and faults read it without a lock.
 *
 * Where an entry is gone, our fault() puts it back. Since somebody wants to know of
 * the first write (page_mkwrite(), pfn_mkwrite()), the kernel puts it back read-only.
 *
 * What was mapped is looked at under the mmap_lock of the reader, each entry as in
 * walk. A page that somebody has pinned outlives its open file, and max_pages counts it
 * no more then.
 *
 * Deliberately ignored: mappings in other processes, which vmas and walk show;
 * private mappings, which would copy the pages; execution.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <mmscope/page.h>
#include <mmscope/walker.h>

#include "pgwalk.h"

#define PAGES_MAX	1024	/* of one open file */
#define VMAS_BATCH	128	/* looked at under one hold of mmap_lock */
#define MARK		0x6d61700000000000ULL	/* with a page's number: its first word */

/* Pages that all open files together may hold. */
static unsigned long max_pages = 4096;
module_param(max_pages, ulong, 0444);
MODULE_PARM_DESC(max_pages, "pages that all users of map may hold at once (default 4096)");

/* Pages that are held, or are being made. */
static atomic_long_t held_pages;

enum {
	WORD_FROM,
	WORD_WITH,
	WORD_PAGES,
};

enum from {
	FROM_PAGES,
	FROM_VMALLOC,
	FROM_KMALLOC,
	FROM_COUNT
};

static const char *const from_names[] = {
	[FROM_PAGES] = "pages",
	[FROM_VMALLOC] = "vmalloc",
	[FROM_KMALLOC] = "kmalloc",
};

static_assert(ARRAY_SIZE(from_names) == FROM_COUNT);

enum with {
	WITH_PFN,
	WITH_PAGE,
	WITH_COUNT
};

static const char *const with_names[] = {
	[WITH_PFN] = "pfn",
	[WITH_PAGE] = "page",
};

static_assert(ARRAY_SIZE(with_names) == WITH_COUNT);

static const struct mms_word map_words[] = {
	[WORD_FROM] = {
		.key = "from",
		.kind = MMS_WORD_NAME,
		.names = from_names,
		.nr_names = FROM_COUNT,
	},
	[WORD_WITH] = {
		.key = "with",
		.kind = MMS_WORD_NAME,
		.names = with_names,
		.nr_names = WITH_COUNT,
	},
	[WORD_PAGES] = {
		.key = "pages",
		.kind = MMS_WORD_NUMBER,
		.min = 1,
		.max = PAGES_MAX,
		.example = "4",
	},
};

/**
 * struct map_page - one page
 * @page: the page
 * @addr: the kernel's address of it
 * @pfn: where that leads, by the kernel's tables; 0 if they are not known
 * @refcount: when it was made
 * @mapcount: when it was made
 */
struct map_page {
	struct page *page;
	void *addr;
	u64 pfn;
	int refcount;
	int mapcount;
};

/**
 * struct map - the pages of an open file
 * @mapping: where its VMAs are found
 * @from: who made them
 * @with: how they are mapped
 * @area: vmalloc's or kmalloc's address of all
 * @nr: number of them
 * @faults: calls of fault()
 * @mkwrites: calls of page_mkwrite() or pfn_mkwrite()
 * @pages: the pages
 */
struct map {
	struct address_space *mapping;
	enum from from;
	enum with with;
	void *area;
	unsigned int nr;
	atomic64_t faults;
	atomic64_t mkwrites;
	struct map_page pages[];
};

enum row_kind {
	ROW_MAP,
	ROW_PAGE,
	ROW_MAPPED,
};

/**
 * struct map_row - one line
 * @kind: what it is about
 * @first: of its section
 * @index: of the page
 * @page: as it is now
 * @vm_flags: of the VMA
 * @walk: of the user's address
 */
struct map_row {
	enum row_kind kind;
	bool first;
	unsigned int index;
	struct mms_page page;
	vm_flags_t vm_flags;
	struct mmscope_walk_record walk;
};

/**
 * struct map_state - an answer on its way
 * @phase: what comes next
 * @next: page to show next
 * @at: user address to go on from
 * @mapped: a mapping was shown
 */
struct map_state {
	enum { MAP_NEXT, PAGES_NEXT, MAPPED_NEXT, ALL_DONE } phase;
	unsigned int next;
	unsigned long at;
	bool mapped;
};

/* ---- The mapping ---- */

static struct page *page_of_fault(struct vm_fault *vmf)
{
	const struct map *map = vmf->vma->vm_private_data;

	return vmf->pgoff < map->nr ? map->pages[vmf->pgoff].page : NULL;
}

static vm_fault_t map_fault(struct vm_fault *vmf)
{
	struct map *map = vmf->vma->vm_private_data;
	struct page *page = page_of_fault(vmf);

	if (!page)
		return VM_FAULT_SIGBUS;
	atomic64_inc(&map->faults);
	if (map->with == WITH_PFN)
		return vmf_insert_pfn(vmf->vma, vmf->address & PAGE_MASK,
				      page_to_pfn(page));
	get_page(page);
	vmf->page = page;
	return 0;
}

/* The page has no mapping to be found in again: the kernel takes it as we lock it. */
static vm_fault_t map_page_mkwrite(struct vm_fault *vmf)
{
	struct map *map = vmf->vma->vm_private_data;

	atomic64_inc(&map->mkwrites);
	lock_page(vmf->page);
	return VM_FAULT_LOCKED;
}

static vm_fault_t map_pfn_mkwrite(struct vm_fault *vmf)
{
	struct map *map = vmf->vma->vm_private_data;

	atomic64_inc(&map->mkwrites);
	return 0;
}

static const struct vm_operations_struct map_vm_ops = {
	.fault = map_fault,
	.page_mkwrite = map_page_mkwrite,
	.pfn_mkwrite = map_pfn_mkwrite,
};

/**
 * pgwalk_map_of() - the mapping that a VMA belongs to, if we made it
 * @vma: any VMA
 *
 * Context: mmap_lock is held; the mapping stays as long as vm_file.
 * Return: The mapping, or NULL if the VMA is not ours.
 */
struct address_space *pgwalk_map_of(const struct vm_area_struct *vma)
{
	const struct map *map = vma->vm_private_data;

	return vma->vm_ops == &map_vm_ops ? map->mapping : NULL;
}

static int map_one(struct vm_area_struct *vma, unsigned long addr,
		   const struct map *map, struct page *page)
{
	if (map->with == WITH_PAGE)
		return vm_insert_page(vma, addr, page);
	return remap_pfn_range(vma, addr, page_to_pfn(page), PAGE_SIZE,
			       vma->vm_page_prot);
}

/* What was mapped when one fails goes with the VMA. */
static int map_mmap(void *kept, struct vm_area_struct *vma)
{
	struct map *map = kept;
	unsigned long nr = vma_pages(vma), i;
	int err = 0;

	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (vma->vm_pgoff > map->nr || nr > map->nr - vma->vm_pgoff)
		return -ENXIO;
	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_private_data = map;
	vma->vm_ops = &map_vm_ops;
	for (i = 0; i < nr && !err; i++)
		err = map_one(vma, vma->vm_start + i * PAGE_SIZE, map,
			      map->pages[vma->vm_pgoff + i].page);
	vma_untrack_ram(vma);
	return err;
}

/* ---- Making the pages ---- */

static unsigned long pages_of(const struct mms_request *request)
{
	return mms_value_or(&request->values[WORD_PAGES], 1);
}

static int map_check(struct mms_request *request)
{
	if (pages_of(request) > max_pages)
		return mms_refuse(request, WORD_PAGES, -ERANGE,
				  "more than the parameter max_pages=%lu",
				  max_pages);
	return 0;
}

static bool reserve(long pages)
{
	if (atomic_long_add_return(pages, &held_pages) <= (long)max_pages)
		return true;
	atomic_long_sub(pages, &held_pages);
	return false;
}

static int make_area(struct map *map)
{
	size_t size_B = (size_t)map->nr << PAGE_SHIFT;

	if (map->from == FROM_VMALLOC)
		map->area = __vmalloc(size_B, GFP_KERNEL | __GFP_ZERO |
				      __GFP_NOWARN);
	else if (map->from == FROM_KMALLOC)
		map->area = kzalloc(size_B, GFP_KERNEL | __GFP_NOWARN);
	else
		return 0;
	return map->area ? 0 : -ENOMEM;
}

static struct page *make_page(const struct map *map, unsigned int i)
{
	void *addr = map->area + ((size_t)i << PAGE_SHIFT);

	if (map->from == FROM_VMALLOC)
		return vmalloc_to_page(addr);
	if (map->from == FROM_KMALLOC)
		return virt_to_page(addr);
	return alloc_page(GFP_KERNEL | __GFP_ZERO);
}

/* By the tables, not by what the allocator says: that is what is to be shown. */
static int walk_kernel(struct map *map)
{
	struct mmscope_walk_record walk;
	struct mms_tables tables;
	unsigned int i;
	int err;

	if (!pgwalk_has_kernel_tables())
		return 0;
	err = mms_kernel_tables_lock();
	if (err)
		return err;
	mms_kernel_tables(&tables);
	rcu_read_lock();
	for (i = 0; i < map->nr; i++) {
		mms_walk(&tables, (uintptr_t)map->pages[i].addr, &walk);
		if (walk.kind == MMSCOPE_PG_PRESENT)
			map->pages[i].pfn = walk.pfn;
	}
	rcu_read_unlock();
	mms_kernel_tables_unlock();
	return 0;
}

static int make_pages(struct map *map)
{
	struct mms_page info;
	struct map_page *one;
	unsigned int i;
	int err;

	err = make_area(map);
	if (err)
		return err;
	for (i = 0; i < map->nr; i++) {
		one = &map->pages[i];
		one->page = make_page(map, i);
		if (!one->page)
			return -ENOMEM;
		one->addr = map->area ? map->area + ((size_t)i << PAGE_SHIFT) :
					page_address(one->page);
		*(u64 *)one->addr = MARK + i;
		mms_memory_hold();
		mms_page_read(page_to_pfn(one->page), &info);
		mms_memory_release();
		one->refcount = info.refcount;
		one->mapcount = info.mapcount;
	}
	return walk_kernel(map);
}

static void free_map(struct map *map)
{
	unsigned int i;

	if (map->from == FROM_VMALLOC)
		vfree(map->area);
	else if (map->from == FROM_KMALLOC)
		kfree(map->area);
	else
		for (i = 0; i < map->nr && map->pages[i].page; i++)
			__free_page(map->pages[i].page);
	atomic_long_sub(map->nr, &held_pages);
	kvfree(map);
}

static struct map *make_map(const struct mms_request *request)
{
	unsigned int nr = pages_of(request);
	struct map *map;
	int err;

	if (!reserve(nr))
		return ERR_PTR(-ENOSPC);
	map = kvzalloc(struct_size(map, pages, nr), GFP_KERNEL);
	if (!map) {
		atomic_long_sub(nr, &held_pages);
		return ERR_PTR(-ENOMEM);
	}
	map->nr = nr;
	map->from = mms_value_or(&request->values[WORD_FROM], FROM_PAGES);
	map->with = mms_value_or(&request->values[WORD_WITH], WITH_PFN);
	err = make_pages(map);
	if (!err)
		return map;
	free_map(map);
	return ERR_PTR(err);
}

static int map_start(struct mms_answer *answer)
{
	struct map *map;

	if (answer->kept)
		return mms_refuse(answer->request, MMS_WHOLE_LINE, -EEXIST,
				  "this open file has its pages already");
	map = make_map(answer->request);
	if (IS_ERR(map))
		return PTR_ERR(map);
	map->mapping = answer->mapping;
	/* Pairs with mmap(), which has no lock of ours. */
	smp_store_release(&answer->kept, map);
	return 0;
}

static int map_begin(struct mms_answer *answer)
{
	return answer->kept ? 0 : map_start(answer);
}

/* No VMA is left: each holds the open file. */
static void map_release(struct mms_answer *answer)
{
	if (answer->kept)
		free_map(answer->kept);
}

/* ---- The answer ---- */

static unsigned int add_page_rows(struct map_state *state,
				  const struct map *map,
				  struct map_row *rows, unsigned int max)
{
	unsigned int nr;

	mms_memory_hold();
	for (nr = 0; nr < max && state->next < map->nr; nr++) {
		rows[nr] = (struct map_row) {
			.kind = ROW_PAGE,
			.first = !state->next,
			.index = state->next,
		};
		mms_page_read(page_to_pfn(map->pages[state->next++].page),
			      &rows[nr].page);
	}
	mms_memory_release();
	return nr;
}

static void walk_mapped(struct map_state *state, struct vm_area_struct *vma,
			struct map_row *row)
{
	*row = (struct map_row) {
		.kind = ROW_MAPPED,
		.first = !state->mapped,
		.index = vma->vm_pgoff +
			 ((state->at - vma->vm_start) >> PAGE_SHIFT),
		.vm_flags = vma->vm_flags,
	};
	state->mapped = true;
	pgwalk_mm_walk(vma->vm_mm, state->at, &row->walk);
	if (row->walk.kind == MMSCOPE_PG_PRESENT)
		row->walk.flags |= pgwalk_vma_flags(vma);
}

/* Under mmap_lock: rows of the VMAs that map these pages, up to VMAS_BATCH VMAs. */
static unsigned int add_mapped_rows(struct map_state *state,
				    const struct map *map,
				    struct map_row *rows, unsigned int max)
{
	unsigned int nr = 0, vmas = 0;
	struct vm_area_struct *vma;

	while (nr < max && vmas < VMAS_BATCH) {
		vma = find_vma(current->mm, state->at);
		if (!vma) {
			state->phase = ALL_DONE;
			break;
		}
		if (pgwalk_map_of(vma) != map->mapping) {
			state->at = vma->vm_end;
			vmas++;
			continue;
		}
		state->at = max(state->at, vma->vm_start);
		walk_mapped(state, vma, &rows[nr++]);
		state->at += PAGE_SIZE;
	}
	return nr;
}

static int fill_mapped(struct map_state *state, const struct map *map,
		       struct map_row *rows, unsigned int max)
{
	unsigned int nr = 0;

	while (!nr && state->phase == MAPPED_NEXT) {
		if (mmap_read_lock_killable(current->mm))
			return -EINTR;
		nr = add_mapped_rows(state, map, rows, max);
		mmap_read_unlock(current->mm);
		cond_resched();
	}
	return nr;
}

static int map_fill(struct mms_answer *answer, void *records, unsigned int max)
{
	struct map_state *state = answer->state;
	const struct map *map = answer->kept;
	struct map_row *rows = records;
	unsigned int nr = 0;

	if (state->phase == MAP_NEXT) {
		rows[nr++] = (struct map_row) { .kind = ROW_MAP };
		state->phase = PAGES_NEXT;
		return nr;
	}
	if (state->phase == PAGES_NEXT) {
		nr = add_page_rows(state, map, rows, max);
		if (nr)
			return nr;
		state->phase = MAPPED_NEXT;
	}
	return fill_mapped(state, map, rows, max);
}

static void show_map(struct seq_file *m, const struct map *map)
{
	seq_puts(m, "## map\n# name value\n");
	seq_printf(m, "from %s\nwith %s\npages %u\n", from_names[map->from],
		   with_names[map->with], map->nr);
	seq_printf(m, "faults %llu\nmkwrites %llu\n",
		   (u64)atomic64_read(&map->faults),
		   (u64)atomic64_read(&map->mkwrites));
	seq_printf(m, "held_pages %lu\nmax_pages %lu\n",
		   atomic_long_read(&held_pages), max_pages);
}

static void show_pfn(struct seq_file *m, u64 pfn)
{
	if (pfn)
		seq_printf(m, " %#llx", pfn);
	else
		seq_puts(m, " -");
}

static void show_page(struct seq_file *m, const struct map *map,
		      const struct map_row *row)
{
	const struct map_page *one = &map->pages[row->index];

	if (row->first)
		seq_puts(m, "## pages\n# page kernel_addr kernel_pfn type refcount_made mapcount_made refcount mapcount first_word\n");
	seq_printf(m, "%u %#lx", row->index, (unsigned long)one->addr);
	show_pfn(m, one->pfn);
	seq_printf(m, " %s %d %d %d %d %#llx\n", mms_page_type_name(&row->page),
		   one->refcount, one->mapcount, row->page.refcount,
		   row->page.mapcount, READ_ONCE(*(u64 *)one->addr));
}

static void show_mapped(struct seq_file *m, const struct map *map,
			const struct map_row *row)
{
	const struct mmscope_walk_record *walk = &row->walk;
	const struct map_page *one = &map->pages[row->index];
	bool present = walk->kind == MMSCOPE_PG_PRESENT;

	if (row->first)
		seq_puts(m, "## mapped\n# page user_addr user_pfn kernel_addr kernel_pfn meet vma kind perms detail\n");
	seq_printf(m, "%u %#llx", row->index, walk->addr);
	show_pfn(m, present ? walk->pfn : 0);
	seq_printf(m, " %#lx", (unsigned long)one->addr);
	show_pfn(m, one->pfn);
	seq_printf(m, " %s", !present || !one->pfn ? "-" :
		   walk->pfn == one->pfn ? "yes" : "no");
	seq_printf(m, " %s ", row->vm_flags & VM_PFNMAP ? "PFNMAP" :
		   row->vm_flags & VM_MIXEDMAP ? "MIXEDMAP" : "-");
	pgwalk_show_entry(m, walk);
	seq_putc(m, '\n');
}

static void map_show(struct seq_file *m, struct mms_answer *answer,
		     const void *record)
{
	const struct map *map = answer->kept;
	const struct map_row *row = record;

	switch (row->kind) {
	case ROW_MAP:
		show_map(m, map);
		break;
	case ROW_PAGE:
		show_page(m, map, row);
		break;
	case ROW_MAPPED:
		show_mapped(m, map, row);
		break;
	}
}

static u64 held_bytes(void)
{
	return (u64)atomic_long_read(&held_pages) << PAGE_SHIFT;
}

struct mms_file pgwalk_map_file = {
	.name = "map",
	.version = 1,
	.consistency = MMSCOPE_RETRIED,
	.words = map_words,
	.nr_words = ARRAY_SIZE(map_words),
	.state_size_B = sizeof(struct map_state),
	.record_size_B = sizeof(struct map_row),
	.check = map_check,
	.start = map_start,
	.begin = map_begin,
	.fill = map_fill,
	.show = map_show,
	.release = map_release,
	.held_B = held_bytes,
	.mmap = map_mmap,
};
