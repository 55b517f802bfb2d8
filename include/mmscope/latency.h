/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Percentiles of many durations in a fixed amount of memory.
 */
#ifndef _MMSCOPE_LATENCY_H
#define _MMSCOPE_LATENCY_H

#include <linux/types.h>

#define MMS_LATENCY_STEPS	16	/* of each doubling: 6 % at most */
#define MMS_LATENCY_CELLS	(40 * MMS_LATENCY_STEPS)	/* 18 minutes */

/**
 * struct mms_latency - durations that were seen
 * @count: how many
 * @min_ns: the shortest
 * @max_ns: the longest
 * @cells: private to core
 *
 * All zero is a valid start.
 */
struct mms_latency {
	u64 count;
	u64 min_ns;
	u64 max_ns;
	u32 cells[MMS_LATENCY_CELLS];
};

struct seq_file;

/* The columns that mms_latency_show() prints. */
#define MMS_LATENCY_COLUMNS	"count min_ns p50_ns p90_ns p99_ns max_ns"

void mms_latency_add(struct mms_latency *latency, u64 time_ns);
u64 mms_latency_percentile(const struct mms_latency *latency,
			   unsigned int percent);
void mms_latency_show(struct seq_file *m, const struct mms_latency *latency);

#endif /* _MMSCOPE_LATENCY_H */
