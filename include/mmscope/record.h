/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What each task and each interrupt is in the middle of.
 */
#ifndef _MMSCOPE_RECORD_H
#define _MMSCOPE_RECORD_H

#include <linux/types.h>

#define MMS_RECORDS	512	/* contexts at once; a power of two */

/**
 * struct mms_recorder - records of hooks, one for each context that is inside
 * @size_B: bytes of one record
 * @full: contexts that found no place, since the recorder was started
 * @keys: private to core: whose record it is, 0 for nobody's
 * @records: private to core
 */
struct mms_recorder {
	size_t size_B;
	atomic_long_t full;
	unsigned long *keys;
	void *records;
};

int mms_recorder_start(struct mms_recorder *recorder);
void mms_recorder_stop(struct mms_recorder *recorder);
void *mms_record_find(struct mms_recorder *recorder);
void *mms_record_open(struct mms_recorder *recorder);
void mms_record_close(struct mms_recorder *recorder, void *record);

#endif /* _MMSCOPE_RECORD_H */
