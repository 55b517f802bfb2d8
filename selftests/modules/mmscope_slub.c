// SPDX-License-Identifier: GPL-2.0
/*
 * Slab caches whose objects are known: the oracle of slub_match.
 *
 * A cache of every kind that slubprobe has to know; nobody else uses them, so an
 * object of theirs is allocated exactly if it is held here. Nothing here is
 * linked to mmscope. In /sys/kernel/debug/mmscope_slub:
 *
 *	objects	"cache addr state": state is held, or freed and not taken again since
 *		(churn apart); kfence_held and kfence_freed when KFENCE served the request
 *	order	addresses in the order in which the last "take" got them
 *	ksize	"size_B usable_B" of a kmalloc() of each size to 10,000
 *	do	commands, on the CPU of the writer:
 *		fill		allocate, until every cache holds all it may
 *		free N K	free each object whose index leaves K when divided by N
 *		take CACHE	allocate again what was freed of one cache
 *		kfence		allocate until KFENCE served one request
 *		kfence_free	free that
 *		churn N		N random requests, on any number of CPUs at once
 *		corrupt KIND	spoil a list of free objects: cycle, range, cut
 *		repair		undo that
 *
 * do_lock covers all but churn, which has slots of its own that are exchanged
 * atomically, so that objects are freed on other CPUs than they came from.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/kfence.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/swab.h>
#include <linux/uaccess.h>

#define OBJECTS		400	/* held of each cache */
#define SLOTS		128	/* of each cache, for churn */
#define CHURN_MAX	1000000
#define KFENCE_TRIES	1000000
#define KSIZE_MAX_B	10000
#define COMMAND_B	64

/* Even sizes: the free pointer lies in the middle, as in every kernel so far. */
#define PLAIN_B		96

static void construct(void *object)
{
	memset(object, 0x5a, 16);
}

/*
 * struct known - a cache and its objects
 * @name: name
 * @size_B: of an object
 * @flags: SLAB_*
 * @gfp: more than GFP_KERNEL
 * @ctor: constructor
 * @cache: the cache
 * @object: objects, by index
 * @is_held: they are allocated
 * @slot: objects of churn
 */
static struct known {
	const char *name;
	unsigned int size_B;
	slab_flags_t flags;
	gfp_t gfp;
	void (*ctor)(void *object);
	struct kmem_cache *cache;
	void *object[OBJECTS];
	bool is_held[OBJECTS];
	void *slot[SLOTS];
} known[] = {
	{ .name = "mmscope_plain", .size_B = PLAIN_B },
	{ .name = "mmscope_ctor", .size_B = 136, .ctor = construct },
	{ .name = "mmscope_debug", .size_B = 200,
	  .flags = SLAB_POISON | SLAB_RED_ZONE | SLAB_STORE_USER },
	{ .name = "mmscope_account", .size_B = 1024, .flags = SLAB_ACCOUNT },
	{ .name = "mmscope_rcu", .size_B = 40, .flags = SLAB_TYPESAFE_BY_RCU },
	{ .name = "mmscope_wide", .size_B = 5000, .flags = SLAB_HWCACHE_ALIGN },
};

static struct dentry *dir;
static DEFINE_MUTEX(do_lock);

/* What "take" got, in order. Under do_lock. */
static void *order[OBJECTS];
static unsigned int nr_order;

/* What KFENCE served. Under do_lock. */
static void *kfence_object;
static bool kfence_is_held;

/* ---- Objects ---- */

static void *take(struct known *k)
{
	return kmem_cache_alloc(k->cache, GFP_KERNEL | k->gfp);
}

static int fill(void)
{
	struct known *k;
	unsigned int i;

	for (k = known; k < known + ARRAY_SIZE(known); k++) {
		for (i = 0; i < OBJECTS; i++) {
			if (k->is_held[i])
				continue;
			k->object[i] = take(k);
			if (!k->object[i])
				return -ENOMEM;
			k->is_held[i] = true;
		}
	}
	return 0;
}

static int free_some(unsigned int every, unsigned int rest)
{
	struct known *k;
	unsigned int i;

	if (!every)
		return -EINVAL;
	for (k = known; k < known + ARRAY_SIZE(known); k++) {
		for (i = 0; i < OBJECTS; i++) {
			if (i % every != rest || !k->is_held[i])
				continue;
			kmem_cache_free(k->cache, k->object[i]);
			k->is_held[i] = false;
		}
	}
	return 0;
}

static struct known *known_by_name(const char *name)
{
	struct known *k;

	for (k = known; k < known + ARRAY_SIZE(known); k++)
		if (!strcmp(k->name, name))
			return k;
	return NULL;
}

/* With interrupts off nothing comes between, and the CPU stays. */
static int take_again(const char *name)
{
	struct known *k = known_by_name(name);
	unsigned long flags;
	unsigned int i;
	int err = 0;

	if (!k)
		return -ENOENT;
	nr_order = 0;
	local_irq_save(flags);
	for (i = 0; i < OBJECTS && !err; i++) {
		if (k->is_held[i])
			continue;
		k->object[i] = kmem_cache_alloc(k->cache, GFP_NOWAIT);
		k->is_held[i] = k->object[i];
		err = k->object[i] ? 0 : -ENOMEM;
		order[nr_order++] = k->object[i];
	}
	local_irq_restore(flags);
	return err;
}

static void kfence_free_ours(void)
{
	if (kfence_is_held)
		kmem_cache_free(known[0].cache, kfence_object);
	kfence_is_held = false;
}

/* KFENCE takes a request now and then: wait for the next time. */
static int take_from_kfence(void)
{
	void *object;
	int tries;

	kfence_free_ours();
	for (tries = 0; tries < KFENCE_TRIES; tries++) {
		object = take(&known[0]);
		if (!object)
			return -ENOMEM;
		if (is_kfence_address(object)) {
			kfence_object = object;
			kfence_is_held = true;
			return 0;
		}
		kmem_cache_free(known[0].cache, object);
		if (!(tries % 1000))
			msleep(20);
		if (signal_pending(current))
			return -EINTR;
	}
	return -ENODATA;
}

/* ---- Churn ---- */

static void churn_once(struct known *k)
{
	void **slot = &k->slot[get_random_u32() % SLOTS];
	void *object = NULL;

	if (get_random_u32() & 1)
		object = take(k);
	object = xchg(slot, object);
	if (object)
		kmem_cache_free(k->cache, object);
}

static int churn(unsigned int rounds)
{
	unsigned int i;

	if (rounds > CHURN_MAX)
		return -ERANGE;
	for (i = 0; i < rounds; i++) {
		churn_once(&known[i % ARRAY_SIZE(known)]);
		if (!(i % 64))
			cond_resched();
		if (signal_pending(current))
			return -EINTR;
	}
	return 0;
}

/* ---- Corruption, of the plain cache ---- */

/* Two free objects of one slab, and the word that makes one follow the other. */
static struct {
	void *first;
	void *second;
	unsigned long key;
	unsigned long first_word;
	unsigned long second_word;
	bool is_spoilt;
} spoilt;

static unsigned long *word_of(void *object)
{
	return object + PLAIN_B / 2;
}

static unsigned long encode(void *next, void *object)
{
	unsigned long *at = word_of(object);

	if (!IS_ENABLED(CONFIG_SLAB_FREELIST_HARDENED))
		return (unsigned long)next;
	return (unsigned long)next ^ spoilt.key ^ swab((unsigned long)at);
}

static void *page_of(const void *object)
{
	return page_address(compound_head(virt_to_page(object)));
}

/* All objects of its slab are held, as far as the slab goes. */
static int free_one_of_full(unsigned int i)
{
	struct known *k = &known[0];

	kmem_cache_free(k->cache, k->object[i]);
	k->is_held[i] = false;
	/* From wherever the CPU keeps it to its slab. */
	kmem_cache_shrink(k->cache);
	return 0;
}

static unsigned int held_in_slab(const void *slab)
{
	struct known *k = &known[0];
	unsigned int i, nr = 0;

	for (i = 0; i < OBJECTS; i++)
		nr += k->is_held[i] && page_of(k->object[i]) == slab;
	return nr;
}

/*
 * Free two objects of a full slab. Behind the first comes nothing, which tells
 * the key. Behind the other may come the first, or the other way round.
 */
static int make_pair(void)
{
	struct known *k = &known[0];
	unsigned int i, j, full = PAGE_SIZE / PLAIN_B;

	for (i = 0; i < OBJECTS; i++)
		if (k->is_held[i] && held_in_slab(page_of(k->object[i])) == full)
			break;
	for (j = i + 1; j < OBJECTS; j++)
		if (k->is_held[j] && page_of(k->object[j]) == page_of(k->object[i]))
			break;
	if (j >= OBJECTS)
		return -ENODATA;
	free_one_of_full(i);
	spoilt.key = 0;
	spoilt.key = *word_of(k->object[i]) ^ encode(NULL, k->object[i]);
	free_one_of_full(j);
	spoilt.first = k->object[j];
	spoilt.second = k->object[i];
	if (*word_of(spoilt.first) != encode(spoilt.second, spoilt.first))
		swap(spoilt.first, spoilt.second);
	if (*word_of(spoilt.first) != encode(spoilt.second, spoilt.first) ||
	    *word_of(spoilt.second) != encode(NULL, spoilt.second))
		return -EPROTO;
	spoilt.first_word = *word_of(spoilt.first);
	spoilt.second_word = *word_of(spoilt.second);
	return 0;
}

static int corrupt(const char *kind)
{
	int err = spoilt.first ? 0 : make_pair();

	if (err)
		return err;
	if (!strcmp(kind, "cycle"))
		*word_of(spoilt.second) = encode(spoilt.first, spoilt.second);
	else if (!strcmp(kind, "range"))
		*word_of(spoilt.second) = encode(spoilt.first + 8, spoilt.second);
	else if (!strcmp(kind, "cut"))
		*word_of(spoilt.first) = encode(NULL, spoilt.first);
	else
		return -EINVAL;
	spoilt.is_spoilt = true;
	return 0;
}

static void repair(void)
{
	if (!spoilt.is_spoilt)
		return;
	*word_of(spoilt.first) = spoilt.first_word;
	*word_of(spoilt.second) = spoilt.second_word;
	spoilt.is_spoilt = false;
}

/* ---- Files ---- */

static int locked_command(const char *line)
{
	char word[COMMAND_B];
	unsigned int n, rest;

	if (!strcmp(line, "repair")) {
		repair();
		return 0;
	}
	if (spoilt.is_spoilt)
		return sscanf(line, "corrupt %31s", word) == 1 ? corrupt(word) :
								 -EBUSY;
	if (!strcmp(line, "fill"))
		return fill();
	if (!strcmp(line, "kfence"))
		return take_from_kfence();
	if (!strcmp(line, "kfence_free")) {
		kfence_free_ours();
		return 0;
	}
	if (sscanf(line, "free %u %u", &n, &rest) == 2)
		return free_some(n, rest);
	if (sscanf(line, "take %31s", word) == 1)
		return take_again(word);
	if (sscanf(line, "corrupt %31s", word) == 1)
		return corrupt(word);
	return -EINVAL;
}

static ssize_t do_write(struct file *file, const char __user *buf,
			size_t size_B, loff_t *pos)
{
	char line[COMMAND_B];
	unsigned int rounds;
	int err;

	if (size_B >= sizeof(line))
		return -E2BIG;
	if (copy_from_user(line, buf, size_B))
		return -EFAULT;
	line[size_B] = '\0';
	strim(line);
	if (sscanf(line, "churn %u", &rounds) == 1)
		return churn(rounds) ?: size_B;
	mutex_lock(&do_lock);
	err = locked_command(line);
	mutex_unlock(&do_lock);
	return err ?: size_B;
}

static const struct file_operations do_fops = {
	.owner = THIS_MODULE,
	.write = do_write,
	.llseek = noop_llseek,
};

static bool is_held_again(const struct known *k, const void *object)
{
	unsigned int i;

	for (i = 0; i < OBJECTS; i++)
		if (k->is_held[i] && k->object[i] == object)
			return true;
	for (i = 0; i < SLOTS; i++)
		if (k->slot[i] == object)
			return true;
	return false;
}

static void show_object(struct seq_file *m, const struct known *k,
			const void *object, bool is_held)
{
	seq_printf(m, "%s 0x%lx %s%s\n", k->name, (unsigned long)object,
		   is_kfence_address(object) ? "kfence_" : "",
		   is_held ? "held" : "freed");
}

static int objects_show(struct seq_file *m, void *unused)
{
	const struct known *k;
	unsigned int i;

	mutex_lock(&do_lock);
	for (k = known; k < known + ARRAY_SIZE(known); k++)
		for (i = 0; i < OBJECTS; i++)
			if (k->object[i] && (k->is_held[i] ||
					     !is_held_again(k, k->object[i])))
				show_object(m, k, k->object[i], k->is_held[i]);
	/* What the last churn left behind. */
	for (k = known; k < known + ARRAY_SIZE(known); k++)
		for (i = 0; i < SLOTS; i++)
			if (k->slot[i])
				show_object(m, k, k->slot[i], true);
	if (kfence_object)
		show_object(m, &known[0], kfence_object, kfence_is_held);
	mutex_unlock(&do_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(objects);

static int order_show(struct seq_file *m, void *unused)
{
	unsigned int i;

	mutex_lock(&do_lock);
	for (i = 0; i < nr_order; i++)
		seq_printf(m, "0x%lx\n", (unsigned long)order[i]);
	mutex_unlock(&do_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(order);

static int ksize_show(struct seq_file *m, void *unused)
{
	size_t size_B;
	void *object;

	for (size_B = 1; size_B <= KSIZE_MAX_B; size_B++) {
		object = kmalloc(size_B, GFP_KERNEL);
		if (!object)
			return -ENOMEM;
		/* KFENCE gives just what was asked for. */
		if (!is_kfence_address(object))
			seq_printf(m, "%zu %zu\n", size_B, ksize(object));
		kfree(object);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(ksize);

static void free_known(void)
{
	struct known *k;
	unsigned int i;

	repair();
	for (k = known; k < known + ARRAY_SIZE(known); k++) {
		if (!k->cache)
			continue;
		for (i = 0; i < OBJECTS; i++)
			if (k->is_held[i])
				kmem_cache_free(k->cache, k->object[i]);
		for (i = 0; i < SLOTS; i++)
			if (k->slot[i])
				kmem_cache_free(k->cache, k->slot[i]);
		if (k == known)
			kfence_free_ours();
		kmem_cache_destroy(k->cache);
	}
}

/* A region for user copies keeps a cache from being merged with others. */
static struct kmem_cache *create(const struct known *k)
{
	return kmem_cache_create_usercopy(k->name, k->size_B, 0, k->flags, 0,
					  k->size_B, k->ctor);
}

static int __init mmscope_slub_init(void)
{
	struct known *k;

	for (k = known; k < known + ARRAY_SIZE(known); k++) {
		k->cache = create(k);
		if (!k->cache) {
			free_known();
			return -ENOMEM;
		}
	}
	dir = debugfs_create_dir("mmscope_slub", NULL);
	debugfs_create_file("objects", 0400, dir, NULL, &objects_fops);
	debugfs_create_file("order", 0400, dir, NULL, &order_fops);
	debugfs_create_file("ksize", 0400, dir, NULL, &ksize_fops);
	debugfs_create_file("do", 0200, dir, NULL, &do_fops);
	return 0;
}

static void __exit mmscope_slub_exit(void)
{
	debugfs_remove(dir);
	free_known();
}

module_init(mmscope_slub_init);
module_exit(mmscope_slub_exit);

MODULE_DESCRIPTION("Slab caches with known objects, for mmscope's selftests");
MODULE_AUTHOR("mmscope developers");
MODULE_LICENSE("GPL");
MODULE_INFO(test, "Y");
