/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Records of buddyviz/blocks.bin, and the numbers that buddyviz's tracepoints
 * and records use for what kernels number differently.
 */
#ifndef _UAPI_MMSCOPE_BUDDYVIZ_H
#define _UAPI_MMSCOPE_BUDDYVIZ_H

#include <linux/types.h>

/* What a pageblock is for. The kernel's numbers depend on its configuration. */
enum mmscope_migratetype {
	MMSCOPE_MT_UNMOVABLE,
	MMSCOPE_MT_MOVABLE,
	MMSCOPE_MT_RECLAIMABLE,
	MMSCOPE_MT_HIGHATOMIC,
	MMSCOPE_MT_CMA,
	MMSCOPE_MT_ISOLATE,
};

/* Zones. The kernel's numbers depend on its configuration. */
enum mmscope_zone {
	MMSCOPE_ZONE_DMA,
	MMSCOPE_ZONE_DMA32,
	MMSCOPE_ZONE_NORMAL,
	MMSCOPE_ZONE_HIGHMEM,
	MMSCOPE_ZONE_MOVABLE,
	MMSCOPE_ZONE_DEVICE,
};

/* What a record of blocks.bin is. */
enum mmscope_block_kind {
	MMSCOPE_BLOCK_FREE,		/* a block on a free list */
	MMSCOPE_BLOCK_END = 255,	/* the end record */
};

/**
 * struct mmscope_block_record - one free block of blocks.bin
 * @pfn: first page frame
 * @node: NUMA node
 * @zone: enum mmscope_zone
 * @order: the block has 1 << order pages
 * @migratetype: enum mmscope_migratetype of the pageblock that it begins in
 * @kind: enum mmscope_block_kind
 *
 * In the end record pfn is the number of records before it, and node is 0 or the
 * errno that cut the answer.
 */
struct mmscope_block_record {
	__u64 pfn;
	__u32 node;
	__u8 zone;
	__u8 order;
	__u8 migratetype;
	__u8 kind;
};

#endif /* _UAPI_MMSCOPE_BUDDYVIZ_H */
