// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/pfn: whose one page frame is, and what every module
 * that is loaded knows of it.
 *
 * The page is read until two looks are equal. Each module looks for it after that,
 * under locks of its own, one after the other: a page that changes hands meanwhile
 * has sections that do not fit together, which the first section's look cannot tell.
 * So the answer as a whole is racy.
 *
 * Deliberately ignored: what the page holds.
 */
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/seq_file.h>

#include <mmscope/owner.h>
#include <mmscope/page.h>
#include <mmscope/query.h>

#include "core.h"

/* The module's answer for this page alone. */
static const char *owner_name(const struct mms_page *info)
{
	u8 mark;
	struct mms_window window = {
		.first = info->pfn,
		.nr = 1,
		.owners = &mark,
	};

	if (!mms_is_memory(info))
		return "hole";
	return mms_owners_mark(&window) ? "-" :
	       mms_owner_name(mms_owner_of(info, mark));
}

static void show_place(struct seq_file *m, unsigned long pfn)
{
	struct page *page;

	mms_memory_hold();
	page = pfn_to_online_page(pfn);
	if (page)
		seq_printf(m, "node %d\nzone %s\n", page_to_nid(page),
			   page_zone(page)->name);
	mms_memory_release();
}

static void show_mapping(struct seq_file *m, const struct mms_page *info)
{
	if (info->ino != MMS_NO_INODE)
		seq_printf(m, "file %u:%u:%lu\nindex %lu\n", MAJOR(info->dev),
			   MINOR(info->dev), info->ino, info->index);
	else if (info->type == MMS_PAGE_ANON)
		seq_printf(m, "index %lu\n", info->index);
}

static void pfn_show(struct seq_file *m, struct mms_answer *answer,
		     const void *record)
{
	const struct mms_value *addr = &answer->request->values[MMS_FRAME_ADDR];
	struct mms_page info;

	mms_memory_hold();
	mms_page_read(mms_frame_asked(answer->request), &info);
	mms_memory_release();
	seq_puts(m, "## page\n# name value\n");
	seq_printf(m, "pfn %#lx\nowner %s\n", info.pfn, owner_name(&info));
	show_place(m, info.pfn);
	seq_printf(m, "type %s\nrefcount %d\nmapcount %d\norder %u\nhead_pfn %#lx\n",
		   mms_page_type_name(&info), info.refcount, info.mapcount,
		   info.order, info.head_pfn);
	show_mapping(m, &info);
	seq_printf(m, "look %s\n", info.stable ? "retried" : "racy");
	mms_owners_show(m, &info, addr->given ?
			(const void *)(uintptr_t)addr->start : NULL);
}

struct mms_file mms_pfn_file = {
	.name = "pfn",
	.version = 1,
	.consistency = MMSCOPE_RACY,
	.words = mms_frame_words,
	.nr_words = MMS_FRAME_WORDS,
	.check = mms_frame_check,
	.show = pfn_show,
};
