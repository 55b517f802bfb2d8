// SPDX-License-Identifier: GPL-2.0
/*
 * klog mark: print the sequence number of the next record of the kernel log.
 * klog since N: print the text of every record from N on.
 *
 * /dev/kmsg numbers its records, so that the messages of one test can be told
 * from those before it without clearing the log. When the ring buffer has
 * dropped records since N, "since" says so and exits with 1: a log that was not
 * seen must not count as clean.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RECORD_MAX	8192	/* kernel: CONSOLE_EXT_LOG_MAX */

struct record {
	unsigned long long seq;
	char *text;
};

/* The next record; 0 at the end of the log. Records lost on the way are skipped. */
static int next_record(int fd, struct record *rec)
{
	static char buf[RECORD_MAX + 1];
	ssize_t len;
	char *end;

	do {
		len = read(fd, buf, RECORD_MAX);
	} while (len < 0 && (errno == EPIPE || errno == EINTR));
	if (len < 0 && errno == EAGAIN)
		return 0;
	if (len <= 0)
		return -1;
	buf[len] = '\0';
	/* "prio,seq,usec,flags;text\n KEY=value\n": the keys are not text. */
	if (sscanf(buf, "%*u,%llu,", &rec->seq) != 1)
		return -1;
	rec->text = strchr(buf, ';');
	if (!rec->text)
		return -1;
	rec->text++;
	end = strchr(rec->text, '\n');
	if (end)
		*end = '\0';
	return 1;
}

static int mark(int fd)
{
	unsigned long long next = 0;
	struct record rec;
	int ret;

	while ((ret = next_record(fd, &rec)) > 0)
		next = rec.seq + 1;
	printf("%llu\n", next);
	return ret ? 1 : 0;
}

static int since(int fd, unsigned long long next)
{
	struct record rec;
	bool lost = false;
	int ret;

	while ((ret = next_record(fd, &rec)) > 0) {
		if (rec.seq < next)
			continue;
		if (rec.seq > next)
			lost = true;
		next = rec.seq + 1;
		puts(rec.text);
	}
	if (lost)
		puts("klog: records were lost");
	return ret || lost ? 1 : 0;
}

int main(int argc, char **argv)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0) {
		perror("/dev/kmsg");
		return 1;
	}
	if (argc == 2 && !strcmp(argv[1], "mark"))
		return mark(fd);
	if (argc == 3 && !strcmp(argv[1], "since"))
		return since(fd, strtoull(argv[2], NULL, 10));
	fprintf(stderr, "usage: klog mark | klog since N\n");
	return 2;
}
