/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of slubprobe.ko share among themselves.
 */
#ifndef _SLUBPROBE_H
#define _SLUBPROBE_H

#include <linux/bitmap.h>
#include <linux/mm_types.h>
#include <linux/slab.h>
#include <linux/types.h>

#include <mmscope/query.h>
#include <mmscope/slubprobe.h>

struct seq_file;

/* Debugfs files, one per source file of the same name. */
extern struct mms_file slubprobe_caches_file;
extern struct mms_file slubprobe_cache_file;
extern struct mms_file slubprobe_check_file;
extern struct mms_file slubprobe_object_file;
extern struct mms_file slubprobe_slabs_file;
extern struct mms_file slubprobe_objects_file;
extern struct mms_file slubprobe_objects_bin_file;
extern struct mms_file slubprobe_classes_file;
extern struct mms_file slubprobe_kmalloc_file;
extern struct mms_file slubprobe_stats_file;
extern struct mms_file slubprobe_own_file;

/* own.c */
void slub_own_exit(void);

/* slab.c: caches, slabs and objects as the kernel stores them */

#define SLUB_NAME_LEN		64
#define SLUB_CACHES_MAX		4096	/* of the machine */
#define SLUB_OBJECTS_MAX	32768	/* of one slab: its counter has 15 bits */

/* Members of the kernel's structures, by index into slab.c's table. */
enum slub_member {
	CACHE_LIST,
	CACHE_NAME,
	CACHE_FLAGS,
	CACHE_SIZE,
	CACHE_OBJECT_SIZE,
	CACHE_ALIGN,
	CACHE_OFFSET,
	CACHE_RED_LEFT_PAD,
	CACHE_OO,
	CACHE_REFCOUNT,
	CACHE_CTOR,
	CACHE_RANDOM,
	CACHE_CPU_SLAB,
	CACHE_CPU_SHEAVES,
	CACHE_SHEAF_CAPACITY,
	CACHE_NODE,
	CACHE_PER_NODE,
	NODES_PTRS,
	NODES_BARN,
	NODES_NODE,
	NODE_LIST_LOCK,
	NODE_NR_PARTIAL,
	NODE_PARTIAL,
	NODE_NR_SLABS,
	NODE_TOTAL_OBJECTS,
	NODE_FULL,
	CPU_FREELIST,
	CPU_TID,
	CPU_SLAB,
	CPU_PAGE,
	CPU_PARTIAL,
	SHEAVES_ACQUIRED,
	SHEAVES_MAIN,
	SHEAVES_SPARE,
	SHEAVES_RCU_FREE,
	SHEAF_BARN_LIST,
	SHEAF_SIZE,
	SHEAF_OBJECTS,
	BARN_LOCK,
	BARN_FULL,
	BARN_NR_FULL,
	BARN_NR_EMPTY,
	/* Up to 5.16 these are in struct page, which follows in the same order. */
	SLAB_FREELIST,
	SLAB_COUNTERS,
	SLAB_INUSE,
	SLAB_OBJECTS,
	SLAB_FROZEN,
	SLAB_CACHE,
	SLAB_LIST,
	SLAB_NEXT,
	PAGE_FREELIST,
	PAGE_COUNTERS,
	PAGE_INUSE,
	PAGE_OBJECTS,
	PAGE_FROZEN,
	PAGE_CACHE,
	PAGE_LIST,
	PAGE_NEXT,
	KFENCE_METADATA,
	KFENCE_STATE,
	KFENCE_ADDR,
	KFENCE_SIZE,
	KFENCE_CACHE,
	SLUB_MEMBERS
};

/**
 * struct slub_cache - one cache, copied
 * @addr: its struct kmem_cache
 * @cpus: of each CPU: its struct kmem_cache_cpu or slub_percpu_sheaves; may be NULL
 * @random: key of its free pointers; 0: they are plain
 * @name: name; a blank or backslash in it is written as in octal
 * @flags: SLAB_*
 * @size_B: from one object to the next
 * @object_size_B: of what is asked for
 * @align_B: alignment
 * @offset_B: of the free pointer in an object
 * @red_left_B: of each object's place before the object itself
 * @order: of its slabs, as long as memory allows
 * @objects: a slab of that order holds
 * @sheaf_capacity: objects that a sheaf holds; 0: no sheaves
 * @refcount: users that share it; negative: never shared
 * @has_ctor: it has a constructor
 */
struct slub_cache {
	const void *addr;
	const void __percpu *cpus;
	unsigned long random;
	char name[SLUB_NAME_LEN];
	slab_flags_t flags;
	u32 size_B;
	u32 object_size_B;
	u32 align_B;
	u32 offset_B;
	u32 red_left_B;
	u32 order;
	u32 objects;
	u32 sheaf_capacity;
	s32 refcount;
	bool has_ctor;
};

/**
 * struct slub_slab - one slab, copied
 * @page: its first struct page
 * @base: its first object's place
 * @freelist: first free object
 * @cache: its struct kmem_cache
 * @counters: the word that holds the next three
 * @inuse: objects that are not on @freelist
 * @objects: number of them
 * @frozen: off the lists that others change
 */
struct slub_slab {
	struct page *page;
	void *base;
	void *freelist;
	const void *cache;
	unsigned long counters;
	u16 inuse;
	u16 objects;
	bool frozen;
};

/**
 * struct slub_cpu - a struct kmem_cache_cpu, copied
 * @freelist: the CPU's first free object
 * @tid: counts what the CPU did with @freelist
 * @slab: the slab that these are of, or NULL
 * @partial: first of the CPU's partial slabs, or NULL
 */
struct slub_cpu {
	void *freelist;
	u64 tid;
	const void *slab;
	const void *partial;
};

/**
 * struct slub_sheaves - a struct slub_percpu_sheaves, copied
 * @is_held: its CPU is about to change it
 * @main: what objects come from
 * @spare: the next one, or NULL
 * @rcu_free: what waits for RCU, or NULL
 */
struct slub_sheaves {
	bool is_held;
	const void *main;
	const void *spare;
	const void *rcu_free;
};

/**
 * struct slub_node - a struct kmem_cache_node, copied
 * @first: entry of its list of partial slabs
 * @nr_partial: slabs on that list
 * @slabs: all of the node
 * @objects: of these
 */
struct slub_node {
	struct list_head *first;
	u64 nr_partial;
	u64 slabs;
	u64 objects;
};

/**
 * struct slub_kfence - one object of KFENCE
 * @addr: where it starts
 * @size_B: of it; 0: never used
 * @cache: its struct kmem_cache
 * @is_allocated: it is
 */
struct slub_kfence {
	u64 addr;
	u64 size_B;
	const void *cache;
	u64 is_allocated;
};

/* object.c: whose a page frame is */
extern struct mms_answerer slubprobe_answerer;

int slub_init(void);
void slub_exit(void);
void slub_features(struct seq_file *m);
int slub_check(struct mms_request *request);
bool slub_has_sheaves(void);

int slub_hold(void);
void slub_release(void);
const void **slub_list_new(unsigned int *nr);
unsigned long slub_listed(const void *const *addrs, unsigned int nr);
bool slub_is_cache(const void *addr);
bool slub_cache_read(const void *addr, struct slub_cache *cache);
int slub_cache_find(const char *name, struct slub_cache *cache);
void slub_show_flags(struct seq_file *m, const struct slub_cache *cache);
void *slub_cache_node(const struct slub_cache *cache, int nid);
void *slub_cache_barn(const struct slub_cache *cache, int nid);

void *slub_at(const void *base, enum slub_member member);
void *slub_holder(const void *at, enum slub_member member);
bool slub_number(const void *base, enum slub_member member, u64 *number);
void *slub_pointer(const void *base, enum slub_member member);
void slub_cpu_read(const void *cpu_slab, struct slub_cpu *cpu);
void slub_sheaves_read(const void *cpu_sheaves, struct slub_sheaves *sheaves);
void slub_node_read(const void *cache_node, struct slub_node *node);
bool slub_is_slab(const void *page);
bool slub_slab_read(const void *slab_page, struct slub_slab *slab);
int slub_index(const struct slub_cache *cache, const struct slub_slab *slab,
	       const void *object);
void *slub_object(const struct slub_cache *cache, const struct slub_slab *slab,
		  unsigned int index);
bool slub_kfence_read(const void *addr, struct slub_kfence *object);
bool slub_next(const struct slub_cache *cache, const void *object, void **next);

/* look.c: what one cache holds */

enum slub_fault_kind {
	SLUB_FAULT_UNREADABLE,		/* a pointer leads to no memory */
	SLUB_FAULT_NO_SLAB,		/* what should be a slab is none */
	SLUB_FAULT_WRONG_CACHE,		/* a slab of another cache */
	SLUB_FAULT_OUT_OF_RANGE,	/* a free object that is none of its slab */
	SLUB_FAULT_CYCLE,		/* a list of free objects comes back */
	SLUB_FAULT_DOUBLED,		/* an object is free in two places */
	SLUB_FAULT_COUNT,		/* a counter and what was counted differ */
	SLUB_FAULT_COUNT_MAX
};

/**
 * struct slub_fault - something wrong in a cache
 * @kind: enum slub_fault_kind
 * @place: enum mmscope_slub_place
 * @owner: CPU or node
 * @addr: the pointer, object or slab that is meant
 * @slab: struct page of the slab, or NULL
 * @expected: counter
 * @counted: what was there
 */
struct slub_fault {
	u8 kind;
	u8 place;
	u32 owner;
	u64 addr;
	const struct page *slab;
	u64 expected;
	u64 counted;
};

/**
 * struct slub_item - a structure that was found, or one of its free objects
 * @addr: struct page of a slab, address of a sheaf or object
 * @owner: CPU or node
 * @position: in its list
 * @inuse: of a slab
 * @objects: of a slab; of a sheaf, how many it holds
 * @place: enum mmscope_slub_place
 * @is_object: a free object of the structure before it
 * @frozen: of a slab
 */
struct slub_item {
	u64 addr;
	u32 owner;
	u32 position;
	u16 inuse;
	u16 objects;
	u8 place;
	bool is_object;
	bool frozen;
};

#define SLUB_ITEMS_MAX		65536	/* kept of one cache: 2 MiB */
#define SLUB_FAULTS_MAX		16	/* kept of one cache */

/**
 * struct slub_walk - what it takes to follow every list to its end
 * @nr_faults: found; the first SLUB_FAULTS_MAX are kept
 * @faults: these
 * @items: what was found, NULL: not kept
 * @max_items: room for them
 * @nr_items: number of them
 * @steps: objects that may still be followed under this hold of a lock
 * @is_seen: by object of the slab that is being looked at
 */
struct slub_walk {
	unsigned int nr_faults;
	struct slub_fault faults[SLUB_FAULTS_MAX];
	struct slub_item *items;
	unsigned int max_items;
	unsigned int nr_items;
	int steps;
	DECLARE_BITMAP(is_seen, SLUB_OBJECTS_MAX);
};

/**
 * struct slub_look - one look at one cache
 * @cache: the cache; filled in by the caller
 * @walk: follow every list; NULL: count only. Set by the caller
 * @without_nodes: only CPUs and barns. Set by the caller
 * @only_confirms: count nothing: this look is compared with the one before
 * @slabs: of the cache
 * @objects: of all slabs, allocated or not
 * @slabs_at: slabs by place
 * @free_at: free objects by place
 * @hash: of all that was seen, to tell if it changed
 * @is_truncated: a list was longer than what may be walked under a lock
 * @is_busy: a CPU was never seen outside of its own critical section, or a slab never
 *	held still
 * @is_stable: two looks were equal
 */
struct slub_look {
	struct slub_cache cache;
	struct slub_walk *walk;
	bool without_nodes;
	bool only_confirms;
	u64 slabs;
	u64 objects;
	u64 slabs_at[MMSCOPE_SLUB_PLACES];
	u64 free_at[MMSCOPE_SLUB_PLACES];
	u64 hash;
	bool is_truncated;
	bool is_busy;
	bool is_stable;
};

/**
 * struct slub_slab_look - a look at one slab
 * @slab: the slab
 * @place: enum mmscope_slub_place
 * @is_stable: two looks were equal
 * @position: by object: where it stands in the slab's list, 1 being the first;
 *	0: not on it
 */
struct slub_slab_look {
	struct slub_slab slab;
	u8 place;
	bool is_stable;
	u16 position[SLUB_OBJECTS_MAX];
};

#define SLUB_BATCH		32	/* caches looked at by one call of a CPU */

void slub_look(struct slub_look *looks, unsigned int nr);
bool slub_slab_look(const struct slub_cache *cache, struct page *page,
		    struct slub_slab_look *look);
struct slub_walk *slub_walk_new(unsigned int max_items);
void slub_walk_free(struct slub_walk *walk);
void slub_walk_sort(struct slub_walk *walk);
const struct slub_item *slub_walk_find(const struct slub_walk *walk,
				       const void *addr);
bool slub_is_linked(const void *page);
u64 slub_look_free(const struct slub_look *look);
const char *slub_place_name(unsigned int place);

/* cache.c: a cache by its name */
int slub_name_check(struct mms_request *request, int word);
int slub_look_by_name(const char *name, struct slub_look *look);

/* state.c: a cache as its CPU sees it, before and after a call */

/**
 * struct slub_state - what one call can change
 * @cpu: that was looked at
 * @freelist: first object of the CPU's list
 * @slab: the slab that this is of
 * @partial: first of the CPU's partial slabs
 * @main: the CPU's sheaf
 * @spare: its other one
 * @main_size: objects in @main
 * @spare_size: objects in @spare
 * @main_top: object of @main that is taken next
 * @spare_top: object of @spare that would be
 * @slabs: of all nodes
 * @barn_sheaves: full sheaves in barns of all nodes
 */
struct slub_state {
	int cpu;
	const void *freelist;
	const void *slab;
	const void *partial;
	const void *main;
	const void *spare;
	u64 main_size;
	u64 spare_size;
	const void *main_top;
	const void *spare_top;
	u64 slabs;
	u64 barn_sheaves;
};

/**
 * struct slub_slab_state - of the slab that an object lies in
 * @is_there: it is a slab of that cache
 * @is_linked: it is on a list of its node
 * @slab: the slab
 */
struct slub_slab_state {
	bool is_there;
	bool is_linked;
	struct slub_slab slab;
};

void slub_state_read(const struct slub_cache *cache, struct slub_state *state);
void slub_slab_state_read(const struct slub_cache *cache,
			  const struct page *page,
			  struct slub_slab_state *state);
u8 slub_alloc_level(const struct slub_state *before,
		    const struct slub_state *after, const void *object,
		    const struct page *page);
u8 slub_free_level(const struct slub_cache *cache,
		   const struct slub_state *before,
		   const struct slub_state *after,
		   const struct slub_slab_state *slab_before,
		   const struct slub_slab_state *slab_after,
		   const void *object);

/* scan.c: all slabs of a cache */

/**
 * struct slub_scan - a scan over all page frames for the slabs of one cache
 * @cache: the cache
 * @walk: what CPUs and barns had when the scan began, sorted
 * @next_pfn: where it goes on
 * @end_pfn: behind the last page frame
 * @is_stable: what is in @walk was equal in two looks
 * @slab: the slab that was found last
 */
struct slub_scan {
	struct slub_cache cache;
	struct slub_walk *walk;
	unsigned long next_pfn;
	unsigned long end_pfn;
	bool is_stable;
	struct slub_slab_look slab;
};

/**
 * struct slub_where - where an object is
 * @place: enum mmscope_slub_place; MMSCOPE_SLUB_NOWHERE: it is allocated
 * @owner: CPU or node, or MMSCOPE_SLUB_NONE
 * @position: in its list from 0, or MMSCOPE_SLUB_NONE
 */
struct slub_where {
	u8 place;
	u32 owner;
	u32 position;
};

int slub_scan_begin(struct slub_scan *scan, const char *name);
int slub_scan_next(struct slub_scan *scan);
void slub_scan_end(struct slub_scan *scan);
void slub_scan_slab(const struct slub_scan *scan, struct slub_where *where);
void slub_scan_object(const struct slub_scan *scan, unsigned int index,
		      struct slub_where *where);
void slub_show_where(struct seq_file *m, const struct slub_where *where);

#endif /* _SLUBPROBE_H */
