// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/pgwalk/pin: takes and drops a page of a process by
 * get_user_pages() or pin_user_pages(), and shows its counts before, held and after.
 *
 * Only this file and entry act on a process: the page is faulted in as if
 * the process had touched it (write=1: written to), and how=longterm may move it
 * first to where it may stay. It is taken under the process's mmap_lock, by the
 * kernel's own call. It is the read that acts, and acts again when the answer is read
 * again from its start. keep=1 keeps the page, one an open file, until the next answer
 * is read, or close.
 *
 * A small page has no count of pins: each is GUP_PIN_COUNTING_BIAS (1024) references,
 * and a page with as many is taken for pinned. Large folios count pins apart, each a
 * reference too.
 *
 * The counts are read without a lock, as in page: others may change them meanwhile.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include <mmscope/page.h>
#include <mmscope/walker.h>

#include "pgwalk.h"

enum {
	WORD_PID,
	WORD_ADDR,
	WORD_HOW,
	WORD_WRITE,
	WORD_KEEP,
	WORD_DROP,
};

enum how {
	HOW_PIN,
	HOW_LONGTERM,
	HOW_GET,
	HOW_COUNT
};

static const char *const how_names[] = {
	[HOW_PIN] = "pin",
	[HOW_LONGTERM] = "longterm",
	[HOW_GET] = "get",
};

static_assert(ARRAY_SIZE(how_names) == HOW_COUNT);

static const struct mms_word pin_words[] = {
	[WORD_PID] = {
		.key = "pid",
		.kind = MMS_WORD_PID,
		.example = "1",
	},
	[WORD_ADDR] = {
		.key = "addr",
		.kind = MMS_WORD_NUMBER,
		.example = "0x400000",
	},
	[WORD_HOW] = {
		.key = "how",
		.kind = MMS_WORD_NAME,
		.names = how_names,
		.nr_names = HOW_COUNT,
	},
	[WORD_WRITE] = {
		.key = "write",
		.kind = MMS_WORD_NUMBER,
		.max = 1,
		.example = "1",
	},
	[WORD_KEEP] = {
		.key = "keep",
		.kind = MMS_WORD_NUMBER,
		.max = 1,
		.example = "1",
	},
	[WORD_DROP] = {
		.key = "drop",
		.kind = MMS_WORD_NUMBER,
		.min = 1,
		.max = 1,
		.example = "1",
	},
};

enum when {
	WHEN_BEFORE,
	WHEN_HELD,
	WHEN_AFTER,
	WHEN_COUNT
};

static const char *const when_names[] = {
	[WHEN_BEFORE] = "before",
	[WHEN_HELD] = "held",
	[WHEN_AFTER] = "after",
};

static_assert(ARRAY_SIZE(when_names) == WHEN_COUNT);

/**
 * struct pin - the page that an open file holds
 * @page: the page
 * @how: it was taken
 */
struct pin {
	struct page *page;
	enum how how;
};

/**
 * struct pin_look - counts at one moment
 * @known: there was a page to look at
 * @pincount: of the folio, -1: not counted apart
 * @page: the page
 */
struct pin_look {
	bool known;
	int pincount;
	struct mms_page page;
};

/**
 * struct pin_state - one request
 * @looks: by when
 */
struct pin_state {
	struct pin_look looks[WHEN_COUNT];
};

static enum how how_of(const struct mms_request *request)
{
	return mms_value_or(&request->values[WORD_HOW], HOW_PIN);
}

static int check_drop(const struct mms_request *request)
{
	int i;

	for (i = 0; i < WORD_DROP; i++)
		if (request->values[i].given)
			return mms_refuse(request, i, -EINVAL,
					  "does not go with drop=");
	return 0;
}

static int pin_check(struct mms_request *request)
{
	const struct mms_value *values = request->values;

	if (values[WORD_DROP].given)
		return check_drop(request);
	if (!values[WORD_PID].given || !values[WORD_ADDR].given)
		return mms_refuse(request, MMS_WHOLE_LINE, -EINVAL,
				  "give pid= and addr=, or drop=1");
	return pgwalk_user_check(request, WORD_ADDR, WORD_PID);
}

/* The page need not be held: its struct page is there as long as the memory. */
static void look(unsigned long pfn, struct pin_look *look)
{
	mms_memory_hold();
	mms_page_read(pfn, &look->page);
	look->known = look->page.type != MMS_PAGE_ABSENT;
	if (look->known)
		look->pincount = page_pincount(pfn_to_page(look->page.head_pfn));
	mms_memory_release();
}

/* What is there before anything is faulted in. */
static int look_before(struct mm_struct *mm, unsigned long addr,
		       struct pin_look *before)
{
	struct mmscope_walk_record walk;
	int err;

	err = pgwalk_target_walk(mm, addr, &walk);
	if (err)
		return err;
	if (walk.kind == MMSCOPE_PG_PRESENT)
		look(walk.pfn, before);
	return 0;
}

/* Without "locked" the lock is kept, also while it waits for the page. */
static long take_locked(struct mm_struct *mm, unsigned long addr,
			const struct mms_request *request, struct page **page)
{
	unsigned int flags = mms_value_or(&request->values[WORD_WRITE], 0) ?
			     FOLL_WRITE : 0;

	switch (how_of(request)) {
	case HOW_GET:
		return get_user_pages_remote(mm, addr, 1, flags, page, NULL);
	case HOW_LONGTERM:
		flags |= FOLL_LONGTERM;
		fallthrough;
	default:
		return pin_user_pages_remote(mm, addr, 1, flags, page, NULL);
	}
}

static int take(struct mm_struct *mm, const struct mms_request *request,
		struct pin *pin)
{
	unsigned long addr = request->values[WORD_ADDR].start & PAGE_MASK;
	long got;
	int err;

	err = pgwalk_target_lock(mm);
	if (err)
		return err;
	got = take_locked(mm, addr, request, &pin->page);
	pgwalk_target_unlock(mm);
	if (got != 1) {
		pin->page = NULL;
		return got < 0 ? got : -EFAULT;
	}
	pin->how = how_of(request);
	return 0;
}

static void drop(struct pin *pin)
{
	if (!pin->page)
		return;
	if (pin->how == HOW_GET)
		put_page(pin->page);
	else
		unpin_user_page(pin->page);
	pin->page = NULL;
}

static void pin_release(struct mms_answer *answer)
{
	if (!answer->kept)
		return;
	drop(answer->kept);
	kfree(answer->kept);
}

/* Shows both sides of the drop. */
static void drop_shown(struct pin *pin, struct pin_state *state)
{
	unsigned long pfn = page_to_pfn(pin->page);

	drop(pin);
	look(pfn, &state->looks[WHEN_AFTER]);
}

static int take_shown(const struct mms_request *request, struct pin *pin,
		      struct pin_state *state)
{
	const struct mms_value *values = request->values;
	struct mm_struct *mm;
	int err;

	mm = pgwalk_target_get(&values[WORD_PID]);
	if (IS_ERR(mm))
		return PTR_ERR(mm);
	err = look_before(mm, values[WORD_ADDR].start,
			  &state->looks[WHEN_BEFORE]) ?:
	      take(mm, request, pin);
	pgwalk_target_put(mm);
	if (err)
		return err;
	look(page_to_pfn(pin->page), &state->looks[WHEN_HELD]);
	if (!mms_value_or(&values[WORD_KEEP], 0))
		drop_shown(pin, state);
	return 0;
}

static int pin_begin(struct mms_answer *answer)
{
	const struct mms_request *request = answer->request;
	struct pin_state *state = answer->state;
	struct pin *pin = answer->kept;

	if (!pin)
		pin = kzalloc(sizeof(*pin), GFP_KERNEL);
	if (!pin)
		return -ENOMEM;
	answer->kept = pin;
	if (!request->values[WORD_DROP].given) {
		drop(pin);
		return take_shown(request, pin, state);
	}
	if (!pin->page)
		return -ENOENT;
	look(page_to_pfn(pin->page), &state->looks[WHEN_HELD]);
	drop_shown(pin, state);
	return 0;
}

static void show_look(struct seq_file *m, const char *when,
		      const struct pin_look *look)
{
	seq_puts(m, when);
	if (!look->known) {
		seq_puts(m, " - - - - - - -\n");
		return;
	}
	seq_printf(m, " %#lx %#lx %s %u %d %d", look->page.pfn,
		   look->page.head_pfn, mms_page_type_name(&look->page),
		   look->page.order, look->page.refcount, look->page.mapcount);
	if (look->pincount < 0)
		seq_puts(m, " -\n");
	else
		seq_printf(m, " %d\n", look->pincount);
}

static void pin_show(struct seq_file *m, struct mms_answer *answer,
		     const void *record)
{
	const struct pin_state *state = answer->state;
	unsigned int i;

	for (i = 0; i < WHEN_COUNT; i++)
		show_look(m, when_names[i], &state->looks[i]);
}

struct mms_file pgwalk_pin_file = {
	.name = "pin",
	.version = 1,
	.consistency = MMSCOPE_RETRIED,
	.columns = "when pfn head_pfn type order refcount mapcount pincount",
	.words = pin_words,
	.nr_words = ARRAY_SIZE(pin_words),
	.state_size_B = sizeof(struct pin_state),
	.check = pin_check,
	.begin = pin_begin,
	.show = pin_show,
	.release = pin_release,
};
