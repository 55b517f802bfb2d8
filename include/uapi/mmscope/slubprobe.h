/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Records of slubprobe/objects.bin, and the places where a free object may be.
 */
#ifndef _UAPI_MMSCOPE_SLUBPROBE_H
#define _UAPI_MMSCOPE_SLUBPROBE_H

#include <linux/types.h>

/*
 * Where an object or a slab is. On 5.10 to 6.12 each CPU has a slab of its own;
 * 7.2 has sheaves, arrays of free objects, instead.
 */
enum mmscope_slub_place {
	MMSCOPE_SLUB_NOWHERE,		/* object: allocated; slab: full, on no list */
	MMSCOPE_SLUB_CPU,		/* on the CPU's own list of free objects */
	MMSCOPE_SLUB_CPU_SLAB,		/* freed into the CPU's slab by others */
	MMSCOPE_SLUB_CPU_PARTIAL,	/* slab on the CPU's list of partial slabs */
	MMSCOPE_SLUB_SHEAF_MAIN,	/* sheaf that the CPU takes from */
	MMSCOPE_SLUB_SHEAF_SPARE,	/* the CPU's other sheaf */
	MMSCOPE_SLUB_SHEAF_RCU,		/* freed, but a grace period has to end first */
	MMSCOPE_SLUB_BARN,		/* full sheaf of the node */
	MMSCOPE_SLUB_NODE,		/* slab on the node's list of partial slabs */
	MMSCOPE_SLUB_LOOSE,		/* free, but its slab is on no list just now */
	MMSCOPE_SLUB_FULL,		/* full slab on the node's list, for debugging */
	MMSCOPE_SLUB_END = 255,		/* the end record */
};

#define MMSCOPE_SLUB_PLACES	(MMSCOPE_SLUB_FULL + 1)

/* No such number, of a CPU or node or position. */
#define MMSCOPE_SLUB_NONE	0xffffffffU

/**
 * struct mmscope_object_record - one object of objects.bin
 * @addr: address of the object
 * @slab_pfn: first page frame of its slab
 * @index: of the object in its slab
 * @owner: CPU or node that @place belongs to, or MMSCOPE_SLUB_NONE
 * @position: in the list of free objects, the next one to be taken is 0; or
 *	MMSCOPE_SLUB_NONE
 * @place: enum mmscope_slub_place; MMSCOPE_SLUB_NOWHERE: allocated
 * @slab_place: enum mmscope_slub_place of the slab
 * @reserved: 0
 *
 * In the end record (place MMSCOPE_SLUB_END) addr is the number of records before
 * it, and slab_pfn 0, or the errno that cut the answer.
 */
struct mmscope_object_record {
	__u64 addr;
	__u64 slab_pfn;
	__u32 index;
	__u32 owner;
	__u32 position;
	__u8 place;
	__u8 slab_place;
	__u16 reserved;
};

#endif /* _UAPI_MMSCOPE_SLUBPROBE_H */
