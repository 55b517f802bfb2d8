// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/slubprobe/classes: which cache serves a kmalloc() of
 * which size, by kind of request, and from which size on pages are taken instead.
 *
 * Nothing of this is computed: a size is asked for, the object that came is looked
 * at, and freed. Asked for are both ends of what one cache, or one order of pages,
 * serves, and the size behind; what lies between is not. The object is ours, so there
 * is nothing to lock: its slab and cache stay. Sizes that the allocator refused are
 * a class, too, of which nothing is known.
 *
 * Deliberately ignored: the choice among caches of one size by the place of the
 * call (random kmalloc caches): what is shown is that of this place.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "slubprobe.h"

#define LARGE_MAX_B	((size_t)SZ_1M)	/* largest request */

static const struct {
	const char *name;
	gfp_t gfp;
} kinds[] = {
	{ "normal", GFP_KERNEL },
	{ "reclaimable", GFP_KERNEL | __GFP_RECLAIMABLE },
	{ "account", GFP_KERNEL_ACCOUNT },
#ifdef CONFIG_ZONE_DMA
	{ "dma", GFP_KERNEL | GFP_DMA },
#endif
};

/**
 * struct class - sizes that are served alike
 * @kind: index of the kind of request
 * @from_B: first size
 * @to_B: last size
 * @cache: struct kmem_cache; NULL: pages
 * @size_B: what comes; 0: nothing came
 * @order: of the pages
 * @name: of the cache
 */
struct class {
	unsigned int kind;
	size_t from_B;
	size_t to_B;
	const void *cache;
	size_t size_B;
	unsigned int order;
	char name[SLUB_NAME_LEN];
};

/**
 * struct classes_state - an answer on its way
 * @kind: of the next request
 * @next_B: its size
 */
struct classes_state {
	unsigned int kind;
	size_t next_B;
};

static int classes_begin(struct mms_answer *answer)
{
	struct classes_state *state = answer->state;

	state->next_B = 1;
	return slub_check(NULL);
}

static void look_at_served(const void *object, struct class *class)
{
	struct page *page = compound_head(virt_to_page(object));
	struct slub_cache cache;

	if (PageSlab(page)) {
		class->cache = slub_pointer(page, SLAB_CACHE);
		class->order = compound_order(page);
		if (!slub_cache_read(class->cache, &cache))
			return;
		class->size_B = cache.object_size_B;
		class->order = cache.order;
		memcpy(class->name, cache.name, sizeof(class->name));
	} else {
		class->order = compound_order(page);
		class->size_B = PAGE_SIZE << class->order;
	}
}

static void ask(unsigned int kind, size_t size_B, struct class *class)
{
	void *object;

	memset(class, 0, sizeof(*class));
	class->kind = kind;
	class->from_B = size_B;
	class->to_B = size_B;
	object = kmalloc(size_B, kinds[kind].gfp | __GFP_NOWARN |
			 __GFP_NORETRY);
	if (object)
		look_at_served(object, class);
	kfree(object);
}

static bool is_same(const struct class *a, const struct class *b)
{
	return a->cache == b->cache && a->order == b->order &&
	       a->size_B == b->size_B;
}

/* Where the class may end next: at the size of its objects, or at a power of two. */
static size_t next_end(const struct class *class)
{
	return max(class->cache ? class->size_B :
		   roundup_pow_of_two(class->from_B), class->to_B + 1);
}

static void find_class(struct classes_state *state, struct class *class)
{
	struct class next;
	size_t end_B;

	ask(state->kind, state->next_B, class);
	for (end_B = next_end(class); end_B <= LARGE_MAX_B;
	     end_B = next_end(class)) {
		ask(state->kind, end_B, &next);
		if (!is_same(class, &next))
			break;
		class->to_B = end_B;
	}
	state->next_B = class->to_B + 1;
}

static int classes_fill(struct mms_answer *answer, void *records,
			unsigned int max)
{
	struct classes_state *state = answer->state;
	struct class *class = records;
	unsigned int nr = 0;

	while (nr < max && state->kind < ARRAY_SIZE(kinds)) {
		if (fatal_signal_pending(current))
			return -EINTR;
		find_class(state, &class[nr]);
		if (class[nr++].to_B >= LARGE_MAX_B) {
			state->kind++;
			state->next_B = 1;
		}
		cond_resched();
	}
	return nr;
}

static void classes_show(struct seq_file *m, struct mms_answer *answer,
			 const void *record)
{
	const struct class *class = record;

	seq_printf(m, "%s %zu %zu ", kinds[class->kind].name, class->from_B,
		   class->to_B);
	if (!class->size_B) {
		seq_puts(m, "- - - - - -\n");
		return;
	}
	seq_printf(m, "%s %s %zu %u %zu %zu\n",
		   class->cache ? "slab" : "pages",
		   class->cache ? class->name : "-", class->size_B,
		   class->order, class->size_B - class->to_B,
		   class->size_B - class->from_B);
}

struct mms_file slubprobe_classes_file = {
	.name = "classes",
	.version = 1,
	.consistency = MMSCOPE_LOCKED,
	.columns = "kind from_B to_B served_by cache size_B order waste_min_B waste_max_B",
	.state_size_B = sizeof(struct classes_state),
	.record_size_B = sizeof(struct class),
	.begin = classes_begin,
	.fill = classes_fill,
	.show = classes_show,
};
