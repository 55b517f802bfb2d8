// SPDX-License-Identifier: GPL-2.0
/*
 * vmas against /proc/PID/maps and the VmFlags of smaps, for every process that
 * holds still; and find=, prev= and intersection= against what maps lets one
 * work out by hand, at the borders of every VMA, before the first and behind
 * the last.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"
#include "lib.h"

#define ARENA_B		(24UL << 20)
#define ATTEMPTS	5
#define NOTES_MAX	20
#define FLAGS_MAX	64

static unsigned int notes;

static bool differs(const char *who, const struct vma *vma, const char *what,
		    const char *ours, const char *theirs)
{
	if (notes++ < NOTES_MAX)
		ktap_note("MISMATCH pid %s %#llx %s: '%s', /proc says '%s'", who,
			  (unsigned long long)vma->start, what, ours, theirs);
	return false;
}

/* ---- One VMA ---- */

static int compare_words(const void *a, const void *b)
{
	return strcmp(a, b);
}

struct flags {
	char name[FLAGS_MAX][4];
	int nr;
};

/*
 * Flags as a sorted set. smaps writes "??" for what it has no word for, and
 * leaves out what only one architecture has.
 */
static void flags_split(struct flags *f, const char *text, const char *parts)
{
	char copy[256], *word, *rest = copy;

	f->nr = 0;
	snprintf(copy, sizeof(copy), "%s", text);
	while ((word = strsep(&rest, parts)) && f->nr < FLAGS_MAX)
		if (strlen(word) == 2 && strcmp(word, "??"))
			memcpy(f->name[f->nr++], word, 3);
	qsort(f->name, f->nr, sizeof(f->name[0]), compare_words);
}

static bool flags_equal(const char *ours, const char *theirs)
{
	struct flags a, b;
	int i;

	flags_split(&a, ours, ",");
	flags_split(&b, theirs, " ");
	if (a.nr != b.nr)
		return false;
	for (i = 0; i < a.nr; i++)
		if (strcmp(a.name[i], b.name[i]))
			return false;
	return true;
}

/* Blanks and the like are octal in ours; only line feeds are in maps. */
static void unescape(char *s)
{
	char *to = s;

	while (*s) {
		if (s[0] == '\\' && isdigit(s[1]) && isdigit(s[2]) &&
		    isdigit(s[3])) {
			*to++ = (s[1] - '0') << 6 | (s[2] - '0') << 3 |
				(s[3] - '0');
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

static bool file_matches(const char *who, const struct vma *vma,
			 const struct line *l)
{
	char device[16];

	if (!strcmp(l->word[6], "-"))
		return !vma->inode || differs(who, vma, "inode", "-", vma->name);
	snprintf(device, sizeof(device), "%02x:%02x", vma->major, vma->minor);
	if (strcmp(l->word[6], device))
		return differs(who, vma, "device", l->word[6], device);
	if (strtoull(l->word[7], NULL, 10) != vma->inode)
		return differs(who, vma, "inode", l->word[7], vma->name);
	if (strtoull(l->word[5], NULL, 0) != vma->offset)
		return differs(who, vma, "offset", l->word[5], vma->name);
	return true;
}

/* "start end size_B perms flags offset_B device inode ops name" */
static bool vma_matches(const char *who, const struct vma *vma, struct line *l)
{
	u64 start = strtoull(l->word[0], NULL, 16);
	u64 end = strtoull(l->word[1], NULL, 16);

	if (l->nr != 10)
		return differs(who, vma, "row", l->word[0], "10 words");
	if (start != vma->start || end != vma->end ||
	    strtoull(l->word[2], NULL, 10) != end - start)
		return differs(who, vma, "range", l->word[0], vma->name);
	if (strcmp(l->word[3], vma->perms))
		return differs(who, vma, "perms", l->word[3], vma->perms);
	if (!flags_equal(l->word[4], vma->flags))
		return differs(who, vma, "flags", l->word[4], vma->flags);
	unescape(l->word[9]);
	if (strcmp(strcmp(l->word[9], "-") ? l->word[9] : "", vma->name))
		return differs(who, vma, "name", l->word[9], vma->name);
	return file_matches(who, vma, l);
}

/* ---- Every process ---- */

static int vmas_of(const char *who, struct vma **vmas)
{
	int nr = vmas_read(who, vmas);

	/* The gate area is no VMA. */
	if (nr > 0 && !strcmp((*vmas)[nr - 1].name, "[vsyscall]"))
		nr--;
	return nr;
}

static bool maps_equal(const struct vma *a, const struct vma *b, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		if (a[i].start != b[i].start || a[i].end != b[i].end ||
		    strcmp(a[i].flags, b[i].flags) ||
		    strcmp(a[i].name, b[i].name))
			return false;
	return true;
}

enum outcome {
	SAME,
	DIFFERENT,
	MOVED,		/* or is gone, or a kernel thread */
};

static enum outcome compare_once(const char *who, unsigned long *compared)
{
	struct vma *before, *after;
	bool good = true;
	struct table t;
	struct line l;
	int nr, i = 0;

	nr = vmas_of(who, &before);
	if (nr <= 0 || table_ask(&t, "pgwalk/vmas", "pid=%s", who) ||
	    vmas_of(who, &after) != nr || !maps_equal(before, after, nr))
		return MOVED;
	if (t.records != (unsigned long)nr || t.truncated[0]) {
		ktap_note("pid %s: %lu VMAs, maps has %d", who, t.records, nr);
		return DIFFERENT;
	}
	for (; i < nr && table_next(&t, &l); i++)
		good &= vma_matches(who, &before[i], &l);
	*compared += nr;
	return good && i == nr ? SAME : DIFFERENT;
}

static enum outcome compare_process(const char *who, unsigned long *compared)
{
	enum outcome outcome = MOVED;
	size_t mark = arena_mark();
	int attempt;

	for (attempt = 0; attempt < ATTEMPTS && outcome == MOVED; attempt++) {
		outcome = compare_once(who, compared);
		arena_reset(mark);
	}
	return outcome;
}

static void test_all(void)
{
	unsigned long compared = 0, nr[MOVED + 1] = { 0 };
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc)))
		if (isdigit(entry->d_name[0]))
			nr[compare_process(entry->d_name, &compared)]++;
	if (proc)
		closedir(proc);
	ktap_note("%lu processes held still, %lu did not or have no VMAs",
		  nr[SAME] + nr[DIFFERENT], nr[MOVED]);
	/* At least init, the script that runs us, and the target. */
	ktap_ok(nr[SAME] >= 3 && !nr[DIFFERENT],
		"%lu VMAs of %lu processes as in maps and smaps", compared,
		nr[SAME]);
}

/* ---- Look-ups ---- */

/* The VMA that an answer names: its index, -1 for none, -2 if it is wrong. */
static int answered(const struct vma *vmas, int nr, const char *words)
{
	size_t mark = arena_mark();
	struct table t;
	struct line l;
	int i, at = -1;
	u64 start;

	if (table_ask(&t, "pgwalk/vmas", "%s", words) || t.records > 1)
		return -2;
	if (table_next(&t, &l)) {
		start = strtoull(l.word[0], NULL, 16);
		at = -2;
		for (i = 0; i < nr; i++)
			if (vmas[i].start == start)
				at = i;
	}
	arena_reset(mark);
	return at;
}

/* The first VMA that ends behind the address. */
static int find_by_hand(const struct vma *vmas, int nr, u64 addr)
{
	int i;

	for (i = 0; i < nr; i++)
		if (addr < vmas[i].end)
			return i;
	return -1;
}

/* The one before that, or the last of all. */
static int prev_by_hand(const struct vma *vmas, int nr, u64 addr)
{
	int found = find_by_hand(vmas, nr, addr);

	return found < 0 ? nr - 1 : found - 1;
}

static int intersection_by_hand(const struct vma *vmas, int nr, u64 start,
				u64 end)
{
	int found = find_by_hand(vmas, nr, start);

	return found >= 0 && end > vmas[found].start ? found : -1;
}

/**
 * struct lookups - how the answers compare
 * @who: the process
 */
struct lookups {
	const char *who;
	const struct vma *vmas;
	int nr;
	unsigned long asked, wrong[3];
};

static void judge(struct lookups *l, int which, const char *words, int by_hand)
{
	int got = answered(l->vmas, l->nr, words);

	l->asked++;
	if (got == by_hand)
		return;
	l->wrong[which]++;
	if (notes++ < NOTES_MAX)
		ktap_note("MISMATCH '%s': VMA %d, by hand %d of %d", words, got,
			  by_hand, l->nr);
}

static void ask_at(struct lookups *l, u64 addr)
{
	u64 end = addr + page_B;
	char words[96];

	snprintf(words, sizeof(words), "pid=%s find=%#llx", l->who,
		 (unsigned long long)addr);
	judge(l, 0, words, find_by_hand(l->vmas, l->nr, addr));
	snprintf(words, sizeof(words), "pid=%s prev=%#llx", l->who,
		 (unsigned long long)addr);
	judge(l, 1, words, prev_by_hand(l->vmas, l->nr, addr));
	snprintf(words, sizeof(words), "pid=%s intersection=%#llx-%#llx", l->who,
		 (unsigned long long)addr, (unsigned long long)end);
	judge(l, 2, words, intersection_by_hand(l->vmas, l->nr, addr, end));
}

static void test_lookups(const char *who)
{
	struct lookups l = { .who = who };
	struct vma *vmas;
	int i;

	l.nr = vmas_of(who, &vmas);
	l.vmas = vmas;
	ask_at(&l, 0);
	for (i = 0; i < l.nr; i++) {
		ask_at(&l, vmas[i].start - page_B);
		ask_at(&l, vmas[i].start - 1);
		ask_at(&l, vmas[i].start);
		ask_at(&l, vmas[i].end - 1);
		ask_at(&l, vmas[i].end);
	}
	if (l.nr > 0)
		ask_at(&l, vmas[l.nr - 1].end + 4096 * page_B);
	ktap_note("%lu look-ups", l.asked);
	ktap_ok(l.nr > 0 && !l.wrong[0], "find= as by hand");
	ktap_ok(l.nr > 0 && !l.wrong[1], "prev= as by hand");
	ktap_ok(l.nr > 0 && !l.wrong[2], "intersection= as by hand");
}

int main(void)
{
	struct target target;
	char who[16];
	int status;

	lib_init(ARENA_B);
	lib_need("pgwalk/vmas");
	ktap_start(4);
	if (!target_start(&target, NULL, NULL))
		ktap_bail("target does not start");
	kill(target.pid, SIGSTOP);
	waitpid(target.pid, &status, WUNTRACED);
	test_all();
	snprintf(who, sizeof(who), "%d", target.pid);
	test_lookups(who);
	target_stop(&target);
	return ktap_finish();
}
