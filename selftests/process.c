// SPDX-License-Identifier: GPL-2.0
/*
 * What the C tests share: what /proc says of a process, and ./target. See lib.h.
 */
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"
#include "lib.h"

#define PATH_LEN	256
#define MAX_VMAS	4096
#define MAX_REGIONS	64

/* ---- /proc ---- */

int proc_open(const char *who, const char *file, int flags)
{
	char path[PATH_LEN];

	snprintf(path, sizeof(path), "/proc/%s/%s", who, file);
	return open(path, flags | O_CLOEXEC);
}

/* "start-end perms offset major:minor inode   name" */
static bool vma_from_line(struct vma *vma, const char *line)
{
	unsigned long long start, end, offset, inode;
	int at = 0;

	memset(vma, 0, sizeof(*vma));
	if (sscanf(line, "%llx-%llx %7s %llx %x:%x %llu %n", &start, &end,
		   vma->perms, &offset, &vma->major, &vma->minor, &inode,
		   &at) < 7)
		return false;
	vma->start = start;
	vma->end = end;
	vma->offset = offset;
	vma->inode = inode;
	snprintf(vma->name, sizeof(vma->name), "%s", line + at);
	return true;
}

static const char * const smaps_fields[] = {
	[SMAPS_RSS] = "Rss:",
	[SMAPS_SWAP] = "Swap:",
	[SMAPS_ANON_HUGE] = "AnonHugePages:",
	[SMAPS_SHMEM_PMD] = "ShmemPmdMapped:",
	[SMAPS_FILE_PMD] = "FilePmdMapped:",
	[SMAPS_SHARED_HUGETLB] = "Shared_Hugetlb:",
	[SMAPS_PRIVATE_HUGETLB] = "Private_Hugetlb:",
};

static_assert(ARRAY_SIZE(smaps_fields) == SMAPS_COUNT, "a field has no name");

static void vma_field(struct vma *vma, const char *line)
{
	size_t i, len;

	if (!strncmp(line, "VmFlags:", 8)) {
		snprintf(vma->flags, sizeof(vma->flags), "%s", line + 8);
		return;
	}
	for (i = 0; i < SMAPS_COUNT; i++) {
		len = strlen(smaps_fields[i]);
		if (!strncmp(line, smaps_fields[i], len))
			vma->kib[i] = strtoul(line + len, NULL, 10);
	}
}

/**
 * vmas_read() - every mapping of a process, from smaps
 * @who: "self" or a pid
 * @vmas: the mappings, in the arena
 *
 * Return: Their number, or a negative errno.
 */
int vmas_read(const char *who, struct vma **vmas)
{
	char path[PATH_LEN], *text, *line, *rest;
	struct vma *v;
	int nr = 0;

	v = arena_get(MAX_VMAS * sizeof(*v));
	snprintf(path, sizeof(path), "/proc/%s/smaps", who);
	text = read_file(path, NULL);
	if (!text)
		return -errno;
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		if (islower(line[0]) || isdigit(line[0]))
			nr += nr < MAX_VMAS && vma_from_line(&v[nr], line);
		else if (nr)
			vma_field(&v[nr - 1], line);
	}
	*vmas = v;
	return nr;
}

/**
 * vma_flag() - whether smaps' VmFlags has a flag
 * @vma: the mapping
 * @two_letters: its name
 */
bool vma_flag(const struct vma *vma, const char *two_letters)
{
	const char *p;

	for (p = vma->flags; (p = strstr(p, two_letters)); p += 2)
		if (p[-1] == ' ' && (p[2] == ' ' || !p[2]))
			return true;
	return false;
}

bool pagemap_read(int fd, u64 addr, size_t pages, u64 *map)
{
	size_t want = pages * sizeof(*map), done = 0;
	off_t pos = addr / page_B * sizeof(*map);
	ssize_t got;

	while (done < want) {
		got = pread(fd, (char *)map + done, want - done, pos + done);
		if (got <= 0)
			return false;
		done += got;
	}
	return true;
}

/* ---- ./target ---- */

static bool next_line(int fd, char *line, size_t size)
{
	size_t len = 0;

	while (len < size - 1 && read(fd, line + len, 1) == 1) {
		if (line[len] == '\n') {
			line[len] = '\0';
			return true;
		}
		len++;
	}
	return false;
}

static void target_exec(const char *const *only, const char *cgroup, int in,
			int out)
{
	char *words[MAX_REGIONS + 2] = { "target" };
	char pid[16];
	int fd, i;

	for (i = 0; only && only[i] && i < MAX_REGIONS; i++)
		words[i + 1] = (char *)only[i];
	if (cgroup && cgroup[0]) {
		fd = open(cgroup, O_WRONLY | O_CLOEXEC);
		snprintf(pid, sizeof(pid), "%d", getpid());
		if (fd < 0 || write(fd, pid, strlen(pid)) < 0)
			_exit(1);
	}
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	execv("./target", words);
	_exit(1);
}

static void target_note(struct target *t, const char *line)
{
	struct region *r = &t->regions[t->nr];
	unsigned long long start, end;
	int at = 0;

	if (sscanf(line, "region %31s %llx %llx", r->name, &start, &end) == 3) {
		r->start = start & ~(u64)(page_B - 1);
		r->end = (end + page_B - 1) & ~(u64)(page_B - 1);
		t->nr++;
	} else if (sscanf(line, "none %31s %n", r->name, &at) == 1) {
		r->absent = memcpy(arena_get(strlen(line + at) + 1), line + at,
				   strlen(line + at) + 1);
		t->nr++;
	} else if (sscanf(line, "child %d", &t->child) != 1) {
		ktap_note("target says: %s", line);
	}
}

/* ---- Processes ---- */

/**
 * child_try() - fork a process that does something and then waits for its end
 * @what: what it does; the kernel may end it for that
 * @arg: for @what
 *
 * Return: Its pid, once @what was done; -1 if it ended before.
 */
pid_t child_try(void (*what)(void *arg), void *arg)
{
	int done[2];
	char byte;
	pid_t pid;

	if (pipe(done))
		ktap_bail("pipe");
	pid = fork();
	if (pid < 0)
		ktap_bail("fork");
	if (!pid) {
		what(arg);
		if (write(done[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(done[1]);
	if (read(done[0], &byte, 1) != 1) {
		waitpid(pid, NULL, 0);
		pid = -1;
	}
	close(done[0]);
	return pid;
}

/**
 * child_start() - child_try(), of what does not fail
 * @what: what it does
 * @arg: for @what
 *
 * Return: Its pid, once @what was done.
 */
pid_t child_start(void (*what)(void *arg), void *arg)
{
	pid_t pid = child_try(what, arg);

	if (pid < 0)
		ktap_bail("the child ended before it was ready");
	return pid;
}

/**
 * child_lives() - did nobody end it?
 * @pid: what child_start() returned
 */
bool child_lives(pid_t pid)
{
	siginfo_t info = { 0 };

	return !waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) && !info.si_pid;
}

/**
 * child_stop() - undo child_start()
 * @pid: what it returned
 */
void child_stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/**
 * target_start() - start ./target and wait until it is ready
 * @target: filled in
 * @only: names of the only regions to make, NULL at the end; or NULL for all
 * @cgroup: its cgroup.procs, or NULL
 */
bool target_start(struct target *target, const char *const *only,
		  const char *cgroup)
{
	int to[2], from[2];
	char line[256];

	memset(target, 0, sizeof(*target));
	target->regions = arena_get(MAX_REGIONS * sizeof(*target->regions));
	memset(target->regions, 0, MAX_REGIONS * sizeof(*target->regions));
	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		return false;
	target->pid = fork();
	if (!target->pid)
		target_exec(only, cgroup, to[0], from[1]);
	close(to[0]);
	close(from[1]);
	target->to = to[1];
	target->from = from[0];
	while (next_line(target->from, line, sizeof(line))) {
		if (!strncmp(line, "ready ", 6))
			return true;
		if (target->nr < MAX_REGIONS)
			target_note(target, line);
	}
	return false;
}

/**
 * target_tell() - one command, and wait until it is done
 * @target: the process
 * @command: see target.c
 */
bool target_tell(struct target *target, const char *command)
{
	char line[32];

	if (write(target->to, command, strlen(command)) < 0 ||
	    write(target->to, "\n", 1) < 0)
		return false;
	while (next_line(target->from, line, sizeof(line))) {
		if (!strcmp(line, "done"))
			return true;
		target_note(target, line);
	}
	return false;
}

void target_stop(struct target *target)
{
	if (target->child > 0)
		kill(target->child, SIGKILL);
	if (target->pid > 0) {
		kill(target->pid, SIGKILL);
		waitpid(target->pid, NULL, 0);
	}
	close(target->to);
	close(target->from);
}

const struct region *target_region(const struct target *target,
				   const char *name)
{
	unsigned int i;

	for (i = 0; i < target->nr; i++)
		if (!strcmp(target->regions[i].name, name))
			return &target->regions[i];
	return NULL;
}
