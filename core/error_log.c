// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/error_log: why the last requests were refused.
 *
 * An errno alone does not say which of five words was wrong; this does, with
 * the line as it was written and a caret under the word, as tracefs does.
 *
 * A ring of fixed size under its own mutex. Not kept: a read that failed for a reason
 * that no word of its request is to blame for, as ENOMEM or EINTR.
 */
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/sched/clock.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include <mmscope/query.h>

#include "core.h"

#define ENTRIES		16
#define SHOWN_B		200	/* of a request; the part around the word */
#define BEFORE_B	60	/* shown before the word when that part is cut */

struct entry {
	u64 time_ns;
	int err;
	unsigned int column;
	char file[48];
	char what[160];
	char request[SHOWN_B + 1];
};

/* The ring: next is where the next one goes, nr how many there are. */
static struct entry ring[ENTRIES];
static unsigned int next, nr;
static DEFINE_MUTEX(ring_lock);

static void keep_printable(char *s)
{
	for (; *s; s++)
		if (!isascii(*s) || !isprint(*s))
			*s = '?';
}

/**
 * mms_error_log_add() - note a request that was refused
 * @file: "module/file"
 * @request: the line
 * @column: where the wrong word stands in it
 * @err: negative errno that the writer gets
 * @what: what was wrong, and what would be right
 *
 * Context: Process context, may sleep.
 */
void mms_error_log_add(const char *file, const char *request, size_t column,
		       int err, const char *what)
{
	size_t cut = column > SHOWN_B - BEFORE_B ? column - BEFORE_B : 0;
	struct entry *entry;

	mutex_lock(&ring_lock);
	entry = &ring[next];
	next = (next + 1) % ENTRIES;
	nr = min(nr + 1, (unsigned int)ENTRIES);

	entry->time_ns = local_clock();
	entry->err = -err;
	entry->column = column - cut;
	strscpy(entry->file, file, sizeof(entry->file));
	strscpy(entry->what, what, sizeof(entry->what));
	strscpy(entry->request, request + cut, sizeof(entry->request));
	keep_printable(entry->request);
	mutex_unlock(&ring_lock);
}

static void show_entry(struct seq_file *m, const struct entry *entry)
{
	u64 us = entry->time_ns / 1000;

	seq_printf(m, "[%5llu.%06llu] %s: error: %s (errno %d)\n",
		   us / USEC_PER_SEC, us % USEC_PER_SEC, entry->file,
		   entry->what, entry->err);
	seq_printf(m, "  Command: %s\n", entry->request);
	seq_printf(m, "           %*s^\n", entry->column, "");
}

static void error_log_show(struct seq_file *m, struct mms_answer *answer,
			   const void *record)
{
	unsigned int i;

	mutex_lock(&ring_lock);
	for (i = 0; i < nr; i++)
		show_entry(m, &ring[(next + ENTRIES - nr + i) % ENTRIES]);
	mutex_unlock(&ring_lock);
}

static void error_log_clear(void)
{
	mutex_lock(&ring_lock);
	nr = 0;
	mutex_unlock(&ring_lock);
}

struct mms_file mms_error_log_file = {
	.name = "error_log",
	.raw = true,
	.show = error_log_show,
	.clear = error_log_clear,
};
