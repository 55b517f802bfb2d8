/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests and answers over debugfs.
 *
 * A module declares its files; core gives each open file a request of its own,
 * parses and refuses, frames the answer and streams its records. A file only
 * says which words it knows, how to get the next records, and how to print one.
 */
#ifndef _MMSCOPE_QUERY_H
#define _MMSCOPE_QUERY_H

#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/uidgid.h>

#include <mmscope/mmscope.h>

struct address_space;
struct dentry;
struct mms_answer;
struct mms_request;
struct pid;
struct seq_file;
struct vm_area_struct;

#define MMS_REQUEST_MAX_B	4095	/* bytes of one request line */
#define MMS_WORDS_MAX		9	/* different words a file may know */
#define MMS_LIST_MAX		64	/* values of one list word */
#define MMS_LAST_MAX		8	/* users whose last request is kept, a file */

enum mms_word_kind {
	MMS_WORD_NUMBER,	/* n: decimal or 0x */
	MMS_WORD_LIST,		/* n,n,... */
	MMS_WORD_RANGE,		/* n for one, or n-n, end not included */
	MMS_WORD_PID,		/* n as the writer's pid namespace counts, or self */
	MMS_WORD_TEXT,		/* anything without a blank */
	MMS_WORD_NAME,		/* one of a few */
};

/**
 * struct mms_word - one word that a file understands
 * @key: what stands before the "="
 * @kind: what may stand behind it
 * @min: smallest number allowed
 * @max: largest number allowed; 0: any
 * @names: MMS_WORD_NAME: what it may be; the value is an index of this
 * @nr_names: number of them
 * @example: a right value, shown when a wrong one is refused; none of MMS_WORD_NAME,
 *	where all are shown
 */
struct mms_word {
	const char *key;
	enum mms_word_kind kind;
	u64 min;
	u64 max;
	const char *const *names;
	unsigned int nr_names;
	const char *example;
};

/**
 * struct mms_value - what a request gives for one word
 * @given: the word is there; else nothing else counts
 * @column: where it stands in the line
 * @start: the number, the index of the name, or where the range starts
 * @end: end of the range, not included; U64_MAX is the very end
 * @text: the text
 * @pid: the process; the request holds a reference
 */
struct mms_value {
	bool given;
	u16 column;
	u64 start;
	u64 end;
	const char *text;
	struct pid *pid;
};

/**
 * struct mms_request - a request that was accepted
 * @users: open files and slots that hold it
 * @file: which file it was written to
 * @values: by the index of the word in the file's table
 * @list: values of the list word, if the file knows one
 * @nr_list: number of them
 * @uid: who wrote it
 * @words: private to core
 * @text: the line as it was written
 *
 * Does not change after the file's check() has accepted it.
 */
struct mms_request {
	refcount_t users;
	const struct mms_file *file;
	struct mms_value values[MMS_WORDS_MAX];
	u64 list[MMS_LIST_MAX];
	unsigned int nr_list;
	kuid_t uid;
	char *words;
	char text[];
};

/**
 * struct mms_answer - one open file's walk through its answer
 * @file: the file
 * @request: what was asked; NULL for a file without words
 * @state: the file's own state_size_B bytes, zero at begin()
 * @kept: what the file keeps for later requests on this open file, NULL at first
 * @mapping: where VMAs that map this open file, and no other, are found
 * @consistency: of this answer; begin() may lower the file's own
 *
 * What is private to core follows behind it.
 */
struct mms_answer {
	struct mms_file *file;
	struct mms_request *request;
	void *state;
	void *kept;
	struct address_space *mapping;
	enum mmscope_consistency consistency;
};

/**
 * struct mms_file - a debugfs file
 * @name: file name
 * @version: of the format, counts when a column changes its meaning
 * @consistency: how it is read at best
 * @columns: names of the columns, NULL for a file of sections
 * @words: words of a request; NULL: a plain file
 * @nr_words: number of them
 * @optional: no word need be given: an empty line is right, and asks what is
 *	answered when nothing was asked
 * @one_row: each record is one row, none is a comment: so that rows need not be counted
 * @raw: text without mmscope's first and last line
 * @state_size_B: bytes of struct mms_answer's state
 * @record_size_B: bytes of one record
 * @check: at write: is the request possible? mms_refuse() if not. May be NULL
 * @start: at write: the request was accepted: start what goes on until it is read,
 *	and keep it. An error fails the write, and the request before stays; its
 *	answer may still be under way: leave @state alone. May be NULL
 * @begin: before the first record; an error here fails the read. May be NULL
 * @fill: next records into @records, at most @max: their number, 0 at the end,
 *	or an errno that cuts the answer. Called without locks, may sleep
 * @show: print one record. Called again if the buffer was too small
 * @finish: after begin(): the answer is over or was given up. May be NULL
 * @release: the open file is closed: give back what it kept. May be NULL
 * @bin_end: binary twin: fill in the end record. NULL: text
 * @read_at: answers read(2) by itself, as an array. NULL: the usual way
 * @mmap: maps what the open file keeps. Called with mmap_lock held for writing, and
 *	so without the lock that the others are called under: what is kept has to be
 *	published by smp_store_release(), and stay. NULL: no such thing
 * @held_B: bytes that all open files together keep for later requests. NULL: none
 * @clear: a write without a request empties the file. NULL: no such thing
 * @dir: private to core, as all that follows
 * @lock: covers @last and @next_last
 * @last: last accepted requests, by user
 * @next_last: slot to take next
 * @accepted: requests taken
 * @refused: requests refused
 * @rows: records that were read
 *
 * A file with only show() is printed in one piece.
 */
struct mms_file {
	const char *name;
	unsigned int version;
	enum mmscope_consistency consistency;
	const char *columns;
	const struct mms_word *words;
	unsigned int nr_words;
	bool optional;
	bool one_row;
	bool raw;
	size_t state_size_B;
	size_t record_size_B;

	int (*check)(struct mms_request *request);
	int (*start)(struct mms_answer *answer);
	int (*begin)(struct mms_answer *answer);
	int (*fill)(struct mms_answer *answer, void *records, unsigned int max);
	void (*show)(struct seq_file *m, struct mms_answer *answer,
		     const void *record);
	void (*finish)(struct mms_answer *answer);
	void (*release)(struct mms_answer *answer);
	void (*bin_end)(struct mms_answer *answer, void *record, u64 rows,
			int error);
	ssize_t (*read_at)(struct mms_answer *answer, char __user *buf,
			   size_t size_B, loff_t at);
	int (*mmap)(void *kept, struct vm_area_struct *vma);
	u64 (*held_B)(void);
	void (*clear)(void);

	struct mms_dir *dir;
	struct mutex lock;	/* covers last and next_last */
	struct mms_request *last[MMS_LAST_MAX];
	unsigned int next_last;
	atomic64_t accepted;
	atomic64_t refused;
	atomic64_t rows;
};

/**
 * struct mms_dir - the files of one module
 * @name: directory under mmscope/; NULL for core itself
 * @owner: THIS_MODULE
 * @files: the files
 * @nr: number of them
 * @show_features: rows "name module state detail" for status. May be NULL
 * @dentry: private to core, as all that follows
 * @complete: all files are there and may be opened
 * @node: in the list of all
 */
struct mms_dir {
	const char *name;
	struct module *owner;
	struct mms_file *const *files;
	unsigned int nr;
	void (*show_features)(struct seq_file *m);

	struct dentry *dentry;
	bool complete;
	struct list_head node;
};

int mms_dir_add(struct mms_dir *dir);
void mms_dir_del(struct mms_dir *dir);

__printf(4, 5)
int mms_refuse(const struct mms_request *request, int word, int err,
	       const char *fmt, ...);

int mms_refuse_unless_direct(const struct mms_request *request, int word,
			     u64 addr);
int mms_parse_number(const char *text, u64 *number);
const char *mms_consistency_name(enum mmscope_consistency consistency);

/**
 * mms_value_or() - the number that a word gives, or what holds without it
 * @value: of the word
 * @otherwise: when it was not given
 */
static inline u64 mms_value_or(const struct mms_value *value, u64 otherwise)
{
	return value->given ? value->start : otherwise;
}

/* For mms_refuse(): the whole line is meant, not one word. */
#define MMS_WHOLE_LINE	(-1)

#endif /* _MMSCOPE_QUERY_H */
