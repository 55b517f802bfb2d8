// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's trees of virtual areas: where they are, and walking them by address.
 *
 * An area is busy while it is handed out, lazy while it is unmapped but TLBs may
 * still know it, and free otherwise. Up to 6.8, each of these is one tree. From
 * 6.9 on, busy and lazy areas are spread over nodes by a hash of the address (a
 * vmap_node is no NUMA node), and small areas that were purged wait in pools of
 * their node to be used again. What is free is one tree everywhere.
 *
 * Each tree has a spinlock, and an area leaves its tree under it before anything
 * of it is freed. A walk copies the next few areas of every tree under its lock,
 * merges them, and goes on behind the last address: at most VMW_BATCH steps a
 * hold, and memory that does not grow with the number of areas. Between two holds
 * areas come and go; one that is there all the time is seen once.
 *
 * Up to 5.10, lazy areas are on a list that has no lock; the mutex of whoever purges
 * keeps it. No lock is taken here inside another. struct vmap_area is public and read as the
 * headers have it; vmap_node is private and comes from the BTF. Deliberately
 * ignored: areas on their way from one tree to another, which are in none.
 */
#include <linux/llist.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include <linux/uaccess.h>

#include <mmscope/layout.h>
#include <mmscope/symbol.h>

#include "vmalloc_walk.h"

#define NODES_MAX	1024	/* the kernel makes 128 at most */
#define DEPTH_MAX	128	/* of a red-black tree of any size */

enum {
	SYM_AREA_ROOT,
	SYM_AREA_LOCK,
	SYM_PURGE_ROOT,
	SYM_PURGE_LOCK,
	SYM_PURGE_LIST,
	SYM_PURGE_MUTEX,
	SYM_NODES,
	SYM_NR_NODES,
	SYM_FREE_ROOT,
	SYM_FREE_LOCK,
	SYM_LAZY_NR,
	SYM_PERCPU,
};

static struct mms_symbol table[] = {
	[SYM_AREA_ROOT] = {
		.name = "vmap_area_root", .purpose = "areas_up_to_6.8",
	},
	[SYM_AREA_LOCK] = {
		.name = "vmap_area_lock", .purpose = "areas_up_to_6.8",
	},
	[SYM_PURGE_ROOT] = {
		.name = "purge_vmap_area_root", .purpose = "lazy_of_5.11_to_6.8",
	},
	[SYM_PURGE_LOCK] = {
		.name = "purge_vmap_area_lock", .purpose = "lazy_of_5.11_to_6.8",
	},
	[SYM_PURGE_LIST] = {
		.name = "vmap_purge_list", .purpose = "lazy_up_to_5.10",
	},
	[SYM_PURGE_MUTEX] = {
		.name = "vmap_purge_lock", .purpose = "lazy_up_to_5.10",
	},
	[SYM_NODES] = {
		.name = "vmap_nodes", .purpose = "areas_and_lazy_from_6.9_on",
	},
	[SYM_NR_NODES] = {
		.name = "nr_vmap_nodes", .purpose = "areas_and_lazy_from_6.9_on",
	},
	[SYM_FREE_ROOT] = {
		.name = "free_vmap_area_root", .purpose = "holes",
	},
	[SYM_FREE_LOCK] = {
		.name = "free_vmap_area_lock", .purpose = "holes",
	},
	[SYM_LAZY_NR] = {
		.name = "vmap_lazy_nr", .purpose = "number_of_lazy_pages",
	},
	[SYM_PERCPU] = {
		.name = "pcpu_get_vm_areas", .purpose = "kind_percpu",
	},
};

static struct mms_symbols symbols = {
	.owner = THIS_MODULE,
	.table = table,
	.nr = ARRAY_SIZE(table),
};

/* Private members; all of a group or none is used. */
enum {
	MEMBER_NODE,
	MEMBER_BUSY_ROOT,
	MEMBER_BUSY_LOCK,
	MEMBER_LAZY_ROOT,
	MEMBER_LAZY_LOCK,
	MEMBER_POOL_LOCK,
	MEMBER_POOLS,
	MEMBER_POOL,
	MEMBER_POOL_HEAD,
	MEMBER_POOL_LEN,
};

static struct mms_member members[] = {
	[MEMBER_NODE] = MMS_PRIVATE("vmap_node"),
	[MEMBER_BUSY_ROOT] = MMS_PRIVATE("vmap_node.busy.root"),
	[MEMBER_BUSY_LOCK] = MMS_PRIVATE("vmap_node.busy.lock"),
	[MEMBER_LAZY_ROOT] = MMS_PRIVATE("vmap_node.lazy.root"),
	[MEMBER_LAZY_LOCK] = MMS_PRIVATE("vmap_node.lazy.lock"),
	[MEMBER_POOL_LOCK] = MMS_PRIVATE("vmap_node.pool_lock"),
	[MEMBER_POOLS] = MMS_PRIVATE("vmap_node.pool"),
	[MEMBER_POOL] = MMS_PRIVATE("vmap_pool"),
	[MEMBER_POOL_HEAD] = MMS_PRIVATE("vmap_pool.head"),
	[MEMBER_POOL_LEN] = MMS_PRIVATE("vmap_pool.len"),
	MMS_PUBLIC(vmap_area, va_start),
	MMS_PUBLIC(vmap_area, va_end),
	MMS_PUBLIC(vmap_area, rb_node),
	MMS_PUBLIC(vmap_area, list),
	MMS_PUBLIC(vmap_area, vm),
	MMS_PUBLIC(vm_struct, addr),
	MMS_PUBLIC(vm_struct, size),
	MMS_PUBLIC(vm_struct, flags),
	MMS_PUBLIC(vm_struct, pages),
	MMS_PUBLIC(vm_struct, nr_pages),
	MMS_PUBLIC(vm_struct, phys_addr),
	MMS_PUBLIC(vm_struct, caller),
};

static struct mms_layout layout = {
	.owner = THIS_MODULE,
	.table = members,
	.nr = ARRAY_SIZE(members),
};

/* The array of nodes, which the kernel makes once; nr 0: there is none. */
static struct {
	void *array;
	unsigned int nr;
	bool pools;
} nodes;

static void *address(unsigned int symbol)
{
	return (void *)table[symbol].addr;
}

static bool has_both(unsigned int root, unsigned int lock)
{
	return address(root) && address(lock);
}

static bool is_found(unsigned int member, size_t size_B)
{
	return members[member].found && members[member].size_B == size_B;
}

static bool nodes_known(void)
{
	return has_both(SYM_NODES, SYM_NR_NODES) && members[MEMBER_NODE].found &&
	       is_found(MEMBER_BUSY_ROOT, sizeof(struct rb_root)) &&
	       is_found(MEMBER_BUSY_LOCK, sizeof(spinlock_t)) &&
	       is_found(MEMBER_LAZY_ROOT, sizeof(struct rb_root)) &&
	       is_found(MEMBER_LAZY_LOCK, sizeof(spinlock_t));
}

static bool pools_known(void)
{
	return is_found(MEMBER_POOL_LOCK, sizeof(spinlock_t)) &&
	       is_found(MEMBER_POOL_HEAD, sizeof(struct list_head)) &&
	       is_found(MEMBER_POOL_LEN, sizeof(unsigned long)) &&
	       members[MEMBER_POOLS].found && members[MEMBER_POOL].size_B;
}

static void find_nodes(void)
{
	unsigned int nr;
	void *array;
	char last;

	if (!nodes_known() ||
	    copy_from_kernel_nofault(&nr, address(SYM_NR_NODES), sizeof(nr)) ||
	    copy_from_kernel_nofault(&array, address(SYM_NODES), sizeof(array)) ||
	    !nr || nr > NODES_MAX)
		return;
	if (copy_from_kernel_nofault(&last, array + nr *
				     members[MEMBER_NODE].size_B - 1, 1))
		return;
	nodes.array = array;
	nodes.nr = nr;
	nodes.pools = pools_known();
}

static void *node_member(unsigned int node, unsigned int member)
{
	return nodes.array + node * members[MEMBER_NODE].size_B +
	       members[member].offset_B;
}

/* Up to 5.10, lazy areas are on a list. */
static bool has_lazy_list(void)
{
	return has_both(SYM_PURGE_LIST, SYM_PURGE_MUTEX);
}

/**
 * vmw_trees() - how many trees a set has
 * @set: which
 *
 * Return: The number; 0 if this kernel does not tell. The list of lazy areas that
 * kernels up to 5.10 have counts as one.
 */
unsigned int vmw_trees(enum vmw_set set)
{
	switch (set) {
	case VMW_BUSY:
		return nodes.nr ?: has_both(SYM_AREA_ROOT, SYM_AREA_LOCK);
	case VMW_LAZY:
		return nodes.nr ?: has_both(SYM_PURGE_ROOT, SYM_PURGE_LOCK) ||
				   has_lazy_list();
	case VMW_FREE:
		return has_both(SYM_FREE_ROOT, SYM_FREE_LOCK);
	}
	return 0;
}

/**
 * vmw_tree() - one tree of a set
 * @set: which
 * @i: index, below vmw_trees()
 * @tree: filled in
 *
 * Return: false if it is a list: the lazy areas up to 5.10.
 */
bool vmw_tree(enum vmw_set set, unsigned int i, struct vmw_tree *tree)
{
	bool lazy = set == VMW_LAZY;

	if (lazy && has_lazy_list())
		return false;
	if (set == VMW_FREE) {
		tree->root = address(SYM_FREE_ROOT);
		tree->lock = address(SYM_FREE_LOCK);
	} else if (nodes.nr) {
		tree->root = node_member(i, lazy ? MEMBER_LAZY_ROOT : MEMBER_BUSY_ROOT);
		tree->lock = node_member(i, lazy ? MEMBER_LAZY_LOCK : MEMBER_BUSY_LOCK);
	} else {
		tree->root = address(lazy ? SYM_PURGE_ROOT : SYM_AREA_ROOT);
		tree->lock = address(lazy ? SYM_PURGE_LOCK : SYM_AREA_LOCK);
	}
	return true;
}

/**
 * vmw_find_behind() - the first area that ends behind an address
 * @tree: where to look
 * @addr: address
 *
 * Mirrors find_vmap_area_exceed_addr() of mm/vmalloc.c.
 *
 * Context: The tree's lock is held.
 * Return: The area, or NULL.
 */
struct vmap_area *vmw_find_behind(const struct vmw_tree *tree, u64 addr)
{
	struct rb_node *node = tree->root->rb_node;
	struct vmap_area *va, *found = NULL;
	unsigned int depth;

	lockdep_assert_held(tree->lock);
	for (depth = 0; node && depth < DEPTH_MAX; depth++) {
		va = rb_entry(node, struct vmap_area, rb_node);
		if (va->va_end > addr) {
			found = va;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

/**
 * vmw_next_in() - the next area of the same tree
 * @va: an area
 *
 * Context: The tree's lock is held.
 * Return: The area, or NULL.
 */
struct vmap_area *vmw_next_in(const struct vmap_area *va)
{
	return rb_entry_safe(rb_next(&va->rb_node), struct vmap_area, rb_node);
}

/* ---- All trees, by address ---- */

/* Sort an area into the batch; false if it lies behind a batch that is full. */
static bool insert(struct vmw_cursor *cursor, const struct vmap_area *va,
		   unsigned int tree)
{
	struct vmw_entry *entries = cursor->entries;
	unsigned int i = cursor->nr;

	if (i == VMW_BATCH && entries[--i].start <= va->va_start)
		return false;
	for (; i && entries[i - 1].start > va->va_start; i--)
		entries[i] = entries[i - 1];
	entries[i] = (struct vmw_entry) {
		.start = va->va_start,
		.end = va->va_end,
		.tree = tree,
	};
	if (cursor->nr < VMW_BATCH)
		cursor->nr++;
	return true;
}

static void gather_tree(struct vmw_cursor *cursor, const struct vmw_tree *tree,
			unsigned int i)
{
	const struct vmap_area *va;
	unsigned int steps;

	spin_lock(tree->lock);
	va = vmw_find_behind(tree, cursor->at);
	for (steps = 0; va && steps <= VMW_BATCH; steps++) {
		if (va->va_start > cursor->last)
			break;
		if (va->va_start >= cursor->from && !insert(cursor, va, i))
			break;
		va = vmw_next_in(va);
	}
	spin_unlock(tree->lock);
}

/*
 * The mutex keeps a purge from taking the list away; more areas are added in front
 * meanwhile, without any lock. Mirrors s_start() and show_purge_info() of 5.10.
 */
static void gather_list(struct vmw_cursor *cursor)
{
	struct llist_head *list = address(SYM_PURGE_LIST);
	const struct vmap_area *va;
	struct llist_node *node;

	if (mutex_lock_killable(address(SYM_PURGE_MUTEX)))
		return;
	for (node = READ_ONCE(list->first); node; node = READ_ONCE(node->next)) {
		va = purge_list_area(node);
		if (va->va_end > cursor->at && va->va_start >= cursor->from &&
		    va->va_start <= cursor->last)
			insert(cursor, va, 0);
		cond_resched();
	}
	mutex_unlock(address(SYM_PURGE_MUTEX));
}

static void next_batch(struct vmw_cursor *cursor)
{
	unsigned int i, nr = vmw_trees(cursor->set);
	struct vmw_tree tree;

	cursor->nr = 0;
	cursor->next = 0;
	for (i = 0; i < nr; i++)
		if (vmw_tree(cursor->set, i, &tree))
			gather_tree(cursor, &tree, i);
		else
			gather_list(cursor);
	if (cursor->nr < VMW_BATCH) {
		cursor->done = true;
		return;
	}
	cursor->from = cursor->entries[VMW_BATCH - 1].start + 1;
	cursor->at = cursor->from;
}

/**
 * vmw_cursor_begin() - start a walk
 * @cursor: to be set up
 * @set: which trees
 * @start: areas that end behind this address
 * @last: and start at this one at most
 */
void vmw_cursor_begin(struct vmw_cursor *cursor, enum vmw_set set, u64 start,
		      u64 last)
{
	cursor->set = set;
	cursor->at = start;
	cursor->from = 0;
	cursor->last = last;
	cursor->done = false;
	cursor->next = 0;
	cursor->nr = 0;
}

/**
 * vmw_cursor_next() - the next area by address
 * @cursor: the walk
 * @entry: filled in; the area may be gone already
 *
 * Context: Process context, no lock held, may sleep.
 * Return: false at the end.
 */
bool vmw_cursor_next(struct vmw_cursor *cursor, struct vmw_entry *entry)
{
	if (cursor->next == cursor->nr) {
		if (cursor->done)
			return false;
		cond_resched();
		next_batch(cursor);
	}
	if (cursor->next == cursor->nr)
		return false;
	*entry = cursor->entries[cursor->next++];
	return true;
}

static bool find_in(u64 addr, unsigned int i, struct vmw_entry *entry)
{
	const struct vmap_area *va;
	struct vmw_tree tree;
	bool found;

	vmw_tree(VMW_BUSY, i, &tree);
	spin_lock(tree.lock);
	va = vmw_find_behind(&tree, addr);
	found = va && va->va_start <= addr;
	if (found)
		*entry = (struct vmw_entry) {
			.start = va->va_start,
			.end = va->va_end,
			.tree = i,
		};
	spin_unlock(tree.lock);
	return found;
}

/**
 * vmw_find() - the busy area that holds an address
 * @addr: address
 * @entry: filled in; the area may be gone already
 *
 * Return: false if there is none.
 */
bool vmw_find(u64 addr, struct vmw_entry *entry)
{
	unsigned int i, nr = vmw_trees(VMW_BUSY);

	for (i = 0; i < nr; i++)
		if (find_in(addr, i, entry))
			return true;
	return false;
}

/**
 * vmw_check_trees() - refuse what needs trees that this kernel does not tell of
 * @request: the request
 * @set: which trees
 *
 * Return: 0 or -EOPNOTSUPP.
 */
int vmw_check_trees(struct mms_request *request, enum vmw_set set)
{
	if (vmw_trees(set) && pgwalk_has_kernel_tables())
		return 0;
	return mms_refuse(request, MMS_WHOLE_LINE, -EOPNOTSUPP,
			  "the kernel's areas were not found, see mmscope/status");
}

/* ---- Pools and lazy areas ---- */

/**
 * vmw_pool() - the pools of a node
 * @node: index, below vmw_trees(VMW_LAZY)
 * @pool: filled in
 *
 * Return: false where there are no pools: up to 6.8.
 */
bool vmw_pool(unsigned int node, struct vmw_pool *pool)
{
	if (!nodes.pools)
		return false;
	pool->lock = node_member(node, MEMBER_POOL_LOCK);
	pool->lists = node_member(node, MEMBER_POOLS);
	pool->nr = members[MEMBER_POOLS].size_B / members[MEMBER_POOL].size_B;
	return true;
}

/**
 * vmw_pool_areas() - how many areas of one size a pool has
 * @pool: the pools of a node
 * @i: pages of each area, less one
 */
unsigned long vmw_pool_areas(const struct vmw_pool *pool, unsigned int i)
{
	const void *one = pool->lists + i * members[MEMBER_POOL].size_B;

	return READ_ONCE(*(unsigned long *)(one + members[MEMBER_POOL_LEN].offset_B));
}

static struct list_head *pool_head(const struct vmw_pool *pool, unsigned int i)
{
	return pool->lists + i * members[MEMBER_POOL].size_B +
	       members[MEMBER_POOL_HEAD].offset_B;
}

/**
 * vmw_pool_first() - the area of one size that a pool hands out next
 * @pool: the pools of a node
 * @i: pages of each area, less one
 *
 * Mirrors node_pool_del_va() of mm/vmalloc.c.
 *
 * Return: Its address, or 0.
 */
u64 vmw_pool_first(const struct vmw_pool *pool, unsigned int i)
{
	struct list_head *head = pool_head(pool, i);
	const struct vmap_area *va;
	u64 start;

	spin_lock(pool->lock);
	va = list_first_entry_or_null(head, struct vmap_area, list);
	start = va ? va->va_start : 0;
	spin_unlock(pool->lock);
	return start;
}

/**
 * vmw_pool_peek() - the area that this CPU's pool would hand out next
 * @size_B: of the area, its guard page included
 * @start: its address; 0: the pool is empty
 *
 * Without the lock of the pool: an area that was just taken may be named.
 *
 * Context: Any; callbacks of hooks.
 * Return: False if areas of this size come from no pool.
 */
bool vmw_pool_peek(u64 size_B, u64 *start)
{
	u64 i = (size_B - 1) >> PAGE_SHIFT;
	struct list_head *head, *first;
	const struct vmap_area *va;
	struct vmw_pool pool;

	*start = 0;
	if (nodes.nr < 2 ||
	    !vmw_pool(raw_smp_processor_id() % nodes.nr, &pool) || i >= pool.nr)
		return false;
	head = pool_head(&pool, i);
	if (copy_from_kernel_nofault(&first, &head->next, sizeof(first)) ||
	    first == head)
		return true;
	va = list_entry(first, struct vmap_area, list);
	copy_from_kernel_nofault(start, &va->va_start, sizeof(va->va_start));
	return true;
}

/**
 * vmw_lazy_pages() - how many pages the kernel counts as lazy
 * @pages: filled in
 *
 * Return: false if this kernel does not tell.
 */
bool vmw_lazy_pages(unsigned long *pages)
{
	const atomic_long_t *nr = address(SYM_LAZY_NR);

	if (nr)
		*pages = atomic_long_read(nr);
	return nr;
}

/**
 * vmw_is_percpu_caller() - is this where per-CPU areas come from?
 * @caller: of an area
 */
bool vmw_is_percpu_caller(const void *caller)
{
	return caller && caller == address(SYM_PERCPU);
}

/* ---- Load and unload ---- */

static const char *state(bool is_there)
{
	return is_there ? "ok" : "off";
}

/**
 * vmw_trees_features() - rows for the features section of status
 * @m: where to print
 */
void vmw_trees_features(struct seq_file *m)
{
	seq_printf(m, "busy_areas vmalloc_walk %s trees=%u\n",
		   state(vmw_trees(VMW_BUSY)), vmw_trees(VMW_BUSY));
	seq_printf(m, "lazy_areas vmalloc_walk %s trees=%u\n",
		   state(vmw_trees(VMW_LAZY)), vmw_trees(VMW_LAZY));
	seq_printf(m, "free_areas vmalloc_walk %s trees=%u\n",
		   state(vmw_trees(VMW_FREE)), vmw_trees(VMW_FREE));
	seq_printf(m, "pools vmalloc_walk %s\n", nodes.pools ? "ok -" :
		   nodes.nr ? "off layout_not_known" : "off none_before_6.9");
}

/**
 * vmw_trees_init() - find the trees
 *
 * That this kernel does not tell of them is no error: status says so.
 *
 * Context: Process context, from module init.
 * Return: 0, or what mms_layout_add() says.
 */
int vmw_trees_init(void)
{
	int err;

	err = mms_layout_add(&layout);
	if (err)
		return err;
	mms_symbols_add(&symbols);
	find_nodes();
	return 0;
}

/**
 * vmw_trees_exit() - undo vmw_trees_init()
 */
void vmw_trees_exit(void)
{
	mms_symbols_del(&symbols);
	mms_layout_del(&layout);
}
