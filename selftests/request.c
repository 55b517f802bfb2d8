// SPDX-License-Identifier: GPL-2.0
/*
 * request FILE [WORDS]: ask a request file of mmscope, exactly.
 *
 * A shell's echo may cut a line into several writes and hides the errno. This
 * writes WORDS by one write(2) and prints the answer as read from the same open
 * file; when a call fails it prints "write EINVAL" (or open, read, close) and
 * exits with 1. "-" for WORDS takes them from stdin, binary bytes included.
 *
 * -c BYTES reads in pieces of so many bytes; -m BYTES stops after so many; -p
 * reads by pread() with rising offset; -s OFFSET starts to read there; -w only
 * writes; -r only reads; -n adds no newline (echo adds one: the default).
 *
 * request -l asks whatever stdin says, one "FILE<tab>WORDS" a line, and prints for
 * each "accepted" or what failed; with "FILE" alone it opens that for reading. In an
 * emulated machine the fork that this saves takes twenty times as long as the request.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler.h"

#define CHUNK_MAX	(1024 * 1024)
#define REQUEST_MAX	(4 * CHUNK_MAX)

static struct {
	size_t chunk_B, max_B;
	off_t seek;
	bool use_pread, only_write, only_read, bare, lines;
} opt = { .chunk_B = CHUNK_MAX, .max_B = SIZE_MAX };

static char request[REQUEST_MAX];
static char chunk[CHUNK_MAX];

#define NAMED(e)	{ (e), #e }

/* The errnos of docs/ABI and their neighbours. glibc 2.31 cannot name them. */
static const struct {
	int nr;
	const char *name;
} errnos[] = {
	NAMED(EPERM), NAMED(ENOENT), NAMED(ESRCH), NAMED(EINTR), NAMED(EIO),
	NAMED(ENXIO), NAMED(E2BIG), NAMED(EBADF), NAMED(ECHILD), NAMED(EAGAIN),
	NAMED(ENOMEM), NAMED(EACCES), NAMED(EFAULT), NAMED(EBUSY),
	NAMED(EEXIST), NAMED(ENODEV), NAMED(EINVAL), NAMED(ENOTTY),
	NAMED(EFBIG), NAMED(ENOSPC), NAMED(ESPIPE), NAMED(ERANGE),
	NAMED(ENODATA), NAMED(ENOTUNIQ), NAMED(EOVERFLOW), NAMED(EOPNOTSUPP),
};

static int complain(const char *call)
{
	int nr = errno;
	size_t i;

	fflush(stdout);
	for (i = 0; i < ARRAY_SIZE(errnos); i++) {
		if (errnos[i].nr == nr) {
			printf("%s %s\n", call, errnos[i].name);
			return 1;
		}
	}
	printf("%s errno %d\n", call, nr);
	return 1;
}

/* The request as it will be written; its length, or -1. */
static ssize_t fetch_request(const char *words)
{
	size_t len;

	if (!strcmp(words, "-")) {
		len = fread(request, 1, sizeof(request), stdin);
		return ferror(stdin) ? -1 : (ssize_t)len;
	}
	len = strlen(words);
	if (len + 1 >= sizeof(request))
		return -1;
	memcpy(request, words, len);
	if (!opt.bare)
		request[len++] = '\n';
	return len;
}

static int put_request(int fd, size_t len)
{
	ssize_t done = write(fd, request, len);

	if (done < 0)
		return complain("write");
	if ((size_t)done != len) {
		printf("write short %zd of %zu\n", done, len);
		return 1;
	}
	return 0;
}

static int print_answer(int fd)
{
	off_t pos = opt.seek;
	size_t left = opt.max_B, part;
	ssize_t got;

	if (!opt.use_pread && lseek(fd, pos, SEEK_SET) < 0)
		return complain("lseek");
	for (; left; left -= got) {
		part = left < opt.chunk_B ? left : opt.chunk_B;
		if (opt.use_pread)
			got = pread(fd, chunk, part, pos);
		else
			got = read(fd, chunk, part);
		if (got < 0)
			return complain("read");
		if (!got)
			return 0;
		pos += got;
		if (fwrite(chunk, 1, got, stdout) != (size_t)got)
			return 1;
	}
	return 0;
}

static int parse_options(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "c:m:s:pwrnl")) != -1) {
		switch (c) {
		case 'c':
			opt.chunk_B = strtoul(optarg, NULL, 0);
			break;
		case 'm':
			opt.max_B = strtoul(optarg, NULL, 0);
			break;
		case 's':
			opt.seek = strtol(optarg, NULL, 0);
			break;
		case 'p':
			opt.use_pread = true;
			break;
		case 'w':
			opt.only_write = true;
			break;
		case 'r':
			opt.only_read = true;
			break;
		case 'n':
			opt.bare = true;
			break;
		case 'l':
			opt.lines = true;
			break;
		default:
			return -1;
		}
	}
	if (!opt.chunk_B || opt.chunk_B > CHUNK_MAX)
		return -1;
	if (opt.lines)
		return argc == optind ? 0 : -1;
	return argc - optind == (opt.only_read ? 1 : 2) ? 0 : -1;
}

static int open_mode(void)
{
	if (opt.only_read)
		return O_RDONLY;
	return opt.only_write ? O_WRONLY : O_RDWR;
}

/* One line of stdin: the answer is how the write went. */
static int ask(const char *file, size_t len)
{
	int fd, err;

	fd = open(file, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return complain("open");
	err = put_request(fd, len);
	if (close(fd) && !err)
		return complain("close");
	return err;
}

static int try_open(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? complain("open") : close(fd);
}

static int ask_lines(void)
{
	static char line[REQUEST_MAX];
	char *words;
	int err;

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		words = strchr(line, '\t');
		if (words)
			*words++ = '\0';
		err = words ? ask(line, fetch_request(words)) : try_open(line);
		if (!err)
			puts("accepted");
		fflush(stdout);
	}
	return ferror(stdin) ? 2 : 0;
}

int main(int argc, char **argv)
{
	ssize_t len = 0;
	int fd, err;

	if (parse_options(argc, argv)) {
		fprintf(stderr, "usage: request [-wrpn] [-c BYTES] [-m BYTES] [-s OFFSET] FILE [WORDS]\n"
			"       request -l\n");
		return 2;
	}
	if (opt.lines)
		return ask_lines();
	if (!opt.only_read)
		len = fetch_request(argv[optind + 1]);
	if (len < 0) {
		fprintf(stderr, "request: words too long\n");
		return 2;
	}
	fd = open(argv[optind], open_mode() | O_CLOEXEC);
	if (fd < 0)
		return complain("open");
	if (!opt.only_read) {
		err = put_request(fd, len);
		if (err || opt.only_write)
			return err;
	}
	err = print_answer(fd);
	if (fflush(stdout))
		return 1;
	return err;
}
