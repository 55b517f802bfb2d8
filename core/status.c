// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/status: what works on this kernel, and what does
 * not and why.
 *
 * Each section is read under the lock of its list. Not shown: what a single
 * request found out; that is in its answer and in error_log.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/utsname.h>

#include <mmscope/query.h>

#include "core.h"

/* A level that this machine does not have is folded into the one above. */
static int page_table_levels(void)
{
	return 5 - !!mm_p4d_folded(NULL) - !!mm_pud_folded(NULL) -
	       !!mm_pmd_folded(NULL);
}

static void show_kernel(struct seq_file *m)
{
	seq_puts(m, "## kernel\n# name value\n");
	seq_printf(m, "release %s\n", init_utsname()->release);
	seq_printf(m, "architecture %s\n", init_utsname()->machine);
	seq_printf(m, "page_size_B %lu\n", PAGE_SIZE);
	seq_printf(m, "page_table_levels %d\n", page_table_levels());
	seq_printf(m, "preempt_rt %d\n", IS_ENABLED(CONFIG_PREEMPT_RT));
	seq_printf(m, "cpus_online %u\n", num_online_cpus());
	seq_printf(m, "nodes_online %u\n", num_online_nodes());
	seq_printf(m, "mmscope_version %s\n", THIS_MODULE->version);
}

static void status_show(struct seq_file *m, struct mms_answer *answer,
			const void *record)
{
	show_kernel(m);
	mms_symbols_show(m);
	mms_layouts_show(m);
	mms_hooks_show(m);
	mms_features_show(m);
}

struct mms_file mms_status_file = {
	.name = "status",
	.version = 1,
	.consistency = MMSCOPE_LOCKED,
	.show = status_show,
};
