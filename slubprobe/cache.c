// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/slubprobe/cache: one cache with every structure that
 * holds free objects: what each CPU has, the barns, the partial slabs of each
 * node, and of each its list of free objects in the order they will be taken.
 *
 * See look.c for the locks. The whole cache is looked at when reading begins, and
 * printed from that copy. At most SLUB_ITEMS_MAX structures and objects are
 * kept; behind them, or behind what may be followed under one lock, the answer
 * ends with truncated=limit.
 *
 * Deliberately ignored: full slabs, which are on no list (slabs finds them).
 */
#include <linux/mm.h>
#include <linux/seq_file.h>

#include "slubprobe.h"

enum {
	WORD_NAME,
};

static const struct mms_word cache_words[] = {
	[WORD_NAME] = {
		.key = "name",
		.kind = MMS_WORD_TEXT,
		.example = "kmalloc-64",
	},
};

/**
 * struct cache_state - an answer on its way
 * @next: of the items
 * @look: what was seen
 */
struct cache_state {
	unsigned int next;
	struct slub_look look;
};

/**
 * slub_name_check() - refuse a request for a cache that is not there
 * @request: the request
 * @word: index of the word that names the cache
 *
 * Context: Process context, may sleep.
 * Return: 0, or the errno of the refusal.
 */
int slub_name_check(struct mms_request *request, int word)
{
	struct slub_cache cache;
	int err;

	err = slub_check(request);
	if (err)
		return err;
	err = slub_cache_find(request->values[word].text, &cache);
	if (!err)
		return 0;
	return mms_refuse(request, word, err,
			  "no cache has this name; slubprobe/caches lists them");
}

static int cache_check(struct mms_request *request)
{
	return slub_name_check(request, WORD_NAME);
}

/**
 * slub_look_by_name() - look at one cache
 * @name: of the cache
 * @look: walk is set; the rest is filled in
 *
 * Context: Process context, may sleep.
 * Return: 0, -ENOENT, or -EINTR when the caller is being killed.
 */
int slub_look_by_name(const char *name, struct slub_look *look)
{
	int err;

	err = slub_cache_find(name, &look->cache) ?: slub_hold();
	if (err)
		return err;
	if (slub_is_cache(look->cache.addr) &&
	    slub_cache_read(look->cache.addr, &look->cache))
		slub_look(look, 1);
	else
		err = -ENOENT;
	slub_release();
	return err;
}

static int cache_begin(struct mms_answer *answer)
{
	struct cache_state *state = answer->state;
	int err;

	state->look.walk = slub_walk_new(SLUB_ITEMS_MAX);
	if (!state->look.walk)
		return -ENOMEM;
	err = slub_look_by_name(answer->request->values[WORD_NAME].text,
				&state->look);
	if (err) {
		slub_walk_free(state->look.walk);
		return err;
	}
	if (!state->look.is_stable)
		answer->consistency = MMSCOPE_RACY;
	return 0;
}

/* A record is the index of a structure; its objects follow in the items. */
static int cache_fill(struct mms_answer *answer, void *records,
		      unsigned int max)
{
	struct cache_state *state = answer->state;
	const struct slub_walk *walk = state->look.walk;
	u32 *record = records;
	unsigned int nr = 0;

	for (; nr < max && state->next < walk->nr_items; state->next++)
		if (!walk->items[state->next].is_object)
			record[nr++] = state->next;
	if (!nr && state->look.is_truncated)
		return -E2BIG;
	return nr;
}

static unsigned int count_objects(const struct slub_walk *walk, u32 first)
{
	u32 at = first;

	while (at < walk->nr_items && walk->items[at].is_object)
		at++;
	return at - first;
}

static void show_sheaf(struct seq_file *m, const struct slub_walk *walk,
		       const struct slub_item *sheaf, unsigned int nr)
{
	unsigned int i;

	seq_printf(m, " - %#llx - %u - %u ", sheaf->addr, sheaf->objects, nr);
	for (i = 0; i < nr; i++)
		seq_printf(m, "%s%#llx", i ? "," : "", sheaf[1 + i].addr);
	seq_puts(m, nr ? "\n" : "-\n");
}

static void show_slab(struct seq_file *m, const struct slub_cache *cache,
		      const struct slub_item *item, unsigned int nr)
{
	struct page *page = (struct page *)(uintptr_t)item->addr;
	struct slub_slab slab = {
		.base = page_address(page),
		.objects = item->objects,
	};
	unsigned int i;

	seq_printf(m, " %#lx %#lx %u %u %d %u ", page_to_pfn(page),
		   (unsigned long)slab.base, item->inuse, item->objects,
		   item->frozen, nr);
	for (i = 0; i < nr; i++)
		seq_printf(m, "%s%d", i ? "," : "",
			   slub_index(cache, &slab, (void *)(uintptr_t)item[1 + i].addr));
	/* Under one lock only so much is followed. */
	if (item->place != MMSCOPE_SLUB_CPU &&
	    nr < (unsigned int)item->objects - item->inuse)
		seq_puts(m, nr ? ",...\n" : "...\n");
	else
		seq_puts(m, nr ? "\n" : "-\n");
}

static bool is_sheaf(unsigned int place)
{
	return place >= MMSCOPE_SLUB_SHEAF_MAIN && place <= MMSCOPE_SLUB_BARN;
}

static void cache_show(struct seq_file *m, struct mms_answer *answer,
		       const void *record)
{
	const struct cache_state *state = answer->state;
	const struct slub_walk *walk = state->look.walk;
	u32 at = *(const u32 *)record;
	const struct slub_item *item = &walk->items[at];
	unsigned int nr = count_objects(walk, at + 1);

	seq_printf(m, "%s %u %u", slub_place_name(item->place), item->owner,
		   item->position);
	if (is_sheaf(item->place))
		show_sheaf(m, walk, item, nr);
	else
		show_slab(m, &state->look.cache, item, nr);
}

static void cache_finish(struct mms_answer *answer)
{
	struct cache_state *state = answer->state;

	slub_walk_free(state->look.walk);
}

struct mms_file slubprobe_cache_file = {
	.name = "cache",
	.version = 1,
	.consistency = MMSCOPE_RETRIED,
	.columns = "place owner position pfn addr inuse objects frozen free free_list",
	.words = cache_words,
	.nr_words = ARRAY_SIZE(cache_words),
	.state_size_B = sizeof(struct cache_state),
	.record_size_B = sizeof(u32),
	.check = cache_check,
	.begin = cache_begin,
	.fill = cache_fill,
	.show = cache_show,
	.finish = cache_finish,
};
