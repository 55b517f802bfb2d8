// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/slubprobe/slabs: every slab of a cache, full ones
 * included.
 *
 * Found by a scan of all page frames, see scan.c for locks and for what the whole
 * is worth: it is exact for a cache that nobody uses meanwhile, each slab by
 * itself always is.
 */
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "slubprobe.h"

enum {
	WORD_NAME,
};

static const struct mms_word slabs_words[] = {
	[WORD_NAME] = {
		.key = "name",
		.kind = MMS_WORD_TEXT,
		.example = "kmalloc-64",
	},
};

struct slabs_record {
	struct slub_slab slab;
	struct slub_where where;
	bool is_stable;
};

static int slabs_check(struct mms_request *request)
{
	return slub_name_check(request, WORD_NAME);
}

static int slabs_begin(struct mms_answer *answer)
{
	return slub_scan_begin(answer->state,
			       answer->request->values[WORD_NAME].text);
}

static int slabs_fill(struct mms_answer *answer, void *records,
		      unsigned int max)
{
	struct slub_scan *scan = answer->state;
	struct slabs_record *record = records;
	unsigned int nr;
	int found;

	for (nr = 0; nr < max; nr++, record++) {
		found = slub_scan_next(scan);
		if (found <= 0)
			return nr ?: found;
		record->slab = scan->slab.slab;
		record->is_stable = scan->slab.is_stable && scan->is_stable;
		slub_scan_slab(scan, &record->where);
	}
	return nr;
}

static void slabs_show(struct seq_file *m, struct mms_answer *answer,
		       const void *record)
{
	const struct slabs_record *r = record;

	seq_printf(m, "%#lx %#lx ", page_to_pfn(r->slab.page),
		   (unsigned long)r->slab.base);
	slub_show_where(m, &r->where);
	seq_printf(m, " %u %u %d %s\n", r->slab.inuse, r->slab.objects,
		   r->slab.frozen, r->is_stable ? "retried" : "racy");
}

static void slabs_finish(struct mms_answer *answer)
{
	slub_scan_end(answer->state);
}

struct mms_file slubprobe_slabs_file = {
	.name = "slabs",
	.version = 1,
	.consistency = MMSCOPE_RACY,
	.columns = "pfn addr place owner position inuse objects frozen look",
	.words = slabs_words,
	.nr_words = ARRAY_SIZE(slabs_words),
	.state_size_B = sizeof(struct slub_scan),
	.record_size_B = sizeof(struct slabs_record),
	.check = slabs_check,
	.begin = slabs_begin,
	.fill = slabs_fill,
	.show = slabs_show,
	.finish = slabs_finish,
};
