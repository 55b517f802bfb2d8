// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/slubprobe/object: what an address is in: which object
 * of which slab of which cache, where inside, whether it is allocated, and if not,
 * on which list it is. For an address in no slab: what page it is in.
 *
 * The slab is looked at under the list_lock of its node; a slab that is on no
 * node's list may belong to a CPU, so CPUs and barns are looked at as well. slab_mutex
 * is held all the time, so that all of an answer's line is about one cache.
 *
 * KFENCE's objects have a page each and words of their own, which are read
 * without its lock, twice.
 */
#include <linux/kfence.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <mmscope/owner.h>
#include <mmscope/page.h>

#include "slubprobe.h"

#define COLUMNS \
	"addr kind cache object_addr offset_B size_B index state place " \
	"owner position pfn look"

#define LOOKS_MAX	3	/* until slab and CPUs hold still */

enum {
	WORD_ADDR,
};

static const struct mms_word object_words[] = {
	[WORD_ADDR] = {
		.key = "addr",
		.kind = MMS_WORD_LIST,
		.example = "0xffff888001000000",
	},
};

/**
 * struct object_state - an answer on its way
 * @next: of the addresses
 * @walk: what CPUs and barns have
 * @slab: the slab
 */
struct object_state {
	unsigned int next;
	struct slub_walk *walk;
	struct slub_slab_look slab;
};

/**
 * struct object_record - what an address is in
 * @addr: the address
 * @kind: slab, kfence, or what page it is
 * @cache: name of the cache, empty if there is none
 * @object: start of the object, or of what holds the address
 * @size_B: of that
 * @index: of the object in its slab, -1: the address is in none
 * @is_free: the object is free
 * @where: on which list
 * @pfn: first page frame
 * @is_stable: two looks were equal
 */
struct object_record {
	u64 addr;
	const char *kind;
	char cache[SLUB_NAME_LEN];
	u64 object;
	u64 size_B;
	int index;
	bool is_free;
	struct slub_where where;
	unsigned long pfn;
	bool is_stable;
};

static int object_check(struct mms_request *request)
{
	unsigned int i;
	int err;

	err = slub_check(request);
	for (i = 0; !err && i < request->nr_list; i++)
		err = mms_refuse_unless_direct(request, WORD_ADDR,
					       request->list[i]);
	return err;
}

static int object_begin(struct mms_answer *answer)
{
	struct object_state *state = answer->state;

	state->walk = slub_walk_new(SLUB_ITEMS_MAX);
	return state->walk ? 0 : -ENOMEM;
}

/* ---- Not in a slab ---- */

static void fill_page(const void *addr, struct object_record *record)
{
	struct mms_page info;

	mms_page_read(PHYS_PFN(__pa(addr)), &info);
	record->kind = mms_page_type_name(&info);
	record->pfn = info.head_pfn;
	record->object = (uintptr_t)__va(PFN_PHYS(info.head_pfn));
	record->size_B = PAGE_SIZE << info.order;
	record->index = -1;
	record->is_stable = info.stable;
}

static void fill_kfence(const void *addr, struct object_record *record)
{
	struct slub_kfence first, again;
	struct slub_cache cache;

	record->kind = "kfence";
	record->pfn = PHYS_PFN(__pa(addr));
	record->index = -1;
	if (!slub_kfence_read(addr, &first) || !slub_kfence_read(addr, &again) ||
	    !first.size_B)
		return;
	record->is_stable = !memcmp(&first, &again, sizeof(first));
	record->object = first.addr;
	record->size_B = first.size_B;
	record->index = 0;
	record->is_free = !first.is_allocated;
	if (slub_is_cache(first.cache) && slub_cache_read(first.cache, &cache))
		strscpy(record->cache, cache.name, sizeof(record->cache));
}

/* ---- In a slab ---- */

static void fill_free(struct object_state *state, struct object_record *record)
{
	record->is_free = true;
	record->where.place = state->slab.place;
	record->where.owner = state->slab.place == MMSCOPE_SLUB_NODE ?
			      page_to_nid(state->slab.slab.page) :
			      MMSCOPE_SLUB_NONE;
	record->where.position = state->slab.position[record->index] - 1;
}

static void fill_from_item(const struct slub_item *item,
			   struct object_record *record)
{
	record->is_free = true;
	record->where.place = item->place;
	record->where.owner = item->owner;
	record->where.position = item->position;
}

/*
 * An object may go from a CPU to its slab between the two looks, and be seen in
 * neither; then the slab has changed.
 */
static void find_object(struct object_state *state, struct page *page,
			const struct slub_cache *cache,
			struct object_record *record)
{
	struct slub_look look = {
		.cache = *cache,
		.walk = state->walk,
		.without_nodes = true,
	};
	const struct slub_slab *slab = &state->slab.slab;
	unsigned long counters = slab->counters;
	const void *freelist = slab->freelist;
	const struct slub_item *item;

	slub_look(&look, 1);
	slub_walk_sort(state->walk);
	record->is_stable = slub_slab_look(cache, page, &state->slab) &&
			    state->slab.is_stable && look.is_stable &&
			    slab->counters == counters &&
			    slab->freelist == freelist;
	item = slub_walk_find(state->walk, (void *)(uintptr_t)record->object);
	if (item)
		fill_from_item(item, record);
	else if (state->slab.position[record->index])
		fill_free(state, record);
}

/* An address behind the last object is in none. */
static void fill_object(struct object_state *state, const void *addr,
			const struct slub_cache *cache,
			struct object_record *record)
{
	const struct slub_slab *slab = &state->slab.slab;
	unsigned int index = (addr - slab->base) / cache->size_B;
	int tries;

	record->kind = "slab";
	record->pfn = page_to_pfn(slab->page);
	strscpy(record->cache, cache->name, sizeof(record->cache));
	record->index = -1;
	record->is_stable = state->slab.is_stable;
	if (index >= slab->objects)
		return;
	record->index = index;
	record->object = (uintptr_t)slub_object(cache, slab, index);
	record->size_B = cache->object_size_B;
	record->is_stable = false;
	for (tries = 0; tries < LOOKS_MAX && !record->is_stable; tries++) {
		record->is_free = false;
		find_object(state, slab->page, cache, record);
	}
}

static bool fill_slab(struct object_state *state, const void *addr,
		      struct object_record *record)
{
	struct page *page = pfn_to_online_page(PHYS_PFN(__pa(addr)));
	struct slub_cache cache;
	const void *cache_addr;

	if (!page)
		return false;
	page = compound_head(page);
	if (!PageSlab(page))
		return false;
	cache_addr = slub_pointer(page, SLAB_CACHE);
	if (!slub_is_cache(cache_addr) || !slub_cache_read(cache_addr, &cache) ||
	    !slub_slab_look(&cache, page, &state->slab))
		return false;
	fill_object(state, addr, &cache, record);
	return true;
}

static int fill_one(struct object_state *state, u64 at,
		    struct object_record *record)
{
	const void *addr = (const void *)(uintptr_t)at;
	int err;

	memset(record, 0, sizeof(*record));
	record->addr = at;
	record->where.owner = MMSCOPE_SLUB_NONE;
	record->where.position = MMSCOPE_SLUB_NONE;
	err = slub_hold();
	if (err)
		return err;
	if (is_kfence_address(addr))
		fill_kfence(addr, record);
	else if (!fill_slab(state, addr, record))
		fill_page(addr, record);
	slub_release();
	return 0;
}

static int object_fill(struct mms_answer *answer, void *records,
		       unsigned int max)
{
	struct object_state *state = answer->state;
	const struct mms_request *request = answer->request;
	struct object_record *record = records;
	unsigned int nr;
	int err;

	for (nr = 0; nr < max && state->next < request->nr_list; nr++) {
		if (fatal_signal_pending(current))
			return -EINTR;
		err = fill_one(state, request->list[state->next++], &record[nr]);
		if (err)
			return err;
		cond_resched();
	}
	return nr;
}

static void object_show(struct seq_file *m, struct mms_answer *answer,
			const void *record)
{
	const struct object_record *r = record;
	bool is_object = r->cache[0] && r->index >= 0;

	seq_printf(m, "%#llx %s %s ", r->addr, r->kind,
		   r->cache[0] ? r->cache : "-");
	if (r->object)
		seq_printf(m, "%#llx %lld %llu ", r->object,
			   (s64)(r->addr - r->object), r->size_B);
	else
		seq_puts(m, "- - - ");
	if (is_object)
		seq_printf(m, "%d %s ", r->index,
			   r->is_free ? "free" : "allocated");
	else
		seq_puts(m, "- - ");
	slub_show_where(m, &r->where);
	seq_printf(m, " %#lx %s\n", r->pfn, r->is_stable ? "retried" : "racy");
}

static void object_finish(struct mms_answer *answer)
{
	struct object_state *state = answer->state;

	slub_walk_free(state->walk);
}

/* ---- Whose a page frame is ---- */

static void show_object(struct seq_file *m, const struct object_record *record)
{
	if (record->index < 0)
		return;
	seq_printf(m, "object %#llx\nobject_size_B %llu\nindex %d\nstate %s\n",
		   record->object, record->size_B, record->index,
		   record->is_free ? "free" : "allocated");
}

/*
 * The page's first byte stands for a page that was asked for by its number; it may
 * be in no object, so then none is shown.
 */
static void owner_show(struct seq_file *m, const struct mms_page *info,
		       const void *addr)
{
	const void *at = addr ?: __va(PFN_PHYS(info->pfn));
	struct object_record record;
	struct object_state *state;

	if (info->type != MMS_PAGE_SLAB || slub_check(NULL))
		return;
	state = kvzalloc(sizeof(*state), GFP_KERNEL);
	if (!state)
		return;
	state->walk = slub_walk_new(SLUB_ITEMS_MAX);
	if (state->walk && !fill_one(state, (uintptr_t)at, &record) &&
	    record.cache[0]) {
		seq_printf(m, "cache %s\nslab_pfn %#lx\n", record.cache,
			   record.pfn);
		if (addr)
			show_object(m, &record);
	}
	slub_walk_free(state->walk);
	kvfree(state);
}

struct mms_answerer slubprobe_answerer = {
	.name = "slubprobe",
	.show = owner_show,
};

struct mms_file slubprobe_object_file = {
	.name = "object",
	.version = 1,
	.consistency = MMSCOPE_RETRIED,
	.columns = COLUMNS,
	.words = object_words,
	.nr_words = ARRAY_SIZE(object_words),
	.state_size_B = sizeof(struct object_state),
	.record_size_B = sizeof(struct object_record),
	.check = object_check,
	.begin = object_begin,
	.fill = object_fill,
	.show = object_show,
	.finish = object_finish,
};
