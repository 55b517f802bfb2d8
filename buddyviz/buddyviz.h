/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of buddyviz.ko share among themselves.
 */
#ifndef _BUDDYVIZ_H
#define _BUDDYVIZ_H

#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/types.h>

#include <mmscope/buddyviz.h>
#include <mmscope/query.h>

struct seq_file;

/* Debugfs files, one per source file of the same name. */
extern struct mms_file buddyviz_zones_file;
extern struct mms_file buddyviz_freelists_file;
extern struct mms_file buddyviz_blocks_file;
extern struct mms_file buddyviz_blocks_bin_file;
extern struct mms_file buddyviz_block_file;
extern struct mms_file buddyviz_pcp_file;
extern struct mms_file buddyviz_pageblocks_file;
extern struct mms_file buddyviz_fragmentation_file;
extern struct mms_file buddyviz_check_file;
extern struct mms_file buddyviz_gfp_file;
extern struct mms_file buddyviz_alloc_file;

/* zones.c */
void buddyviz_zones_init(void);
void buddyviz_zones_exit(void);
void buddyviz_zones_features(struct seq_file *m);
void buddyviz_show_zonelist(struct seq_file *m, int node, gfp_t gfp);

/* zone.c: zones in order, their names, words that choose among them */

#define BUDDYVIZ_WORD_NODE { \
	.key = "node", \
	.kind = MMS_WORD_NUMBER, \
	.max = MAX_NUMNODES - 1, \
	.example = "0", \
}

#define BUDDYVIZ_WORD_ZONE { \
	.key = "zone", \
	.kind = MMS_WORD_TEXT, \
	.example = "DMA32", \
}

#define BUDDYVIZ_WORD_TYPE { \
	.key = "type", \
	.kind = MMS_WORD_TEXT, \
	.example = "movable", \
}

struct zone *buddyviz_zone_wanted(unsigned int *index,
				  const struct mms_value *node,
				  const struct mms_value *zone);
int buddyviz_check_node(const struct mms_request *request, int word);
int buddyviz_check_zone(const struct mms_request *request, int word);
int buddyviz_check_type(const struct mms_request *request, int word);
int buddyviz_type_from_name(const char *name);
const char *buddyviz_type_name(unsigned int type);
unsigned int buddyviz_type_number(unsigned int migratetype);
const char *buddyviz_zone_name(unsigned int number);
unsigned int buddyviz_zone_number(const struct zone *zone);

/* scan.c: free blocks by their page frames; a pageblock's type */

/**
 * struct buddyviz_block - one free block
 * @pfn: first page frame
 * @order: the block has 1 << order pages
 * @migratetype: of the pageblock that it begins in
 */
struct buddyviz_block {
	unsigned long pfn;
	u8 order;
	u8 migratetype;
};

bool buddyviz_is_free_block(struct page *page, const struct zone *zone,
			    unsigned int *order);

/**
 * struct buddyviz_holder - the free block that holds a page
 * @pfn: its first page frame
 * @order: it has 1 << order pages
 */
struct buddyviz_holder {
	unsigned long pfn;
	unsigned int order;
};

bool buddyviz_find_holder(struct zone *zone, unsigned long pfn,
			  struct buddyviz_holder *holder);
unsigned int buddyviz_pageblock_type(unsigned long pfn);
unsigned long buddyviz_pageblock_end(unsigned long pfn, unsigned long end);
unsigned int buddyviz_scan(struct zone *zone, unsigned long *pfn,
			   unsigned long end, struct buddyviz_block *blocks,
			   unsigned int max);

/* list.c: lengths of free lists */
unsigned int buddyviz_hold_blocks(void);
bool buddyviz_count_list(const struct list_head *list, unsigned int *budget,
			 unsigned long *blocks);
bool buddyviz_count_isolated(const struct zone *zone, unsigned int *budget,
			     unsigned long *pages);

/* pcp.c: per-CPU page lists */

/**
 * struct buddyviz_pcp_place - where a page is on a per-CPU list
 * @found: it is on one; else nothing but @cut counts
 * @cut: a list was too long to be searched to its end
 * @cpu: whose list
 * @list: index of the list
 * @head_pfn: first page frame of the block on the list
 */
struct buddyviz_pcp_place {
	bool found;
	bool cut;
	int cpu;
	unsigned int list;
	unsigned long head_pfn;
};

unsigned int buddyviz_pcp_order(unsigned int list);
void buddyviz_pcp_find(struct zone *zone, unsigned long pfn,
		       struct buddyviz_pcp_place *place);

struct mms_window;
int buddyviz_pcp_mark(struct zone *zone, struct mms_window *window);

/* block.c: who holds a page */
void buddyviz_block_show(struct seq_file *m, unsigned long pfn);

/* owner.c: whose a page frame is */
extern struct mms_answerer buddyviz_answerer;

/* gfp.c: flags of requests */
int buddyviz_check_gfp(const struct mms_request *request, int word, gfp_t *gfp);

#endif /* _BUDDYVIZ_H */
