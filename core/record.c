// SPDX-License-Identifier: GPL-2.0
/*
 * Records that hooks fill in while a request passes them: one for each context,
 * which is a task or an interrupt that came upon it.
 *
 * A context opens its record at the first hook that it passes, finds it again at
 * the next ones, and closes it at the last one. Only the context itself looks into
 * its record, so that no lock is needed and callbacks may run anywhere; a record
 * follows a task that sleeps and wakes on another CPU. What is shared is whose
 * record it is: a key is taken by cmpxchg() and given back by a store.
 *
 * The number is bounded and nothing is allocated in a callback. A context looks
 * only at the eight places that its key leads to; when all are taken it goes
 * without, which is counted, and the user of the recorder says "unknown".
 *
 * Deliberately ignored: a task that dies between its first hook and its last; it
 * does not, where hooks stand inside one call of the kernel.
 */
#include <linux/export.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/sched.h>

#include <mmscope/record.h>

#define WAYS	8	/* a cache line of keys */

/* Interrupts come upon a task in this order; each has an own record. */
enum level {
	LEVEL_TASK,
	LEVEL_SOFTIRQ,
	LEVEL_HARDIRQ,
	LEVEL_NMI,
};

static enum level current_level(void)
{
	if (in_nmi())
		return LEVEL_NMI;
	if (hardirq_count())
		return LEVEL_HARDIRQ;
	return in_serving_softirq() ? LEVEL_SOFTIRQ : LEVEL_TASK;
}

/* A task_struct is aligned to more than the number of levels. */
static unsigned long current_key(void)
{
	return (unsigned long)current | current_level();
}

static unsigned int first_way(unsigned long key)
{
	return hash_long(key, ilog2(MMS_RECORDS / WAYS)) * WAYS;
}

/**
 * mms_recorder_start() - make room for records
 * @recorder: the recorder, with size_B set
 *
 * Context: Process context, may sleep. Before its hooks are armed.
 * Return: 0 or -ENOMEM.
 */
int mms_recorder_start(struct mms_recorder *recorder)
{
	/* Nobody is to be killed for what can be gone without. */
	const gfp_t gfp = GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN;

	atomic_long_set(&recorder->full, 0);
	recorder->keys = kvcalloc(MMS_RECORDS, sizeof(*recorder->keys), gfp);
	recorder->records = kvcalloc(MMS_RECORDS, recorder->size_B, gfp);
	if (recorder->keys && recorder->records)
		return 0;
	mms_recorder_stop(recorder);
	return -ENOMEM;
}
EXPORT_SYMBOL_NS_GPL(mms_recorder_start, "MMSCOPE");

/**
 * mms_recorder_stop() - forget all records
 * @recorder: a recorder whose hooks are off, so that no callback runs
 *
 * Context: Process context, may sleep.
 */
void mms_recorder_stop(struct mms_recorder *recorder)
{
	kvfree(recorder->keys);
	kvfree(recorder->records);
	recorder->keys = NULL;
	recorder->records = NULL;
}
EXPORT_SYMBOL_NS_GPL(mms_recorder_stop, "MMSCOPE");

/**
 * mms_record_find() - the record of whoever runs now
 * @recorder: the recorder
 *
 * Context: Any, NMI included.
 * Return: The record, or NULL when none is open.
 */
void *mms_record_find(struct mms_recorder *recorder)
{
	unsigned long key = current_key();
	unsigned int i, first = first_way(key);

	/* Hooks are tried before anybody wants a record. */
	if (!recorder->records)
		return NULL;
	for (i = first; i < first + WAYS; i++)
		if (READ_ONCE(recorder->keys[i]) == key)
			return recorder->records + i * recorder->size_B;
	return NULL;
}
EXPORT_SYMBOL_NS_GPL(mms_record_find, "MMSCOPE");

/**
 * mms_record_open() - the record of whoever runs now; a zeroed one if none is open
 * @recorder: the recorder
 *
 * Context: Any, NMI included.
 * Return: The record, or NULL when all places are taken or it is not started.
 */
void *mms_record_open(struct mms_recorder *recorder)
{
	unsigned long key = current_key();
	unsigned int i, first = first_way(key);
	void *record = mms_record_find(recorder);

	if (record || !recorder->records)
		return record;
	for (i = first; i < first + WAYS; i++) {
		if (READ_ONCE(recorder->keys[i]) ||
		    cmpxchg_acquire(&recorder->keys[i], 0, key))
			continue;
		record = recorder->records + i * recorder->size_B;
		memset(record, 0, recorder->size_B);
		return record;
	}
	atomic_long_inc(&recorder->full);
	return NULL;
}
EXPORT_SYMBOL_NS_GPL(mms_record_open, "MMSCOPE");

/**
 * mms_record_close() - give a record back
 * @recorder: a started recorder
 * @record: the record of whoever runs now
 *
 * Context: Any, NMI included.
 */
void mms_record_close(struct mms_recorder *recorder, void *record)
{
	size_t i = (record - recorder->records) / recorder->size_B;

	/* Pairs with cmpxchg_acquire(): the next owner clears what we wrote. */
	smp_store_release(&recorder->keys[i], 0);
}
EXPORT_SYMBOL_NS_GPL(mms_record_close, "MMSCOPE");
