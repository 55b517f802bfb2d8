// SPDX-License-Identifier: GPL-2.0
/*
 * Whose a page frame is, as far as the page allocator tells: mmscope/ledger and
 * mmscope/pfn ask.
 *
 * Free blocks have a mark that core knows. Per-CPU lists are read as pcp does,
 * each under its own lock or on its CPU, up to a budget of entries: of a longer
 * list the rest is not told.
 */
#include <linux/cpu.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>

#include <mmscope/owner.h>
#include <mmscope/page.h>

#include "buddyviz.h"

static int owner_mark(struct mms_window *window)
{
	unsigned int index;
	struct zone *zone;
	int err = 0;

	/* Memory hotplug takes these two in this order. */
	cpus_read_lock();
	mms_memory_hold();
	for (index = 0; !err && (zone = mms_zone_at(&index)); index++)
		err = fatal_signal_pending(current) ? -EINTR :
		      buddyviz_pcp_mark(zone, window);
	mms_memory_release();
	cpus_read_unlock();
	return err;
}

static void owner_show(struct seq_file *m, const struct mms_page *info,
		       const void *addr)
{
	buddyviz_block_show(m, info->pfn);
}

struct mms_answerer buddyviz_answerer = {
	.name = "buddyviz",
	.mark = owner_mark,
	.show = owner_show,
};
