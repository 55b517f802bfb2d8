// SPDX-License-Identifier: GPL-2.0
/*
 * Caches, slabs and objects as SLUB stores them.
 *
 * The structures are private to the kernel: where their members lie comes from
 * its BTF, and every pointer out of them is checked and read by loads that
 * cannot fault. slab_mutex keeps a cache while it is looked at; cpus_read_lock()
 * and the hold of memory hotplug are taken before it, in the kernel's own order.
 *
 * Deliberately ignored: tags in pointers (KASAN by software or hardware tags).
 */
#include <linux/cpu.h>
#include <linux/err.h>
#include <linux/jump_label.h>
#include <linux/kfence.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/swab.h>
#include <linux/uaccess.h>

#include <mmscope/layout.h>
#include <mmscope/page.h>
#include <mmscope/symbol.h>

#include "slubprobe.h"

/* kmem_cache.oo: order above the number of objects; no BTF has this constant. */
#define OO_SHIFT	16
#define OO_MASK		((1U << OO_SHIFT) - 1)

#define READS_MAX	8	/* of a slab, until two words fit together */

static struct mms_member members[] = {
	[CACHE_LIST] = MMS_PRIVATE("kmem_cache.list"),
	[CACHE_NAME] = MMS_PRIVATE("kmem_cache.name"),
	[CACHE_FLAGS] = MMS_PRIVATE("kmem_cache.flags"),
	[CACHE_SIZE] = MMS_PRIVATE("kmem_cache.size"),
	[CACHE_OBJECT_SIZE] = MMS_PRIVATE("kmem_cache.object_size"),
	[CACHE_ALIGN] = MMS_PRIVATE("kmem_cache.align"),
	[CACHE_OFFSET] = MMS_PRIVATE("kmem_cache.offset"),
	[CACHE_RED_LEFT_PAD] = MMS_PRIVATE("kmem_cache.red_left_pad"),
	[CACHE_OO] = MMS_PRIVATE("kmem_cache.oo"),
	[CACHE_REFCOUNT] = MMS_PRIVATE("kmem_cache.refcount"),
	[CACHE_CTOR] = MMS_PRIVATE("kmem_cache.ctor"),
	[CACHE_RANDOM] = MMS_PRIVATE("kmem_cache.random"),
	[CACHE_CPU_SLAB] = MMS_PRIVATE("kmem_cache.cpu_slab"),
	[CACHE_CPU_SHEAVES] = MMS_PRIVATE("kmem_cache.cpu_sheaves"),
	[CACHE_SHEAF_CAPACITY] = MMS_PRIVATE("kmem_cache.sheaf_capacity"),
	[CACHE_NODE] = MMS_PRIVATE("kmem_cache.node"),
	[CACHE_PER_NODE] = MMS_PRIVATE("kmem_cache.per_node"),
	[NODES_PTRS] = MMS_PRIVATE("kmem_cache_per_node_ptrs"),
	[NODES_BARN] = MMS_PRIVATE("kmem_cache_per_node_ptrs.barn"),
	[NODES_NODE] = MMS_PRIVATE("kmem_cache_per_node_ptrs.node"),
	[NODE_LIST_LOCK] = MMS_PRIVATE("kmem_cache_node.list_lock"),
	[NODE_NR_PARTIAL] = MMS_PRIVATE("kmem_cache_node.nr_partial"),
	[NODE_PARTIAL] = MMS_PRIVATE("kmem_cache_node.partial"),
	[NODE_NR_SLABS] = MMS_PRIVATE("kmem_cache_node.nr_slabs"),
	[NODE_TOTAL_OBJECTS] = MMS_PRIVATE("kmem_cache_node.total_objects"),
	[NODE_FULL] = MMS_PRIVATE("kmem_cache_node.full"),
	[CPU_FREELIST] = MMS_PRIVATE("kmem_cache_cpu.freelist"),
	[CPU_TID] = MMS_PRIVATE("kmem_cache_cpu.tid"),
	[CPU_SLAB] = MMS_PRIVATE("kmem_cache_cpu.slab"),
	[CPU_PAGE] = MMS_PRIVATE("kmem_cache_cpu.page"),
	[CPU_PARTIAL] = MMS_PRIVATE("kmem_cache_cpu.partial"),
	[SHEAVES_ACQUIRED] = MMS_PRIVATE("slub_percpu_sheaves.lock.acquired"),
	[SHEAVES_MAIN] = MMS_PRIVATE("slub_percpu_sheaves.main"),
	[SHEAVES_SPARE] = MMS_PRIVATE("slub_percpu_sheaves.spare"),
	[SHEAVES_RCU_FREE] = MMS_PRIVATE("slub_percpu_sheaves.rcu_free"),
	[SHEAF_BARN_LIST] = MMS_PRIVATE("slab_sheaf.barn_list"),
	[SHEAF_SIZE] = MMS_PRIVATE("slab_sheaf.size"),
	[SHEAF_OBJECTS] = MMS_PRIVATE("slab_sheaf.objects"),
	[BARN_LOCK] = MMS_PRIVATE("node_barn.lock"),
	[BARN_FULL] = MMS_PRIVATE("node_barn.sheaves_full"),
	[BARN_NR_FULL] = MMS_PRIVATE("node_barn.nr_full"),
	[BARN_NR_EMPTY] = MMS_PRIVATE("node_barn.nr_empty"),
	[SLAB_FREELIST] = MMS_PRIVATE("slab.freelist"),
	[SLAB_COUNTERS] = MMS_PRIVATE("slab.counters"),
	[SLAB_INUSE] = MMS_PRIVATE("slab.inuse"),
	[SLAB_OBJECTS] = MMS_PRIVATE("slab.objects"),
	[SLAB_FROZEN] = MMS_PRIVATE("slab.frozen"),
	[SLAB_CACHE] = MMS_PRIVATE("slab.slab_cache"),
	[SLAB_LIST] = MMS_PRIVATE("slab.slab_list"),
	[SLAB_NEXT] = MMS_PRIVATE("slab.next"),
	[PAGE_FREELIST] = MMS_PRIVATE("page.freelist"),
	[PAGE_COUNTERS] = MMS_PRIVATE("page.counters"),
	[PAGE_INUSE] = MMS_PRIVATE("page.inuse"),
	[PAGE_OBJECTS] = MMS_PRIVATE("page.objects"),
	[PAGE_FROZEN] = MMS_PRIVATE("page.frozen"),
	[PAGE_CACHE] = MMS_PRIVATE("page.slab_cache"),
	[PAGE_LIST] = MMS_PRIVATE("page.slab_list"),
	[PAGE_NEXT] = MMS_PRIVATE("page.next"),
	[KFENCE_METADATA] = MMS_PRIVATE("kfence_metadata"),
	[KFENCE_STATE] = MMS_PRIVATE("kfence_metadata.state"),
	[KFENCE_ADDR] = MMS_PRIVATE("kfence_metadata.addr"),
	[KFENCE_SIZE] = MMS_PRIVATE("kfence_metadata.size"),
	[KFENCE_CACHE] = MMS_PRIVATE("kfence_metadata.cache"),
};

static_assert(ARRAY_SIZE(members) == SLUB_MEMBERS);

/* Without these nothing can be shown. */
static const enum slub_member needed[] = {
	CACHE_LIST, CACHE_NAME, CACHE_FLAGS, CACHE_SIZE, CACHE_OBJECT_SIZE,
	CACHE_ALIGN, CACHE_OFFSET, CACHE_RED_LEFT_PAD, CACHE_OO, CACHE_REFCOUNT,
	CACHE_CTOR, NODE_LIST_LOCK, NODE_NR_PARTIAL, NODE_PARTIAL,
	NODE_NR_SLABS, NODE_TOTAL_OBJECTS, SLAB_FREELIST, SLAB_COUNTERS,
	SLAB_INUSE, SLAB_OBJECTS, SLAB_FROZEN, SLAB_CACHE, SLAB_LIST,
};

/* These besides, of a kernel where each CPU has a slab, or has sheaves. */
static const enum slub_member needed_of_slabs[] = {
	CACHE_CPU_SLAB, CACHE_NODE, CPU_FREELIST, CPU_TID, CPU_SLAB,
};

static const enum slub_member needed_of_sheaves[] = {
	CACHE_CPU_SHEAVES, CACHE_SHEAF_CAPACITY, CACHE_PER_NODE, NODES_PTRS,
	NODES_BARN, NODES_NODE, SHEAVES_MAIN, SHEAVES_SPARE, SHEAVES_RCU_FREE,
	SHEAF_BARN_LIST, SHEAF_SIZE, SHEAF_OBJECTS, BARN_LOCK, BARN_FULL,
	BARN_NR_FULL, BARN_NR_EMPTY,
};

static struct mms_layout layout = {
	.owner = THIS_MODULE,
	.table = members,
	.nr = ARRAY_SIZE(members),
};

enum {
	SYM_SLAB_CACHES,
	SYM_SLAB_MUTEX,
	SYM_KFENCE_METADATA,
	SYM_DEBUG_ENABLED,
};

static struct mms_symbol table[] = {
	[SYM_SLAB_CACHES] = {
		.name = "slab_caches",
		.purpose = "all_of_slubprobe",
	},
	[SYM_SLAB_MUTEX] = {
		.name = "slab_mutex",
		.purpose = "all_of_slubprobe",
	},
	[SYM_KFENCE_METADATA] = {
		.name = "kfence_metadata",
		.purpose = "state_of_objects_of_kfence",
	},
	[SYM_DEBUG_ENABLED] = {
		.name = "slub_debug_enabled",
		.purpose = "red_zones_that_are_not_in_use",
	},
};

static struct mms_symbols symbols = {
	.owner = THIS_MODULE,
	.table = table,
	.nr = ARRAY_SIZE(table),
};

/* Members that are read together: those of one structure, by one copy. */
enum slub_part {
	PART_CACHE,
	PART_CPU,
	PART_SHEAVES,
	PART_NODE,
	PART_SLAB,
};

#define CACHE_PART_B	512
#define OTHER_PART_B	128
#define SLACK_B		sizeof(u64)	/* a member is cut out of a whole word */

/**
 * struct part - where they lie
 * @first: member of the enum
 * @last: the same
 * @max_B: as much as a copy may take
 * @from_B: of the structure, set at init
 * @size_B: behind that, set at init
 */
struct part {
	enum slub_member first;
	enum slub_member last;
	u32 max_B;
	u32 from_B;
	u32 size_B;
};

static struct part parts[] = {
	[PART_CACHE] = { CACHE_LIST, CACHE_SHEAF_CAPACITY, CACHE_PART_B },
	[PART_CPU] = { CPU_FREELIST, CPU_PARTIAL, OTHER_PART_B },
	[PART_SHEAVES] = { SHEAVES_ACQUIRED, SHEAVES_RCU_FREE, OTHER_PART_B },
	[PART_NODE] = { NODE_NR_PARTIAL, NODE_TOTAL_OBJECTS, OTHER_PART_B },
	[PART_SLAB] = { SLAB_FREELIST, SLAB_CACHE, OTHER_PART_B },
};

/* First member that is missing, NULL: all there. Written at init only. */
static const char *missing;

/* ---- Reading ---- */

/**
 * slub_at() - where a member lies
 * @base: the structure
 * @member: the member
 */
void *slub_at(const void *base, enum slub_member member)
{
	return (void *)base + members[member].offset_B;
}

/**
 * slub_holder() - the structure that a member is part of
 * @at: where the member lies
 * @member: the member
 */
void *slub_holder(const void *at, enum slub_member member)
{
	return (void *)at - members[member].offset_B;
}

/**
 * slub_number() - read a member that is a number
 * @base: the structure; need not be memory
 * @member: the member
 * @number: filled in; 0 if it could not be read
 *
 * Context: Any.
 * Return: Whether it could be read.
 */
bool slub_number(const void *base, enum slub_member member, u64 *number)
{
	const struct mms_member *m = &members[member];

	/* Little endian, as all that we run on: the upper bytes stay zero. */
	*number = 0;
	if (m->found && m->size_B <= sizeof(*number) &&
	    !copy_from_kernel_nofault(number, slub_at(base, member), m->size_B))
		return true;
	*number = 0;
	return false;
}

/**
 * slub_pointer() - read a member that is a pointer
 * @base: the structure; need not be memory
 * @member: the member
 *
 * Return: The pointer, NULL also if it could not be read.
 */
void *slub_pointer(const void *base, enum slub_member member)
{
	u64 value;

	slub_number(base, member, &value);
	return (void *)(uintptr_t)value;
}

/* The copy takes max_B and SLACK_B. */
static bool copy_part(const void *base, enum slub_part part, u8 *copy)
{
	return !copy_from_kernel_nofault(copy, base + parts[part].from_B,
					 parts[part].size_B);
}

/* Of a member larger than a word, its first word; 0 where the kernel has no such member. */
static u64 number_in(const u8 *copy, enum slub_part part, enum slub_member member)
{
	const struct mms_member *m = &members[member];
	u64 word;

	if (!m->found)
		return 0;
	memcpy(&word, copy + m->offset_B - parts[part].from_B, sizeof(word));
	return m->size_B < sizeof(word) ? word & (BIT_ULL(8 * m->size_B) - 1) :
					  word;
}

static void *pointer_in(const u8 *copy, enum slub_part part, enum slub_member member)
{
	return (void *)(uintptr_t)number_in(copy, part, member);
}

/* ---- Caches ---- */

static struct mutex *slab_mutex_of_kernel(void)
{
	return (struct mutex *)table[SYM_SLAB_MUTEX].addr;
}

/**
 * slub_hold() - keep caches, CPUs and memory from going away
 *
 * Context: Process context, may sleep. Nothing may be allocated until
 * slub_release(): that may need slab_mutex.
 * Return: 0, or -EINTR when the caller is being killed.
 */
int slub_hold(void)
{
	int err;

	cpus_read_lock();
	mms_memory_hold();
	err = mutex_lock_killable(slab_mutex_of_kernel());
	if (!err)
		return 0;
	mms_memory_release();
	cpus_read_unlock();
	return err;
}

/**
 * slub_release() - undo slub_hold()
 */
void slub_release(void)
{
	mutex_unlock(slab_mutex_of_kernel());
	mms_memory_release();
	cpus_read_unlock();
}

static const struct list_head *first_cache(void)
{
	return (const struct list_head *)table[SYM_SLAB_CACHES].addr;
}

/* The next entry of the list of caches, NULL at its end. */
static const struct list_head *next_cache(const struct list_head *entry)
{
	struct list_head *next;

	if (copy_from_kernel_nofault(&next, &entry->next, sizeof(next)))
		return NULL;
	return next == first_cache() ? NULL : next;
}

static const void *cache_of_entry(const struct list_head *entry)
{
	return slub_holder(entry, CACHE_LIST);
}

static unsigned int list_caches(const void **caches)
{
	const struct list_head *entry = first_cache();
	unsigned int nr = 0;

	while (nr < SLUB_CACHES_MAX && (entry = next_cache(entry)))
		caches[nr++] = cache_of_entry(entry);
	return nr;
}

/**
 * slub_list_new() - the addresses of all caches
 * @nr: filled in: number of them
 *
 * Context: Process context, may sleep.
 * Return: To be freed by kvfree(), or an errno.
 */
const void **slub_list_new(unsigned int *nr)
{
	const void **caches;
	int err;

	caches = kvmalloc_array(SLUB_CACHES_MAX, sizeof(*caches), GFP_KERNEL);
	if (!caches)
		return ERR_PTR(-ENOMEM);
	err = slub_hold();
	if (err) {
		kvfree(caches);
		return ERR_PTR(err);
	}
	*nr = list_caches(caches);
	slub_release();
	return caches;
}

/**
 * slub_listed() - which of some addresses are caches of the list?
 * @addrs: addresses in the order of slub_list_new(), or a single one
 * @nr: number of them, at most BITS_PER_LONG
 *
 * A cache that comes is put in front, so that those that stay keep their order: each
 * is looked for behind the one before.
 *
 * Context: Between slub_hold() and slub_release().
 * Return: A bit for each that is.
 */
unsigned long slub_listed(const void *const *addrs, unsigned int nr)
{
	const struct list_head *found = first_cache(), *entry;
	unsigned long listed = 0;
	unsigned int seen, i;

	for (i = 0; i < nr; i++) {
		entry = next_cache(found);
		for (seen = 0; entry && seen < SLUB_CACHES_MAX; seen++) {
			if (cache_of_entry(entry) == addrs[i]) {
				listed |= BIT(i);
				found = entry;
				break;
			}
			entry = next_cache(entry);
		}
	}
	return listed;
}

/**
 * slub_is_cache() - is this a cache of the list?
 * @addr: any address
 *
 * Context: Between slub_hold() and slub_release().
 */
bool slub_is_cache(const void *addr)
{
	return slub_listed(&addr, 1);
}

/* At once, unless the name ends where what is mapped does; what is behind it is anything. */
static void copy_name(const char *from, char *raw)
{
	unsigned int i;

	if (!copy_from_kernel_nofault(raw, from, SLUB_NAME_LEN))
		return;
	for (i = 0; i < SLUB_NAME_LEN; i++)
		if (copy_from_kernel_nofault(&raw[i], &from[i], 1) || !raw[i])
			break;
	if (i < SLUB_NAME_LEN)
		raw[i] = '\0';
}

/* A word of an answer has no blank in it. */
static void read_name(const char *from, char *name)
{
	char raw[SLUB_NAME_LEN];
	size_t used = 0;
	const char *c;

	copy_name(from, raw);
	for (c = raw; *c && used < SLUB_NAME_LEN - 4; c++)
		if (*c > ' ' && *c < 0x7f && *c != '\\')
			name[used++] = *c;
		else
			used += scnprintf(name + used, SLUB_NAME_LEN - used,
					  "\\%03o", (unsigned char)*c);
	if (!used)
		name[used++] = '?';
	name[used] = '\0';
}

/* Two parts of a word, which have to fit the sizes. */
static void set_oo(struct slub_cache *cache, u32 oo)
{
	cache->order = oo >> OO_SHIFT;
	cache->objects = oo & OO_MASK;
	if (cache->order < NR_PAGE_ORDERS &&
	    (u64)cache->objects * cache->size_B <= PAGE_SIZE << cache->order)
		return;
	cache->order = 0;
	cache->objects = 0;
}

/*
 * Up to 5.12, a cache that asks for red zones has none in front of its objects
 * unless the kernel was booted with slub_debug: a static key tells. Later
 * kernels turn the key on with the first such cache.
 */
static bool has_red_left(const struct slub_cache *cache)
{
	const struct static_key *key =
		(const struct static_key *)table[SYM_DEBUG_ENABLED].addr;

	return cache->flags & SLAB_RED_ZONE &&
	       (!key || atomic_read(&key->enabled));
}

/**
 * slub_cache_read() - copy one cache
 * @addr: its struct kmem_cache
 * @cache: filled in
 *
 * Context: Between slub_hold() and slub_release().
 * Return: False if it is none.
 */
bool slub_cache_read(const void *addr, struct slub_cache *cache)
{
	u8 copy[CACHE_PART_B + SLACK_B];

	if (!copy_part(addr, PART_CACHE, copy))
		return false;
	cache->addr = addr;
	cache->size_B = number_in(copy, PART_CACHE, CACHE_SIZE);
	if (!cache->size_B)
		return false;
	cache->cpus = (const void __percpu __force *)
		pointer_in(copy, PART_CACHE, slub_has_sheaves() ?
			   CACHE_CPU_SHEAVES : CACHE_CPU_SLAB);
	cache->flags = (__force slab_flags_t)number_in(copy, PART_CACHE,
						       CACHE_FLAGS);
	cache->object_size_B = number_in(copy, PART_CACHE, CACHE_OBJECT_SIZE);
	cache->align_B = number_in(copy, PART_CACHE, CACHE_ALIGN);
	cache->offset_B = number_in(copy, PART_CACHE, CACHE_OFFSET);
	cache->red_left_B = has_red_left(cache) ?
		number_in(copy, PART_CACHE, CACHE_RED_LEFT_PAD) : 0;
	cache->sheaf_capacity = number_in(copy, PART_CACHE, CACHE_SHEAF_CAPACITY);
	cache->refcount = number_in(copy, PART_CACHE, CACHE_REFCOUNT);
	cache->has_ctor = number_in(copy, PART_CACHE, CACHE_CTOR);
	cache->random = number_in(copy, PART_CACHE, CACHE_RANDOM);
	set_oo(cache, number_in(copy, PART_CACHE, CACHE_OO));
	read_name(pointer_in(copy, PART_CACHE, CACHE_NAME), cache->name);
	return true;
}

/**
 * slub_cache_find() - a cache by its name
 * @name: as an answer writes it
 * @cache: filled in; where names are not unique, the first in the list
 *
 * Context: Process context, may sleep.
 * Return: 0, -ENOENT, or -EINTR when the caller is being killed.
 */
int slub_cache_find(const char *name, struct slub_cache *cache)
{
	const struct list_head *entry = first_cache();
	unsigned int nr = 0;
	int err;

	err = slub_hold();
	if (err)
		return err;
	err = -ENOENT;
	while (err && nr++ < SLUB_CACHES_MAX && (entry = next_cache(entry)))
		if (slub_cache_read(cache_of_entry(entry), cache) &&
		    !strcmp(cache->name, name))
			err = 0;
	slub_release();
	return err;
}

/**
 * slub_cache_node() - a cache's struct kmem_cache_node
 * @cache: the cache
 * @nid: the node
 *
 * Return: The structure, NULL if the node has none.
 */
void *slub_cache_node(const struct slub_cache *cache, int nid)
{
	void **nodes = slub_at(cache->addr, CACHE_NODE);
	void *node;

	if (members[CACHE_PER_NODE].found)
		return slub_pointer(slub_at(cache->addr, CACHE_PER_NODE) +
				    nid * members[NODES_PTRS].size_B,
				    NODES_NODE);
	return copy_from_kernel_nofault(&node, &nodes[nid], sizeof(node)) ?
	       NULL : node;
}

/**
 * slub_cache_barn() - a cache's struct node_barn
 * @cache: the cache
 * @nid: the node
 *
 * Return: The structure, NULL if the node or kernel has none.
 */
void *slub_cache_barn(const struct slub_cache *cache, int nid)
{
	if (!members[CACHE_PER_NODE].found)
		return NULL;
	return slub_pointer(slub_at(cache->addr, CACHE_PER_NODE) +
			    nid * members[NODES_PTRS].size_B, NODES_BARN);
}

static const struct {
	slab_flags_t mask;
	const char *name;
} flags[] = {
	{ SLAB_CONSISTENCY_CHECKS, "consistency_checks" },
	{ SLAB_RED_ZONE, "red_zone" },
	{ SLAB_POISON, "poison" },
	{ SLAB_STORE_USER, "store_user" },
	{ SLAB_TRACE, "trace" },
	{ SLAB_KMALLOC, "kmalloc" },
	{ SLAB_HWCACHE_ALIGN, "hwcache_align" },
	{ SLAB_CACHE_DMA, "dma" },
	{ SLAB_CACHE_DMA32, "dma32" },
	{ SLAB_PANIC, "panic" },
	{ SLAB_TYPESAFE_BY_RCU, "typesafe_by_rcu" },
	{ SLAB_MEM_SPREAD, "mem_spread" },
	{ SLAB_DEBUG_OBJECTS, "debug_objects" },
	{ SLAB_NOLEAKTRACE, "noleaktrace" },
	{ SLAB_FAILSLAB, "failslab" },
	{ SLAB_ACCOUNT, "account" },
	{ SLAB_KASAN, "kasan" },
	{ SLAB_NO_USER_FLAGS, "no_user_flags" },
	{ SLAB_SKIP_KFENCE, "skip_kfence" },
	{ SLAB_RECLAIM_ACCOUNT, "reclaim_account" },
	{ SLAB_NO_MERGE, "no_merge" },
	{ SLAB_NO_OBJ_EXT, "no_obj_ext" },
	{ SLAB_NO_SHEAVES, "no_sheaves" },
	{ SLAB_OBJ_EXT_IN_OBJ, "obj_ext_in_obj" },
	{ MMS_SLAB_OBJECT_POISON, "object_poison" },
	{ MMS_SLAB_CMPXCHG_DOUBLE, "cmpxchg_double" },
};

/**
 * slub_show_flags() - print a cache's flags by name
 * @m: where to print
 * @cache: the cache
 *
 * Bits that the headers have no name for follow as one number.
 */
void slub_show_flags(struct seq_file *m, const struct slub_cache *cache)
{
	slab_flags_t left = cache->flags;
	const char *comma = "";
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		if (!(left & flags[i].mask))
			continue;
		seq_puts(m, comma);
		seq_puts(m, flags[i].name);
		left &= ~flags[i].mask;
		comma = ",";
	}
	if (left)
		seq_printf(m, "%s%#x", comma, (__force u32)left);
	else if (!*comma)
		seq_putc(m, '-');
}

/* ---- Slabs and objects ---- */

/* A bit field of the word of counters; little endian, as all that we run on. */
static u16 counter(unsigned long counters, enum slub_member member)
{
	const struct mms_member *m = &members[member];
	unsigned int shift;

	shift = 8 * (m->offset_B - members[SLAB_COUNTERS].offset_B) +
		m->bit_offset;
	return (counters >> shift) & ((1UL << m->bit_size) - 1);
}

static bool read_words(struct slub_slab *slab)
{
	u8 copy[OTHER_PART_B + SLACK_B];

	if (!copy_part(slab->page, PART_SLAB, copy))
		return false;
	slab->freelist = pointer_in(copy, PART_SLAB, SLAB_FREELIST);
	slab->counters = number_in(copy, PART_SLAB, SLAB_COUNTERS);
	slab->cache = pointer_in(copy, PART_SLAB, SLAB_CACHE);
	return true;
}

/**
 * slub_is_slab() - is this the first struct page of a slab?
 * @page: any address
 *
 * Context: Any but NMI.
 */
bool slub_is_slab(const void *page)
{
	return mms_is_page(page) && !PageTail((struct page *)page) &&
	       PageSlab((struct page *)page);
}

/**
 * slub_slab_read() - copy one slab
 * @slab_page: its first struct page; need not be one
 * @slab: filled in
 *
 * The list and its counters are written at once, but read one after the other: they
 * fit together when two looks are equal.
 *
 * Context: Any but NMI, between slub_hold() and slub_release().
 * Return: False if there is no slab, or if it never held still.
 */
bool slub_slab_read(const void *slab_page, struct slub_slab *slab)
{
	struct slub_slab before = { .page = (struct page *)slab_page };
	int i;

	*slab = before;
	if (!slub_is_slab(slab_page) || !read_words(slab))
		return false;
	for (i = 0; i < READS_MAX; i++) {
		before = *slab;
		smp_rmb(); /* against cmpxchg_double_slab() of the kernel */
		if (!read_words(slab))
			return false;
		if (slab->freelist == before.freelist &&
		    slab->counters == before.counters)
			break;
	}
	if (i == READS_MAX)
		return false;
	slab->base = page_address(slab->page);
	slab->inuse = counter(slab->counters, SLAB_INUSE);
	slab->objects = counter(slab->counters, SLAB_OBJECTS);
	slab->frozen = counter(slab->counters, SLAB_FROZEN);
	return true;
}

/**
 * slub_cpu_read() - copy what a CPU has of a cache
 * @cpu_slab: its struct kmem_cache_cpu
 * @cpu: filled in
 *
 * Context: On that CPU, with interrupts off.
 */
void slub_cpu_read(const void *cpu_slab, struct slub_cpu *cpu)
{
	u8 copy[OTHER_PART_B + SLACK_B];

	memset(cpu, 0, sizeof(*cpu));
	if (!copy_part(cpu_slab, PART_CPU, copy))
		return;
	cpu->freelist = pointer_in(copy, PART_CPU, CPU_FREELIST);
	cpu->tid = number_in(copy, PART_CPU, CPU_TID);
	cpu->slab = pointer_in(copy, PART_CPU, CPU_SLAB);
	cpu->partial = pointer_in(copy, PART_CPU, CPU_PARTIAL);
}

/**
 * slub_sheaves_read() - copy what a CPU has of a cache with sheaves
 * @cpu_sheaves: its struct slub_percpu_sheaves
 * @sheaves: filled in
 *
 * Context: On that CPU, with interrupts off.
 */
void slub_sheaves_read(const void *cpu_sheaves, struct slub_sheaves *sheaves)
{
	u8 copy[OTHER_PART_B + SLACK_B];

	memset(sheaves, 0, sizeof(*sheaves));
	if (!copy_part(cpu_sheaves, PART_SHEAVES, copy))
		return;
	sheaves->is_held = number_in(copy, PART_SHEAVES, SHEAVES_ACQUIRED);
	sheaves->main = pointer_in(copy, PART_SHEAVES, SHEAVES_MAIN);
	sheaves->spare = pointer_in(copy, PART_SHEAVES, SHEAVES_SPARE);
	sheaves->rcu_free = pointer_in(copy, PART_SHEAVES, SHEAVES_RCU_FREE);
}

/**
 * slub_node_read() - copy what a node has of a cache
 * @cache_node: its struct kmem_cache_node
 * @node: filled in
 *
 * Context: Under the node's list_lock.
 */
void slub_node_read(const void *cache_node, struct slub_node *node)
{
	u8 copy[OTHER_PART_B + SLACK_B];

	memset(node, 0, sizeof(*node));
	if (!copy_part(cache_node, PART_NODE, copy))
		return;
	node->first = pointer_in(copy, PART_NODE, NODE_PARTIAL);
	node->nr_partial = number_in(copy, PART_NODE, NODE_NR_PARTIAL);
	node->slabs = number_in(copy, PART_NODE, NODE_NR_SLABS);
	node->objects = number_in(copy, PART_NODE, NODE_TOTAL_OBJECTS);
}

/**
 * slub_index() - which object of a slab an address is
 * @cache: the slab's cache
 * @slab: the slab
 * @object: the address of an object
 *
 * Return: Its index, -1 if it is no address of an object there.
 */
int slub_index(const struct slub_cache *cache, const struct slub_slab *slab,
	       const void *object)
{
	size_t at_B = object - slab->base - cache->red_left_B;

	if (at_B / cache->size_B >= slab->objects || at_B % cache->size_B)
		return -1;
	return at_B / cache->size_B;
}

/**
 * slub_object() - address of an object
 * @cache: the slab's cache
 * @slab: the slab
 * @index: which object
 */
void *slub_object(const struct slub_cache *cache, const struct slub_slab *slab,
		  unsigned int index)
{
	return slab->base + (size_t)index * cache->size_B + cache->red_left_B;
}

/**
 * slub_next() - the free object behind a free object
 * @cache: its cache
 * @object: the object
 * @next: filled in: the pointer as it stands there, unchecked
 *
 * Mirrors freelist_ptr_decode() of mm/slub.c (6.12), freelist_ptr() before.
 *
 * Context: Any.
 * Return: Whether it could be read.
 */
bool slub_next(const struct slub_cache *cache, const void *object, void **next)
{
	const void *at = object + cache->offset_B;
	unsigned long stored;

	if (copy_from_kernel_nofault(&stored, at, sizeof(stored)))
		return false;
	if (members[CACHE_RANDOM].found)
		stored ^= cache->random ^ swab((unsigned long)at);
	*next = (void *)stored;
	return true;
}

/**
 * slub_kfence_read() - copy what KFENCE knows of an object
 * @addr: an address of its pool
 * @object: filled in
 *
 * Mirrors addr_to_metadata() and metadata_to_pageaddr() of mm/kfence/core.c (6.12).
 *
 * Context: Any.
 * Return: False when there is none: a guard page, no such thing in BTF, or what is
 * there does not describe this page.
 */
bool slub_kfence_read(const void *addr, struct slub_kfence *object)
{
	const char *metadata = kfence_metadata_start(table[SYM_KFENCE_METADATA].addr);
	long index = ((const char *)addr - kfence_pool_start()) /
		     (long)(PAGE_SIZE * 2) - 1;
	u64 state;

	if (!metadata || index < 0 || !members[KFENCE_CACHE].found)
		return false;
	metadata += index * members[KFENCE_METADATA].size_B;
	object->cache = slub_pointer(metadata, KFENCE_CACHE);
	object->is_allocated = slub_number(metadata, KFENCE_STATE, &state) &&
			       kfence_state_is_held(state);
	return slub_number(metadata, KFENCE_ADDR, &object->addr) &&
	       slub_number(metadata, KFENCE_SIZE, &object->size_B) &&
	       PFN_DOWN(object->addr) == PFN_DOWN((unsigned long)addr);
}

/* ---- What is there ---- */

/**
 * slub_has_sheaves() - sheaves instead of a slab for each CPU?
 */
bool slub_has_sheaves(void)
{
	return members[CACHE_CPU_SHEAVES].found;
}

/**
 * slub_check() - refuse a request that cannot be answered on this kernel
 * @request: the request; NULL: a plain file, no log entry
 *
 * Return: 0 or -EOPNOTSUPP.
 */
int slub_check(struct mms_request *request)
{
	if (!missing)
		return 0;
	return request ? mms_refuse(request, MMS_WHOLE_LINE, -EOPNOTSUPP,
				    "%s was not found, see mmscope/status",
				    missing) : -EOPNOTSUPP;
}

/**
 * slub_features() - rows for the features section of status
 * @m: where to print
 */
void slub_features(struct seq_file *m)
{
	seq_printf(m, "slabs slubprobe %s %s%s\n", missing ? "off" : "ok",
		   missing ? "not_found:" : "per_cpu_",
		   missing ?: slub_has_sheaves() ? "sheaves" : "slabs");
	seq_printf(m, "kfence slubprobe %s -\n",
		   members[KFENCE_CACHE].found &&
		   table[SYM_KFENCE_METADATA].addr ? "ok" : "absent");
	seq_printf(m, "free_pointers slubprobe ok %s\n",
		   members[CACHE_RANDOM].found ? "hardened" : "plain");
}

/* What a part takes; false if that is more than a copy has room for. */
static bool measure_part(struct part *part)
{
	u32 from_B = U32_MAX, to_B = 0;
	unsigned int i;

	for (i = part->first; i <= part->last; i++) {
		if (!members[i].found)
			continue;
		from_B = min(from_B, members[i].offset_B);
		to_B = max(to_B, members[i].offset_B + members[i].size_B);
	}
	if (to_B < from_B)
		return true;
	part->from_B = round_down(from_B, sizeof(u64));
	part->size_B = to_B - part->from_B;
	return part->size_B <= part->max_B;
}

static const char *first_too_large(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(parts); i++)
		if (!measure_part(&parts[i]))
			return members[parts[i].last].path;
	return NULL;
}

static const char *first_missing(const enum slub_member *list, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (!members[list[i]].found)
			return members[list[i]].path;
	return NULL;
}

/* Members that a kernel has under another name. */
static void use_other_names(void)
{
	if (!members[SLAB_FREELIST].found)
		memcpy(&members[SLAB_FREELIST], &members[PAGE_FREELIST],
		       (PAGE_FREELIST - SLAB_FREELIST) * sizeof(*members));
	if (!members[CPU_SLAB].found)
		members[CPU_SLAB] = members[CPU_PAGE];
}

/**
 * slub_init() - find symbols and layouts
 *
 * Context: Process context, from module init.
 * Return: 0; else do not load.
 */
int slub_init(void)
{
	int err;

	err = mms_layout_add(&layout);
	if (err)
		return err;
	mms_symbols_add(&symbols);
	use_other_names();
	if (!table[SYM_SLAB_CACHES].addr || !table[SYM_SLAB_MUTEX].addr)
		missing = "slab_caches_or_slab_mutex";
	else
		missing = first_missing(needed, ARRAY_SIZE(needed)) ?:
			  (slub_has_sheaves() ?
			   first_missing(needed_of_sheaves,
					 ARRAY_SIZE(needed_of_sheaves)) :
			   first_missing(needed_of_slabs,
					 ARRAY_SIZE(needed_of_slabs))) ?:
			  first_too_large();
	return 0;
}

/**
 * slub_exit() - undo slub_init()
 */
void slub_exit(void)
{
	mms_symbols_del(&symbols);
	mms_layout_del(&layout);
}
