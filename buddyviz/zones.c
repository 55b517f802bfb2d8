// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/buddyviz/zones: the zones and their counters.
 */
#include <linux/mm.h>
#include <linux/seq_file.h>

#include <mmscope/page.h>

#include "buddyviz.h"

static void zones_show(struct seq_file *m, struct mms_answer *answer,
		       const void *record)
{
	unsigned int index;
	struct zone *zone;

	mms_memory_hold();
	for (index = 0; (zone = buddyviz_zone_at(&index)); index++)
		seq_printf(m, "%d %s %lu %lu %lu %lu\n", zone_to_nid(zone),
			   zone->name, zone->spanned_pages, zone->present_pages,
			   zone_managed_pages(zone),
			   zone_page_state(zone, NR_FREE_PAGES));
	mms_memory_release();
}

struct mms_file buddyviz_zones_file = {
	.name = "zones",
	.version = 1,
	.consistency = MMSCOPE_RACY,
	.columns = "node zone spanned_pages present_pages managed_pages free_pages",
	.show = zones_show,
};
