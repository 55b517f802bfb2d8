// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/metrics: counters of all loaded modules, as
 * OpenMetrics text.
 *
 * Each figure is one counter; the figures of one answer are read one after the
 * other, not at one instant. Nothing here walks memory or a list of the kernel.
 */
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/seq_file.h>
#include <linux/vmstat.h>

#include <mmscope/page.h>
#include <mmscope/query.h>

#include "core.h"

static void show_requests(struct seq_file *m, const char *dir,
			  struct mms_file *file)
{
	if (!file->words)
		return;
	seq_printf(m, "mmscope_requests_total{file=\"%s/%s\",result=\"accepted\"} %lld\n",
		   dir, file->name, atomic64_read(&file->accepted));
	seq_printf(m, "mmscope_requests_total{file=\"%s/%s\",result=\"refused\"} %lld\n",
		   dir, file->name, atomic64_read(&file->refused));
}

static void show_rows(struct seq_file *m, const char *dir,
		      struct mms_file *file)
{
	seq_printf(m, "mmscope_rows_total{file=\"%s/%s\"} %lld\n", dir,
		   file->name, atomic64_read(&file->rows));
}

static void show_held(struct seq_file *m, const char *dir,
		      struct mms_file *file)
{
	if (file->held_B)
		seq_printf(m, "mmscope_held_bytes{file=\"%s/%s\"} %llu\n", dir,
			   file->name, file->held_B());
}

/* As /proc/zoneinfo has them: what each CPU has not yet added is left out. */
static void show_free(struct seq_file *m)
{
	unsigned int index;
	struct zone *zone;

	mms_memory_hold();
	for (index = 0; (zone = mms_zone_at(&index)); index++)
		seq_printf(m, "mmscope_zone_free_pages{node=\"%d\",zone=\"%s\"} %lu\n",
			   zone_to_nid(zone), zone->name,
			   zone_page_state(zone, NR_FREE_PAGES));
	mms_memory_release();
}

static void metrics_show(struct seq_file *m, struct mms_answer *answer,
			 const void *record)
{
	seq_puts(m, "# TYPE mmscope_requests counter\n");
	seq_puts(m, "# HELP mmscope_requests Requests written, by what became of them.\n");
	mms_each_file(m, show_requests);
	seq_puts(m, "# TYPE mmscope_rows counter\n");
	seq_puts(m, "# HELP mmscope_rows Rows of all answers that were read.\n");
	mms_each_file(m, show_rows);
	mms_hooks_metrics(m);
	seq_puts(m, "# TYPE mmscope_held_bytes gauge\n");
	seq_puts(m, "# UNIT mmscope_held_bytes bytes\n");
	seq_puts(m, "# HELP mmscope_held_bytes Memory that open files keep for later requests.\n");
	mms_each_file(m, show_held);
	seq_puts(m, "# TYPE mmscope_zone_free_pages gauge\n");
	seq_puts(m, "# HELP mmscope_zone_free_pages Pages in free blocks of a zone.\n");
	show_free(m);
	seq_puts(m, "# EOF\n");
}

struct mms_file mms_metrics_file = {
	.name = "metrics",
	.raw = true,
	.show = metrics_show,
};
