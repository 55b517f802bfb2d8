// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mmscope/buddyviz/gfp: what the flags of a request for memory
 * mean, from a number or from names, and which zones it would try on a node.
 *
 * The bits are those of the headers that this was built with; the line "names" is
 * the kernel's own (%pGg). The order of zones is read with memory hotplug held
 * off. Deliberately ignored: what a task adds to a request by itself (cpuset,
 * memory policy, PF_MEMALLOC and its like), and watermarks (zones shows them).
 */
#include <linux/ctype.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include <mmscope/page.h>

#include "buddyviz.h"

enum {
	WORD_GFP,
	WORD_NODE,
};

static const struct mms_word gfp_words[] = {
	[WORD_GFP] = {
		.key = "gfp",
		.kind = MMS_WORD_TEXT,
		.example = "GFP_KERNEL|__GFP_ZERO",
	},
	[WORD_NODE] = BUDDYVIZ_WORD_NODE,
};

/* gfp_migratetype() needs what is not exported; its constants end with it. */
#define TYPE_FLAGS	(__GFP_RECLAIMABLE | __GFP_MOVABLE)
#define TYPE_OF(gfp)	((__force u32)((gfp) & TYPE_FLAGS) / \
			 (__force u32)__GFP_MOVABLE)

static_assert(TYPE_OF(__GFP_MOVABLE) == MIGRATE_MOVABLE);
static_assert(TYPE_OF(__GFP_RECLAIMABLE) == MIGRATE_RECLAIMABLE);

struct gfp_name {
	const char *name;
	gfp_t flags;
};

#define NAMED(flags)	{ #flags, flags }

/* One bit each, or none where this kernel does not have it. */
static const struct gfp_name bit_names[] = {
	NAMED(__GFP_DMA),
	NAMED(__GFP_HIGHMEM),
	NAMED(__GFP_DMA32),
	NAMED(__GFP_MOVABLE),
	NAMED(__GFP_RECLAIMABLE),
	NAMED(__GFP_HIGH),
	NAMED(__GFP_IO),
	NAMED(__GFP_FS),
	NAMED(__GFP_ZERO),
	NAMED(__GFP_ATOMIC),
	NAMED(__GFP_DIRECT_RECLAIM),
	NAMED(__GFP_KSWAPD_RECLAIM),
	NAMED(__GFP_WRITE),
	NAMED(__GFP_NOWARN),
	NAMED(__GFP_RETRY_MAYFAIL),
	NAMED(__GFP_NOFAIL),
	NAMED(__GFP_NORETRY),
	NAMED(__GFP_MEMALLOC),
	NAMED(__GFP_COMP),
	NAMED(__GFP_NOMEMALLOC),
	NAMED(__GFP_HARDWALL),
	NAMED(__GFP_THISNODE),
	NAMED(__GFP_ACCOUNT),
	NAMED(__GFP_ZEROTAGS),
	NAMED(__GFP_SKIP_ZERO),
	NAMED(__GFP_SKIP_KASAN),
	NAMED(__GFP_SKIP_KASAN_POISON),
	NAMED(__GFP_SKIP_KASAN_UNPOISON),
	NAMED(__GFP_NOLOCKDEP),
	NAMED(__GFP_NO_OBJ_EXT),
};

static const struct gfp_name sum_names[] = {
	NAMED(__GFP_RECLAIM),
	NAMED(GFP_ATOMIC),
	NAMED(GFP_KERNEL),
	NAMED(GFP_KERNEL_ACCOUNT),
	NAMED(GFP_NOWAIT),
	NAMED(GFP_NOIO),
	NAMED(GFP_NOFS),
	NAMED(GFP_USER),
	NAMED(GFP_DMA),
	NAMED(GFP_DMA32),
	NAMED(GFP_HIGHUSER),
	NAMED(GFP_HIGHUSER_MOVABLE),
	NAMED(GFP_TRANSHUGE_LIGHT),
	NAMED(GFP_TRANSHUGE),
};

/* ---- From names to bits ---- */

static gfp_t flags_in(const struct gfp_name *names, unsigned int nr,
		      const char *name, size_t len)
{
	for (; nr; nr--, names++)
		if (!strncmp(names->name, name, len) && !names->name[len])
			return names->flags;
	return 0;
}

/* 0 for a name that is none here. */
static gfp_t flags_of(const char *name, size_t len)
{
	return flags_in(bit_names, ARRAY_SIZE(bit_names), name, len) ?:
	       flags_in(sum_names, ARRAY_SIZE(sum_names), name, len);
}

static int parse_names(const struct mms_request *request, int word,
		       gfp_t *gfp)
{
	const char *s = request->values[word].text;
	gfp_t flags;
	size_t len;

	*gfp = 0;
	for (;; s += len + 1) {
		len = strcspn(s, "|");
		flags = flags_of(s, len);
		if (!flags)
			return mms_refuse(request, word, -EINVAL,
					  "this kernel has no flag \"%.*s\"",
					  (int)min_t(size_t, len, 40), s);
		*gfp |= flags;
		if (!s[len])
			return 0;
	}
}

static int parse_number(const struct mms_request *request, int word,
			gfp_t *gfp)
{
	const char *text = request->values[word].text;
	u64 number;
	int err;

	err = mms_parse_number(text, &number);
	if (!err && number > (__force u64)__GFP_BITS_MASK)
		err = -ERANGE;
	if (err)
		return mms_refuse(request, word, err,
				  "not a number up to %#x",
				  (__force unsigned int)__GFP_BITS_MASK);
	*gfp = (__force gfp_t)(u32)number;
	return 0;
}

/* What the page allocator would only warn of, or stop at. */
static int check_combination(const struct mms_request *request, int word,
			     gfp_t gfp)
{
	if (GFP_ZONE_BAD >> (__force int)(gfp & GFP_ZONEMASK) & 1)
		return mms_refuse(request, word, -EINVAL,
				  "names more than one zone");
	if ((gfp & TYPE_FLAGS) == TYPE_FLAGS)
		return mms_refuse(request, word, -EINVAL,
				  "movable and reclaimable exclude each other");
	if (gfp & __GFP_ATOMIC && gfp & __GFP_DIRECT_RECLAIM)
		return mms_refuse(request, word, -EINVAL,
				  "atomic and direct reclaim exclude each other");
	return 0;
}

/**
 * buddyviz_check_gfp() - the flags that a word stands for, or why not
 * @request: the request
 * @word: index of its gfp= word, which is given
 * @gfp: filled in
 *
 * Return: 0, or what mms_refuse() was told.
 */
int buddyviz_check_gfp(const struct mms_request *request, int word, gfp_t *gfp)
{
	int err;

	err = isdigit(request->values[word].text[0]) ?
	      parse_number(request, word, gfp) : parse_names(request, word, gfp);
	return err ?: check_combination(request, word, *gfp);
}

static int gfp_check(struct mms_request *request)
{
	const struct mms_value *text = &request->values[WORD_GFP];
	gfp_t gfp;
	int err;

	if (!text->given)
		return mms_refuse(request, MMS_WHOLE_LINE, -EINVAL,
				  "which flags? add gfp=");
	err = buddyviz_check_gfp(request, WORD_GFP, &gfp);
	if (err)
		return err;
	request->list[0] = (__force u32)gfp;
	return buddyviz_check_node(request, WORD_NODE);
}

/* ---- From bits to what they mean ---- */

static void show_bits(struct seq_file *m, gfp_t gfp)
{
	const char *separator = "";
	unsigned int i;

	seq_puts(m, "bits ");
	for (i = 0; i < ARRAY_SIZE(bit_names); i++) {
		if (!(gfp & bit_names[i].flags))
			continue;
		seq_printf(m, "%s%s", separator, bit_names[i].name);
		separator = "|";
		gfp &= ~bit_names[i].flags;
	}
	if (gfp)
		seq_printf(m, "%s%#x", separator, (__force u32)gfp);
	else if (!*separator)
		seq_putc(m, '-');
	seq_putc(m, '\n');
}

static void show_names(struct seq_file *m, gfp_t gfp)
{
	if (gfp)
		seq_printf(m, "names %pGg\n", &gfp);
	else
		seq_puts(m, "names -\n");
}

/* Below the min watermark, as gfp_to_alloc_flags() of mm/page_alloc.c grants. */
static const char *reserves_of(gfp_t gfp)
{
	bool blocks = gfp & __GFP_DIRECT_RECLAIM;

	if (gfp & __GFP_NOMEMALLOC)
		return gfp & __GFP_HIGH ? "some" : "none";
	if (gfp & __GFP_MEMALLOC)
		return "all";
	if (gfp & __GFP_HIGH)
		return blocks ? "some" : "more";
	return "none";
}

static const char *retries_of(gfp_t gfp)
{
	if (!(gfp & __GFP_DIRECT_RECLAIM))
		return "never";
	if (gfp & __GFP_NOFAIL)
		return "until_it_succeeds";
	if (gfp & __GFP_NORETRY)
		return "once";
	return gfp & __GFP_RETRY_MAYFAIL ? "while_there_is_progress" : "usual";
}

static void show_flag(struct seq_file *m, const char *name, gfp_t bit)
{
	seq_printf(m, "%s %d\n", name, !!bit);
}

static void show_rights(struct seq_file *m, gfp_t gfp)
{
	show_flag(m, "may_sleep", gfp & __GFP_DIRECT_RECLAIM);
	show_flag(m, "may_start_io", gfp & __GFP_IO);
	show_flag(m, "may_call_fs", gfp & __GFP_FS);
	show_flag(m, "wakes_kswapd", gfp & __GFP_KSWAPD_RECLAIM);
	seq_printf(m, "reserves %s\nretries %s\n", reserves_of(gfp),
		   retries_of(gfp));
	show_flag(m, "zeroed", gfp & __GFP_ZERO);
	show_flag(m, "compound", gfp & __GFP_COMP);
	show_flag(m, "charged", gfp & __GFP_ACCOUNT);
	show_flag(m, "cpuset_only", gfp & __GFP_HARDWALL);
	show_flag(m, "node_only", gfp & __GFP_THISNODE);
	seq_printf(m, "warns %d\n", !(gfp & __GFP_NOWARN));
}

static void gfp_show(struct seq_file *m, struct mms_answer *answer,
		     const void *record)
{
	const struct mms_request *request = answer->request;
	const struct mms_value *node = &request->values[WORD_NODE];
	gfp_t gfp = (__force gfp_t)(u32)request->list[0];

	seq_printf(m, "## gfp\n# name value\ngfp %#x\n", (__force u32)gfp);
	show_names(m, gfp);
	show_bits(m, gfp);
	seq_printf(m, "zone %s\nmigratetype %s\n",
		   NODE_DATA(first_online_node)->node_zones[gfp_zone(gfp)].name,
		   buddyviz_type_name(buddyviz_type_number(TYPE_OF(gfp))));
	show_rights(m, gfp);
	buddyviz_show_zonelist(m, mms_value_or(node, first_online_node),
			       gfp);
}

struct mms_file buddyviz_gfp_file = {
	.name = "gfp",
	.version = 1,
	.consistency = MMSCOPE_LOCKED,
	.words = gfp_words,
	.nr_words = ARRAY_SIZE(gfp_words),
	.check = gfp_check,
	.show = gfp_show,
};
