// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/metrics: counters of all loaded modules, as
 * OpenMetrics text.
 *
 * Each figure is one atomic counter; the figures of one answer are read one
 * after the other, not at one instant.
 */
#include <linux/seq_file.h>

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

static void metrics_show(struct seq_file *m, struct mms_answer *answer,
			 const void *record)
{
	seq_puts(m, "# TYPE mmscope_requests counter\n");
	seq_puts(m, "# HELP mmscope_requests Requests written, by what became of them.\n");
	mms_each_file(m, show_requests);
	seq_puts(m, "# TYPE mmscope_rows counter\n");
	seq_puts(m, "# HELP mmscope_rows Rows of all answers that were read.\n");
	mms_each_file(m, show_rows);
	seq_puts(m, "# EOF\n");
}

struct mms_file mms_metrics_file = {
	.name = "metrics",
	.raw = true,
	.show = metrics_show,
};
