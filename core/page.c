// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/page: one page frame, or a range of them.
 *
 * A page may change hands at any time, and taking a reference would disturb
 * what we look at (it can fail a migration or a split). So struct page of the
 * frame and of its folio is copied, and copied again until two copies are
 * equal; everything shown is decoded from that copy. The memory hotplug lock
 * is held for reading meanwhile, so that the memory map itself stays.
 *
 * Deliberately not taken: zone->lock, so a free block is seen as it was at one
 * instant; the folio lock, so a file page may be truncated right afterwards.
 * Not shown here: what an object inside a slab page is (slubprobe does).
 */
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/page-flags.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/static_call.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <mmscope/page.h>
#include <mmscope/query.h>
#include <mmscope/symbol.h>

#include "core.h"

#define LOOKS_MAX	8	/* until two are equal */
#define HEAD_PAGES	4	/* struct pages that a folio's own data may fill */

static const char *const type_names[] = {
	[MMS_PAGE_ABSENT] = "absent",
	[MMS_PAGE_BUDDY] = "buddy",
	[MMS_PAGE_SLAB] = "slab",
	[MMS_PAGE_PGTABLE] = "pgtable",
	[MMS_PAGE_OFFLINE] = "offline",
	[MMS_PAGE_GUARD] = "guard",
	[MMS_PAGE_HUGETLB] = "hugetlb",
	[MMS_PAGE_LARGE_KMALLOC] = "large_kmalloc",
	[MMS_PAGE_ZSMALLOC] = "zsmalloc",
	[MMS_PAGE_UNACCEPTED] = "unaccepted",
	[MMS_PAGE_RESERVED] = "reserved",
	[MMS_PAGE_KSM] = "ksm",
	[MMS_PAGE_ANON] = "anon",
	[MMS_PAGE_MOVABLE] = "movable",
	[MMS_PAGE_FILE] = "file",
	[MMS_PAGE_OTHER] = "other",
};

static_assert(ARRAY_SIZE(type_names) == MMS_PAGE_TYPE_COUNT);

/*
 * A page and the start of its folio, as they were at one instant. Never const:
 * the page helpers of older kernels do not take that.
 */
struct look {
	unsigned long head_pfn;
	struct page page;
	union {
		struct page head[HEAD_PAGES];
		struct folio folio;
	};
};

static void no_online_mems(void)
{
}

DEFINE_STATIC_CALL(mms_get_online_mems, no_online_mems);
DEFINE_STATIC_CALL(mms_put_online_mems, no_online_mems);

enum {
	SYM_GET_ONLINE_MEMS,
	SYM_PUT_ONLINE_MEMS,
};

static struct mms_symbol page_symbols[] = {
	[SYM_GET_ONLINE_MEMS] = {
		.name = "get_online_mems",
		.purpose = "hold_of_memory_hotplug_while_reading",
	},
	[SYM_PUT_ONLINE_MEMS] = {
		.name = "put_online_mems",
		.purpose = "hold_of_memory_hotplug_while_reading",
	},
};

static struct mms_symbols symbols = {
	.owner = THIS_MODULE,
	.table = page_symbols,
	.nr = ARRAY_SIZE(page_symbols),
};

/**
 * mms_memory_hold() - keep memory from being unplugged
 *
 * Mirrors get_online_mems() of mm/memory_hotplug.c.
 *
 * Context: Process context, may sleep. Before any mmap lock.
 */
void mms_memory_hold(void)
{
	static_call(mms_get_online_mems)();
}
EXPORT_SYMBOL_NS_GPL(mms_memory_hold, "MMSCOPE");

/**
 * mms_memory_release() - undo mms_memory_hold()
 *
 * Context: Process context.
 */
void mms_memory_release(void)
{
	static_call(mms_put_online_mems)();
}
EXPORT_SYMBOL_NS_GPL(mms_memory_release, "MMSCOPE");

/**
 * mms_zone_at() - the next zone that has pages
 * @index: where to look first, counts all zones of all nodes; moved to the zone
 *
 * Context: Between mms_memory_hold() and mms_memory_release().
 * Return: The zone, or NULL when there is no more.
 */
struct zone *mms_zone_at(unsigned int *index)
{
	struct zone *zone;
	int node;

	for (; *index < MAX_NUMNODES * MAX_NR_ZONES; ++*index) {
		node = *index / MAX_NR_ZONES;
		if (!node_online(node)) {
			*index = (node + 1) * MAX_NR_ZONES - 1;
			continue;
		}
		zone = &NODE_DATA(node)->node_zones[*index % MAX_NR_ZONES];
		if (populated_zone(zone))
			return zone;
	}
	return NULL;
}
EXPORT_SYMBOL_NS_GPL(mms_zone_at, "MMSCOPE");

/**
 * mms_is_page() - is this the address of a struct page of online memory?
 * @addr: any address; right is one whose pfn leads back to it
 *
 * Context: Any but NMI, between mms_memory_hold() and mms_memory_release().
 */
bool mms_is_page(const void *addr)
{
	const struct page *page = addr;
	uintptr_t first = (uintptr_t)pfn_to_page(0);
	unsigned long pfn;

	if ((uintptr_t)addr < first ||
	    ((uintptr_t)addr - first) % sizeof(*page))
		return false;
	pfn = page_to_pfn(page);
	return pfn <= PHYS_PFN(MMS_PHYS_MAX) && pfn_to_online_page(pfn) == page;
}
EXPORT_SYMBOL_NS_GPL(mms_is_page, "MMSCOPE");

/* ---- Looking ---- */

/*
 * The head is found from the page's address, which a copy does not have. False
 * when the folio changed meanwhile, which a head that is a tail tells, or an
 * order that does not fit its place.
 */
static bool look_once(struct page *page, struct look *look)
{
	struct page *head = compound_head(page);
	unsigned int i, order;

	memset(look, 0, sizeof(*look));
	look->page = *page;
	look->head_pfn = page_to_pfn(head);
	if (!pfn_to_online_page(look->head_pfn))
		return false;
	look->head[0] = *head;
	if (PageTail(&look->head[0]))
		return false;
	if (!PageHead(&look->head[0]))
		return true;
	look->head[1] = head[1];
	order = compound_order(look->head);
	/* Two copies may be of two folios: no order, or none that fits. */
	if (order > PUD_SHIFT - PAGE_SHIFT ||
	    !IS_ALIGNED(look->head_pfn, 1UL << order))
		return false;
	for (i = 2; i < min(1U << order, (unsigned int)HEAD_PAGES); i++)
		look->head[i] = head[i];
	return true;
}

/* Memory that the hypervisor has not granted yet is free, in largest blocks. */
static bool is_unaccepted(const struct page *head, unsigned int order)
{
	return order == NR_PAGE_ORDERS - 1 && PageUnaccepted(head);
}

/*
 * A frame inside a free block has no mark of its own; its block's first frame
 * has. Orders are tried upwards, as the buddy allocator would merge.
 */
static void look_for_free_block(struct look *look, unsigned long pfn)
{
	unsigned long head_pfn;
	unsigned int order;
	struct page *head;

	if (page_ref_count(&look->page) || PageTail(&look->page))
		return;
	for (order = 0; order < NR_PAGE_ORDERS; order++) {
		head_pfn = pfn & ~((1UL << order) - 1);
		head = pfn_to_online_page(head_pfn);
		if (!head || !(PageBuddy(head) || is_unaccepted(head, order)))
			continue;
		if (PageBuddy(head) && page_private(head) < order)
			return;
		look->head_pfn = head_pfn;
		look->head[0] = *head;
		return;
	}
}

static bool look_whole(struct page *page, unsigned long pfn, struct look *look)
{
	if (!look_once(page, look))
		return false;
	look_for_free_block(look, pfn);
	return true;
}

/* True if a look was whole; stable if it was equal to the one before. */
static bool look_until_equal(struct page *page, unsigned long pfn,
			     struct look *look, bool *stable)
{
	struct look again;
	bool whole = false;
	int i;

	*stable = false;
	for (i = 0; i < LOOKS_MAX && !*stable; i++) {
		if (!look_whole(page, pfn, &again))
			continue;
		*stable = whole && !memcmp(look, &again, sizeof(again));
		*look = again;
		whole = true;
	}
	return whole;
}

/* ---- Decoding the copy ---- */

static enum mms_page_type type_of(struct look *look)
{
	struct page *head = &look->head[0];
	bool typed = page_has_type(head);

	if (PageBuddy(head))
		return MMS_PAGE_BUDDY;
	if (PageSlab(head))
		return MMS_PAGE_SLAB;
	if (PageTable(head))
		return MMS_PAGE_PGTABLE;
	if (PageOffline(head))
		return MMS_PAGE_OFFLINE;
	if (PageGuard(head))
		return MMS_PAGE_GUARD;
	if (PageHuge(head))
		return MMS_PAGE_HUGETLB;
	if (PageLargeKmalloc(head))
		return MMS_PAGE_LARGE_KMALLOC;
	if (PageZsmalloc(head))
		return MMS_PAGE_ZSMALLOC;
	if (PageUnaccepted(head))
		return MMS_PAGE_UNACCEPTED;
	if (typed)
		return MMS_PAGE_OTHER;
	if (PageReserved(head))
		return MMS_PAGE_RESERVED;
	if (folio_test_ksm(&look->folio))
		return MMS_PAGE_KSM;
	if (folio_test_anon(&look->folio))
		return MMS_PAGE_ANON;
	if (PageUntypedMovable(head))
		return MMS_PAGE_MOVABLE;
	return MMS_PAGE_OTHER;
}

/* The word is a structure of its own from 6.18 on; a word it stays. */
static unsigned long flags_word(const struct page *page)
{
	return *(const unsigned long *)&page->flags;
}

static int mapcount_of(struct look *look)
{
	bool typed = page_has_type(&look->head[0]) && !PageHuge(&look->head[0]);

	int mapcount;

	if (typed || PageSlab(&look->head[0]))
		return 0;
	mapcount = page_has_type(&look->page) ? 0 :
		   atomic_read(&look->page._mapcount) + 1;
	if (PageHead(&look->head[0]))
		mapcount += folio_extra_mapcount(&look->folio);
	return mapcount;
}

/* A copy that was torn may have the mark of a free block without its order. */
static unsigned int free_order(const struct look *look)
{
	unsigned long order = page_private(&look->head[0]);

	return order < NR_PAGE_ORDERS &&
	       IS_ALIGNED(look->head_pfn, 1UL << order) ? order : 0;
}

static unsigned int order_of(struct look *look)
{
	if (PageBuddy(&look->head[0]))
		return free_order(look);
	if (PageUnaccepted(&look->head[0]))
		return NR_PAGE_ORDERS - 1;
	return PageHead(&look->head[0]) ? compound_order(look->head) : 0;
}

/* What the mapping of a page in the page cache says about its file. */
struct file_id {
	dev_t dev;
	unsigned long ino;
};

static bool read_word(const void *from, void *value)
{
	return !copy_from_kernel_nofault(value, from, sizeof(unsigned long));
}

/*
 * The inode may be freed once the page has left its mapping, hence the loads
 * that cannot fault. It is believed only if the inode points back: a driver may
 * keep anything in the mapping word of a page of its own.
 */
static bool read_file_id(struct address_space *mapping, struct file_id *id)
{
	struct address_space *back;
	struct super_block *sb;
	struct inode *inode;

	return read_word(&mapping->host, &inode) && inode &&
	       read_word(&inode->i_mapping, &back) &&
	       (back == mapping || &inode->i_data == mapping) &&
	       read_word(&inode->i_ino, &id->ino) &&
	       read_word(&inode->i_sb, &sb) &&
	       !copy_from_kernel_nofault(&id->dev, &sb->s_dev, sizeof(id->dev));
}

/* While a page is still in its mapping, the inode behind it is alive. */
static bool read_file(struct look *look, struct file_id *id)
{
	struct address_space *mapping = look->folio.mapping;
	struct page *head = pfn_to_page(look->head_pfn);
	bool found;

	if (!mapping || (unsigned long)mapping & 3)
		return false;
	rcu_read_lock();
	found = read_file_id(mapping, id) &&
		READ_ONCE(head->mapping) == mapping;
	rcu_read_unlock();
	return found;
}

static void decode_lru(struct look *look, struct mms_page *info)
{
	info->lru = PageLRU(&look->head[0]);
	info->lru_gen = info->lru && !folio_test_unevictable(&look->folio) ?
			folio_lru_gen(&look->folio) : MMS_NO_GEN;
}

static void decode(struct look *look, struct mms_page *info)
{
	struct file_id id;

	info->head_pfn = look->head_pfn;
	info->flags = flags_word(&look->page);
	info->head_flags = flags_word(&look->head[0]);
	info->refcount = page_ref_count(&look->head[0]);
	info->mapcount = mapcount_of(look);
	info->order = order_of(look);
	info->type = type_of(look);
	decode_lru(look, info);
	if (info->type != MMS_PAGE_OTHER && info->type != MMS_PAGE_HUGETLB &&
	    info->type != MMS_PAGE_ANON && info->type != MMS_PAGE_KSM)
		return;
	info->index = look->folio.index + info->pfn - info->head_pfn;
	if (PageHuge(&look->head[0]))
		info->index = hugetlb_head_index(&look->folio, info->order) +
			      info->pfn - info->head_pfn;
	if (info->type == MMS_PAGE_ANON || info->type == MMS_PAGE_KSM ||
	    !read_file(look, &id))
		return;
	info->dev = id.dev;
	info->ino = id.ino;
	if (info->type == MMS_PAGE_OTHER)
		info->type = MMS_PAGE_FILE;
}

/**
 * mms_page_read() - what a page frame is
 * @pfn: any number
 * @info: filled in; type is MMS_PAGE_ABSENT if no online memory is there
 *
 * Mirrors snapshot_page() of mm/util.c (7.2) and stable_page_flags() of
 * fs/proc/page.c.
 *
 * Context: Any but NMI, between mms_memory_hold() and mms_memory_release().
 */
void mms_page_read(unsigned long pfn, struct mms_page *info)
{
	struct page *page = pfn_to_online_page(pfn);
	struct look look;

	memset(info, 0, sizeof(*info));
	info->pfn = pfn;
	info->lru_gen = MMS_NO_GEN;
	if (!page)
		return;
	if (look_until_equal(page, pfn, &look, &info->stable))
		decode(&look, info);
	else
		info->type = MMS_PAGE_OTHER;	/* never held still */
}
EXPORT_SYMBOL_NS_GPL(mms_page_read, "MMSCOPE");

/**
 * mms_page_glance() - what a page frame is, by one look
 * @pfn: any number
 * @info: filled in as by mms_page_read(), @stable apart
 *
 * For whoever looks at all of memory: half the cost of mms_page_read(), and what
 * changed in that very moment may be told as other.
 *
 * Context: Any but NMI, between mms_memory_hold() and mms_memory_release().
 */
void mms_page_glance(unsigned long pfn, struct mms_page *info)
{
	struct page *page = pfn_to_online_page(pfn);
	struct look look;

	memset(info, 0, sizeof(*info));
	info->pfn = pfn;
	info->head_pfn = pfn;
	if (!page)
		return;
	info->type = MMS_PAGE_OTHER;
	if (look_whole(page, pfn, &look))
		decode(&look, info);
}

/**
 * mms_page_type_name() - the word for a page's type
 * @info: the page
 *
 * Return: A constant string.
 */
const char *mms_page_type_name(const struct mms_page *info)
{
	return type_names[info->type];
}
EXPORT_SYMBOL_NS_GPL(mms_page_type_name, "MMSCOPE");

/**
 * mms_page_show_flags() - print a page's flags by name
 * @m: where to print
 * @info: the page
 *
 * The names are the kernel's own, "a|b|node=0|zone=1"; kernels from 5.19 on put
 * them in brackets behind the raw word, which is left off here.
 */
void mms_page_show_flags(struct seq_file *m, const struct mms_page *info)
{
	char text[256];
	char *names;

	snprintf(text, sizeof(text), "%pGp", &info->flags);
	names = strchr(text, '(');
	names = names ? names + 1 : text;
	names[strcspn(names, ")")] = '\0';
	seq_puts(m, *names ? names : "-");
}
EXPORT_SYMBOL_NS_GPL(mms_page_show_flags, "MMSCOPE");

/* ---- The file ---- */

static const struct mms_word page_words[MMS_FRAME_WORDS] = {
	[MMS_FRAME_PFN] = {
		.key = "pfn",
		.kind = MMS_WORD_RANGE,
		.max = PHYS_PFN(MMS_PHYS_MAX),
		.example = "0x1000-0x1010",
	},
	[MMS_FRAME_ADDR] = {
		.key = "addr",
		.kind = MMS_WORD_NUMBER,
		.example = "0xffff888001000000",
	},
};

/* Words of a file that is about one page frame. */
const struct mms_word mms_frame_words[MMS_FRAME_WORDS] = {
	[MMS_FRAME_PFN] = {
		.key = "pfn",
		.kind = MMS_WORD_NUMBER,
		.max = PHYS_PFN(MMS_PHYS_MAX),
		.example = "0x1000",
	},
	[MMS_FRAME_ADDR] = {
		.key = "addr",
		.kind = MMS_WORD_NUMBER,
		.example = "0xffff888001000000",
	},
};
EXPORT_SYMBOL_NS_GPL(mms_frame_words, "MMSCOPE");

struct page_state {
	u64 next;
	u64 end;
};

static int page_check(struct mms_request *request)
{
	const struct mms_value *addr = &request->values[MMS_FRAME_ADDR];

	if (request->values[MMS_FRAME_PFN].given == addr->given)
		return mms_refuse(request, MMS_WHOLE_LINE, -EINVAL,
				  "give one of pfn= and addr=");
	return addr->given ?
	       mms_refuse_unless_direct(request, MMS_FRAME_ADDR, addr->start) : 0;
}

/**
 * mms_frame_asked() - the page frame that a request is about
 * @request: a request of mms_frame_words, after mms_frame_check()
 *
 * Context: Any.
 * Return: The page frame.
 */
unsigned long mms_frame_asked(const struct mms_request *request)
{
	const struct mms_value *addr = &request->values[MMS_FRAME_ADDR];

	return addr->given ? PHYS_PFN(__pa(addr->start)) :
			     request->values[MMS_FRAME_PFN].start;
}
EXPORT_SYMBOL_NS_GPL(mms_frame_asked, "MMSCOPE");

/**
 * mms_frame_check() - refuse what is not one page frame of online memory
 * @request: a request of mms_frame_words
 *
 * Context: Process context, may sleep.
 * Return: 0, -EINVAL, -ENOENT, or what mms_refuse_unless_direct() returns.
 */
int mms_frame_check(struct mms_request *request)
{
	bool online;
	int err;

	err = page_check(request);
	if (err)
		return err;
	mms_memory_hold();
	online = pfn_to_online_page(mms_frame_asked(request));
	mms_memory_release();
	if (online)
		return 0;
	return mms_refuse(request, request->values[MMS_FRAME_ADDR].given ?
			  MMS_FRAME_ADDR : MMS_FRAME_PFN, -ENOENT,
			  "no online memory there");
}
EXPORT_SYMBOL_NS_GPL(mms_frame_check, "MMSCOPE");

static int page_begin(struct mms_answer *answer)
{
	const struct mms_value *values = answer->request->values;
	struct page_state *state = answer->state;

	if (values[MMS_FRAME_ADDR].given) {
		state->next = PHYS_PFN(__pa(values[MMS_FRAME_ADDR].start));
		state->end = state->next + 1;
	} else {
		state->next = values[MMS_FRAME_PFN].start;
		state->end = values[MMS_FRAME_PFN].end;
	}
	return 0;
}

static int page_fill(struct mms_answer *answer, void *records, unsigned int max)
{
	struct page_state *state = answer->state;
	struct mms_page *info = records;
	unsigned int nr;

	if (fatal_signal_pending(current))
		return -EINTR;
	mms_memory_hold();
	for (nr = 0; nr < max && state->next < state->end; nr++)
		mms_page_read(state->next++, &info[nr]);
	mms_memory_release();
	cond_resched();
	return nr;
}

static void show_lru(struct seq_file *m, const struct mms_page *info)
{
	const char *list = info->head_flags & BIT(PG_swapbacked) ? "anon" : "file";

	if (!info->lru)
		seq_puts(m, " -");
	else if (info->head_flags & BIT(PG_unevictable))
		seq_puts(m, " unevictable");
	else if (info->lru_gen != MMS_NO_GEN)
		seq_printf(m, " gen%d_%s", info->lru_gen, list);
	else
		seq_printf(m, " %s_%s", info->head_flags & BIT(PG_active) ?
			   "active" : "inactive", list);
}

static void show_owner(struct seq_file *m, const struct mms_page *info)
{
	bool anon = info->type == MMS_PAGE_ANON || info->type == MMS_PAGE_KSM;

	if (info->ino == MMS_NO_INODE)
		seq_puts(m, " -");
	else
		seq_printf(m, " %u:%u:%lu", MAJOR(info->dev), MINOR(info->dev),
			   info->ino);
	if (anon || info->ino != MMS_NO_INODE)
		seq_printf(m, " %lu", info->index);
	else
		seq_puts(m, " -");
}

static void page_show(struct seq_file *m, struct mms_answer *answer,
		      const void *record)
{
	const struct mms_page *info = record;

	seq_printf(m, "%#lx %s", info->pfn, mms_page_type_name(info));
	if (info->type == MMS_PAGE_ABSENT) {
		seq_puts(m, " - - - - - - - - -\n");
		return;
	}
	seq_printf(m, " %d %d %u %#lx", info->refcount, info->mapcount,
		   info->order, info->head_pfn);
	show_owner(m, info);
	show_lru(m, info);
	seq_printf(m, " %s ", info->stable ? "retried" : "racy");
	mms_page_show_flags(m, info);
	seq_putc(m, '\n');
}

struct mms_file mms_page_file = {
	.name = "page",
	.version = 1,
	.consistency = MMSCOPE_RETRIED,
	.columns = "pfn type refcount mapcount order head_pfn owner index lru look flags",
	.words = page_words,
	.nr_words = MMS_FRAME_WORDS,
	.state_size_B = sizeof(struct page_state),
	.record_size_B = sizeof(struct mms_page),
	.check = page_check,
	.begin = page_begin,
	.fill = page_fill,
	.show = page_show,
};

/**
 * mms_page_init() - find what memory hotplug needs
 *
 * Context: Process context, from module init, after mms_symbol_init().
 */
void mms_page_init(void)
{
	const struct mms_symbol *get = &page_symbols[SYM_GET_ONLINE_MEMS];
	const struct mms_symbol *put = &page_symbols[SYM_PUT_ONLINE_MEMS];

	mms_symbols_add(&symbols);
	if (!get->addr || !put->addr)
		return;
	static_call_update(mms_get_online_mems,
			   (typeof(no_online_mems) *)get->addr);
	static_call_update(mms_put_online_mems,
			   (typeof(no_online_mems) *)put->addr);
}

/**
 * mms_page_exit() - undo mms_page_init()
 *
 * Context: Process context, from module exit.
 */
void mms_page_exit(void)
{
	mms_symbols_del(&symbols);
}
