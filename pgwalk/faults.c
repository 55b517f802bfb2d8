// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/pgwalk/faults: page faults of a process, or of all, by
 * what they did (fault.c tells), with how long they took.
 *
 * A request that is written begins to count, for this open file; each read from
 * the start answers what was counted so far, copied under the lock that callbacks
 * count under, so that all rows are of one moment. A new request, or closing,
 * ends it. A file that only answers an earlier request has counted nothing: it
 * must be told for how long to wait.
 *
 * Deliberately ignored: a process that starts another program has an address
 * space that nobody asked for. Faults are counted when they end; one that began
 * before is not.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "fault.h"
#include "pgwalk.h"

#define TIME_MAX_MS	(60 * 60 * 1000)

enum {
	WORD_PID,
	WORD_ALL,
	WORD_TIME,
};

static const struct mms_word faults_words[] = {
	[WORD_PID] = {
		.key = "pid",
		.kind = MMS_WORD_PID,
		.example = "1",
	},
	[WORD_ALL] = {
		.key = "all",
		.kind = MMS_WORD_NUMBER,
		.max = 1,
		.example = "1",
	},
	[WORD_TIME] = {
		.key = "time_ms",
		.kind = MMS_WORD_NUMBER,
		.max = TIME_MAX_MS,
		.example = "1000",
	},
};

static const char *const sum_names[] = {
	[PGWALK_SUM_MINOR] = "minor",
	[PGWALK_SUM_MAJOR] = "major",
	[PGWALK_SUM_RETRY] = "retry",
	[PGWALK_SUM_VMA_LOCK] = "vma_lock",
	[PGWALK_SUM_MMAP_LOCK] = "mmap_lock",
	[PGWALK_SUM_GUP] = "gup",
	[PGWALK_SUM_NONE] = "none",
	[PGWALK_SUM_PTE] = "pte",
	[PGWALK_SUM_PMD] = "pmd",
	[PGWALK_SUM_PUD] = "pud",
	[PGWALK_SUM_TABLES] = "tables",
	[PGWALK_SUM_AROUND] = "around_pages",
};

static_assert(ARRAY_SIZE(sum_names) == PGWALK_SUM_COUNT);

/**
 * struct counting - what an open file keeps
 * @watch: what callbacks count into
 * @start_ns: when it began
 */
struct counting {
	struct pgwalk_fault_watch watch;
	u64 start_ns;
};

/**
 * struct faults_state - what was counted when the answer began
 * @rows: by class
 * @time_ns: since it began
 * @missed: calls that were not seen
 */
struct faults_state {
	struct pgwalk_fault_row rows[PGWALK_FAULT_COUNT];
	u64 time_ns;
	u64 missed;
};

static int faults_check(struct mms_request *request)
{
	const struct mms_value *values = request->values;
	bool all = values[WORD_ALL].given && values[WORD_ALL].start;

	if (values[WORD_PID].given == all)
		return mms_refuse(request, MMS_WHOLE_LINE, -EINVAL,
				  "give one of pid= and all=1");
	if (pgwalk_fault_error())
		return mms_refuse(request, MMS_WHOLE_LINE, -EOPNOTSUPP,
				  "page faults are not told, see mmscope/status");
	return all ? 0 : pgwalk_target_check(request, WORD_PID);
}

static void faults_release(struct mms_answer *answer)
{
	struct counting *counting = answer->kept;

	if (!counting)
		return;
	pgwalk_fault_watch_end(&counting->watch);
	pgwalk_target_put(counting->watch.mm);
	kvfree(counting);
}

static int pin_target(struct counting *counting, const struct mms_value *pid)
{
	struct mm_struct *mm = pid->given ? pgwalk_target_get(pid) : NULL;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	counting->watch.mm = mm;
	return 0;
}

static int faults_start(struct mms_answer *answer)
{
	struct counting *counting;
	int err;

	counting = kvzalloc(sizeof(*counting), GFP_KERNEL);
	if (!counting)
		return -ENOMEM;
	raw_spin_lock_init(&counting->watch.lock);
	err = pin_target(counting, &answer->request->values[WORD_PID]);
	if (err)
		goto free_counting;
	err = pgwalk_fault_watch_begin(&counting->watch);
	if (err)
		goto put_target;
	counting->start_ns = ktime_get_ns();
	/* Of the request before; only now, so that the hooks stay armed. */
	faults_release(answer);
	answer->kept = counting;
	return 0;

put_target:
	pgwalk_target_put(counting->watch.mm);
free_counting:
	kvfree(counting);
	return err;
}

/* Until so much time has passed since the start. */
static int wait_until(const struct counting *counting, u64 time_ms)
{
	u64 passed_ms;

	for (;;) {
		passed_ms = div_u64(ktime_get_ns() - counting->start_ns,
				    NSEC_PER_MSEC);
		if (passed_ms >= time_ms)
			return 0;
		/* Goes on where it was after a stop, too: the start is kept. */
		if (msleep_interruptible(time_ms - passed_ms))
			return -ERESTARTSYS;
	}
}

static int faults_begin(struct mms_answer *answer)
{
	const struct mms_value *time = &answer->request->values[WORD_TIME];
	struct faults_state *state = answer->state;
	struct counting *counting;
	unsigned long flags;
	int err = 0;

	if (!answer->kept)
		err = time->given ? faults_start(answer) : -ENODATA;
	if (err)
		return err;
	counting = answer->kept;
	if (time->given)
		err = wait_until(counting, time->start);
	if (err)
		return err;
	/* On 5.10 callbacks count under a lock that interrupts take as well. */
	raw_spin_lock_irqsave(&counting->watch.lock, flags);
	memcpy(state->rows, counting->watch.rows, sizeof(state->rows));
	raw_spin_unlock_irqrestore(&counting->watch.lock, flags);
	state->time_ns = ktime_get_ns() - counting->start_ns;
	state->missed = pgwalk_fault_missed(&counting->watch);
	return 0;
}

static void show_class(struct seq_file *m, unsigned int class,
		       const struct pgwalk_fault_row *row)
{
	unsigned int i;

	seq_printf(m, "%s ", pgwalk_fault_name(class));
	mms_latency_show(m, &row->latency);
	for (i = 0; i < PGWALK_SUM_COUNT; i++)
		seq_printf(m, " %llu", row->sums[i]);
	seq_putc(m, '\n');
}

static void faults_show(struct seq_file *m, struct mms_answer *answer,
			const void *record)
{
	const struct faults_state *state = answer->state;
	u64 calls = 0;
	unsigned int i;

	seq_puts(m, "## classes\n# class " MMS_LATENCY_COLUMNS);
	for (i = 0; i < PGWALK_SUM_COUNT; i++)
		seq_printf(m, " %s", sum_names[i]);
	seq_putc(m, '\n');
	for (i = 0; i < PGWALK_FAULT_COUNT; i++) {
		calls += state->rows[i].latency.count;
		if (state->rows[i].latency.count)
			show_class(m, i, &state->rows[i]);
	}
	seq_printf(m, "## totals\n# name value\ncalls %llu\n", calls);
	seq_printf(m, "missed_anywhere %llu\ntime_ns %llu\n", state->missed,
		   state->time_ns);
}

struct mms_file pgwalk_faults_file = {
	.name = "faults",
	.version = 1,
	.consistency = MMSCOPE_LOCKED,
	.words = faults_words,
	.nr_words = ARRAY_SIZE(faults_words),
	.state_size_B = sizeof(struct faults_state),
	.check = faults_check,
	.start = faults_start,
	.begin = faults_begin,
	.show = faults_show,
	.release = faults_release,
};
