// SPDX-License-Identifier: GPL-2.0
/*
 * Whose a page frame is, as far as areas tell: mmscope/ledger and mmscope/pfn ask.
 *
 * Areas are read one after the other as areas does, see look.c. A mapping of pages
 * is taken for owning them, except of ioremap(). What is vmap()ed may have another
 * owner besides; core lets what struct page says go first.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include <mmscope/owner.h>
#include <mmscope/page.h>

#include "vmalloc_walk.h"

/* A walk over all areas for a window, or for the area that holds one page. */
struct owner_walk {
	struct mms_window *window;
	unsigned long pfn;
	bool found;
	u64 at;
	struct vmw_cursor cursor;
	struct vmw_look look;
	struct vmw_caller caller;
};

static const u8 owner_by_kind[VMW_KIND_COUNT] = {
	[VMW_VMALLOC] = MMS_OWNER_VMALLOC,
	[VMW_VMAP] = MMS_OWNER_VMALLOC,
	[VMW_MAP_RAM] = MMS_OWNER_VMALLOC,
	[VMW_MODULE_TEXT] = MMS_OWNER_MODULE,
	[VMW_MODULE_DATA] = MMS_OWNER_MODULE,
	[VMW_STACK] = MMS_OWNER_STACK,
	[VMW_PERCPU] = MMS_OWNER_PERCPU,
	[VMW_BPF] = MMS_OWNER_VMALLOC,
	[VMW_SPARSE] = MMS_OWNER_VMALLOC,
	[VMW_DMA] = MMS_OWNER_VMALLOC,
	[VMW_OTHER] = MMS_OWNER_VMALLOC,
};

/* Text and data of modules have one owner: what they may do need not be known. */
static enum vmw_kind kind_of(struct owner_walk *walk)
{
	static const struct vmw_map map;

	return vmw_kind(&walk->look.area, &map, &walk->caller);
}

static void take_extent(struct owner_walk *walk,
			const struct mmscope_range_record *extent)
{
	u64 pages = extent->size_B >> PAGE_SHIFT;

	if (extent->kind != MMSCOPE_PG_PRESENT)
		return;
	if (walk->window) {
		mms_window_mark(walk->window, extent->pfn, pages,
				owner_by_kind[kind_of(walk)]);
	} else if (walk->pfn - extent->pfn < pages) {
		walk->found = true;
		walk->at = extent->start + ((walk->pfn - extent->pfn) << PAGE_SHIFT);
	}
}

static int walk_area(struct owner_walk *walk, const struct vmw_entry *entry)
{
	unsigned int i;
	int more;

	vmw_look_begin(&walk->look, entry, false);
	do {
		if (fatal_signal_pending(current))
			return -EINTR;
		more = vmw_look_next(&walk->look);
		if (more < 0 || walk->look.area.vm.flags & VM_IOREMAP)
			return 0;
		for (i = 0; i < walk->look.nr_extents && !walk->found; i++)
			take_extent(walk, &walk->look.extents[i]);
		cond_resched();
	} while (more && !walk->found);
	return 0;
}

static int walk_areas(struct owner_walk *walk)
{
	struct vmw_entry entry;
	int err = 0;

	if (!vmw_trees(VMW_BUSY) || !pgwalk_has_kernel_tables())
		return 0;
	vmw_cursor_begin(&walk->cursor, VMW_BUSY, 0, U64_MAX);
	while (!err && !walk->found && vmw_cursor_next(&walk->cursor, &entry))
		err = walk_area(walk, &entry);
	return err;
}

static int owner_mark(struct mms_window *window)
{
	struct owner_walk *walk = kvzalloc(sizeof(*walk), GFP_KERNEL);
	int err;

	if (!walk)
		return -ENOMEM;
	walk->window = window;
	err = walk_areas(walk);
	kvfree(walk);
	return err;
}

static void show_area(struct seq_file *m, struct owner_walk *walk)
{
	const struct vmw_area *area = &walk->look.area;

	vmw_caller_find(&walk->caller, area->vm.caller);
	seq_printf(m, "area_start %#llx\narea_end %#llx\nkind %s\ncaller %s\n",
		   area->start, area->end, vmw_kind_name(kind_of(walk)),
		   walk->caller.name);
	seq_printf(m, "addr %#llx\nindex %llu\n", walk->at,
		   (walk->at - area->start) >> PAGE_SHIFT);
}

static void owner_show(struct seq_file *m, const struct mms_page *info,
		       const void *addr)
{
	struct owner_walk *walk = kvzalloc(sizeof(*walk), GFP_KERNEL);

	if (!walk)
		return;
	walk->pfn = info->pfn;
	if (!walk_areas(walk) && walk->found)
		show_area(m, walk);
	kvfree(walk);
}

struct mms_answerer vmw_answerer = {
	.name = "vmalloc_walk",
	.mark = owner_mark,
	.show = owner_show,
};
