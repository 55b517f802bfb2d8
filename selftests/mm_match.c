// SPDX-License-Identifier: GPL-2.0
/*
 * mm against /proc/PID/status, stat, statm, maps and the sums of smaps.
 *
 * For ./target, which has some of everything, stopped; and for this test itself
 * with several threads, which share one address space. Resident pages are
 * compared with smaps, which walks the page tables. status itself is only near:
 * from 6.2 on (f1a7941243c1) it adds up per-CPU counters roughly; before, each
 * thread kept what its last 64 page faults brought to itself, and no sum has
 * those. ./target gives that up before it says that it is ready, but for the few
 * faults of saying so.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"
#include "lib.h"

#define ARENA_B		(8UL << 20)
#define THREADS		5

static struct table mm;

/* The value of one row of mm; false if there is none. */
static bool mm_value(const char *name, u64 *value)
{
	struct table copy = mm;
	size_t len = strlen(name);
	const char *p;

	for (p = copy.text; p; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (!strncmp(p, name, len) && p[len] == ' ') {
			*value = strtoull(p + len + 1, NULL, 0);
			return true;
		}
	}
	return false;
}

static bool mm_ask(pid_t pid)
{
	return !table_ask(&mm, "pgwalk/mm", "pid=%d", pid);
}

static char *proc_text(pid_t pid, const char *file)
{
	char path[48];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	return read_file(path, NULL);
}

/* "VmRSS:     1234 kB" */
static bool status_kib(const char *status, const char *name, u64 *kib)
{
	size_t len = strlen(name);
	const char *p;

	for (p = status; (p = strstr(p, name)); p += len) {
		if ((p == status || p[-1] == '\n') && p[len] == ':') {
			*kib = strtoull(p + len + 1, NULL, 10);
			return true;
		}
	}
	return false;
}

static bool equal(const char *name, u64 ours, const char *oracle, u64 theirs)
{
	if (ours == theirs)
		return true;
	ktap_note("MISMATCH %s %llu, %s %llu", name, (unsigned long long)ours,
		  oracle, (unsigned long long)theirs);
	return false;
}

/* ---- Totals ---- */

/* Rows in pages, and what status calls them, in KiB. */
static const struct {
	const char *row, *status;
} totals[] = {
	{ "total_vm_pages", "VmSize" },
	{ "hiwater_vm_pages", "VmPeak" },
	{ "locked_vm_pages", "VmLck" },
	{ "pinned_vm_pages", "VmPin" },
	{ "data_vm_pages", "VmData" },
	{ "stack_vm_pages", "VmStk" },
};

static bool totals_match(const char *status)
{
	u64 value, kib, lib, unit = page_B / 1024;
	bool good = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(totals); i++) {
		if (!mm_value(totals[i].row, &value) ||
		    !status_kib(status, totals[i].status, &kib)) {
			ktap_note("no %s or no %s", totals[i].row,
				  totals[i].status);
			return false;
		}
		good &= equal(totals[i].row, value * unit, totals[i].status, kib);
	}
	/* Code of the program and of its libraries. */
	if (!mm_value("exec_vm_pages", &value) ||
	    !status_kib(status, "VmExe", &kib) ||
	    !status_kib(status, "VmLib", &lib))
		return false;
	good &= equal("exec_vm_pages", value * unit, "VmExe + VmLib", kib + lib);
	if (!mm_value("page_tables_B", &value) ||
	    !status_kib(status, "VmPTE", &kib))
		return false;
	return equal("page_tables_B", value / 1024, "VmPTE", kib) && good;
}

/* The vsyscall page is in maps, but no VMA. */
static bool map_count_matches(pid_t pid)
{
	char *maps = proc_text(pid, "maps"), *p;
	u64 value, nr = 0;

	for (p = maps; p && (p = strchr(p, '\n')); p++)
		nr++;
	if (maps && strstr(maps, "[vsyscall]"))
		nr--;
	return mm_value("map_count", &value) &&
	       equal("map_count", value, "lines of maps", nr);
}

static bool statm_matches(pid_t pid)
{
	char *text = proc_text(pid, "statm");
	u64 value;

	return text && mm_value("total_vm_pages", &value) &&
	       equal("total_vm_pages", value, "statm", strtoull(text, NULL, 10));
}

/* ---- Resident pages ---- */

/* Pages that ./target may have kept: four faults that map 16 around them. */
static u64 kept_by_thread(void)
{
	return lib_kernel_since(6, 2) ? 0 : 64;
}

static bool near(const char *name, u64 ours, const char *oracle, u64 theirs)
{
	u64 apart = ours < theirs ? theirs - ours : ours - theirs;

	return apart <= kept_by_thread() || equal(name, ours, oracle, theirs);
}

static bool rss_matches(pid_t pid)
{
	u64 rss, anon, file, shmem, swap, sum = 0, swapped = 0;
	u64 unit = page_B / 1024;
	struct vma *vmas;
	char who[16];
	int nr, i;

	snprintf(who, sizeof(who), "%d", pid);
	nr = vmas_read(who, &vmas);
	for (i = 0; i < nr; i++) {
		sum += vmas[i].kib[SMAPS_RSS];
		swapped += vmas[i].inode ? 0 : vmas[i].kib[SMAPS_SWAP];
	}
	if (!mm_value("rss_pages", &rss) || !mm_value("rss_anon_pages", &anon) ||
	    !mm_value("rss_file_pages", &file) ||
	    !mm_value("rss_shmem_pages", &shmem) ||
	    !mm_value("swap_pages", &swap))
		return false;
	return near("rss_pages", rss, "sum of smaps", sum / unit) &&
	       equal("rss_pages", rss, "its parts", anon + file + shmem) &&
	       near("swap_pages", swap, "sum of smaps", swapped / unit);
}

static bool near_status(const char *row, const char *status, const char *name)
{
	u64 value, kib, unit = page_B / 1024, slack;
	long cpus = sysconf(_SC_NPROCESSORS_CONF);

	if (!mm_value(row, &value) || !status_kib(status, name, &kib))
		return false;
	/* percpu_counter_batch is max(32, 2 * CPUs); older: 64 a thread. */
	slack = cpus * (2 * cpus > 64 ? 2 * cpus : 64) * unit;
	value *= unit;
	if (value <= kib + slack && kib <= value + slack)
		return true;
	return equal(row, value, name, kib);
}

static bool rss_near_status(const char *status)
{
	return near_status("rss_pages", status, "VmRSS") &&
	       near_status("rss_anon_pages", status, "RssAnon") &&
	       near_status("rss_file_pages", status, "RssFile") &&
	       near_status("rss_shmem_pages", status, "RssShmem") &&
	       near_status("hiwater_rss_pages", status, "VmHWM") &&
	       near_status("swap_pages", status, "VmSwap");
}

/* ---- Segments ---- */

/* Fields of /proc/PID/stat, counted from 1 as proc(5) does. */
static const struct {
	const char *row;
	int field;
} segments[] = {
	{ "code_start", 26 }, { "code_end", 27 }, { "stack_start", 28 },
	{ "data_start", 45 }, { "data_end", 46 }, { "brk_start", 47 },
	{ "arg_start", 48 }, { "arg_end", 49 }, { "env_start", 50 },
	{ "env_end", 51 },
};

static u64 stat_field(const char *stat, int field)
{
	/* The name, field 2, may hold blanks and brackets. */
	const char *p = strrchr(stat, ')');

	for (; p && field > 2; field--) {
		p = strchr(p, ' ');
		p += !!p;
	}
	return p ? strtoull(p, NULL, 10) : 0;
}

static bool segments_match(pid_t pid)
{
	char *stat = proc_text(pid, "stat");
	bool good = stat;
	u64 value;
	size_t i;

	for (i = 0; good && i < ARRAY_SIZE(segments); i++) {
		if (!mm_value(segments[i].row, &value) || !value)
			return false;
		good = equal(segments[i].row, value, "stat",
			     stat_field(stat, segments[i].field));
	}
	return good;
}

/*
 * The heap that maps shows ends at the break. It begins with the heap, or with the bss
 * where the two touch; of these maps may call both heap, so the last one is.
 */
static bool brk_matches(pid_t pid)
{
	char *maps = proc_text(pid, "maps"), *heap = NULL, *p;
	unsigned long long start, end;
	u64 brk_start, brk_end;

	for (p = maps; p && (p = strstr(p, "[heap]")); p++)
		heap = p;
	if (!heap || !mm_value("brk_start", &brk_start) ||
	    !mm_value("brk_end", &brk_end))
		return false;
	for (p = heap; p > maps && p[-1] != '\n'; p--)
		;
	return sscanf(p, "%llx-%llx", &start, &end) == 2 &&
	       brk_start >= start && brk_start < end && brk_end > brk_start &&
	       equal("brk_end", (brk_end + page_B - 1) & ~(page_B - 1), "maps",
		     end);
}

/* ---- The tests ---- */

static void test_process(pid_t pid)
{
	char *status = proc_text(pid, "status");
	u64 value;

	if (!mm_ask(pid) || !status)
		ktap_bail("nothing is known of process %d", pid);
	ktap_ok(totals_match(status), "sizes as in status");
	ktap_ok(statm_matches(pid), "size as in statm");
	ktap_ok(map_count_matches(pid), "map_count as in maps");
	ktap_ok(rss_matches(pid), "resident and swapped pages as in smaps");
	ktap_ok(rss_near_status(status), "resident pages near those in status");
	ktap_ok(segments_match(pid), "segments as in stat");
	ktap_ok(brk_matches(pid), "heap as in maps");
	ktap_ok(mm_value("mm_users", &value) && value == 1,
		"one thread: mm_users is 1");
}

static void *wait_for_end(void *lock)
{
	pthread_mutex_lock(lock);
	pthread_mutex_unlock(lock);
	return NULL;
}

/* Threads share the address space: each is a user of it. */
static void test_threads(void)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_t threads[THREADS];
	u64 before = 0, with = 0;
	int i;

	if (!mm_ask(getpid()) || !mm_value("mm_users", &before))
		before = 0;
	pthread_mutex_lock(&lock);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, wait_for_end, &lock))
			ktap_bail("pthread_create");
	if (!mm_ask(getpid()) || !mm_value("mm_users", &with))
		with = 0;
	pthread_mutex_unlock(&lock);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	ktap_ok(before == 1 && with == 1 + THREADS,
		"%d threads more: mm_users %llu, then %llu", THREADS,
		(unsigned long long)before, (unsigned long long)with);
}

int main(void)
{
	const char *const only[] = {
		"sparse", "zero", "thp", "protnone", "shared_anon", "memfd",
		"file_shared", "locked", "heap", "stack", "swap", NULL
	};
	struct target target;
	int status;

	lib_init(ARENA_B);
	lib_need("pgwalk/mm");
	ktap_start(9);
	if (!target_start(&target, only, NULL))
		ktap_bail("target does not start");
	kill(target.pid, SIGSTOP);
	waitpid(target.pid, &status, WUNTRACED);
	test_process(target.pid);
	target_stop(&target);
	test_threads();
	return ktap_finish();
}
