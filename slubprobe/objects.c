// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/slubprobe/objects and objects.bin: every object of a
 * cache, allocated or free, and on which list it is.
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

static const struct mms_word objects_words[] = {
	[WORD_NAME] = {
		.key = "name",
		.kind = MMS_WORD_TEXT,
		.example = "kmalloc-64",
	},
};

/**
 * struct objects_state - an answer on its way
 * @scan: where the scan stands
 * @next: object of its slab
 * @slab_place: where that slab is
 * @has_slab: there is one
 */
struct objects_state {
	struct slub_scan scan;
	unsigned int next;
	u8 slab_place;
	bool has_slab;
};

static int objects_check(struct mms_request *request)
{
	return slub_name_check(request, WORD_NAME);
}

static int objects_begin(struct mms_answer *answer)
{
	struct objects_state *state = answer->state;

	return slub_scan_begin(&state->scan,
			       answer->request->values[WORD_NAME].text);
}

static void fill_one(struct objects_state *state,
		     struct mmscope_object_record *record)
{
	const struct slub_slab *slab = &state->scan.slab.slab;
	struct slub_where where;

	slub_scan_object(&state->scan, state->next, &where);
	*record = (struct mmscope_object_record){
		.addr = (uintptr_t)slub_object(&state->scan.cache, slab,
					       state->next),
		.slab_pfn = page_to_pfn(slab->page),
		.index = state->next++,
		.owner = where.owner,
		.position = where.position,
		.place = where.place,
		.slab_place = state->slab_place,
	};
}

static int next_slab(struct objects_state *state)
{
	struct slub_where where;
	int found;

	found = slub_scan_next(&state->scan);
	if (found <= 0)
		return found;
	slub_scan_slab(&state->scan, &where);
	state->slab_place = where.place;
	state->has_slab = true;
	state->next = 0;
	return 1;
}

static int objects_fill(struct mms_answer *answer, void *records,
			unsigned int max)
{
	struct objects_state *state = answer->state;
	struct mmscope_object_record *record = records;
	unsigned int nr = 0;
	int found;

	while (nr < max) {
		if (!state->has_slab ||
		    state->next == state->scan.slab.slab.objects) {
			found = next_slab(state);
			if (found <= 0)
				return nr ?: found;
			continue;
		}
		fill_one(state, &record[nr++]);
	}
	return nr;
}

static void objects_show(struct seq_file *m, struct mms_answer *answer,
			 const void *record)
{
	const struct mmscope_object_record *r = record;
	const struct slub_where where = {
		.place = r->place,
		.owner = r->owner,
		.position = r->position,
	};

	seq_printf(m, "%#llx %#llx %u %s ", r->addr, r->slab_pfn, r->index,
		   r->place == MMSCOPE_SLUB_NOWHERE ? "allocated" : "free");
	slub_show_where(m, &where);
	seq_printf(m, " %s\n", slub_place_name(r->slab_place));
}

static void objects_bin_end(struct mms_answer *answer, void *record, u64 rows,
			    int error)
{
	struct mmscope_object_record *end = record;

	end->addr = rows;
	end->slab_pfn = -error;
	end->place = MMSCOPE_SLUB_END;
}

static void objects_finish(struct mms_answer *answer)
{
	struct objects_state *state = answer->state;

	slub_scan_end(&state->scan);
}

struct mms_file slubprobe_objects_file = {
	.name = "objects",
	.version = 1,
	.consistency = MMSCOPE_RACY,
	.columns = "addr slab_pfn index state place owner position slab_place",
	.words = objects_words,
	.nr_words = ARRAY_SIZE(objects_words),
	.state_size_B = sizeof(struct objects_state),
	.record_size_B = sizeof(struct mmscope_object_record),
	.check = objects_check,
	.begin = objects_begin,
	.fill = objects_fill,
	.show = objects_show,
	.finish = objects_finish,
};

struct mms_file slubprobe_objects_bin_file = {
	.name = "objects.bin",
	.version = 1,
	.consistency = MMSCOPE_RACY,
	.words = objects_words,
	.nr_words = ARRAY_SIZE(objects_words),
	.state_size_B = sizeof(struct objects_state),
	.record_size_B = sizeof(struct mmscope_object_record),
	.check = objects_check,
	.begin = objects_begin,
	.fill = objects_fill,
	.finish = objects_finish,
	.bin_end = objects_bin_end,
};
