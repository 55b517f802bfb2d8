// SPDX-License-Identifier: GPL-2.0
/*
 * What one cache holds: a look at every place where a free object or a slab
 * that is not full can be.
 *
 * - What belongs to a CPU is read on that CPU, in an interrupt: what changes it
 *   runs with interrupts off or is one instruction, so it holds still. Sheaves
 *   are changed with preemption off only; their lock word tells, and the CPU is
 *   asked again. Others may put objects in front of a slab's list meanwhile; the
 *   list behind the head that was read stays.
 * - Partial slabs of a node are read under its list_lock, a barn under its own
 *   lock; there, too, others may only put objects in front.
 *
 * That makes each part exact, at an instant of its own. The whole is exact if
 * nothing changed from one look to the next: a hash of all that was seen tells.
 *
 * Not seen: what is on its way between two places (a slab that a CPU has taken
 * from a list and not yet installed, a sheaf that is being filled). Its slab is
 * counted as full, its objects as allocated. With PREEMPT_RT more of the kernel's
 * work on a CPU can be interrupted, so there only equal looks prove anything.
 *
 * Nothing here allocates: slab_mutex is held, and locks of the allocator.
 */
#include <linux/bitops.h>
#include <linux/bsearch.h>
#include <linux/cpumask.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/sort.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>

#include "slubprobe.h"

#define PAIRS_MAX	2	/* of looks, until two are equal */
#define TRIES_MAX	200	/* until a CPU is outside of its critical section */
#define STEPS_MAX	16384	/* objects followed under one hold */
#define NODE_SLABS_MAX	10000	/* slabs under one hold; the kernel's own bound */
#define CPU_SLABS_MAX	1000	/* partial slabs of a CPU */
#define SHEAVES_MAX	1000	/* of a barn */
#define SHEAF_MAX	4096	/* objects of a sheaf */
#define SHEAF_CHUNK	16	/* of these are read at once */

static const char *const place_names[] = {
	[MMSCOPE_SLUB_NOWHERE] = "-",
	[MMSCOPE_SLUB_CPU] = "cpu",
	[MMSCOPE_SLUB_CPU_SLAB] = "cpu_slab",
	[MMSCOPE_SLUB_CPU_PARTIAL] = "cpu_partial",
	[MMSCOPE_SLUB_SHEAF_MAIN] = "sheaf_main",
	[MMSCOPE_SLUB_SHEAF_SPARE] = "sheaf_spare",
	[MMSCOPE_SLUB_SHEAF_RCU] = "sheaf_rcu",
	[MMSCOPE_SLUB_BARN] = "barn",
	[MMSCOPE_SLUB_NODE] = "node",
	[MMSCOPE_SLUB_LOOSE] = "loose",
	[MMSCOPE_SLUB_FULL] = "full",
};

static_assert(ARRAY_SIZE(place_names) == MMSCOPE_SLUB_PLACES);

/**
 * slub_place_name() - the word for a place
 * @place: enum mmscope_slub_place
 */
const char *slub_place_name(unsigned int place)
{
	return place_names[place];
}

/* Where in a cache we are. */
struct spot {
	struct slub_look *look;
	u8 place;
	u32 owner;
};

static void mix(struct slub_look *look, u64 value)
{
	look->hash = rol64((look->hash ^ value) * 0x9e3779b97f4a7c15ULL, 29);
}

/* ---- What is kept ---- */

static void count(const struct slub_look *look, u64 *figure, u64 nr)
{
	if (!look->only_confirms)
		*figure += nr;
}

static void add_fault(const struct spot *spot, enum slub_fault_kind kind,
		      const void *addr, const struct slub_slab *slab,
		      u64 expected, u64 counted)
{
	struct slub_walk *walk = spot->look->walk;

	if (!walk) {
		/* What the damage hides is in no figure. */
		spot->look->is_truncated = true;
		return;
	}
	/* So that equal looks have equal faults */
	mix(spot->look, (uintptr_t)addr + kind);
	mix(spot->look, expected ^ rol64(counted, 32));
	if (walk->nr_faults++ >= SLUB_FAULTS_MAX)
		return;
	walk->faults[walk->nr_faults - 1] = (struct slub_fault){
		.kind = kind,
		.place = spot->place,
		.owner = spot->owner,
		.addr = (uintptr_t)addr,
		.slab = slab ? slab->page : NULL,
		.expected = expected,
		.counted = counted,
	};
}

static void add_item(const struct spot *spot, const struct slub_item *item)
{
	struct slub_walk *walk = spot->look->walk;
	struct slub_item *to;

	if (!walk->items)
		return;
	if (walk->nr_items == walk->max_items) {
		spot->look->is_truncated = true;
		return;
	}
	to = &walk->items[walk->nr_items++];
	*to = *item;
	to->place = spot->place;
	to->owner = spot->owner;
}

static void add_object(const struct spot *spot, const void *object,
		       unsigned int position)
{
	struct slub_item item = {
		.addr = (uintptr_t)object,
		.position = position,
		.is_object = true,
	};

	add_item(spot, &item);
}

static void add_slab(const struct spot *spot, const struct slub_slab *slab,
		     unsigned int position)
{
	struct slub_item item = {
		.addr = (uintptr_t)slab->page,
		.position = position,
		.inuse = slab->inuse,
		.objects = slab->objects,
		.frozen = slab->frozen,
	};

	if (spot->look->walk)
		add_item(spot, &item);
	count(spot->look, &spot->look->slabs_at[spot->place], 1);
	mix(spot->look, slab->counters);
	mix(spot->look, (uintptr_t)slab->freelist ^ (uintptr_t)slab->page);
}

/* ---- Lists of free objects ---- */

/* Is @object among the first @nr of the list? Then the list comes back to it. */
static bool comes_back(const struct slub_look *look, void *head,
		       const void *object, unsigned int nr)
{
	while (nr-- && head != object)
		if (!slub_next(&look->cache, head, &head))
			return false;
	return head == object;
}

/* A free object may be seen once in its slab. */
static bool keep_object(const struct spot *spot, const struct slub_slab *slab,
			void *head, const void *object, unsigned int nr)
{
	struct slub_look *look = spot->look;
	int index = slub_index(&look->cache, slab, object);

	mix(look, (uintptr_t)object);
	if (__test_and_set_bit(index, look->walk->is_seen)) {
		add_fault(spot, comes_back(look, head, object, nr) ?
			  SLUB_FAULT_CYCLE : SLUB_FAULT_DOUBLED, object, slab,
			  0, nr);
		return false;
	}
	add_object(spot, object, nr);
	return true;
}

/*
 * Follow a list to its end: how many objects are on it, as far as they are
 * right. A list cannot be longer than its slab, which bounds this.
 */
static unsigned int follow(const struct spot *spot,
			   const struct slub_slab *slab, void *head)
{
	struct slub_look *look = spot->look;
	void *object = head;
	unsigned int nr;

	for (nr = 0; object && nr < slab->objects; nr++) {
		if (slub_index(&look->cache, slab, object) < 0) {
			add_fault(spot, SLUB_FAULT_OUT_OF_RANGE, object, slab,
				  0, nr);
			return nr;
		}
		if (look->walk && !keep_object(spot, slab, head, object, nr))
			return nr;
		if (slub_next(&look->cache, object, &object))
			continue;
		add_fault(spot, SLUB_FAULT_UNREADABLE, object, slab, 0, nr);
		return nr;
	}
	if (object)
		add_fault(spot, SLUB_FAULT_CYCLE, object, slab, 0, nr);
	return nr;
}

static bool may_follow(struct slub_look *look, const struct slub_slab *slab)
{
	if (!look->walk)
		return false;
	look->walk->steps -= slab->objects - slab->inuse;
	if (look->walk->steps > 0)
		return true;
	look->is_truncated = true;
	return false;
}

/* The free objects of a slab that no CPU takes from: counter and list agree. */
static void look_freelist(const struct spot *spot, const struct slub_slab *slab)
{
	struct slub_look *look = spot->look;
	unsigned int expected = slab->objects - slab->inuse, nr;

	count(look, &look->free_at[spot->place], expected);
	if (!may_follow(look, slab))
		return;
	nr = follow(spot, slab, slab->freelist);
	if (nr != expected)
		add_fault(spot, SLUB_FAULT_COUNT, slab->page, slab, expected, nr);
}

static bool read_slab(const struct spot *spot, const void *page,
		      struct slub_slab *slab)
{
	struct slub_look *look = spot->look;

	if (!slub_slab_read(page, slab)) {
		/* One that others free into all the time is no fault. */
		if (slub_is_slab(page))
			look->is_busy = true;
		else
			add_fault(spot, SLUB_FAULT_NO_SLAB, page, NULL, 0, 0);
		return false;
	}
	if (slab->cache != look->cache.addr) {
		add_fault(spot, SLUB_FAULT_WRONG_CACHE, slab->cache, slab, 0, 0);
		return false;
	}
	if (slab->inuse > slab->objects) {
		add_fault(spot, SLUB_FAULT_COUNT, page, slab, slab->objects,
			  slab->inuse);
		return false;
	}
	if (look->walk)
		bitmap_zero(look->walk->is_seen, slab->objects);
	return true;
}

/* ---- A CPU, on that CPU ---- */

/*
 * What the CPU took over is in use as far as the slab's counter goes; what others
 * freed since is on the slab's own list.
 */
static void look_cpu_slab(struct spot *spot, const struct slub_cpu *cpu)
{
	struct slub_look *look = spot->look;
	struct slub_slab slab;
	unsigned int nr;

	if (!read_slab(spot, cpu->slab, &slab))
		return;
	spot->place = MMSCOPE_SLUB_CPU;
	add_slab(spot, &slab, 0);
	/* Its head and the CPU's count of changes stand for a list that was followed. */
	if (!look->only_confirms) {
		nr = follow(spot, &slab, cpu->freelist);
		count(look, &look->free_at[MMSCOPE_SLUB_CPU], nr);
		if (nr > slab.inuse)
			add_fault(spot, SLUB_FAULT_COUNT, slab.page, &slab,
				  slab.inuse, nr);
	}
	/* The same slab once more, for its other list. */
	spot->place = MMSCOPE_SLUB_CPU_SLAB;
	add_slab(spot, &slab, 0);
	look_freelist(spot, &slab);
}

static void look_cpu_partial(struct spot *spot, const struct slub_cpu *cpu)
{
	const void *page = cpu->partial, *middle = NULL;
	struct slub_slab slab;
	unsigned int nr;

	spot->place = MMSCOPE_SLUB_CPU_PARTIAL;
	for (nr = 0; page && page != middle && nr < CPU_SLABS_MAX; nr++) {
		if (!read_slab(spot, page, &slab))
			return;
		add_slab(spot, &slab, nr);
		look_freelist(spot, &slab);
		/* In a cycle it is met again; a list may as well be that long. */
		if (nr == CPU_SLABS_MAX / 2)
			middle = page;
		page = slub_pointer(page, SLAB_NEXT);
	}
	if (page && page == middle)
		add_fault(spot, SLUB_FAULT_CYCLE, page, NULL, 0, nr);
	else if (page)
		spot->look->is_truncated = true;
}

static void look_cpu_with_slab(struct slub_look *look)
{
	struct spot spot = {
		.look = look,
		.place = MMSCOPE_SLUB_CPU,
		.owner = smp_processor_id(),
	};
	struct slub_cpu cpu;

	slub_cpu_read(this_cpu_ptr(look->cache.cpus), &cpu);
	mix(look, cpu.tid);
	mix(look, (uintptr_t)cpu.freelist);
	if (cpu.slab)
		look_cpu_slab(&spot, &cpu);
	look_cpu_partial(&spot, &cpu);
}

/* An object in a sheaf is in use as far as its slab knows. */
static void check_sheaf_object(const struct spot *spot, void *object)
{
	struct slub_slab slab;
	struct page *page;

	if (!virt_addr_valid(object)) {
		add_fault(spot, SLUB_FAULT_OUT_OF_RANGE, object, NULL, 0, 0);
		return;
	}
	page = compound_head(virt_to_page(object));
	if (read_slab(spot, page, &slab) &&
	    slub_index(&spot->look->cache, &slab, object) < 0)
		add_fault(spot, SLUB_FAULT_OUT_OF_RANGE, object, &slab, 0, 0);
}

static void look_sheaf_object(const struct spot *spot, void *object,
			      unsigned int position)
{
	mix(spot->look, (uintptr_t)object);
	if (!spot->look->walk)
		return;
	check_sheaf_object(spot, object);
	add_object(spot, object, position);
}

/* The last object of a sheaf is the next one to be taken. */
static void look_sheaf_objects(const struct spot *spot, const void *sheaf,
			       unsigned int nr)
{
	void **objects = slub_at(sheaf, SHEAF_OBJECTS);
	void *some[SHEAF_CHUNK];
	unsigned int left = nr, n;

	while (left) {
		n = min_t(unsigned int, left, SHEAF_CHUNK);
		left -= n;
		if (copy_from_kernel_nofault(some, &objects[left],
					     n * sizeof(*some))) {
			add_fault(spot, SLUB_FAULT_UNREADABLE, &objects[left],
				  NULL, 0, 0);
			continue;
		}
		while (n--)
			look_sheaf_object(spot, some[n], nr - 1 - left - n);
	}
}

static void look_sheaf(const struct spot *spot, const void *sheaf)
{
	struct slub_look *look = spot->look;
	struct slub_item item = { .addr = (uintptr_t)sheaf };
	u64 size;

	if (!sheaf)
		return;
	if (!slub_number(sheaf, SHEAF_SIZE, &size)) {
		add_fault(spot, SLUB_FAULT_UNREADABLE, sheaf, NULL, 0, 0);
		return;
	}
	if (size > min_t(u32, look->cache.sheaf_capacity, SHEAF_MAX)) {
		add_fault(spot, SLUB_FAULT_COUNT, sheaf, NULL,
			  look->cache.sheaf_capacity, size);
		return;
	}
	item.objects = size;
	if (look->walk)
		add_item(spot, &item);
	mix(look, (uintptr_t)sheaf);
	count(look, &look->free_at[spot->place], size);
	look_sheaf_objects(spot, sheaf, size);
}

/* False when the CPU was about to change them. */
static bool look_cpu_with_sheaves(struct slub_look *look)
{
	struct spot spot = { .look = look, .owner = smp_processor_id() };
	struct slub_sheaves sheaves;

	if (!look->cache.sheaf_capacity)
		return true;
	slub_sheaves_read(this_cpu_ptr(look->cache.cpus), &sheaves);
	if (sheaves.is_held)
		return false;
	spot.place = MMSCOPE_SLUB_SHEAF_MAIN;
	look_sheaf(&spot, sheaves.main);
	spot.place = MMSCOPE_SLUB_SHEAF_SPARE;
	look_sheaf(&spot, sheaves.spare);
	spot.place = MMSCOPE_SLUB_SHEAF_RCU;
	look_sheaf(&spot, sheaves.rcu_free);
	return true;
}

/* True when done; a CPU that was never caught at rest is asked again. */
static bool look_this_cpu(struct slub_look *look)
{
	if (!look->cache.cpus)
		return true;
	if (slub_has_sheaves())
		return look_cpu_with_sheaves(look);
	look_cpu_with_slab(look);
	return true;
}

/**
 * struct call - what a CPU is asked to do
 * @looks: at which caches
 * @nr: number of them
 * @pending: by index: still to be done
 */
struct call {
	struct slub_look *looks;
	unsigned int nr;
	unsigned long pending;
};

static_assert(SLUB_BATCH <= BITS_PER_LONG);

static void begin_hold(struct slub_look *look)
{
	if (look->walk)
		look->walk->steps = STEPS_MAX;
}

static void on_cpu(void *data)
{
	struct call *call = data;
	unsigned int i;

	for (i = 0; i < call->nr; i++) {
		if (!(call->pending & BIT(i)))
			continue;
		begin_hold(&call->looks[i]);
		if (look_this_cpu(&call->looks[i]))
			call->pending &= ~BIT(i);
	}
}

static void look_cpu(struct call *call, int cpu, unsigned long which)
{
	unsigned int i;
	int tries;

	call->pending = which;
	for (tries = 0; call->pending && tries < TRIES_MAX; tries++) {
		smp_call_function_single(cpu, on_cpu, call, true);
		if (call->pending)
			cond_resched();
	}
	for (i = 0; i < call->nr; i++)
		if (call->pending & BIT(i))
			call->looks[i].is_busy = true;
}

/* ---- A node ---- */

static struct list_head *next_entry(const struct list_head *entry)
{
	struct list_head *next;

	return copy_from_kernel_nofault(&next, &entry->next, sizeof(next)) ?
	       NULL : next;
}

static void look_partial(const struct spot *spot, const void *cache_node,
			 const struct slub_node *node)
{
	const struct list_head *head = slub_at(cache_node, NODE_PARTIAL);
	struct list_head *entry = node->first;
	struct slub_slab slab;
	unsigned long nr = 0;

	for (; entry && entry != head && nr < NODE_SLABS_MAX; nr++) {
		if (!read_slab(spot, slub_holder(entry, SLAB_LIST), &slab))
			return;
		add_slab(spot, &slab, nr);
		look_freelist(spot, &slab);
		entry = next_entry(entry);
	}
	if (nr == NODE_SLABS_MAX && entry != head)
		spot->look->is_truncated = true;
	else if (nr != node->nr_partial || entry != head)
		add_fault(spot, SLUB_FAULT_COUNT, head, NULL, node->nr_partial,
			  nr);
}

static void look_node(struct slub_look *look, int nid)
{
	struct spot spot = {
		.look = look,
		.place = MMSCOPE_SLUB_NODE,
		.owner = nid,
	};
	void *cache_node = slub_cache_node(&look->cache, nid);
	struct slub_node node;
	unsigned long flags;
	spinlock_t *lock;	/* covers the lists of the node */

	if (!cache_node)
		return;
	lock = slub_at(cache_node, NODE_LIST_LOCK);
	begin_hold(look);
	spin_lock_irqsave(lock, flags);
	slub_node_read(cache_node, &node);
	look_partial(&spot, cache_node, &node);
	spin_unlock_irqrestore(lock, flags);
	count(look, &look->slabs, node.slabs);
	count(look, &look->objects, node.objects);
	mix(look, node.slabs);
	mix(look, node.objects);
}

static void look_full_sheaves(const struct spot *spot, const void *barn)
{
	const struct list_head *head = slub_at(barn, BARN_FULL);
	struct list_head *entry = next_entry(head);
	unsigned int nr;
	u64 expected;

	slub_number(barn, BARN_NR_FULL, &expected);
	for (nr = 0; entry && entry != head && nr < SHEAVES_MAX; nr++) {
		look_sheaf(spot, slub_holder(entry, SHEAF_BARN_LIST));
		entry = next_entry(entry);
	}
	if (nr != expected || entry != head)
		add_fault(spot, SLUB_FAULT_COUNT, head, NULL, expected, nr);
}

static void look_barn(struct slub_look *look, int nid)
{
	struct spot spot = {
		.look = look,
		.place = MMSCOPE_SLUB_BARN,
		.owner = nid,
	};
	void *barn = slub_cache_barn(&look->cache, nid);
	unsigned long flags;
	spinlock_t *lock;	/* covers the barn */

	if (!barn)
		return;
	lock = slub_at(barn, BARN_LOCK);
	begin_hold(look);
	spin_lock_irqsave(lock, flags);
	look_full_sheaves(&spot, barn);
	spin_unlock_irqrestore(lock, flags);
}

/* ---- All of it ---- */

static void forget(struct slub_look *look)
{
	look->hash = 0;
	if (look->only_confirms)
		return;
	look->is_busy = false;
	look->slabs = 0;
	look->objects = 0;
	memset(look->slabs_at, 0, sizeof(look->slabs_at));
	memset(look->free_at, 0, sizeof(look->free_at));
	look->is_truncated = false;
	if (!look->walk)
		return;
	look->walk->nr_faults = 0;
	look->walk->nr_items = 0;
}

static void look_once(struct slub_look *looks, unsigned int nr,
		      unsigned long which, bool is_second)
{
	struct call call = { .looks = looks, .nr = nr };
	unsigned int i;
	int cpu, nid;

	for (i = 0; i < nr; i++) {
		if (!(which & BIT(i)))
			continue;
		looks[i].only_confirms = is_second && !looks[i].walk;
		forget(&looks[i]);
	}
	for_each_online_cpu(cpu)
		look_cpu(&call, cpu, which);
	for_each_online_node(nid) {
		for (i = 0; i < nr; i++) {
			if (!(which & BIT(i)))
				continue;
			look_barn(&looks[i], nid);
			if (!looks[i].without_nodes)
				look_node(&looks[i], nid);
			cond_resched();
		}
	}
}

/**
 * slub_look() - look at caches until two looks are equal
 * @looks: cache and walk of each are set; the rest is filled in
 * @nr: number of them, at most SLUB_BATCH
 *
 * The second look of a pair counts nothing, unless there is a walk, which keeps what
 * the last look found.
 *
 * Context: Process context, between slub_hold() and slub_release(), may sleep.
 */
void slub_look(struct slub_look *looks, unsigned int nr)
{
	unsigned long which = GENMASK(nr - 1, 0), busy = 0;
	u64 before[SLUB_BATCH];
	unsigned int i;
	int tries;

	for (tries = 0; which && tries < PAIRS_MAX; tries++) {
		look_once(looks, nr, which, false);
		for (i = 0; i < nr; i++) {
			before[i] = looks[i].hash;
			__assign_bit(i, &busy, looks[i].is_busy);
		}
		look_once(looks, nr, which, true);
		for (i = 0; i < nr; i++) {
			looks[i].is_stable = !looks[i].is_busy &&
					     !(busy & BIT(i)) &&
					     looks[i].hash == before[i];
			if (looks[i].is_stable)
				which &= ~BIT(i);
		}
	}
}

/**
 * slub_walk_new() - what a look needs to follow every list
 * @max_items: room for what is found; 0: only faults are kept
 *
 * Context: Process context, may sleep; not between slub_hold() and slub_release().
 * Return: To be freed by slub_walk_free(), NULL without memory.
 */
struct slub_walk *slub_walk_new(unsigned int max_items)
{
	struct slub_walk *walk = kvzalloc(sizeof(*walk), GFP_KERNEL);

	if (!walk || !max_items)
		return walk;
	walk->max_items = max_items;
	walk->items = kvmalloc_array(max_items, sizeof(*walk->items),
				     GFP_KERNEL);
	if (walk->items)
		return walk;
	kvfree(walk);
	return NULL;
}

/**
 * slub_walk_free() - undo slub_walk_new()
 * @walk: the walk, or NULL
 */
void slub_walk_free(struct slub_walk *walk)
{
	if (walk)
		kvfree(walk->items);
	kvfree(walk);
}

static int compare_items(const void *a, const void *b)
{
	const struct slub_item *first = a, *second = b;

	return first->addr < second->addr ? -1 : first->addr > second->addr;
}

/**
 * slub_walk_sort() - sort what was found by address
 * @walk: the walk; a structure and its objects do not follow each other any more
 *
 * Context: Process context, without locks.
 */
void slub_walk_sort(struct slub_walk *walk)
{
	sort(walk->items, walk->nr_items, sizeof(*walk->items), compare_items,
	     NULL);
}

/**
 * slub_walk_find() - what was found at an address
 * @walk: the walk, sorted
 * @addr: the address of an object or struct page of a slab
 *
 * Return: It, or NULL.
 */
const struct slub_item *slub_walk_find(const struct slub_walk *walk,
				       const void *addr)
{
	struct slub_item key = { .addr = (uintptr_t)addr };

	return bsearch(&key, walk->items, walk->nr_items, sizeof(key),
		       compare_items);
}

/* ---- One slab ---- */

/**
 * slub_is_linked() - is a slab on a list of its node?
 * @page: its first struct page
 *
 * On a list is who has neighbours that point back.
 *
 * Context: Any; a truth that lasts only under the node's list_lock.
 */
bool slub_is_linked(const void *page)
{
	struct list_head *self = slub_at(page, SLAB_LIST), *next, *prev, *back;

	return !copy_from_kernel_nofault(&prev, &self->prev, sizeof(prev)) &&
	       !copy_from_kernel_nofault(&back, &prev->next, sizeof(back)) &&
	       back == self &&
	       !copy_from_kernel_nofault(&next, &self->next, sizeof(next)) &&
	       !copy_from_kernel_nofault(&back, &next->prev, sizeof(back)) &&
	       back == self;
}

static void number_free(const struct slub_cache *cache,
			struct slub_slab_look *look)
{
	void *object = look->slab.freelist;
	unsigned int nr = 0;
	int index;

	memset(look->position, 0, look->slab.objects * sizeof(*look->position));
	while (object && nr < look->slab.objects) {
		index = slub_index(cache, &look->slab, object);
		if (index < 0 || look->position[index])
			return;
		look->position[index] = ++nr;
		if (!slub_next(cache, object, &object))
			return;
	}
}

static bool look_at_slab(const struct slub_cache *cache, const void *page,
			 struct slub_slab_look *look)
{
	struct slub_slab again;

	if (!slub_slab_read(page, &look->slab) ||
	    look->slab.cache != cache->addr)
		return false;
	if (slub_is_linked(page))
		look->place = look->slab.freelist ? MMSCOPE_SLUB_NODE :
						    MMSCOPE_SLUB_FULL;
	else
		look->place = look->slab.freelist ? MMSCOPE_SLUB_LOOSE :
						    MMSCOPE_SLUB_NOWHERE;
	number_free(cache, look);
	if (!slub_slab_read(page, &again) || again.cache != cache->addr)
		return false;
	look->is_stable = again.counters == look->slab.counters &&
			  again.freelist == look->slab.freelist;
	return true;
}

/**
 * slub_slab_look() - look at one slab, wherever it is
 * @cache: its cache
 * @page: its first struct page
 * @look: filled in
 *
 * Under the list_lock of its node, so that a slab on the node's list stays there
 * and others may only put objects in front of its own list. What belongs to a CPU
 * is called loose, and so is what belongs to nobody just now.
 *
 * Context: Process context, between slub_hold() and slub_release().
 * Return: False if it is no slab of that cache any more.
 */
bool slub_slab_look(const struct slub_cache *cache, struct page *page,
		    struct slub_slab_look *look)
{
	void *node = slub_cache_node(cache, page_to_nid(page));
	unsigned long flags;
	spinlock_t *lock;	/* covers the lists of the node */
	bool is_there;

	if (!node)
		return false;
	lock = slub_at(node, NODE_LIST_LOCK);
	spin_lock_irqsave(lock, flags);
	is_there = look_at_slab(cache, page, look);
	spin_unlock_irqrestore(lock, flags);
	return is_there;
}

/**
 * slub_look_free() - free objects of a cache, wherever they are
 * @look: the look
 */
u64 slub_look_free(const struct slub_look *look)
{
	u64 sum = 0;
	unsigned int i;

	for (i = 0; i < MMSCOPE_SLUB_PLACES; i++)
		sum += look->free_at[i];
	return sum;
}
