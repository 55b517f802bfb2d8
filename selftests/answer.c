// SPDX-License-Identifier: GPL-2.0
/*
 * What the C tests share: requests to mmscope and answers as tables, with the frame
 * that docs/ABI/debugfs-mmscope describes. See lib.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ktap.h"
#include "lib.h"

#define PATH_LEN	256

/**
 * ask_open() - open a file of mmscope
 * @file: below MMSCOPE_DIR
 * @flags: for open(2)
 *
 * Return: The descriptor, or a negative errno.
 */
int ask_open(const char *file, int flags)
{
	char path[PATH_LEN];
	int fd;

	snprintf(path, sizeof(path), MMSCOPE_DIR "%s", file);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static ssize_t ask_fd(int fd, const char *words, char **answer)
{
	if (words && write(fd, words, strlen(words)) < 0)
		return -errno;
	return read_fd(fd, answer);
}

/**
 * ask() - one request, one answer, by one open file
 * @file: below MMSCOPE_DIR
 * @words: the request, NULL to ask nothing
 * @answer: the answer, in the arena
 *
 * Return: Length of the answer, or a negative errno.
 */
ssize_t ask(const char *file, const char *words, char **answer)
{
	ssize_t ret;
	int fd;

	fd = ask_open(file, words ? O_RDWR : O_RDONLY);
	if (fd < 0)
		return fd;
	ret = ask_fd(fd, words, answer);
	close(fd);
	return ret;
}

static bool frame_wrong(const char *file, const char *what)
{
	ktap_note("%s: %s", file, what);
	return false;
}

static bool check_first_line(struct table *t, const char *file)
{
	const char *module = strchr(file, '/') ? "" : "mmscope/";
	char kernel[80], name[64];
	int end = 0;

	snprintf(name, sizeof(name), "%s%s", module, file);
	if (sscanf(t->text, "# %47s v%u kernel=%79s consistency=%15s%n",
		   t->name, &t->version, kernel, t->consistency, &end) != 4)
		return frame_wrong(file, "first line is not as documented");
	if (t->text[end] != '\n')
		return frame_wrong(file, "first line has something behind it");
	if (strcmp(t->name, name) || strcmp(kernel, lib_uts.release))
		return frame_wrong(file, "first line: wrong file or kernel");
	if (strcmp(t->consistency, "locked") &&
	    strcmp(t->consistency, "retried") && strcmp(t->consistency, "racy"))
		return frame_wrong(file, "first line: unknown consistency");
	t->next = t->text + end + 1;
	return true;
}

static bool check_last_line(struct table *t, const char *file, size_t len)
{
	unsigned long said;
	char *last;
	int end = 0;

	if (!len || t->text[len - 1] != '\n')
		return frame_wrong(file, "last line is cut");
	for (last = t->text + len - 1; last > t->text && last[-1] != '\n'; last--)
		;
	if (sscanf(last, "# end records=%lu%n", &said, &end) != 1)
		return frame_wrong(file, "no end line");
	if (last[end] != '\n' &&
	    sscanf(last + end, " truncated=%63s", t->truncated) != 1)
		return frame_wrong(file, "end line has something behind it");
	if (said != t->records) {
		ktap_note("%s: end line says %lu records, there are %lu", file,
			  said, t->records);
		return false;
	}
	return true;
}

static void count_records(struct table *t)
{
	const char *p;

	for (p = t->text; *p; p = strchr(p, '\n') + 1) {
		if (*p != '#' && *p != '\n')
			t->records++;
		if (!strchr(p, '\n'))
			break;
	}
}

static int check_frame(struct table *table, const char *file, size_t len)
{
	count_records(table);
	if (!check_first_line(table, file) || !check_last_line(table, file, len))
		return -EPROTO;
	return 0;
}

/**
 * table_ask() - ask a text file and check the frame of the answer
 * @table: filled in
 * @file: below MMSCOPE_DIR
 * @fmt: the request; an empty one asks nothing
 *
 * Return: 0, the negative errno of the request, or -EPROTO when the answer is
 * not framed as documented (and a note says how).
 */
int table_ask(struct table *table, const char *file, const char *fmt, ...)
{
	char words[WORDS_LEN];
	va_list args;
	ssize_t len;

	memset(table, 0, sizeof(*table));
	va_start(args, fmt);
	vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	len = ask(file, words[0] ? words : NULL, &table->text);
	return len < 0 ? len : check_frame(table, file, len);
}

/**
 * table_ask_fd() - the same by a file that is open and stays so
 * @table: filled in
 * @fd: from ask_open()
 * @file: below MMSCOPE_DIR
 * @fmt: the request; an empty one asks nothing
 *
 * Return: As of table_ask().
 */
int table_ask_fd(struct table *table, int fd, const char *file,
		 const char *fmt, ...)
{
	char words[WORDS_LEN];
	va_list args;
	ssize_t len;

	memset(table, 0, sizeof(*table));
	va_start(args, fmt);
	vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	len = ask_fd(fd, words[0] ? words : NULL, &table->text);
	return len < 0 ? len : check_frame(table, file, len);
}

/* Words are parted by single blanks: an empty word would be a defect. */
static void split(char *text, struct line *line)
{
	line->nr = 0;
	while (line->nr < TABLE_WORDS) {
		line->word[line->nr++] = text;
		text = strchr(text, ' ');
		if (!text)
			return;
		*text++ = '\0';
	}
}

/**
 * table_next() - next record or section of a table
 * @table: the table
 * @line: filled in; points into the table
 *
 * Return: False at the end.
 */
bool table_next(struct table *table, struct line *line)
{
	char *text, *end;

	while (*table->next) {
		text = table->next;
		end = strchr(text, '\n');
		*end = '\0';
		table->next = end + 1;
		line->section = !strncmp(text, "## ", 3);
		if (!line->section && (*text == '#' || !*text))
			continue;
		split(line->section ? text + 3 : text, line);
		return true;
	}
	return false;
}

/**
 * line_value() - the value of a "key=value" word
 * @line: where to look
 * @key: the key
 *
 * Return: The value, or NULL.
 */
const char *line_value(const struct line *line, const char *key)
{
	size_t len = strlen(key);
	unsigned int i;

	for (i = 0; i < line->nr; i++)
		if (!strncmp(line->word[i], key, len) &&
		    line->word[i][len] == '=')
			return line->word[i] + len + 1;
	return NULL;
}
