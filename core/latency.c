// SPDX-License-Identifier: GPL-2.0
/*
 * Percentiles of durations: a histogram whose cells grow with what they count, so
 * that each figure is right to one part in sixteen whatever its size. No locks:
 * a histogram belongs to one open file.
 */
#include <linux/bitops.h>
#include <linux/export.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/seq_file.h>

#include <mmscope/latency.h>

#define STEP_BITS	ilog2(MMS_LATENCY_STEPS)

/* Up to 2 * STEPS each duration has its own cell; then each doubling has STEPS. */
static unsigned int cell_of(u64 time_ns)
{
	unsigned int shift;

	if (time_ns < 2 * MMS_LATENCY_STEPS)
		return time_ns;
	shift = fls64(time_ns) - 1 - STEP_BITS;
	return min_t(u64, shift * MMS_LATENCY_STEPS + (time_ns >> shift),
		     MMS_LATENCY_CELLS - 1);
}

/* The longest duration that cell_of() puts there. */
static u64 cell_end(unsigned int cell)
{
	unsigned int shift;

	if (cell < 2 * MMS_LATENCY_STEPS)
		return cell;
	shift = cell / MMS_LATENCY_STEPS - 1;
	return ((u64)(cell % MMS_LATENCY_STEPS + MMS_LATENCY_STEPS + 1) << shift) - 1;
}

/**
 * mms_latency_add() - count one duration
 * @latency: the histogram
 * @time_ns: the duration
 */
void mms_latency_add(struct mms_latency *latency, u64 time_ns)
{
	if (!latency->count || time_ns < latency->min_ns)
		latency->min_ns = time_ns;
	latency->max_ns = max(latency->max_ns, time_ns);
	latency->count++;
	latency->cells[cell_of(time_ns)]++;
}
EXPORT_SYMBOL_NS_GPL(mms_latency_add, "MMSCOPE");

/**
 * mms_latency_percentile() - what so many percent did not exceed
 * @latency: the histogram, not empty
 * @percent: 1 to 100
 *
 * Return: The duration in ns, at most one part in sixteen too long.
 */
u64 mms_latency_percentile(const struct mms_latency *latency,
			   unsigned int percent)
{
	u64 rank = div_u64(latency->count * percent + 99, 100), seen = 0;
	unsigned int i;

	for (i = 0; i < MMS_LATENCY_CELLS; i++) {
		seen += latency->cells[i];
		if (seen >= rank)
			return min(cell_end(i), latency->max_ns);
	}
	return latency->max_ns;
}
EXPORT_SYMBOL_NS_GPL(mms_latency_percentile, "MMSCOPE");

/**
 * mms_latency_show() - print MMS_LATENCY_COLUMNS
 * @m: where to print
 * @latency: the histogram, not empty
 */
void mms_latency_show(struct seq_file *m, const struct mms_latency *latency)
{
	seq_printf(m, "%llu %llu %llu %llu %llu %llu", latency->count,
		   latency->min_ns, mms_latency_percentile(latency, 50),
		   mms_latency_percentile(latency, 90),
		   mms_latency_percentile(latency, 99), latency->max_ns);
}
EXPORT_SYMBOL_NS_GPL(mms_latency_show, "MMSCOPE");
