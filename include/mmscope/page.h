/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What one page frame is, read without taking a reference.
 */
#ifndef _MMSCOPE_PAGE_H
#define _MMSCOPE_PAGE_H

#include <linux/types.h>

#include <mmscope/query.h>

struct seq_file;
struct zone;

/* No machine of ours has a larger physical address: 52 bits. */
#define MMS_PHYS_MAX	((1ULL << 52) - 1)

/* What a page frame is used for, by the first of these that holds. */
enum mms_page_type {
	MMS_PAGE_ABSENT,	/* no online memory at this pfn */
	MMS_PAGE_BUDDY,
	MMS_PAGE_SLAB,
	MMS_PAGE_PGTABLE,
	MMS_PAGE_OFFLINE,
	MMS_PAGE_GUARD,
	MMS_PAGE_HUGETLB,
	MMS_PAGE_LARGE_KMALLOC,
	MMS_PAGE_ZSMALLOC,
	MMS_PAGE_UNACCEPTED,
	MMS_PAGE_RESERVED,
	MMS_PAGE_KSM,
	MMS_PAGE_ANON,
	MMS_PAGE_MOVABLE,
	MMS_PAGE_FILE,
	MMS_PAGE_OTHER,
	MMS_PAGE_TYPE_COUNT
};

/* No file stands behind the page, or it is on no LRU generation. */
#define MMS_NO_INODE	0
#define MMS_NO_GEN	(-1)

/**
 * struct mms_page - one page frame
 * @pfn: its number
 * @head_pfn: of the folio or free block that holds it
 * @flags: the page's own flags word
 * @head_flags: that of @head_pfn
 * @refcount: of the folio
 * @mapcount: page-table entries that map this very page, as /proc/kpagecount
 * @type: enum mms_page_type
 * @order: of the folio or free block
 * @lru: on an LRU list
 * @lru_gen: generation number, or MMS_NO_GEN for the classic lists
 * @stable: two looks were equal
 * @dev: device of the file
 * @ino: inode of the file, or MMS_NO_INODE
 * @index: page offset in the file, or the anonymous linear index
 */
struct mms_page {
	unsigned long pfn;
	unsigned long head_pfn;
	unsigned long flags;
	unsigned long head_flags;
	int refcount;
	int mapcount;
	u8 type;
	u8 order;
	bool lru;
	bool stable;
	s8 lru_gen;
	dev_t dev;
	unsigned long ino;
	unsigned long index;
};

void mms_page_read(unsigned long pfn, struct mms_page *info);
void mms_page_glance(unsigned long pfn, struct mms_page *info);
const char *mms_page_type_name(const struct mms_page *info);
void mms_page_show_flags(struct seq_file *m, const struct mms_page *info);
bool mms_is_page(const void *addr);
void mms_memory_hold(void);
void mms_memory_release(void);
struct zone *mms_zone_at(unsigned int *index);

/* Words of a file that is about one page frame. */
enum {
	MMS_FRAME_PFN,		/* pfn= */
	MMS_FRAME_ADDR,		/* addr=, an address of the direct map */
	MMS_FRAME_WORDS
};

extern const struct mms_word mms_frame_words[MMS_FRAME_WORDS];

unsigned long mms_frame_asked(const struct mms_request *request);
int mms_frame_check(struct mms_request *request);

#endif /* _MMSCOPE_PAGE_H */
