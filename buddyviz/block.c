// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/buddyviz/block: who holds a page frame in the page
 * allocator, and how its buddies stand.
 *
 * The free block that holds the page and all buddies are read under one hold of
 * zone->lock: the buddy of a block of 1 << order pages begins at its first page
 * frame with bit order flipped, and the two merge when both are free, whole. A
 * page in no free block may be on a per-CPU list; these are searched after, each
 * under its own lock and up to a budget of entries. A page that moves from one to
 * the other meanwhile is looked at again.
 *
 * Deliberately ignored: who uses a page that is not free (page shows it).
 */
#include <linux/cpu.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>

#include <mmscope/page.h>

#include "buddyviz.h"

#define LOOKS_MAX	8	/* at a page that moves between lists */

enum buddy_state {
	BUDDY_INSIDE,	/* the page's own free block holds both */
	BUDDY_FREE,	/* a free block of this very order: would merge */
	BUDDY_LARGER,	/* part of a free block of a higher order */
	BUDDY_SPLIT,	/* begins with a free block of a lower order */
	BUDDY_USED,
	BUDDY_OTHER_ZONE,
	BUDDY_ABSENT,	/* no online memory */
	BUDDY_STATE_COUNT
};

static const char *const buddy_names[] = {
	[BUDDY_INSIDE] = "inside",
	[BUDDY_FREE] = "free",
	[BUDDY_LARGER] = "free_larger",
	[BUDDY_SPLIT] = "free_split",
	[BUDDY_USED] = "used",
	[BUDDY_OTHER_ZONE] = "other_zone",
	[BUDDY_ABSENT] = "absent",
};

static_assert(ARRAY_SIZE(buddy_names) == BUDDY_STATE_COUNT);

/**
 * struct block_look - what was seen under one hold
 * @zone: of the page
 * @free: a free block holds it
 * @holder: that block
 * @migratetype: of the pageblock
 * @buddy: enum buddy_state, by order
 * @buddy_order: of the free block there, where that says something
 */
struct block_look {
	struct zone *zone;
	bool free;
	struct buddyviz_holder holder;
	unsigned int migratetype;
	u8 buddy[NR_PAGE_ORDERS];
	u8 buddy_order[NR_PAGE_ORDERS];
};

/**
 * buddyviz_find_holder() - the free block that a page is in
 * @zone: of the page
 * @pfn: its page frame
 * @holder: filled in, if there is one
 *
 * Orders are tried upwards, as blocks would have merged.
 *
 * Context: zone->lock is held, and memory hotplug held off.
 * Return: False if the page is in no free block.
 */
bool buddyviz_find_holder(struct zone *zone, unsigned long pfn,
			  struct buddyviz_holder *holder)
{
	unsigned int order, found;
	struct page *page;

	for (order = 0; order < NR_PAGE_ORDERS; order++) {
		holder->pfn = pfn & ~((1UL << order) - 1);
		page = pfn_to_online_page(holder->pfn);
		if (!page || !buddyviz_is_free_block(page, zone, &found))
			continue;
		holder->order = found;
		/* The first that begins below decides: none spans another. */
		return found >= order;
	}
	return false;
}

/* zone->lock is held. */
static enum buddy_state look_at_buddy(struct zone *zone, unsigned long pfn,
				      unsigned int order, u8 *buddy_order)
{
	struct page *page = pfn_to_online_page(pfn);
	struct buddyviz_holder holder;

	if (!page)
		return BUDDY_ABSENT;
	if (page_zone(page) != zone)
		return BUDDY_OTHER_ZONE;
	if (!buddyviz_find_holder(zone, pfn, &holder))
		return BUDDY_USED;
	*buddy_order = holder.order;
	if (holder.order == order)
		return BUDDY_FREE;
	return holder.order > order ? BUDDY_LARGER : BUDDY_SPLIT;
}

static void look_at_block(unsigned long pfn, struct block_look *look)
{
	struct zone *zone = look->zone;
	unsigned long flags, buddy;
	unsigned int order;

	spin_lock_irqsave(&zone->lock, flags);
	look->migratetype = buddyviz_pageblock_type(pfn);
	look->free = buddyviz_find_holder(zone, pfn, &look->holder);
	for (order = 0; order < NR_PAGE_ORDERS; order++) {
		buddy = (pfn & ~((1UL << order) - 1)) ^ (1UL << order);
		if (look->free && order < look->holder.order)
			look->buddy[order] = BUDDY_INSIDE;
		else
			look->buddy[order] =
				look_at_buddy(zone, buddy, order,
					      &look->buddy_order[order]);
	}
	spin_unlock_irqrestore(&zone->lock, flags);
}

static void show_buddies(struct seq_file *m, unsigned long pfn,
			 const struct block_look *look)
{
	unsigned long start;
	unsigned int order;

	seq_puts(m, "## buddies\n# order pfn buddy_pfn state buddy_order\n");
	for (order = 0; order < NR_PAGE_ORDERS; order++) {
		start = pfn & ~((1UL << order) - 1);
		seq_printf(m, "%u %#lx %#lx %s", order, start,
			   start ^ (1UL << order),
			   buddy_names[look->buddy[order]]);
		if (look->buddy[order] >= BUDDY_FREE &&
		    look->buddy[order] <= BUDDY_SPLIT)
			seq_printf(m, " %u\n", look->buddy_order[order]);
		else
			seq_puts(m, " -\n");
	}
}

static void show_holder(struct seq_file *m, unsigned long pfn,
			const struct block_look *look,
			const struct buddyviz_pcp_place *place)
{
	seq_puts(m, "## block\n# pfn holder head_pfn order cpu list migratetype node zone\n");
	seq_printf(m, "%#lx ", pfn);
	if (look->free)
		seq_printf(m, "buddy %#lx %u - - ", look->holder.pfn,
			   look->holder.order);
	else if (place->found)
		seq_printf(m, "pcp %#lx %u %d %u ", place->head_pfn,
			   buddyviz_pcp_order(place->list), place->cpu,
			   place->list);
	else
		seq_printf(m, "%s - - - - ", place->cut ? "-" : "none");
	seq_printf(m, "%s %d %s\n",
		   buddyviz_type_name(buddyviz_type_number(look->migratetype)),
		   zone_to_nid(look->zone), look->zone->name);
}

/* A page on a per-CPU list has no type, and nobody holds a reference. */
static bool may_be_on_pcp(const struct mms_page *info)
{
	return !info->stable ||
	       (info->type == MMS_PAGE_OTHER && !info->refcount);
}

/* Until it is found, or certainly was used all the while. */
static void look_until_found(unsigned long pfn, struct block_look *look,
			     struct buddyviz_pcp_place *place)
{
	struct mms_page info;
	int i;

	for (i = 0; i < LOOKS_MAX; i++) {
		look_at_block(pfn, look);
		if (look->free)
			return;
		mms_page_read(pfn, &info);
		if (may_be_on_pcp(&info))
			buddyviz_pcp_find(look->zone, pfn, place);
		else if (info.type != MMS_PAGE_BUDDY)
			return;
		if (place->found)
			return;
		mms_page_read(pfn, &info);
		if (info.type != MMS_PAGE_BUDDY)
			return;
	}
}

/* What holds a page, printed while memory cannot go away. */
static void show_under_hold(struct seq_file *m, unsigned long pfn,
			    void (*show)(struct seq_file *m, unsigned long pfn,
					 const struct block_look *look,
					 const struct buddyviz_pcp_place *place))
{
	struct buddyviz_pcp_place place = {};
	struct block_look look = {};
	struct page *page;

	/* Memory hotplug takes these two in this order. */
	cpus_read_lock();
	mms_memory_hold();
	page = pfn_to_online_page(pfn);
	if (page) {
		look.zone = page_zone(page);
		look_until_found(pfn, &look, &place);
		show(m, pfn, &look, &place);
	}
	mms_memory_release();
	cpus_read_unlock();
}

static void show_tables(struct seq_file *m, unsigned long pfn,
			const struct block_look *look,
			const struct buddyviz_pcp_place *place)
{
	show_holder(m, pfn, look, place);
	show_buddies(m, pfn, look);
}

static void block_show(struct seq_file *m, struct mms_answer *answer,
		       const void *record)
{
	show_under_hold(m, mms_frame_asked(answer->request), show_tables);
}

static void show_lines(struct seq_file *m, unsigned long pfn,
		       const struct block_look *look,
		       const struct buddyviz_pcp_place *place)
{
	unsigned int type = buddyviz_type_number(look->migratetype);

	seq_printf(m, "migratetype %s\n", buddyviz_type_name(type));
	if (look->free)
		seq_printf(m, "holder buddy\nblock_pfn %#lx\nblock_order %u\n",
			   look->holder.pfn, look->holder.order);
	else if (place->found)
		seq_printf(m, "holder pcp\nblock_pfn %#lx\nblock_order %u\ncpu %d\nlist %u\n",
			   place->head_pfn, buddyviz_pcp_order(place->list),
			   place->cpu, place->list);
}

/**
 * buddyviz_block_show() - lines "name value" on who holds a page
 * @m: where to print
 * @pfn: the page
 *
 * Context: Process context, no lock held, may sleep.
 */
void buddyviz_block_show(struct seq_file *m, unsigned long pfn)
{
	show_under_hold(m, pfn, show_lines);
}

struct mms_file buddyviz_block_file = {
	.name = "block",
	.version = 1,
	.consistency = MMSCOPE_LOCKED,
	.words = mms_frame_words,
	.nr_words = MMS_FRAME_WORDS,
	.check = mms_frame_check,
	.show = block_show,
};
