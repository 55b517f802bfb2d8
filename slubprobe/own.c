// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/slubprobe/own: a cache of one's own: made with a size,
 * an alignment, flags and a constructor, used, shrunk and destroyed; and what the
 * kernel made of it, which may be another cache that fits (a merged one).
 *
 * The cache and its objects belong to the open file, and go when it is closed. Nobody
 * else knows them, so there is nothing to lock. A cache is not destroyed while
 * objects are held: the kernel would complain, and keep it. Its name is
 * mmscope_own_<n>, with a number that no other has, since two caches of one name make
 * the kernel complain as well; that of one which goes after a grace period is not used
 * again.
 *
 * The constructor writes a mark, which is looked for in each object that is held:
 * nobody writes to them.
 *
 * Asking for debugging flags turns on the kernel's key for caches with debugging, for
 * good: other caches take a branch more in their slow paths, as with every such cache.
 */
#include <linux/atomic.h>
#include <linux/idr.h>
#include <linux/kfence.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "level.h"
#include "slubprobe.h"

#define ROWS_MAX	16	/* objects shown of one request */
#define OBJECTS_MAX	16384	/* held of one cache */
#define BULK_MAX	64	/* objects of one call: interrupts may be off */
#define OBJECT_MIN_B	8	/* smaller ones make 5.10 complain */
#define OBJECT_MAX_B	((size_t)SZ_64K)
#define HELD_MAX_B	((long)SZ_64M)	/* by all open files */
#define NAME_LEN	32
#define MARK		0x6d6d73636f70656fULL

enum {
	WORD_SIZE,
	WORD_ALIGN,
	WORD_FLAGS,
	WORD_CTOR,
	WORD_ALLOC,
	WORD_FREE,
	WORD_BULK,
	WORD_SHRINK,
	WORD_DESTROY,
};

static const struct mms_word own_words[] = {
	[WORD_SIZE] = {
		.key = "size",
		.kind = MMS_WORD_NUMBER,
		.min = OBJECT_MIN_B,
		.max = OBJECT_MAX_B,
		.example = "200",
	},
	[WORD_ALIGN] = {
		.key = "align",
		.kind = MMS_WORD_NUMBER,
		.max = PAGE_SIZE,
		.example = "64",
	},
	[WORD_FLAGS] = {
		.key = "flags",
		.kind = MMS_WORD_TEXT,
		.example = "hwcache_align|account",
	},
	[WORD_CTOR] = {
		.key = "ctor",
		.kind = MMS_WORD_NUMBER,
		.max = 1,
		.example = "1",
	},
	[WORD_ALLOC] = {
		.key = "alloc",
		.kind = MMS_WORD_NUMBER,
		.min = 1,
		.max = OBJECTS_MAX,
		.example = "23",
	},
	[WORD_FREE] = {
		.key = "free",
		.kind = MMS_WORD_NUMBER,
		.min = 1,
		.max = OBJECTS_MAX,
		.example = "23",
	},
	[WORD_BULK] = {
		.key = "bulk",
		.kind = MMS_WORD_NUMBER,
		.min = 1,
		.max = BULK_MAX,
		.example = "16",
	},
	[WORD_SHRINK] = {
		.key = "shrink",
		.kind = MMS_WORD_NUMBER,
		.min = 1,
		.max = 1,
		.example = "1",
	},
	[WORD_DESTROY] = {
		.key = "destroy",
		.kind = MMS_WORD_NUMBER,
		.min = 1,
		.max = 1,
		.example = "1",
	},
};

/* A request is one of these. */
static const int actions[] = {
	WORD_SIZE, WORD_ALLOC, WORD_FREE, WORD_SHRINK, WORD_DESTROY,
};

/* 0: this kernel does not have it. */
static const struct {
	const char *name;
	slab_flags_t flag;
} flag_names[] = {
	{ "hwcache_align", SLAB_HWCACHE_ALIGN },
	{ "account", SLAB_ACCOUNT },
	{ "typesafe_by_rcu", SLAB_TYPESAFE_BY_RCU },
	{ "reclaim_account", SLAB_RECLAIM_ACCOUNT },
	{ "no_merge", SLAB_NO_MERGE },
	{ "consistency_checks", SLAB_CONSISTENCY_CHECKS },
	{ "red_zone", SLAB_RED_ZONE },
	{ "poison", SLAB_POISON },
	{ "store_user", SLAB_STORE_USER },
};

/**
 * struct own - the cache of an open file
 * @cache: the cache, NULL: none
 * @name: as it was asked for
 * @id: in its name
 * @size_B: of an object, as it was asked for
 * @each_B: that one takes
 * @is_late: it goes after a grace period, and its name with it
 * @has_ctor: with our constructor
 * @nr: objects that are held
 * @objects: these
 */
struct own {
	struct kmem_cache *cache;
	char name[NAME_LEN];
	int id;
	size_t size_B;
	size_t each_B;
	bool is_late;
	bool has_ctor;
	unsigned int nr;
	void *objects[OBJECTS_MAX];
};

/**
 * struct own_row - one line
 * @index: of the object in @own's list; ROW_CACHE: the cache itself
 * @first: of its section
 */
struct own_row {
	unsigned int index;
	bool first;
};

#define ROW_CACHE	OBJECTS_MAX

/**
 * struct own_state - one request on its way
 * @is_done: the answer was given
 * @was_destroyed: the request destroyed the cache
 * @cache: the cache, or what it was
 */
struct own_state {
	bool is_done;
	bool was_destroyed;
	struct slub_cache cache;
};

/* Bytes that all open files hold. */
static atomic_long_t held_B;
/* Of caches that are there. */
static DEFINE_IDA(names);

static void construct(void *object)
{
	u64 mark = MARK;

	memcpy(object, &mark, sizeof(mark));
}

/* ---- Requests ---- */

static int parse_flags(const struct mms_request *request, slab_flags_t *flags)
{
	const char *s = request->values[WORD_FLAGS].text;
	unsigned int i;
	size_t len;

	*flags = 0;
	if (!request->values[WORD_FLAGS].given)
		return 0;
	for (;; s += len + 1) {
		len = strcspn(s, "|");
		for (i = 0; i < ARRAY_SIZE(flag_names); i++)
			if (!strncmp(flag_names[i].name, s, len) &&
			    !flag_names[i].name[len])
				break;
		if (i == ARRAY_SIZE(flag_names))
			return mms_refuse(request, WORD_FLAGS, -EINVAL,
					  "no flag of a cache: \"%.*s\"",
					  (int)min_t(size_t, len, 40), s);
		if (!flag_names[i].flag)
			return mms_refuse(request, WORD_FLAGS, -EOPNOTSUPP,
					  "this kernel has no \"%.*s\"",
					  (int)len, s);
		*flags |= flag_names[i].flag;
		if (!s[len])
			return 0;
	}
}

static int check_new(const struct mms_request *request)
{
	const struct mms_value *values = request->values;
	slab_flags_t flags;

	if (values[WORD_ALIGN].given &&
	    !is_power_of_2(values[WORD_ALIGN].start))
		return mms_refuse(request, WORD_ALIGN, -EINVAL,
				  "not a power of two");
	return parse_flags(request, &flags);
}

static int own_check(struct mms_request *request)
{
	const struct mms_value *values = request->values;
	int word = -1, err;
	unsigned int i;

	err = slub_check(request);
	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(actions); i++) {
		if (!values[actions[i]].given)
			continue;
		if (word >= 0)
			return mms_refuse(request, actions[i], -EINVAL,
					  "one of size=, alloc=, free=, shrink=, destroy= at a time");
		word = actions[i];
	}
	if (word < 0)
		return mms_refuse(request, MMS_WHOLE_LINE, -EINVAL,
				  "one of size=, alloc=, free=, shrink=, destroy= is needed");
	if (values[WORD_BULK].given && word != WORD_ALLOC && word != WORD_FREE)
		return mms_refuse(request, WORD_BULK, -EINVAL,
				  "goes with alloc= and free= only");
	if (word == WORD_SIZE)
		return check_new(request);
	for (i = WORD_ALIGN; i <= WORD_CTOR; i++)
		if (values[i].given)
			return mms_refuse(request, i, -EINVAL,
					  "goes with size= only");
	return 0;
}

/* ---- What is done ---- */

static struct own *own_of(struct mms_answer *answer)
{
	struct own *own = answer->kept;

	if (!own)
		own = kvzalloc(sizeof(*own), GFP_KERNEL);
	answer->kept = own;
	return own;
}

/* @bulk: objects of one call; 0: one, by the call for one */
static void free_newest(struct own *own, unsigned int nr, unsigned int bulk)
{
	unsigned int n;

	for (; nr; nr -= n) {
		n = min(nr, max(bulk, 1U));
		own->nr -= n;
		if (bulk)
			kmem_cache_free_bulk(own->cache, n,
					     &own->objects[own->nr]);
		else
			kmem_cache_free(own->cache, own->objects[own->nr]);
		atomic_long_sub(n * own->each_B, &held_B);
		cond_resched();
	}
}

static void destroy(struct own *own)
{
	kmem_cache_destroy(own->cache);
	own->cache = NULL;
	if (!own->is_late)
		ida_free(&names, own->id);
}

static int create(const struct mms_request *request, struct own *own)
{
	const struct mms_value *values = request->values;
	struct slub_cache cache;
	slab_flags_t flags;
	int err;

	if (own->cache)
		return mms_refuse(request, WORD_SIZE, -EEXIST,
				  "this open file has a cache already");
	err = parse_flags(request, &flags);
	if (err)
		return err;
	own->size_B = values[WORD_SIZE].start;
	own->has_ctor = values[WORD_CTOR].given && values[WORD_CTOR].start;
	own->is_late = flags & SLAB_TYPESAFE_BY_RCU;
	own->id = ida_alloc_min(&names, 1, GFP_KERNEL);
	if (own->id < 0)
		return own->id;
	snprintf(own->name, sizeof(own->name), "mmscope_own_%d", own->id);
	own->cache = kmem_cache_create(own->name, own->size_B,
				       mms_value_or(&values[WORD_ALIGN], 0), flags,
				       own->has_ctor ? construct : NULL);
	if (!own->cache) {
		ida_free(&names, own->id);
		return -ENOMEM;
	}
	own->each_B = slub_cache_read(own->cache, &cache) ? cache.size_B :
							    own->size_B;
	return 0;
}

static bool reserve(long size_B)
{
	if (atomic_long_add_return(size_B, &held_B) <= HELD_MAX_B)
		return true;
	atomic_long_sub(size_B, &held_B);
	return false;
}

/* All @n or none */
static bool get_objects(struct own *own, unsigned int n, bool is_bulk)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN;
	void **to = &own->objects[own->nr];

	if (is_bulk)
		return kmem_cache_alloc_bulk(own->cache, gfp, n, to);
	*to = kmem_cache_alloc(own->cache, gfp);
	return *to;
}

static int alloc_more(const struct mms_request *request, struct own *own)
{
	unsigned int bulk = mms_value_or(&request->values[WORD_BULK], 0);
	unsigned int nr = request->values[WORD_ALLOC].start, n;
	int err = 0;

	if (nr > OBJECTS_MAX - own->nr || !reserve(nr * own->each_B))
		return mms_refuse(request, WORD_ALLOC, -ENOSPC,
				  "no more than %u objects and %ld bytes are held",
				  OBJECTS_MAX, HELD_MAX_B);
	for (; nr; nr -= n) {
		n = min(nr, max(bulk, 1U));
		err = fatal_signal_pending(current) ? -EINTR : 0;
		if (err || !get_objects(own, n, bulk))
			break;
		own->nr += n;
		cond_resched();
	}
	atomic_long_sub(nr * own->each_B, &held_B);
	return nr ? err ?: -ENOMEM : 0;
}

static int use(const struct mms_request *request, struct own *own)
{
	const struct mms_value *values = request->values;

	if (!own->cache)
		return mms_refuse(request, MMS_WHOLE_LINE, -ENOENT,
				  "this open file has no cache: size= makes one");
	if (values[WORD_ALLOC].given)
		return alloc_more(request, own);
	if (values[WORD_SHRINK].given) {
		kmem_cache_shrink(own->cache);
		return 0;
	}
	if (values[WORD_DESTROY].given)
		return own->nr ? mms_refuse(request, WORD_DESTROY, -EBUSY,
					    "%u objects are held", own->nr) : 0;
	if (values[WORD_FREE].start > own->nr)
		return mms_refuse(request, WORD_FREE, -ENOENT,
				  "only %u objects are held", own->nr);
	free_newest(own, values[WORD_FREE].start,
		    mms_value_or(&values[WORD_BULK], 0));
	return 0;
}

static int own_begin(struct mms_answer *answer)
{
	const struct mms_request *request = answer->request;
	struct own_state *state = answer->state;
	struct own *own = own_of(answer);
	int err;

	if (!own)
		return -ENOMEM;
	err = request->values[WORD_SIZE].given ? create(request, own) :
						 use(request, own);
	if (err)
		return err;
	if (!slub_cache_read(own->cache, &state->cache))
		return -ENODATA;
	if (request->values[WORD_DESTROY].given) {
		destroy(own);
		state->was_destroyed = true;
	}
	return 0;
}

static void own_release(struct mms_answer *answer)
{
	struct own *own = answer->kept;

	if (!own)
		return;
	free_newest(own, own->nr, 0);
	if (own->cache)
		destroy(own);
	kvfree(own);
}

/* ---- The answer ---- */

/* The cache, and what came last. */
static int own_fill(struct mms_answer *answer, void *records, unsigned int max)
{
	struct own_state *state = answer->state;
	const struct own *own = answer->kept;
	const struct mms_value *alloc = &answer->request->values[WORD_ALLOC];
	struct own_row *row = records;
	unsigned int nr = 1, i;

	if (state->is_done)
		return 0;
	state->is_done = true;
	row[0] = (struct own_row){ .index = ROW_CACHE };
	for (i = 0; alloc->given && i < min_t(u64, alloc->start, ROWS_MAX); i++)
		row[nr++] = (struct own_row){
			.index = own->nr - alloc->start + i,
			.first = !i,
		};
	return nr;
}

static unsigned int count_constructed(const struct own *own)
{
	unsigned int i, nr = 0;
	u64 mark;

	for (i = 0; i < own->nr; i++) {
		memcpy(&mark, own->objects[i], sizeof(mark));
		nr += mark == MARK;
	}
	return nr;
}

static void show_cache(struct seq_file *m, const struct own_state *state,
		       const struct own *own)
{
	const struct slub_cache *cache = &state->cache;

	seq_puts(m, "## cache\n# name value\n");
	seq_printf(m, "asked_name %s\nname %s\nmerged %d\n", own->name,
		   cache->name, strcmp(own->name, cache->name) != 0);
	seq_printf(m, "aliases %d\naddr %#lx\n", max(cache->refcount - 1, 0),
		   (unsigned long)cache->addr);
	seq_printf(m, "asked_size_B %zu\nobject_size_B %u\nsize_B %u\nalign_B %u\n",
		   own->size_B, cache->object_size_B, cache->size_B,
		   cache->align_B);
	seq_printf(m, "order %u\nobjects_per_slab %u\nflags ", cache->order,
		   cache->objects);
	slub_show_flags(m, cache);
	seq_printf(m, "\nctor %d\nheld_objects %u\nconstructed_objects ",
		   cache->has_ctor, own->nr);
	if (own->has_ctor)
		seq_printf(m, "%u\n", count_constructed(own));
	else
		seq_puts(m, "-\n");
	seq_printf(m, "destroyed %d\n", state->was_destroyed);
}

static void show_object(struct seq_file *m, const struct own_state *state,
			const void *object, const struct own_row *row)
{
	struct page *page = slub_page_of(object);
	struct slub_slab slab;
	int index = -1;

	if (row->first)
		seq_puts(m, "## objects\n# nr object slab_pfn index page_address\n");
	if (!is_kfence_address(object) && slub_slab_read(page, &slab))
		index = slub_index(&state->cache, &slab, object);
	seq_printf(m, "%u %#lx %#lx ", row->index, (unsigned long)object,
		   page_to_pfn(page));
	if (index < 0)
		seq_puts(m, "- ");
	else
		seq_printf(m, "%d ", index);
	seq_printf(m, "%#lx\n", (unsigned long)page_address(page));
}

static void own_show(struct seq_file *m, struct mms_answer *answer,
		     const void *record)
{
	const struct own_row *row = record;
	const struct own *own = answer->kept;

	if (row->index == ROW_CACHE)
		show_cache(m, answer->state, own);
	else
		show_object(m, answer->state, own->objects[row->index], row);
}

static u64 held_bytes(void)
{
	return atomic_long_read(&held_B);
}

/**
 * slub_own_exit() - forget the names of caches that may come late
 *
 * Context: Process context, from module exit: no file is open any more.
 */
void slub_own_exit(void)
{
	ida_destroy(&names);
}

struct mms_file slubprobe_own_file = {
	.name = "own",
	.version = 1,
	.consistency = MMSCOPE_LOCKED,
	.words = own_words,
	.nr_words = ARRAY_SIZE(own_words),
	.state_size_B = sizeof(struct own_state),
	.record_size_B = sizeof(struct own_row),
	.check = own_check,
	.begin = own_begin,
	.fill = own_fill,
	.show = own_show,
	.release = own_release,
	.held_B = held_bytes,
};
