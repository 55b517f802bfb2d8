// SPDX-License-Identifier: GPL-2.0
/*
 * malloc_user - a process that calls malloc() when it is told to, and is looked at in between.
 *
 * A line on stdin, the answer in one line of key=value words on stdout:
 *
 *	stat		nothing but the answer
 *	threshold N	mallopt(M_MMAP_THRESHOLD)
 *	thread		all that follows is done by a second thread
 *	malloc N	one block, in the place of the last one
 *	touch		write to each page of it
 *	free		it
 *
 * addr and size are the block's, chunk the word before it, in which glibc notes how
 * it was made; brk is the end of the heap, minflt and majflt what getrusage() says.
 *
 * An arena begins with more memory than it was asked for: 132 KiB, or a huge page. Nearly
 * all of it is used up first, so that the threshold decides and not what happens to be left.
 * stdio is not used: its buffers come from malloc().
 */

#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FILL_B		1024
#define LEFT_B		(10 << 10)

static char *block;
static size_t block_B;

/* A chain of all blocks of fill(): a compiler leaves out a malloc() that nobody needs. */
static void **filled;

/* What malloc() has and nobody uses, in all arenas. mallinfo2() is of glibc 2.33. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static int free_B(void)
{
	return mallinfo().fordblks;
}

/* Use up what an arena begins with; what others have left stays as it is. */
static void fill(void)
{
	int others_B = filled ? free_B() : 0;
	void **next;

	do {
		next = malloc(FILL_B);
		if (!next)
			_exit(1);
		*next = filled;
		filled = next;
	} while (free_B() - others_B > LEFT_B);
}

static void tell(void)
{
	struct rusage usage;
	char line[256];
	int length;

	getrusage(RUSAGE_SELF, &usage);
	length = snprintf(line, sizeof(line),
			  "tid=%ld addr=%#lx size=%zu chunk=%#zx brk=%#lx minflt=%ld majflt=%ld\n",
			  syscall(SYS_gettid), (unsigned long)block, block_B,
			  block ? ((size_t *)block)[-1] : 0,
			  (unsigned long)sbrk(0), usage.ru_minflt, usage.ru_majflt);
	if (write(STDOUT_FILENO, line, length) != length)
		_exit(1);
}

/* One line; 0 at the end. */
static int next_line(char *line, size_t size)
{
	size_t length = 0;

	while (length < size - 1 && read(STDIN_FILENO, line + length, 1) == 1) {
		if (line[length] == '\n') {
			line[length] = '\0';
			return 1;
		}
		length++;
	}
	return 0;
}

static void *obey(void *arg);

static void do_line(const char *line)
{
	long page_B = sysconf(_SC_PAGESIZE);
	pthread_t thread;
	size_t number = 0, at;

	if (sscanf(line, "malloc %zu", &number) == 1) {
		block = malloc(number);
		block_B = block ? number : 0;
	} else if (sscanf(line, "threshold %zu", &number) == 1) {
		if (!mallopt(M_MMAP_THRESHOLD, (int)number))
			_exit(1);
	} else if (!strcmp(line, "touch")) {
		for (at = 0; at < block_B; at += page_B)
			block[at] = 1;
		if (block_B)
			block[block_B - 1] = 1;
	} else if (!strcmp(line, "free")) {
		free(block);
		block = NULL;
		block_B = 0;
	} else if (!strcmp(line, "thread")) {
		if (!pthread_create(&thread, NULL, obey, block))
			pthread_join(thread, NULL);
		_exit(0);
	} else if (strcmp(line, "stat")) {
		_exit(2);
	}
}

static void *obey(void *arg)
{
	char line[64];

	fill();
	tell();
	while (next_line(line, sizeof(line))) {
		do_line(line);
		tell();
	}
	return arg;
}

int main(void)
{
	obey(NULL);
	return 0;
}
