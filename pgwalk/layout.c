// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/pgwalk/layout: paging mode, levels, the regions of
 * the kernel's address space as this boot has them, control registers, and
 * where there are segments, these.
 *
 * Registers are those of one CPU, which the section names, read with preemption
 * off. Regions are constants of this boot. Nothing can change under us.
 */
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/seq_file.h>
#include <linux/smp.h>

#include <mmscope/symbol.h>

#include "arch.h"
#include "pgwalk.h"

/**
 * pgwalk_show_region() - print a row of the regions section
 * @m: where to print
 * @start: first address
 * @last: last address, included: the last region ends where addresses do
 * @name: word for it
 */
void pgwalk_show_region(struct seq_file *m, u64 start, u64 last,
			const char *name)
{
	seq_printf(m, "%#llx %#llx %llu %s\n", start, last + 1 ?: U64_MAX,
		   last - start + 1, name);
}

/**
 * pgwalk_show_symbols() - print a row of the regions section, if it is known
 * @m: where to print
 * @first: symbol of the first address
 * @behind: symbol of the address behind the last
 * @name: word for it
 */
void pgwalk_show_symbols(struct seq_file *m, const char *first,
			 const char *behind, const char *name)
{
	unsigned long start = mms_symbol_find(first);
	unsigned long end = mms_symbol_find(behind);

	if (start && end > start)
		pgwalk_show_region(m, start, end - 1, name);
}

static void show_levels(struct seq_file *m)
{
	unsigned int top = pgwalk_arch_top(), level;

	seq_puts(m, "## levels\n# level shift entries entry_size_B span_B\n");
	for (level = top; level; level--)
		seq_printf(m, "%s %u %u %zu %llu\n",
			   pgwalk_level_name(level, top),
			   pgwalk_level_shift(level),
			   pgwalk_level_entries(level), sizeof(u64),
			   1ULL << pgwalk_level_shift(level));
}

static void layout_show(struct seq_file *m, struct mms_answer *answer,
			const void *record)
{
	seq_puts(m, "## paging\n# name value\n");
	seq_printf(m, "levels %u\n", pgwalk_arch_top());
	seq_printf(m, "page_size_B %lu\n", PAGE_SIZE);
	pgwalk_arch_show_paging(m);
	show_levels(m);
	seq_puts(m, "## regions\n# start end size_B name\n");
	pgwalk_arch_show_regions(m);
	preempt_disable();
	seq_printf(m, "## registers cpu=%d\n# name value bits\n",
		   smp_processor_id());
	pgwalk_arch_show_registers(m);
	seq_printf(m, "## segments cpu=%d\n# selector base limit type dpl use\n",
		   smp_processor_id());
	pgwalk_arch_show_segments(m);
	preempt_enable();
}

struct mms_file pgwalk_layout_file = {
	.name = "layout",
	.version = 1,
	.consistency = MMSCOPE_LOCKED,
	.show = layout_show,
};
