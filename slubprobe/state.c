// SPDX-License-Identifier: GPL-2.0
/*
 * Which level served a request, told by what changed: the CPU's lists, the number
 * of slabs and the slab of the object, before and after the call.
 *
 * This needs no hook, and is how kmalloc holds against the allocator's own data what
 * hooks said. No lock is taken. Nobody else may have changed anything in between:
 * with preemption off only interrupts and other CPUs can, and then the change mostly
 * fits no level and the answer is "unknown".
 *
 * What changes is exact where the object itself was seen at the head of a list before
 * (or after, of a free). Where it was not, it is by exclusion: with the CPU's lists
 * empty and as many slabs as before it can only have come from the node.
 */
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/uaccess.h>

#include "level.h"
#include "slubprobe.h"

static const void *of_cpu(const struct slub_cache *cache,
			  enum slub_member member, int cpu)
{
	const void __percpu *all = (const void __percpu __force *)(uintptr_t)
		slub_pointer(cache->addr, member);

	return all ? per_cpu_ptr(all, cpu) : NULL;
}

static void read_sheaf(const struct slub_cache *cache, const void *sheaf,
		       u64 *size, const void **top)
{
	void **objects;

	if (!sheaf || !slub_number(sheaf, SHEAF_SIZE, size) || !*size ||
	    *size > cache->sheaf_capacity)
		return;
	objects = slub_at(sheaf, SHEAF_OBJECTS);
	if (copy_from_kernel_nofault(top, &objects[*size - 1], sizeof(*top)))
		*top = NULL;
}

static void read_cpu(const struct slub_cache *cache, struct slub_state *state)
{
	const void *cpu;

	if (!slub_has_sheaves()) {
		cpu = of_cpu(cache, CACHE_CPU_SLAB, state->cpu);
		if (!cpu)
			return;
		state->freelist = slub_pointer(cpu, CPU_FREELIST);
		state->slab = slub_pointer(cpu, CPU_SLAB);
		state->partial = slub_pointer(cpu, CPU_PARTIAL);
		return;
	}
	cpu = of_cpu(cache, CACHE_CPU_SHEAVES, state->cpu);
	if (!cpu)
		return;
	state->main = slub_pointer(cpu, SHEAVES_MAIN);
	state->spare = slub_pointer(cpu, SHEAVES_SPARE);
	read_sheaf(cache, state->main, &state->main_size, &state->main_top);
	read_sheaf(cache, state->spare, &state->spare_size, &state->spare_top);
}

/**
 * slub_state_read() - look at what a call on this CPU may change
 * @cache: a cache that is in use
 * @state: filled in
 *
 * Context: Any.
 */
void slub_state_read(const struct slub_cache *cache, struct slub_state *state)
{
	void *node, *barn;
	u64 nr;
	int nid;

	memset(state, 0, sizeof(*state));
	state->cpu = raw_smp_processor_id();
	for_each_online_node(nid) {
		node = slub_cache_node(cache, nid);
		if (node && slub_number(node, NODE_NR_SLABS, &nr))
			state->slabs += nr;
		barn = slub_cache_barn(cache, nid);
		if (barn && slub_number(barn, BARN_NR_FULL, &nr))
			state->barn_sheaves += nr;
	}
	read_cpu(cache, state);
}

/**
 * slub_slab_state_read() - look at the slab of an object
 * @cache: its cache
 * @page: first page of the slab; it may be one no more
 * @state: filled in
 *
 * Context: Any but NMI.
 */
void slub_slab_state_read(const struct slub_cache *cache,
			  const struct page *page,
			  struct slub_slab_state *state)
{
	state->is_there = slub_slab_read(page, &state->slab) &&
			  state->slab.cache == cache->addr;
	state->is_linked = state->is_there && slub_is_linked(page);
}

static u8 alloc_with_slabs(const struct slub_state *before,
			   const struct slub_state *after, const void *object,
			   const struct page *page)
{
	if (object == before->freelist)
		return page == before->slab && after->slab == before->slab ?
		       SLUBPROBE_LEVEL_CPU : SLUBPROBE_LEVEL_UNKNOWN;
	if (before->freelist)
		return SLUBPROBE_LEVEL_UNKNOWN;
	if (page == before->slab)
		return after->slab == page ? SLUBPROBE_LEVEL_CPU_SLAB :
					     SLUBPROBE_LEVEL_UNKNOWN;
	if (before->partial)
		return page == before->partial ? SLUBPROBE_LEVEL_CPU_PARTIAL :
						 SLUBPROBE_LEVEL_UNKNOWN;
	if (after->slabs == before->slabs + 1)
		return SLUBPROBE_LEVEL_NEW_SLAB;
	return after->slabs == before->slabs ? SLUBPROBE_LEVEL_NODE :
					       SLUBPROBE_LEVEL_UNKNOWN;
}

static u8 alloc_with_sheaves(const struct slub_state *before,
			     const struct slub_state *after,
			     const void *object)
{
	if (before->main_size)
		return object == before->main_top ? SLUBPROBE_LEVEL_SHEAF_MAIN :
						    SLUBPROBE_LEVEL_UNKNOWN;
	if (before->spare_size)
		return object == before->spare_top ?
		       SLUBPROBE_LEVEL_SHEAF_SPARE : SLUBPROBE_LEVEL_UNKNOWN;
	if (after->slabs > before->slabs)
		return SLUBPROBE_LEVEL_NEW_SLAB;
	if (after->slabs < before->slabs)
		return SLUBPROBE_LEVEL_UNKNOWN;
	if (before->barn_sheaves)
		return after->barn_sheaves == before->barn_sheaves - 1 ?
		       SLUBPROBE_LEVEL_BARN : SLUBPROBE_LEVEL_UNKNOWN;
	return SLUBPROBE_LEVEL_NODE;
}

/**
 * slub_alloc_level() - the level that fits the change, of an allocation
 * @before: the call
 * @after: it
 * @object: that came
 * @page: first page of its slab
 *
 * Return: enum slubprobe_level, SLUBPROBE_LEVEL_UNKNOWN when none fits.
 */
u8 slub_alloc_level(const struct slub_state *before,
		    const struct slub_state *after, const void *object,
		    const struct page *page)
{
	if (before->cpu != after->cpu)
		return SLUBPROBE_LEVEL_UNKNOWN;
	return slub_has_sheaves() ?
	       alloc_with_sheaves(before, after, object) :
	       alloc_with_slabs(before, after, object, page);
}

/* Into the slab itself. */
static u8 free_to_slab(const struct slub_state *before,
		       const struct slub_state *after,
		       const struct slub_slab_state *slab_before,
		       const struct slub_slab_state *slab_after,
		       const void *object)
{
	const struct slub_slab *was = &slab_before->slab;

	if (after->slabs + 1 == before->slabs)
		return was->inuse == 1 && !was->frozen ?
		       SLUBPROBE_LEVEL_SLAB_FREED : SLUBPROBE_LEVEL_UNKNOWN;
	if (!slab_after->is_there || slab_after->slab.freelist != object ||
	    after->slabs != before->slabs)
		return SLUBPROBE_LEVEL_UNKNOWN;
	if (was->frozen)
		return SLUBPROBE_LEVEL_FROZEN;
	if (slab_after->is_linked)
		return SLUBPROBE_LEVEL_NODE;
	if (slub_has_sheaves() || slab_before->is_linked)
		return SLUBPROBE_LEVEL_UNKNOWN;
	return was->freelist || after->partial == was->page ?
	       SLUBPROBE_LEVEL_CPU_PARTIAL : SLUBPROBE_LEVEL_UNKNOWN;
}

/* Into a sheaf, which was changed for another one when it was full. */
static u8 free_to_sheaf(const struct slub_cache *cache,
			const struct slub_state *before,
			const struct slub_state *after)
{
	bool had_room = before->main_size < cache->sheaf_capacity;

	if (after->main == before->main)
		return had_room ? SLUBPROBE_LEVEL_SHEAF_MAIN :
				  SLUBPROBE_LEVEL_SHEAF_FLUSHED;
	if (had_room)
		return SLUBPROBE_LEVEL_UNKNOWN;
	if (!before->spare)
		return after->spare == before->main ?
		       SLUBPROBE_LEVEL_SHEAF_EMPTY : SLUBPROBE_LEVEL_UNKNOWN;
	if (after->main == before->spare)
		return before->spare_size < cache->sheaf_capacity ?
		       SLUBPROBE_LEVEL_SHEAF_SPARE :
		       SLUBPROBE_LEVEL_SHEAF_FLUSHED;
	return after->spare == before->spare ? SLUBPROBE_LEVEL_BARN :
					       SLUBPROBE_LEVEL_UNKNOWN;
}

/**
 * slub_free_level() - the level that fits the change, of a free
 * @cache: the cache
 * @before: the call
 * @after: it
 * @slab_before: slab of the object
 * @slab_after: the same
 * @object: that was freed
 *
 * Return: enum slubprobe_level, SLUBPROBE_LEVEL_UNKNOWN when none fits.
 */
u8 slub_free_level(const struct slub_cache *cache,
		   const struct slub_state *before,
		   const struct slub_state *after,
		   const struct slub_slab_state *slab_before,
		   const struct slub_slab_state *slab_after,
		   const void *object)
{
	if (before->cpu != after->cpu || !slab_before->is_there)
		return SLUBPROBE_LEVEL_UNKNOWN;
	if (slub_has_sheaves()) {
		if (after->main_top == object)
			return free_to_sheaf(cache, before, after);
	} else if (slab_before->slab.page == before->slab) {
		return after->freelist == object ? SLUBPROBE_LEVEL_CPU :
						   SLUBPROBE_LEVEL_UNKNOWN;
	}
	return free_to_slab(before, after, slab_before, slab_after, object);
}
