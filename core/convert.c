// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/convert: page, pfn, physical and virtual address of
 * the same memory.
 *
 * Arithmetic on constants of this boot; the memory hotplug lock is held so that
 * a struct page that is named is there. Virtual means the direct map: for any
 * other mapping ask pgwalk/walk.
 */
#include <linux/io.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/seq_file.h>

#include <mmscope/page.h>
#include <mmscope/query.h>

#include "core.h"

enum {
	WORD_PFN,
	WORD_PHYS,
	WORD_VIRT,
	WORD_PAGE,
};

static const struct mms_word convert_words[] = {
	[WORD_PFN] = {
		.key = "pfn",
		.kind = MMS_WORD_NUMBER,
		.max = PHYS_PFN(MMS_PHYS_MAX),
		.example = "0x1000",
	},
	[WORD_PHYS] = {
		.key = "phys",
		.kind = MMS_WORD_NUMBER,
		.max = MMS_PHYS_MAX,
		.example = "0x1000000",
	},
	[WORD_VIRT] = {
		.key = "virt",
		.kind = MMS_WORD_NUMBER,
		.example = "0xffff888001000000",
	},
	[WORD_PAGE] = {
		.key = "page",
		.kind = MMS_WORD_NUMBER,
		.example = "0xffffea0000040000",
	},
};

static bool is_page(u64 addr)
{
	bool is;

	mms_memory_hold();
	is = mms_is_page((const void *)(uintptr_t)addr);
	mms_memory_release();
	return is;
}

static int convert_check(struct mms_request *request)
{
	const struct mms_value *values = request->values;
	unsigned int i, given = 0;

	for (i = 0; i < ARRAY_SIZE(convert_words); i++)
		given += values[i].given;
	if (given != 1)
		return mms_refuse(request, MMS_WHOLE_LINE, -EINVAL,
				  "give one of pfn=, phys=, virt= and page=");
	if (values[WORD_VIRT].given)
		return mms_refuse_unless_direct(request, WORD_VIRT,
						values[WORD_VIRT].start);
	if (values[WORD_PAGE].given && !is_page(values[WORD_PAGE].start))
		return mms_refuse(request, WORD_PAGE, -ENOENT,
				  "not the address of a struct page");
	return 0;
}

static phys_addr_t asked_phys(const struct mms_value *values)
{
	if (values[WORD_PFN].given)
		return PFN_PHYS(values[WORD_PFN].start);
	if (values[WORD_PHYS].given)
		return values[WORD_PHYS].start;
	if (values[WORD_VIRT].given)
		return __pa(values[WORD_VIRT].start);
	return PFN_PHYS(page_to_pfn((struct page *)(uintptr_t)values[WORD_PAGE].start));
}

static void convert_show(struct seq_file *m, struct mms_answer *answer,
			 const void *record)
{
	phys_addr_t phys = asked_phys(answer->request->values);
	unsigned long pfn = PHYS_PFN(phys);
	struct page *page;

	mms_memory_hold();
	page = pfn_to_online_page(pfn);
	seq_printf(m, "%#lx %#llx ", pfn, (u64)phys);
	if (page)
		seq_printf(m, "%#lx %#lx %d %s online\n",
			   (unsigned long)phys_to_virt(phys), (unsigned long)page,
			   page_to_nid(page), page_zone(page)->name);
	else
		seq_printf(m, "- - - - %s\n", pfn_valid(pfn) ? "offline" : "no_memory");
	mms_memory_release();
}

struct mms_file mms_convert_file = {
	.name = "convert",
	.version = 1,
	.consistency = MMSCOPE_LOCKED,
	.columns = "pfn phys_addr virt_addr page_addr node zone state",
	.words = convert_words,
	.nr_words = ARRAY_SIZE(convert_words),
	.check = convert_check,
	.show = convert_show,
};
