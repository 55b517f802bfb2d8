// SPDX-License-Identifier: GPL-2.0
/*
 * slubprobe against caches whose every object is known (mmscope_slub.ko), against
 * /proc/slabinfo and /sys/kernel/slab, and against ksize().
 *
 * Nobody but us uses the known caches, so in them the answer must be exact: an
 * object is allocated if the module holds it and free if not, and the next ones
 * that a CPU takes are those at the front of its list. Lists that the module
 * spoils on purpose must be found, each fault by its name; nothing else may ever
 * be called bad, whatever runs meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mmscope/mmscope.h>
#include <mmscope/slubprobe.h>

#include "ktap.h"
#include "lib.h"

#define ARENA_B		(32UL << 20)
#define TEST_DIR	"/sys/kernel/debug/mmscope_slub/"
#define KNOWN_MAX	8192
#define NOTES_MAX	20
#define TRIES		5	/* at figures that hold still */
#define ASKED		64	/* addresses in one request of object */
#define CHURN_ROUNDS	"churn 3000"
#define KFENCE_INTERVAL	"/sys/module/kfence/parameters/sample_interval"

static const char *const caches[] = {
	"mmscope_plain", "mmscope_ctor", "mmscope_debug", "mmscope_account",
	"mmscope_rcu", "mmscope_wide",
};

#define CACHES	ARRAY_SIZE(caches)

/* One object as the module knows it. */
static struct known {
	u64 addr;
	bool is_held, is_kfence;
	char cache[24];
} known[KNOWN_MAX];

static size_t nr_known;
static unsigned int notes;

static bool wrong(const char *cache, u64 addr, const char *what)
{
	if (notes++ < NOTES_MAX)
		ktap_note("%s %#llx: %s", cache, (unsigned long long)addr, what);
	return false;
}

/* ---- The module ---- */

static int tell(const char *command)
{
	int fd = open(TEST_DIR "do", O_WRONLY | O_CLOEXEC), err;

	if (fd < 0)
		ktap_bail(TEST_DIR "do");
	err = write(fd, command, strlen(command)) < 0 ? -errno : 0;
	close(fd);
	return err;
}

static void must(const char *command)
{
	int err = tell(command);

	errno = -err;
	if (err)
		ktap_bail("%s", command);
}

static void on_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		ktap_bail("CPU %d", cpu);
}

static int by_addr(const void *a, const void *b)
{
	const struct known *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static void read_known(void)
{
	size_t mark = arena_mark();
	char *text = read_file(TEST_DIR "objects", NULL), *line, state[16];
	unsigned long long addr;

	if (!text)
		ktap_bail(TEST_DIR "objects");
	nr_known = 0;
	while ((line = strsep(&text, "\n")) && *line) {
		struct known *k = &known[nr_known++];

		if (nr_known == KNOWN_MAX ||
		    sscanf(line, "%23s %llx %15s", k->cache, &addr, state) != 3)
			ktap_bail("objects of the test module: %s", line);
		k->addr = addr;
		k->is_kfence = !strncmp(state, "kfence_", 7);
		k->is_held = strstr(state, "held");
	}
	arena_reset(mark);
	qsort(known, nr_known, sizeof(*known), by_addr);
}

static const struct known *find_known(u64 addr)
{
	struct known key = { .addr = addr };

	return bsearch(&key, known, nr_known, sizeof(key), by_addr);
}

static size_t count_held(const char *cache)
{
	size_t i, nr = 0;

	for (i = 0; i < nr_known; i++)
		nr += !strcmp(known[i].cache, cache) && known[i].is_held &&
		      !known[i].is_kfence;
	return nr;
}

/* ---- Every object ---- */

/* "addr slab_pfn index state place owner position slab_place" */
static bool object_right(const char *cache, const struct line *line)
{
	u64 addr = strtoull(line->word[0], NULL, 16);
	bool is_free = !strcmp(line->word[3], "free");
	const struct known *k = find_known(addr);

	if (is_free == !strcmp(line->word[4], "-"))
		return wrong(cache, addr, "free on no list, or on one and not free");
	if (!is_free && (!k || !k->is_held))
		return wrong(cache, addr, "allocated, but nobody holds it");
	if (is_free && k && k->is_held)
		return wrong(cache, addr, "free, but it is held");
	return true;
}

/* All that is held must be there, once, and nothing else be allocated. */
static bool objects_right(const char *cache)
{
	size_t mark = arena_mark(), held = 0;
	bool ok = true;
	struct table t;
	struct line line;

	if (table_ask(&t, "slubprobe/objects", "name=%s", cache) || t.truncated[0])
		return wrong(cache, 0, "no answer");
	while (table_next(&t, &line)) {
		ok &= line.nr == 8 && object_right(cache, &line);
		held += !strcmp(line.word[3], "allocated");
	}
	arena_reset(mark);
	if (held != count_held(cache))
		return wrong(cache, held, "allocated objects are not as many");
	return ok && held;
}

/* ---- Sums ---- */

/* Columns of caches. */
enum {
	COL_NAME, COL_OBJECT_SIZE, COL_SIZE, COL_ALIGN, COL_ORDER,
	COL_PER_SLAB, COL_FLAGS, COL_ALIASES, COL_SLABS, COL_CPU_SLABS,
	COL_CPU_PARTIAL, COL_NODE_SLABS, COL_FULL_SLABS, COL_OBJECTS,
	COL_ALLOCATED, COL_FREE, COL_SLABINFO = 24, COL_LOOK, COLS
};

static u64 number(const struct line *line, unsigned int column)
{
	return strtoull(line->word[column], NULL, 10);
}

static bool sysfs_is(const char *cache, const char *file, u64 ours)
{
	char path[128], *text, *end;
	size_t mark = arena_mark();
	unsigned long long theirs;
	bool same;

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/%s", cache, file);
	text = read_file(path, NULL);
	theirs = text ? strtoull(text, &end, 10) : 0;
	if (!text || end == text)
		return wrong(cache, 0, path);
	same = theirs == ours;
	if (!same)
		ktap_note("%s: %llu, caches has %llu", path, theirs,
			  (unsigned long long)ours);
	arena_reset(mark);
	return same;
}

/* The places add up, to what is held and to what the kernel says itself. */
static bool sums_right(const struct line *line)
{
	const char *cache = line->word[COL_NAME];
	u64 places = 0;
	unsigned int i;

	for (i = COL_FREE + 1; i < COL_SLABINFO; i++)
		places += number(line, i);
	if (strcmp(line->word[COL_LOOK], "retried"))
		return wrong(cache, 0, line->word[COL_LOOK]);
	if (places != number(line, COL_FREE) ||
	    number(line, COL_ALLOCATED) + places != number(line, COL_OBJECTS))
		return wrong(cache, places, "parts and sum differ");
	if (number(line, COL_ALLOCATED) != count_held(cache))
		return wrong(cache, number(line, COL_ALLOCATED),
			     "so many allocated are not held");
	if (number(line, COL_CPU_SLABS) + number(line, COL_CPU_PARTIAL) +
	    number(line, COL_NODE_SLABS) + number(line, COL_FULL_SLABS) !=
	    number(line, COL_SLABS))
		return wrong(cache, 0, "slabs do not add up");
	return sysfs_is(cache, "slabs", number(line, COL_SLABS)) &
	       sysfs_is(cache, "total_objects", number(line, COL_OBJECTS)) &
	       sysfs_is(cache, "objects", number(line, COL_SLABINFO)) &
	       sysfs_is(cache, "partial", number(line, COL_NODE_SLABS)) &
	       sysfs_is(cache, "object_size", number(line, COL_OBJECT_SIZE)) &
	       sysfs_is(cache, "slab_size", number(line, COL_SIZE)) &
	       sysfs_is(cache, "order", number(line, COL_ORDER)) &
	       sysfs_is(cache, "align", number(line, COL_ALIGN)) &
	       sysfs_is(cache, "objs_per_slab", number(line, COL_PER_SLAB));
}

static bool all_sums_right(void)
{
	size_t mark = arena_mark(), seen = 0;
	bool ok = true;
	struct table t;
	struct line line;

	if (table_ask(&t, "slubprobe/caches", "%s", "") || t.truncated[0])
		return wrong("caches", 0, "no answer");
	while (table_next(&t, &line)) {
		if (line.nr != COLS)
			return wrong("caches", line.nr, "columns");
		if (strncmp(line.word[0], "mmscope_", 8))
			continue;
		ok &= sums_right(&line);
		seen++;
	}
	arena_reset(mark);
	return ok && seen == CACHES;
}

/* slabs lists as many as caches counts, with the same objects in use. */
static bool slabs_right(const char *cache)
{
	size_t mark = arena_mark();
	u64 objects = 0, slabs = 0;
	struct table t;
	struct line line;
	bool ok;

	if (table_ask(&t, "slubprobe/slabs", "name=%s", cache) || t.truncated[0])
		return wrong(cache, 0, "no answer");
	while (table_next(&t, &line)) {
		slabs++;
		objects += number(&line, 6);
		if (strcmp(line.word[8], "retried"))
			return wrong(cache, slabs, line.word[8]);
	}
	ok = sysfs_is(cache, "slabs", slabs) &
	     sysfs_is(cache, "total_objects", objects);
	arena_reset(mark);
	return ok;
}

/* ---- check ---- */

/* Counts the lines of a cache, or of all, that name this fault; "" any. */
static unsigned int count_bad(const char *cache, const char *fault)
{
	size_t mark = arena_mark();
	unsigned int nr = 0, rows = 0;
	struct table t;
	struct line line;

	if (table_ask(&t, "slubprobe/check", "%s", "") || t.truncated[0])
		return 1;
	while (table_next(&t, &line)) {
		rows++;
		if (strcmp(line.word[1], "bad") ||
		    (*cache && strcmp(line.word[0], cache)) ||
		    (*fault && strcmp(line.word[4], fault)))
			continue;
		if (!*fault)
			ktap_note("%s: %s at %s %s %s, expected %s counted %s",
				  line.word[0], line.word[4], line.word[5],
				  line.word[6], line.word[7], line.word[9],
				  line.word[10]);
		nr++;
	}
	arena_reset(mark);
	return rows > CACHES ? nr : 1;
}

static void test_phase(const char *phase)
{
	unsigned int i;

	read_known();
	for (i = 0; i < CACHES; i++)
		ktap_ok(objects_right(caches[i]), "%s: every object of %s", phase,
			caches[i]);
	ktap_ok(all_sums_right(), "%s: sums", phase);
	ktap_ok(!count_bad("", ""), "%s: no fault in any cache", phase);
}

#define PHASE_RESULTS	(CACHES + 2)

/* ---- object ---- */

static bool object_line_right(const struct known *k, u64 asked,
			      const struct line *line)
{
	const char *state = k->is_held ? "allocated" : "free";

	if (line->nr != 13 || strtoull(line->word[0], NULL, 16) != asked)
		return wrong(k->cache, k->addr, "another address is answered");
	if (k->is_kfence)
		return !strcmp(line->word[1], "kfence") &&
		       (!k->is_held || !strcmp(line->word[7], "allocated"));
	if (strcmp(line->word[1], "slab") || strcmp(line->word[2], k->cache))
		return wrong(k->cache, k->addr, line->word[2]);
	if (strtoull(line->word[3], NULL, 16) != k->addr ||
	    strtoull(line->word[4], NULL, 10) != asked - k->addr)
		return wrong(k->cache, k->addr, "start or offset");
	if (strcmp(line->word[7], state))
		return wrong(k->cache, k->addr, line->word[7]);
	return true;
}

/* Some of each cache, by an address in the middle. */
static bool object_file_right(void)
{
	size_t step = nr_known / ASKED + 1, i, n = 0;
	const struct known *asked[ASKED];
	char list[ASKED * 24] = "";
	struct table t;
	struct line line;
	bool ok = true;

	for (i = 0; i < nr_known && n < ASKED; i += step) {
		asked[n++] = &known[i];
		sprintf(list + strlen(list), "%s%#llx", n > 1 ? "," : "",
			(unsigned long long)known[i].addr + n % 8);
	}
	if (table_ask(&t, "slubprobe/object", "addr=%s", list))
		return wrong("object", 0, "no answer");
	for (i = 0; i < n && table_next(&t, &line); i++)
		ok &= object_line_right(asked[i], asked[i]->addr + (i + 1) % 8, &line);
	return ok && i == n;
}

/* ---- The order of taking ---- */

/* Addresses at the front of the lists of one CPU, in the order of taking. */
static int predict(const char *cache, int cpu, u64 *order, int max)
{
	size_t mark = arena_mark();
	struct table t;
	struct line line;
	int nr = 0, err;

	err = table_ask(&t, "slubprobe/cache", "name=%s", cache);
	if (err)
		return err;
	while (table_next(&t, &line)) {
		const char *place = line.word[0];
		char *item, *list = line.word[9];
		u64 base = strtoull(line.word[4], NULL, 16);

		if (atoi(line.word[1]) != cpu || !strcmp(place, "node") ||
		    !strcmp(place, "barn") || !strcmp(place, "sheaf_rcu") ||
		    !strcmp(list, "-"))
			continue;
		while ((item = strsep(&list, ",")) && nr < max)
			order[nr++] = !strncmp(place, "sheaf", 5) ?
				      strtoull(item, NULL, 16) :
				      base | strtoull(item, NULL, 10);
	}
	arena_reset(mark);
	return nr;
}

/* A slab's object is given by base and index: compare in the same terms. */
static bool same_object(u64 predicted, u64 taken, u64 size_B, bool is_index)
{
	u64 base, index;

	if (!is_index)
		return predicted == taken;
	base = predicted & ~(u64)(page_B - 1);
	index = predicted & (page_B - 1);
	return base + index * size_B == taken;
}

static u64 read_attribute(const char *cache, const char *file)
{
	unsigned long long value = 0;
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/%s", cache, file);
	read_number(path, &value);
	return value;
}

static bool is_kfence_addr(u64 addr)
{
	const struct known *k = find_known(addr);

	return k && k->is_kfence;
}

static void test_order(const char *cache)
{
	u64 predicted[512], size_B = read_attribute(cache, "slab_size");
	bool is_index = !read_attribute(cache, "sheaf_capacity");
	int nr, at = 0;
	size_t mark = arena_mark();
	char command[64], *text, *line;
	bool ok = true;

	nr = predict(cache, 0, predicted, ARRAY_SIZE(predicted));
	snprintf(command, sizeof(command), "take %s", cache);
	must(command);
	read_known();
	text = read_file(TEST_DIR "order", NULL);
	while (text && at < nr && (line = strsep(&text, "\n")) && *line) {
		u64 taken = strtoull(line, NULL, 16);

		if (is_kfence_addr(taken))
			continue;
		if (!same_object(predicted[at], taken, size_B, is_index))
			ok = wrong(cache, taken, "another was at the front");
		at++;
	}
	arena_reset(mark);
	if (nr)
		ktap_ok(ok && at, "%s: %d taken in the order of the lists", cache, at);
	else
		ktap_skip(cache, "no CPU keeps objects of it");
}

/* ---- objects.bin ---- */

static bool twins_equal(const char *cache)
{
	const struct mmscope_object_record *r;
	const struct mmscope_bin_header *header;
	size_t mark = arena_mark(), i = 0;
	char words[64], *bin;
	struct table t;
	struct line line;
	bool ok = true;
	ssize_t len;

	snprintf(words, sizeof(words), "name=%s", cache);
	len = ask("slubprobe/objects.bin", words, &bin);
	if (len < (ssize_t)(sizeof(*header) + sizeof(*r)))
		return wrong(cache, 0, "no binary answer");
	header = (const void *)bin;
	r = (const void *)(bin + header->header_size_B);
	if (header->magic != MMSCOPE_BIN_MAGIC || header->record_size_B != sizeof(*r))
		return wrong(cache, 0, "header");
	if (table_ask(&t, "slubprobe/objects", "%s", words))
		return wrong(cache, 0, "no text");
	for (; table_next(&t, &line); i++, r++)
		ok &= r->addr == strtoull(line.word[0], NULL, 16) &&
		      r->slab_pfn == strtoull(line.word[1], NULL, 16) &&
		      r->index == number(&line, 2) &&
		      (r->place == MMSCOPE_SLUB_NOWHERE) == !strcmp(line.word[4], "-") &&
		      (r->owner == MMSCOPE_SLUB_NONE ? !strcmp(line.word[5], "-") :
		       r->owner == number(&line, 5)) &&
		      (r->position == MMSCOPE_SLUB_NONE ? !strcmp(line.word[6], "-") :
		       r->position == number(&line, 6));
	ok &= r->place == MMSCOPE_SLUB_END && r->addr == i && !r->slab_pfn;
	arena_reset(mark);
	return ok || wrong(cache, i, "text and binary differ");
}

/* ---- Faults made on purpose ---- */

static void test_fault(const char *command, const char *fault)
{
	int err = tell(command);

	if (err) {
		errno = -err;
		ktap_ok(false, "%s: %m", command);
		return;
	}
	ktap_ok(count_bad("mmscope_plain", fault) > 0, "%s is found as %s",
		command, fault);
	must("repair");
}

/* ---- Everything at once ---- */

static pid_t churn_on(int cpu)
{
	pid_t pid = fork();

	if (pid < 0)
		ktap_bail("fork");
	if (pid)
		return pid;
	on_cpu(cpu);
	for (;;)
		tell(CHURN_ROUNDS);
}

/* Answers must come, and a row that says it is exact must add up. */
static bool caches_sane(void)
{
	size_t mark = arena_mark();
	struct table t;
	struct line line;
	bool ok = true;
	u64 places;
	unsigned int i;

	if (table_ask(&t, "slubprobe/caches", "%s", ""))
		return false;
	while (table_next(&t, &line)) {
		if (strcmp(line.word[COL_LOOK], "retried"))
			continue;
		places = 0;
		for (i = COL_FREE + 1; i < COL_SLABINFO; i++)
			places += number(&line, i);
		if (places > number(&line, COL_OBJECTS) ||
		    number(&line, COL_ALLOCATED) + places != number(&line, COL_OBJECTS))
			ok = wrong(line.word[0], places, "more free than there are");
	}
	arena_reset(mark);
	return ok;
}

static bool scans_answer(void)
{
	size_t mark = arena_mark();
	struct table t;
	bool ok = true;
	unsigned int i;

	for (i = 0; i < CACHES; i++) {
		ok &= !table_ask(&t, "slubprobe/objects", "name=%s", caches[i]);
		arena_reset(mark);
		ok &= !table_ask(&t, "slubprobe/cache", "name=%s", caches[i]);
		arena_reset(mark);
	}
	return ok;
}

static void test_churn(unsigned int rounds)
{
	pid_t pids[2] = { churn_on(0), churn_on(1) };
	bool ok = true, sane = true, answers = true;
	unsigned int i;

	for (i = 0; i < rounds; i++) {
		ok &= !count_bad("", "");
		sane &= caches_sane();
		if (!(i % 8))
			answers &= scans_answer();
	}
	for (i = 0; i < 2; i++)
		kill(pids[i], SIGKILL);
	for (i = 0; i < 2; i++)
		waitpid(pids[i], NULL, 0);
	ktap_ok(ok, "no fault in %u checks while both CPUs allocate and free", rounds);
	ktap_ok(sane, "caches: rows that held still add up meanwhile");
	ktap_ok(answers, "objects and cache answer meanwhile");
}

/* ---- KFENCE ---- */

static bool kfence_says(bool is_held)
{
	size_t i, n = 0;
	struct table t;
	struct line line;

	read_known();
	for (i = 0; i < nr_known; i++) {
		if (!known[i].is_kfence || known[i].is_held != is_held)
			continue;
		if (table_ask(&t, "slubprobe/object", "addr=%#llx",
			      (unsigned long long)known[i].addr) ||
		    !table_next(&t, &line) || strcmp(line.word[1], "kfence"))
			return wrong("kfence", known[i].addr, "is not of KFENCE");
		if (is_held && (strcmp(line.word[7], "allocated") ||
				strcmp(line.word[2], known[i].cache) ||
				strtoull(line.word[3], NULL, 16) != known[i].addr))
			return wrong("kfence", known[i].addr, line.word[7]);
		n++;
	}
	return n;
}

/* KFENCE may be built in and off: an interval turns it on, 0 off. */
static void set_kfence(const char *interval_ms)
{
	int fd = open(KFENCE_INTERVAL, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, interval_ms, strlen(interval_ms)) < 0)
		ktap_note("KFENCE cannot be set to %s ms: %m", interval_ms);
	close(fd);
}

static void test_kfence(void)
{
	unsigned long long interval = 0, before = 0;

	if (!access(KFENCE_INTERVAL, F_OK)) {
		read_number(KFENCE_INTERVAL, &before);
		if (!before)
			set_kfence("20");
		read_number(KFENCE_INTERVAL, &interval);
	}
	if (!interval) {
		ktap_skip("an object of KFENCE is allocated", "no KFENCE");
		ktap_skip("an object of KFENCE is free", "no KFENCE");
		return;
	}
	must("kfence");
	ktap_ok(kfence_says(true), "an object of KFENCE is allocated");
	must("kfence_free");
	ktap_ok(kfence_says(false), "an object of KFENCE is free");
	if (!before)
		set_kfence("0");
}

/* ---- The whole machine ---- */

/*
 * "name active_objs num_objs objsize objperslab pagesperslab : tunables ..."; of
 * two caches with one name, nobody knows which is which.
 */
static bool slabinfo_row(char *text, const char *name, u64 *active, u64 *all)
{
	size_t len = strlen(name);
	unsigned int rows = 0;
	char *p = text;

	while ((p = strstr(p, name))) {
		if (p[-1] == '\n' && p[len] == ' ')
			rows += sscanf(p + len, "%llu %llu",
				       (unsigned long long *)active,
				       (unsigned long long *)all) == 2;
		p += len;
	}
	return rows == 1;
}

static bool slabinfo_matches_once(void)
{
	size_t mark = arena_mark(), compared = 0, rows = 0;
	char *before = read_file("/proc/slabinfo", NULL), *after;
	u64 a, b, a_all, b_all;
	struct table t;
	struct line line;
	bool ok = true;

	if (!before || table_ask(&t, "slubprobe/caches", "%s", ""))
		return wrong("slabinfo", 0, "no answer");
	after = read_file("/proc/slabinfo", NULL);
	while (table_next(&t, &line)) {
		const char *name = line.word[COL_NAME];

		rows++;
		if (!slabinfo_row(before, name, &a, &a_all) ||
		    !slabinfo_row(after, name, &b, &b_all) || a != b ||
		    a_all != b_all || strcmp(line.word[COL_LOOK], "retried"))
			continue;
		compared++;
		if (number(&line, COL_SLABINFO) != a || number(&line, COL_OBJECTS) != a_all)
			ok = wrong(name, number(&line, COL_SLABINFO), "slabinfo differs");
	}
	arena_reset(mark);
	if (compared < rows / 2)
		return wrong("slabinfo", compared, "so few rows held still");
	return ok;
}

/* What changed and changed back held still for slabinfo only: look again. */
static bool slabinfo_matches(void)
{
	int tries;

	for (tries = 0; tries < TRIES; tries++)
		if (slabinfo_matches_once())
			return true;
	return false;
}

/* What ksize() says of each size is what classes says, without a gap. */
static bool classes_match(void)
{
	size_t mark = arena_mark(), compared = 0;
	char *text = read_file(TEST_DIR "ksize", NULL), *row;
	unsigned long long size, usable;
	struct table t;
	struct line line = { 0 };
	u64 next = 1;
	bool ok = true;

	if (!text || table_ask(&t, "slubprobe/classes", "%s", "") || t.truncated[0] ||
	    !table_next(&t, &line))
		return wrong("classes", 0, "no answer");
	while ((row = strsep(&text, "\n")) && sscanf(row, "%llu %llu", &size, &usable) == 2) {
		while (size > number(&line, 2)) {
			if (number(&line, 1) != next)
				return wrong("classes", next, "a gap");
			next = number(&line, 2) + 1;
			if (!table_next(&t, &line) || strcmp(line.word[0], "normal"))
				return wrong("classes", size, "too short");
		}
		if (number(&line, 5) != usable)
			ok = wrong(line.word[4], size, "ksize differs");
		if (strcmp(line.word[3], size > 2 * page_B ? "pages" : "slab"))
			ok = wrong(line.word[4], size, line.word[3]);
		compared++;
	}
	arena_reset(mark);
	return ok && compared > 9000;
}

int main(void)
{
	unsigned int i;

	lib_init(ARENA_B);
	lib_need("slubprobe/caches");
	ktap_start(4 * PHASE_RESULTS + 4 * CACHES - 1 + 1 + 4 + 3 + 2 + 2);

	on_cpu(0);
	must("fill");
	test_phase("filled");
	/* Needs a slab of which all is held, as they are now. */
	test_fault("corrupt cycle", "cycle");
	test_fault("corrupt range", "out_of_range");
	test_fault("corrupt cut", "count");
	ktap_ok(!count_bad("", ""), "repaired: no fault");
	must("fill");
	must("free 3 1");
	test_phase("freed on CPU 0");
	for (i = 0; i < CACHES; i++)
		ktap_ok(slabs_right(caches[i]), "%s: slabs", caches[i]);
	on_cpu(1);
	must("free 7 2");
	test_phase("freed on CPU 1");
	ktap_ok(object_file_right(), "object: cache, start, offset and state");
	for (i = 0; i < CACHES; i++)
		ktap_ok(twins_equal(caches[i]), "%s: text and binary", caches[i]);
	/* Debugging takes each object from the node, and the red zone shifts it. */
	on_cpu(0);
	for (i = 0; i < CACHES; i++)
		if (strcmp(caches[i], "mmscope_debug"))
			test_order(caches[i]);
	test_churn(lib_quick() ? 10 : 30);
	test_phase("after churn");
	for (i = 0; i < CACHES; i++)
		ktap_ok(slabs_right(caches[i]), "%s: slabs again", caches[i]);
	must("fill");
	test_kfence();
	ktap_ok(slabinfo_matches(), "/proc/slabinfo");
	ktap_ok(classes_match(), "classes: ksize() of every size to 10,000");
	return ktap_finish();
}
