// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/buddyviz/zones: the zones, what each keeps back, and
 * in what order a node tries them.
 *
 * A zone is read under its lock, so that its counter, its watermarks' verdicts
 * and its free lists are of one instant. The verdict is that of the kernel's own
 * __zone_watermark_ok(), asked with the counter as the allocator reads it (what
 * CPUs have not yet added left out) and no allocation flags: a request that may
 * sleep, for unmovable memory, without any right to reserves or CMA.
 *
 * Sizes and zonelists change under memory hotplug, which is held off. Watermarks
 * are set by sysctl without zone->lock: rarely, and a word each.
 */
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/static_call.h>

#include <mmscope/page.h>
#include <mmscope/symbol.h>

#include "buddyviz.h"

/* Zones that a request may name: all but that of device memory. */
#define NR_ZONELIST	(ZONE_MOVABLE + 1)

static const char *const mark_names[] = {
	[WMARK_MIN] = "min",
	[WMARK_LOW] = "low",
	[WMARK_HIGH] = "high",
	[WMARK_PROMO] = "promo",
};

static struct mms_symbol table[] = {
	{
		.name = "__zone_watermark_ok",
		.purpose = "verdicts_of_watermarks_in_zones",
	},
};

static struct mms_symbols symbols = {
	.owner = THIS_MODULE,
	.table = table,
	.nr = ARRAY_SIZE(table),
};

static bool no_watermark_ok(struct zone *zone, unsigned int order,
			    unsigned long mark, int highest_zoneidx,
			    unsigned int alloc_flags, long free_pages)
{
	return false;
}

DEFINE_STATIC_CALL(buddyviz_watermark_ok, no_watermark_ok);

/**
 * struct zones_state - an answer on its way
 * @index: next zone, as mms_zone_at() counts
 * @node: next node, once all zones were shown
 */
struct zones_state {
	unsigned int index;
	unsigned int node;
};

/**
 * struct zones_row - a zone, or the zonelist of a node
 * @node: the node
 * @zone: the zone; NULL: the node's zonelist
 * @spanned: pages from the first to the last
 * @present: of these, memory
 * @managed: of these, given to the page allocator
 * @free: NR_FREE_PAGES, without what CPUs have not yet added
 * @boost: pages added to each watermark for a while
 * @highatomic: pages in pageblocks kept for high-order atomic requests
 * @marks: watermarks, boost included
 * @reserve: pages kept from requests that could take a higher zone, by that zone
 * @ok: bit mask of the orders that pass, by highest zone and watermark
 */
struct zones_row {
	int node;
	struct zone *zone;
	unsigned long spanned;
	unsigned long present;
	unsigned long managed;
	unsigned long free;
	unsigned long boost;
	unsigned long highatomic;
	unsigned long marks[NR_WMARK];
	long reserve[NR_ZONELIST];
	u32 ok[NR_ZONELIST][NR_WMARK];
};

static bool has_verdicts(void)
{
	return table[0].addr;
}

/* zone->lock is held. */
static u32 orders_ok(struct zone *zone, unsigned long mark, int highest,
		     long free)
{
	unsigned int order;
	u32 ok = 0;

	for (order = 0; order < NR_PAGE_ORDERS; order++)
		if (static_call(buddyviz_watermark_ok)(zone, order, mark,
						       highest, 0, free))
			ok |= BIT(order);
	return ok;
}

static void read_zone(struct zone *zone, struct zones_row *row)
{
	unsigned long flags;
	unsigned int mark;
	int highest;

	row->node = zone_to_nid(zone);
	row->zone = zone;
	spin_lock_irqsave(&zone->lock, flags);
	row->spanned = zone->spanned_pages;
	row->present = zone->present_pages;
	row->managed = zone_managed_pages(zone);
	row->free = zone_page_state(zone, NR_FREE_PAGES);
	row->boost = zone->watermark_boost;
	row->highatomic = zone->nr_reserved_highatomic;
	for (mark = 0; mark < NR_WMARK; mark++)
		row->marks[mark] = wmark_pages(zone, mark);
	for (highest = zone_idx(zone); highest < NR_ZONELIST; highest++) {
		row->reserve[highest] = zone->lowmem_reserve[highest];
		for (mark = 0; mark < NR_WMARK; mark++)
			row->ok[highest][mark] =
				orders_ok(zone, row->marks[mark], highest,
					  row->free);
	}
	spin_unlock_irqrestore(&zone->lock, flags);
}

static int zones_fill(struct mms_answer *answer, void *records,
		      unsigned int max)
{
	struct zones_state *state = answer->state;
	struct zones_row *row = records;
	struct zone *zone;
	int nr = 1;

	if (fatal_signal_pending(current))
		return -EINTR;
	mms_memory_hold();
	zone = mms_zone_at(&state->index);
	state->node = next_node((int)state->node - 1, node_online_map);
	if (zone) {
		read_zone(zone, row);
		state->index++;
	} else if (state->node < MAX_NUMNODES) {
		row->node = state->node++;
		row->zone = NULL;
	} else {
		nr = 0;
	}
	mms_memory_release();
	return nr;
}

static void show_sizes(struct seq_file *m, const struct zones_row *row)
{
	unsigned int mark;

	seq_printf(m, "## zone node=%d zone=%s\n# name value\n", row->node,
		   row->zone->name);
	seq_printf(m, "spanned_pages %lu\npresent_pages %lu\nmanaged_pages %lu\nfree_pages %lu\n",
		   row->spanned, row->present, row->managed, row->free);
	for (mark = 0; mark < NR_WMARK; mark++)
		seq_printf(m, "%s_pages %lu\n", mark_names[mark],
			   row->marks[mark]);
	seq_printf(m, "boost_pages %lu\nhighatomic_pages %lu\n", row->boost,
		   row->highatomic);
}

static void show_verdicts(struct seq_file *m, u32 ok)
{
	unsigned int order;

	for (order = 0; order < NR_PAGE_ORDERS; order++) {
		if (!has_verdicts())
			seq_puts(m, " -");
		else
			seq_puts(m, ok & BIT(order) ? " ok" : " no");
	}
	seq_putc(m, '\n');
}

static void show_marks(struct seq_file *m, const struct zones_row *row)
{
	const struct zone *zones = row->zone->zone_pgdat->node_zones;
	unsigned int order, mark;
	int highest;

	seq_printf(m, "## watermarks node=%d zone=%s\n# highest_zone watermark mark_pages reserve_pages",
		   row->node, row->zone->name);
	for (order = 0; order < NR_PAGE_ORDERS; order++)
		seq_printf(m, " order%u", order);
	seq_putc(m, '\n');
	for (highest = zone_idx(row->zone); highest < NR_ZONELIST; highest++)
		for (mark = 0; mark < NR_WMARK; mark++) {
			seq_printf(m, "%s %s %lu %ld", zones[highest].name,
				   mark_names[mark], row->marks[mark],
				   row->reserve[highest]);
			show_verdicts(m, row->ok[highest][mark]);
		}
}

/**
 * buddyviz_show_zonelist() - a section: the zones that a request tries, in order
 * @m: where to print
 * @node: where the request begins
 * @gfp: flags of the request
 *
 * Context: Process context, may sleep.
 */
void buddyviz_show_zonelist(struct seq_file *m, int node, gfp_t gfp)
{
	enum zone_type highest = gfp_zone(gfp);
	const struct zoneref *ref;
	unsigned int position = 0;

	seq_printf(m, "## zonelist node=%d\n# position node zone\n", node);
	mms_memory_hold();
	if (node_online(node)) {
		ref = node_zonelist(node, gfp)->_zonerefs;
		for (; ref->zone; ref++)
			if (zone_idx(ref->zone) <= highest)
				seq_printf(m, "%u %d %s\n", position++,
					   zone_to_nid(ref->zone),
					   ref->zone->name);
	}
	mms_memory_release();
}

static void zones_show(struct seq_file *m, struct mms_answer *answer,
		       const void *record)
{
	const struct zones_row *row = record;

	if (!row->zone) {
		/* With these flags every zone may be tried. */
		buddyviz_show_zonelist(m, row->node, GFP_HIGHUSER_MOVABLE);
		return;
	}
	show_sizes(m, row);
	show_marks(m, row);
}

struct mms_file buddyviz_zones_file = {
	.name = "zones",
	.version = 1,
	.consistency = MMSCOPE_LOCKED,
	.state_size_B = sizeof(struct zones_state),
	.record_size_B = sizeof(struct zones_row),
	.fill = zones_fill,
	.show = zones_show,
};

/**
 * buddyviz_zones_features() - rows for the features section of status
 * @m: where to print
 */
void buddyviz_zones_features(struct seq_file *m)
{
	seq_printf(m, "watermark_verdicts buddyviz %s -\n",
		   has_verdicts() ? "ok" : "off");
}

/**
 * buddyviz_zones_init() - find the kernel's own check of watermarks
 */
void buddyviz_zones_init(void)
{
	mms_symbols_add(&symbols);
	if (has_verdicts())
		static_call_update(buddyviz_watermark_ok,
				   (typeof(no_watermark_ok) *)table[0].addr);
}

/**
 * buddyviz_zones_exit() - undo buddyviz_zones_init()
 */
void buddyviz_zones_exit(void)
{
	mms_symbols_del(&symbols);
}
