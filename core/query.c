// SPDX-License-Identifier: GPL-2.0
/*
 * Requests and answers: what every debugfs file of mmscope has in common.
 *
 * An open file has a request and an answer of its own. The answer is streamed:
 * records are fetched in batches by the file's fill(), which takes and drops
 * whatever lock makes them true, and are printed afterwards with no lock held.
 * So a slow reader holds nothing up, and memory stays at one batch a reader.
 *
 * open->lock covers an open file's request, answer and position; file->lock
 * covers the last requests by user. open->lock is taken first. An open file
 * holds its module, so rmmod is refused while anybody has one.
 */
#define pr_fmt(fmt) "mmscope: " fmt

#include <linux/cred.h>
#include <linux/ctype.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/security.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/utsname.h>

#include <mmscope/query.h>

#include "core.h"

#define BATCH_B		(64UL << 10)	/* records fetched at once */
#define TEXT_B		(64UL << 10)	/* first text buffer of a reader */

/* Where an answer stands. */
enum phase {
	PHASE_FRESH,		/* nothing done yet */
	PHASE_HEADER,		/* begin() was called */
	PHASE_RECORDS,
	PHASE_END,		/* fill() has no more */
	PHASE_OVER,
};

/**
 * struct open_file - an open file
 * @answer: what the file's own functions see
 * @lock: covers all
 * @phase: where the answer stands
 * @records: one batch; BATCH_B bytes once something was read
 * @nr: records in it
 * @at: next of them
 * @current_record: what seq_file shows next; it may ask for it again
 * @index: seq_file's position of it
 * @shown: rows in the text that was shown last
 * @rows: rows of all text before that, or binary records
 * @error: errno that cut the answer
 * @out: binary: bytes not copied yet
 * @out_B: how many
 * @pos: binary: file position behind the bytes copied
 * @header: of a binary answer
 * @mapping: of this open file alone, so that the VMAs of others are not touched
 */
struct open_file {
	struct mms_answer answer;
	struct mutex lock;	/* covers all of it */
	enum phase phase;
	void *records;
	unsigned int nr;
	unsigned int at;
	void *current_record;
	loff_t index;
	u64 shown;
	u64 rows;
	int error;
	const void *out;
	size_t out_B;
	loff_t pos;
	struct mmscope_bin_header header;
	struct address_space mapping;
};

static struct dentry *root;

/* All directories, for status and metrics. */
static LIST_HEAD(dirs);
static DEFINE_MUTEX(dirs_lock);

/* The record after the last one, for seq_file. */
static char end_token[1];

static bool is_binary(const struct mms_file *file)
{
	return file->bin_end || file->read_at;
}

static struct open_file *open_of(struct file *filp)
{
	struct seq_file *m;

	if (is_binary(file_inode(filp)->i_private))
		return filp->private_data;
	m = filp->private_data;
	return m->private;
}

static const char *dir_name(const struct mms_file *file)
{
	return file->dir->name ?: "mmscope";
}

/* ---- Requests ---- */

static void put_request(struct mms_request *request)
{
	unsigned int i;

	if (!request || !refcount_dec_and_test(&request->users))
		return;
	for (i = 0; i < MMS_WORDS_MAX; i++)
		put_pid(request->values[i].pid);
	kfree(request->words);
	kvfree(request);
}

static int refuse_at(const struct mms_request *request, size_t column, int err,
		     const char *what)
{
	char name[48];

	snprintf(name, sizeof(name), "%s/%s", dir_name(request->file),
		 request->file->name);
	mms_error_log_add(name, request->text, column, err, what);
	return err;
}

/**
 * mms_refuse() - refuse a request and say why in error_log
 * @request: the request
 * @word: index of the word that is wrong, or MMS_WHOLE_LINE
 * @err: negative errno for the writer
 * @fmt: what was wrong and what would be right
 *
 * Context: Process context, from a file's check().
 * Return: @err
 */
int mms_refuse(const struct mms_request *request, int word, int err,
	       const char *fmt, ...)
{
	char what[160];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	return refuse_at(request, word < 0 ? 0 : request->values[word].column,
			 err, what);
}
EXPORT_SYMBOL_NS_GPL(mms_refuse, "MMSCOPE");

/**
 * mms_refuse_unless_direct() - is it an address whose page frame __pa() tells?
 * @request: what is checked
 * @word: index of the word that gives the address
 * @addr: the address
 *
 * Context: Process context, from check().
 * Return: 0, or -ENOENT after mms_refuse().
 */
int mms_refuse_unless_direct(const struct mms_request *request, int word,
			     u64 addr)
{
	if (virt_addr_valid((void *)(uintptr_t)addr))
		return 0;
	return mms_refuse(request, word, -ENOENT,
			  "not an address of the direct map; pgwalk/walk answers for others");
}
EXPORT_SYMBOL_NS_GPL(mms_refuse_unless_direct, "MMSCOPE");

/**
 * mms_consistency_name() - how answers say how they were read
 * @consistency: one of them
 *
 * Context: Any.
 * Return: One word.
 */
const char *mms_consistency_name(enum mmscope_consistency consistency)
{
	static const char *const names[] = {
		[MMSCOPE_RACY] = "racy",
		[MMSCOPE_RETRIED] = "retried",
		[MMSCOPE_LOCKED] = "locked",
	};

	return names[consistency];
}
EXPORT_SYMBOL_NS_GPL(mms_consistency_name, "MMSCOPE");

/**
 * mms_parse_number() - a number as requests have it: decimal, or 0x and hexadecimal
 * @text: the number and nothing else
 * @number: filled in
 *
 * Unlike kstrtou64() it takes no sign, and no octal by a leading zero.
 *
 * Context: Any.
 * Return: 0, -EINVAL or -ERANGE.
 */
int mms_parse_number(const char *text, u64 *number)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');

	if (!isdigit(*text))
		return -EINVAL;
	return kstrtou64(text, hex ? 16 : 10, number);
}
EXPORT_SYMBOL_NS_GPL(mms_parse_number, "MMSCOPE");

static int parse_number(const char *s, u64 min, u64 max, u64 *number)
{
	int err;

	err = mms_parse_number(s, number);
	if (err)
		return err;
	return *number < min || (max && *number > max) ? -ERANGE : 0;
}

static int parse_list(struct mms_request *request, const struct mms_word *word,
		      char *s)
{
	char *item;
	int err;

	while ((item = strsep(&s, ","))) {
		if (request->nr_list == MMS_LIST_MAX)
			return -E2BIG;
		err = parse_number(item, word->min, word->max,
				   &request->list[request->nr_list++]);
		if (err)
			return err;
	}
	return 0;
}

static int parse_range(struct mms_value *value, const struct mms_word *word,
		       char *s)
{
	char *end = strchr(s, '-');
	int err;

	if (end)
		*end++ = '\0';
	err = parse_number(s, word->min, word->max, &value->start);
	if (err)
		return err;
	if (end)
		err = parse_number(end, word->min, word->max, &value->end);
	else
		value->end = value->start == U64_MAX ? U64_MAX : value->start + 1;
	if (err)
		return err;
	return value->end > value->start ? 0 : -EINVAL;
}

static int parse_pid(struct mms_value *value, const char *s)
{
	u64 number;
	int err;

	if (!strcmp(s, "self")) {
		value->pid = get_pid(task_tgid(current));
		return 0;
	}
	err = parse_number(s, 0, PID_MAX_LIMIT, &number);
	if (err)
		return err;
	value->pid = find_get_pid(number);
	return value->pid ? 0 : -ESRCH;
}

static int parse_name(struct mms_value *value, const struct mms_word *word,
		      const char *s)
{
	int index = match_string(word->names, word->nr_names, s);

	value->start = index;
	return min(index, 0);
}

static int parse_value(struct mms_request *request, unsigned int i, char *s)
{
	const struct mms_word *word = &request->file->words[i];
	struct mms_value *value = &request->values[i];

	switch (word->kind) {
	case MMS_WORD_NUMBER:
		return parse_number(s, word->min, word->max, &value->start);
	case MMS_WORD_LIST:
		return parse_list(request, word, s);
	case MMS_WORD_RANGE:
		return parse_range(value, word, s);
	case MMS_WORD_PID:
		return parse_pid(value, s);
	case MMS_WORD_TEXT:
		value->text = s;
		return *s ? 0 : -EINVAL;
	case MMS_WORD_NAME:
		return parse_name(value, word, s);
	}
	return -EINVAL;
}

static const char *fault_name(int err)
{
	switch (err) {
	case -ERANGE:
		return "number out of range";
	case -E2BIG:
		return "too many values";
	case -ESRCH:
		return "no such process in this pid namespace";
	default:
		return "malformed value";
	}
}

static int word_index(const struct mms_file *file, const char *key, size_t len)
{
	unsigned int i;

	for (i = 0; i < file->nr_words; i++)
		if (!strncmp(file->words[i].key, key, len) &&
		    !file->words[i].key[len])
			return i;
	return -ENOENT;
}

static int refuse_unknown(const struct mms_request *request, size_t column)
{
	char what[160] = "unknown word; known are";
	size_t used = strlen(what);
	unsigned int i;

	for (i = 0; i < request->file->nr_words; i++)
		used += scnprintf(what + used, sizeof(what) - used, " %s=",
				  request->file->words[i].key);
	return refuse_at(request, column, -EINVAL, what);
}

static int refuse_name(const struct mms_request *request, int i)
{
	const struct mms_word *word = &request->file->words[i];
	char what[160] = "unknown; known are";
	size_t used = strlen(what);
	unsigned int name;

	for (name = 0; name < word->nr_names; name++)
		used += scnprintf(what + used, sizeof(what) - used, " %s",
				  word->names[name]);
	return mms_refuse(request, i, -EINVAL, "%s", what);
}

static int refuse_value(const struct mms_request *request, int i, int err)
{
	const struct mms_word *word = &request->file->words[i];

	if (word->kind == MMS_WORD_NAME)
		return refuse_name(request, i);
	if (err == -ERANGE && word->max)
		return mms_refuse(request, i, err,
				  "number out of range; right is %llu to %llu",
				  word->min, word->max);
	return mms_refuse(request, i, err, "%s; right is e.g. %s=%s",
			  fault_name(err), word->key, word->example);
}

static int parse_word(struct mms_request *request, char *s)
{
	size_t column = s - request->words, len = strcspn(s, "=");
	struct mms_value *value;
	int i, err;

	i = word_index(request->file, s, len);
	if (i < 0)
		return refuse_unknown(request, column);
	value = &request->values[i];
	if (value->given)
		return refuse_at(request, column, -EINVAL, "word given twice");
	value->given = true;
	value->column = column;
	err = s[len] == '=' ? parse_value(request, i, s + len + 1) : -EINVAL;
	return err ? refuse_value(request, i, err) : 0;
}

static int parse_request(struct mms_request *request)
{
	char *rest = request->words, *s;
	size_t i;
	int err;

	for (i = 0; request->text[i]; i++)
		if (!isascii(request->text[i]) || !isprint(request->text[i]))
			return refuse_at(request, i, -EINVAL,
					 "not one line of printable text");
	while ((s = strsep(&rest, " "))) {
		if (!*s)
			continue;
		err = parse_word(request, s);
		if (err)
			return err;
	}
	for (i = 0; i < request->file->nr_words; i++)
		if (request->values[i].given)
			return 0;
	if (request->file->optional)
		return 0;
	return refuse_at(request, 0, -EINVAL, "empty request");
}

/* A NUL would hide what follows it: turn it into a character that is refused. */
static void replace_nul(char *s, size_t size_B)
{
	size_t i;

	for (i = 0; i < size_B; i++)
		if (!s[i])
			s[i] = '\001';
}

static struct mms_request *new_request(const struct mms_file *file,
				       const char __user *buf, size_t size_B)
{
	struct mms_request *request;

	request = kvzalloc(struct_size(request, text, size_B + 1), GFP_KERNEL);
	if (!request)
		return ERR_PTR(-ENOMEM);
	refcount_set(&request->users, 1);
	request->file = file;
	request->uid = current_fsuid();
	if (copy_from_user(request->text, buf, size_B)) {
		kvfree(request);
		return ERR_PTR(-EFAULT);
	}
	replace_nul(request->text, size_B);
	if (size_B && request->text[size_B - 1] == '\n')
		request->text[size_B - 1] = '\0';
	return request;
}

static int accept_request(struct mms_request *request, size_t size_B)
{
	int err;

	if (size_B > MMS_REQUEST_MAX_B)
		return refuse_at(request, 0, -E2BIG,
				 "request longer than 4095 bytes");
	request->words = kstrdup(request->text, GFP_KERNEL);
	if (!request->words)
		return -ENOMEM;
	err = parse_request(request);
	if (err)
		return err;
	return request->file->check ? request->file->check(request) : 0;
}

/* Later opens by the same user answer this request. */
static void remember(struct mms_file *file, struct mms_request *request)
{
	struct mms_request *old;
	unsigned int i;

	refcount_inc(&request->users);
	mutex_lock(&file->lock);
	for (i = 0; i < MMS_LAST_MAX; i++)
		if (file->last[i] && uid_eq(file->last[i]->uid, request->uid))
			break;
	if (i == MMS_LAST_MAX)
		i = file->next_last++ % MMS_LAST_MAX;
	old = file->last[i];
	file->last[i] = request;
	mutex_unlock(&file->lock);
	put_request(old);
}

static struct mms_request *recall(struct mms_file *file)
{
	struct mms_request *request = NULL;
	unsigned int i;

	mutex_lock(&file->lock);
	for (i = 0; i < MMS_LAST_MAX; i++)
		if (file->last[i] && uid_eq(file->last[i]->uid, current_fsuid()))
			request = file->last[i];
	if (request)
		refcount_inc(&request->users);
	mutex_unlock(&file->lock);
	return request;
}

static void forget_all(struct mms_file *file)
{
	unsigned int i;

	for (i = 0; i < MMS_LAST_MAX; i++)
		put_request(file->last[i]);
}

/* ---- Answers ---- */

static void give_up(struct open_file *open)
{
	struct mms_file *file = open->answer.file;

	if (open->phase != PHASE_FRESH && file->finish)
		file->finish(&open->answer);
	atomic64_add(open->rows, &file->rows);
	open->phase = PHASE_FRESH;
	open->nr = 0;
	open->at = 0;
	open->shown = 0;
	open->rows = 0;
	open->error = 0;
	open->out_B = 0;
	open->current_record = NULL;
}

/* No word is given. */
static struct mms_request *empty_request(const struct mms_file *file)
{
	struct mms_request *request;

	request = kvzalloc(struct_size(request, text, 1), GFP_KERNEL);
	if (!request)
		return ERR_PTR(-ENOMEM);
	refcount_set(&request->users, 1);
	request->file = file;
	return request;
}

static int need_request(struct open_file *open)
{
	struct mms_file *file = open->answer.file;
	struct mms_request *request;

	if (!file->words || open->answer.request)
		return 0;
	request = recall(file);
	if (!request)
		request = file->optional ? empty_request(file) :
					   ERR_PTR(-ENODATA);
	if (IS_ERR(request))
		return PTR_ERR(request);
	open->answer.request = request;
	return 0;
}

static int begin(struct open_file *open)
{
	struct mms_file *file = open->answer.file;
	int err;

	give_up(open);
	err = need_request(open);
	if (err)
		return err;
	if (!open->records && file->fill) {
		open->records = kvmalloc(BATCH_B, GFP_KERNEL);
		if (!open->records)
			return -ENOMEM;
	}
	memset(open->answer.state, 0, file->state_size_B);
	open->answer.consistency = file->consistency;
	err = file->begin ? file->begin(&open->answer) : 0;
	if (!err)
		open->phase = PHASE_HEADER;
	return err;
}

/* Fetch the next batch; afterwards either at < nr or the phase is END. */
static void refill(struct open_file *open)
{
	struct mms_file *file = open->answer.file;
	int got;

	open->phase = PHASE_RECORDS;
	got = file->fill(&open->answer, open->records,
			 BATCH_B / file->record_size_B);
	open->at = 0;
	open->nr = max(got, 0);
	if (got <= 0) {
		open->error = got;
		open->phase = PHASE_END;
	}
}

/* ---- Text, by seq_file ---- */

static void *next_record(struct open_file *open)
{
	struct mms_file *file = open->answer.file;

	if (!file->fill && open->phase == PHASE_HEADER) {
		open->phase = PHASE_END;
		return &open->answer;	/* printed in one piece */
	}
	if (file->fill && open->phase < PHASE_END && open->at == open->nr)
		refill(open);
	if (open->at < open->nr)
		return open->records + open->at++ * file->record_size_B;
	if (open->phase == PHASE_OVER || file->raw)
		return NULL;
	open->phase = PHASE_OVER;
	return end_token;
}

static void *text_start(struct seq_file *m, loff_t *index)
{
	struct open_file *open = m->private;
	int err;

	if (*index)
		return *index == open->index ? open->current_record : NULL;
	err = begin(open);
	if (err)
		return ERR_PTR(err);
	open->index = 0;
	open->current_record = SEQ_START_TOKEN;
	return SEQ_START_TOKEN;
}

static void *text_next(struct seq_file *m, void *record, loff_t *index)
{
	struct open_file *open = m->private;

	open->rows += open->shown;
	open->shown = 0;
	open->index = ++*index;
	open->current_record = next_record(open);
	return open->current_record;
}

static void text_stop(struct seq_file *m, void *record)
{
}

static void show_header(struct seq_file *m, const struct mms_answer *answer)
{
	const struct mms_file *file = answer->file;

	seq_printf(m, "# %s/%s v%u kernel=%s consistency=%s\n", dir_name(file),
		   file->name, file->version, init_utsname()->release,
		   mms_consistency_name(answer->consistency));
	if (file->columns)
		seq_printf(m, "# %s\n", file->columns);
}

static void show_end(struct seq_file *m, const struct open_file *open)
{
	seq_printf(m, "# end records=%llu", open->rows);
	if (open->error)
		seq_printf(m, " truncated=%s",
			   open->error == -ESRCH ? "process_gone" :
			   open->error == -EINTR ? "interrupted" :
			   open->error == -E2BIG ? "limit" : "error");
	seq_putc(m, '\n');
}

/* Rows are the lines that are neither comments nor section names. */
static u64 count_rows(const char *text, size_t size_B)
{
	const char *end = text + size_B;
	u64 rows = 0;

	while (text < end) {
		rows += *text != '#';
		text = memchr(text, '\n', end - text);
		if (!text)
			break;
		text++;
	}
	return rows;
}

static int text_show(struct seq_file *m, void *record)
{
	struct open_file *open = m->private;
	struct mms_file *file = open->answer.file;
	size_t from = m->count;

	if (record == SEQ_START_TOKEN) {
		if (!file->raw)
			show_header(m, &open->answer);
	} else if (record == end_token) {
		show_end(m, open);
	} else {
		file->show(m, &open->answer, record);
		if (!seq_has_overflowed(m))
			open->shown = file->one_row ? 1 :
				      count_rows(m->buf + from, m->count - from);
	}
	return 0;
}

static const struct seq_operations text_ops = {
	.start = text_start,
	.next = text_next,
	.stop = text_stop,
	.show = text_show,
};

static ssize_t text_read(struct file *filp, char __user *buf, size_t size_B,
			 loff_t *pos)
{
	struct seq_file *m = filp->private_data;
	struct open_file *open = m->private;
	ssize_t got;

	if (mutex_lock_interruptible(&open->lock))
		return -ERESTARTSYS;
	got = seq_read(filp, buf, size_B, pos);
	mutex_unlock(&open->lock);
	return got;
}

static loff_t text_seek(struct file *filp, loff_t offset, int whence)
{
	struct seq_file *m = filp->private_data;
	struct open_file *open = m->private;
	loff_t at;

	if (mutex_lock_interruptible(&open->lock))
		return -ERESTARTSYS;
	at = seq_lseek(filp, offset, whence);
	mutex_unlock(&open->lock);
	return at;
}

/* A new request starts a new answer, wherever the old one stood. */
static void text_rewind(struct seq_file *m)
{
	mutex_lock(&m->lock);
	m->index = 0;
	m->count = 0;
	m->from = 0;
	m->read_pos = 0;
	mutex_unlock(&m->lock);
}

/* Not under open->lock: whoever reads faults in his buffer while he has it. */
static int text_mmap(struct file *filp, struct vm_area_struct *vma)
{
	struct mms_answer *answer = &open_of(filp)->answer;
	void *kept = smp_load_acquire(&answer->kept); /* Pairs with the file's start(). */

	return kept ? answer->file->mmap(kept, vma) : -ENODATA;
}

/* ---- Binary twins ---- */

static void put_header(struct open_file *open)
{
	const struct mms_file *file = open->answer.file;
	struct mmscope_bin_header *header = &open->header;
	size_t len = strlen(file->name) - strlen(".bin");

	memset(header, 0, sizeof(*header));
	header->magic = MMSCOPE_BIN_MAGIC;
	header->header_size_B = sizeof(*header);
	header->version = file->version;
	header->record_size_B = file->record_size_B;
	header->consistency = open->answer.consistency;
	snprintf(header->file, sizeof(header->file), "%s/%.*s", dir_name(file),
		 (int)len, file->name);
	strscpy(header->kernel, init_utsname()->release, sizeof(header->kernel));
	open->out = header;
	open->out_B = sizeof(*header);
}

static void put_end(struct open_file *open)
{
	const struct mms_file *file = open->answer.file;

	memset(open->records, 0, file->record_size_B);
	file->bin_end(&open->answer, open->records, open->rows, open->error);
	open->out = open->records;
	open->out_B = file->record_size_B;
	open->phase = PHASE_OVER;
}

/* Make the next bytes of a binary answer ready. */
static void put_next(struct open_file *open)
{
	refill(open);
	if (open->phase == PHASE_END) {
		put_end(open);
		return;
	}
	open->rows += open->nr;
	open->out = open->records;
	open->out_B = open->nr * open->answer.file->record_size_B;
}

static ssize_t copy_out(struct open_file *open, char __user *buf, size_t size_B)
{
	ssize_t fault = 0;
	size_t part, done = 0;

	while (done < size_B) {
		if (!open->out_B && open->phase == PHASE_OVER)
			break;
		if (!open->out_B)
			put_next(open);
		part = min(size_B - done, open->out_B);
		if (copy_to_user(buf + done, open->out, part)) {
			fault = -EFAULT;
			break;
		}
		open->out += part;
		open->out_B -= part;
		done += part;
		if (signal_pending(current))
			break;
	}
	open->pos += done;
	return done ?: fault;
}

static ssize_t bin_stream(struct open_file *open, char __user *buf,
			  size_t size_B, loff_t at)
{
	int err;

	if (!at) {
		err = begin(open);
		if (err)
			return err;
		put_header(open);
		open->pos = 0;
	}
	/* A stream: only the next byte can be read. */
	if (at != open->pos || open->phase == PHASE_FRESH)
		return -ESPIPE;
	return copy_out(open, buf, size_B);
}

static ssize_t bin_read(struct file *filp, char __user *buf, size_t size_B,
			loff_t *pos)
{
	struct open_file *open = filp->private_data;
	struct mms_file *file = open->answer.file;
	ssize_t got;

	if (mutex_lock_interruptible(&open->lock))
		return -ERESTARTSYS;
	if (file->read_at) {
		got = open->phase == PHASE_FRESH ? begin(open) : 0;
		if (!got)
			got = file->read_at(&open->answer, buf, size_B, *pos);
		if (got > 0)
			open->rows += got / file->record_size_B;
	} else {
		got = bin_stream(open, buf, size_B, *pos);
	}
	mutex_unlock(&open->lock);
	if (got > 0)
		*pos += got;
	return got;
}

/* ---- Open files ---- */

/* Makes it the open file's request; if start() fails, nothing has changed. */
static int take_request(struct file *filp, struct mms_request *request,
			loff_t *pos)
{
	struct open_file *open = open_of(filp);
	struct mms_file *file = open->answer.file;
	struct mms_request *old;
	int err;

	if (mutex_lock_interruptible(&open->lock))
		return -ERESTARTSYS;
	old = open->answer.request;
	open->answer.request = request;
	err = file->start ? file->start(&open->answer) : 0;
	open->answer.request = old;
	if (!err) {
		remember(file, request);
		give_up(open);
		put_request(old);
		open->answer.request = request;
		if (!is_binary(file))
			text_rewind(filp->private_data);
		*pos = 0;
	}
	mutex_unlock(&open->lock);
	return err;
}

static ssize_t request_write(struct file *filp, const char __user *buf,
			     size_t size_B, loff_t *pos)
{
	struct open_file *open = open_of(filp);
	struct mms_file *file = open->answer.file;
	struct mms_request *request;
	int err;

	if (file->clear) {
		file->clear();
		return size_B;
	}
	request = new_request(file, buf, min_t(size_t, size_B, MMS_REQUEST_MAX_B));
	if (IS_ERR(request))
		return PTR_ERR(request);
	err = accept_request(request, size_B);
	if (!err)
		err = take_request(filp, request, pos);
	if (err) {
		/* A write that the kernel starts again was not refused. */
		if (err != -ERESTARTSYS)
			atomic64_inc(&file->refused);
		put_request(request);
		return err;
	}
	atomic64_inc(&file->accepted);
	return size_B;
}

static struct open_file *new_open(struct mms_file *file)
{
	struct open_file *open = kvzalloc(sizeof(*open), GFP_KERNEL);

	if (!open)
		return NULL;
	mutex_init(&open->lock);
	open->answer.file = file;
	open->answer.state = kvzalloc(max_t(size_t, file->state_size_B, 1),
				      GFP_KERNEL);
	if (open->answer.state)
		return open;
	kvfree(open);
	return NULL;
}

static void free_open(struct open_file *open)
{
	struct mms_file *file = open->answer.file;

	give_up(open);
	if (file->release)
		file->release(&open->answer);
	put_request(open->answer.request);
	kvfree(open->records);
	kvfree(open->answer.state);
	kvfree(open);
}

static int open_text(struct file *filp, struct open_file *open)
{
	struct seq_file *m;
	int err;

	err = seq_open(filp, &text_ops);
	if (err)
		return err;
	m = filp->private_data;
	m->private = open;
	/* seq_file starts with a page and doubles: a batch rarely fits. */
	m->buf = kvmalloc(TEXT_B, GFP_KERNEL_ACCOUNT);
	if (m->buf)
		m->size = TEXT_B;
	return 0;
}

/*
 * The inode's own mapping is shared by all who have the file open. A VMA finds its
 * mapping through the open file, as drivers of graphics cards have it.
 */
static void own_mapping(struct inode *inode, struct file *filp,
			struct open_file *open)
{
	address_space_init_once(&open->mapping);
	open->mapping.host = inode;
	open->mapping.a_ops = &empty_aops;
	open->answer.mapping = &open->mapping;
	filp->f_mapping = &open->mapping;
}

static int any_open(struct inode *inode, struct file *filp)
{
	struct mms_file *file = inode->i_private;
	struct open_file *open;
	int err;

	/* debugfs itself lets files pass that are only read. */
	err = security_locked_down(LOCKDOWN_DEBUGFS);
	if (err)
		return err;
	/* Pairs with mms_dir_add(): an init that fails must find no open file. */
	if (!smp_load_acquire(&file->dir->complete))
		return -ENODEV;
	if (!try_module_get(file->dir->owner))
		return -ENODEV;
	open = new_open(file);
	if (!open) {
		err = -ENOMEM;
		goto put_module;
	}
	if (is_binary(file))
		filp->private_data = open;
	else
		err = open_text(filp, open);
	if (!err && file->mmap)
		own_mapping(inode, filp, open);
	if (!err)
		return 0;
	free_open(open);
put_module:
	module_put(file->dir->owner);
	return err;
}

static int any_release(struct inode *inode, struct file *filp)
{
	struct mms_file *file = inode->i_private;
	struct module *owner = file->dir->owner;
	struct open_file *open = open_of(filp);

	filp->f_mapping = inode->i_mapping;
	free_open(open);
	if (!is_binary(file))
		seq_release(inode, filp);
	module_put(owner);
	return 0;
}

static const struct file_operations text_fops = {
	.owner = THIS_MODULE,
	.open = any_open,
	.read = text_read,
	.write = request_write,
	.llseek = text_seek,
	.release = any_release,
};

static const struct file_operations mapped_fops = {
	.owner = THIS_MODULE,
	.open = any_open,
	.read = text_read,
	.write = request_write,
	.llseek = text_seek,
	.mmap = text_mmap,
	.release = any_release,
};

static const struct file_operations bin_fops = {
	.owner = THIS_MODULE,
	.open = any_open,
	.read = bin_read,
	.write = request_write,
	.llseek = no_seek_end_llseek,
	.release = any_release,
};

/* ---- Directories ---- */

/* debugfs makes directories 0755; addresses are for root only. */
static struct dentry *create_private_dir(const char *name, struct dentry *parent)
{
	struct dentry *dentry = debugfs_create_dir(name, parent);

	if (!IS_ERR(dentry))
		d_inode(dentry)->i_mode = S_IFDIR | 0700;
	return dentry;
}

static int add_file(struct mms_dir *dir, struct mms_file *file)
{
	umode_t mode = file->words || file->clear ? 0600 : 0400;

	file->dir = dir;
	mutex_init(&file->lock);
	/*
	 * debugfs passes mmap() on only for a file that it does not guard against
	 * its removal. An open file holds its module, which is what removes it.
	 */
	if (file->mmap)
		return PTR_ERR_OR_ZERO(debugfs_create_file_unsafe(file->name, mode,
								  dir->dentry, file,
								  &mapped_fops));
	return PTR_ERR_OR_ZERO(debugfs_create_file(file->name, mode, dir->dentry,
						   file, is_binary(file) ?
						   &bin_fops : &text_fops));
}

/*
 * debugfs lets its users go on without a file that it could not make. Here the
 * files are all there is, and who misses one should not have to guess why.
 */
static int add_files(struct mms_dir *dir)
{
	unsigned int i;
	int err;

	for (i = 0; i < dir->nr; i++) {
		err = add_file(dir, dir->files[i]);
		if (err)
			return err;
	}
	return 0;
}

/**
 * mms_dir_add() - show a module's files
 * @dir: the directory
 *
 * Context: Process context, last in module init: readers may come at once.
 * Return: 0, -ENODEV in a kernel that has no debugfs, or -ENOMEM.
 */
int mms_dir_add(struct mms_dir *dir)
{
	int err;

	dir->dentry = dir->name ? create_private_dir(dir->name, root) : root;
	if (IS_ERR(dir->dentry))
		return PTR_ERR(dir->dentry);
	err = add_files(dir);
	if (err) {
		/* Core's own files go with the directory that holds all others. */
		if (dir->name)
			debugfs_remove(dir->dentry);
		return err;
	}
	/* Pairs with any_open(). */
	smp_store_release(&dir->complete, true);
	mutex_lock(&dirs_lock);
	list_add_tail(&dir->node, &dirs);
	mutex_unlock(&dirs_lock);
	return 0;
}
EXPORT_SYMBOL_NS_GPL(mms_dir_add, "MMSCOPE");

/**
 * mms_dir_del() - take a module's files away
 * @dir: the directory, after mms_dir_add() returned 0
 *
 * Context: Process context, first in module exit. Nobody has a file open then,
 * since an open file holds the module.
 */
void mms_dir_del(struct mms_dir *dir)
{
	unsigned int i;

	mutex_lock(&dirs_lock);
	list_del(&dir->node);
	mutex_unlock(&dirs_lock);
	/* Core's own files go with the directory that holds all others. */
	if (dir->name)
		debugfs_remove(dir->dentry);
	for (i = 0; i < dir->nr; i++)
		forget_all(dir->files[i]);
}
EXPORT_SYMBOL_NS_GPL(mms_dir_del, "MMSCOPE");

/**
 * mms_features_show() - the features section of status
 * @m: where to print
 */
void mms_features_show(struct seq_file *m)
{
	struct mms_dir *dir;

	seq_puts(m, "## features\n# name module state detail\n");
	mutex_lock(&dirs_lock);
	list_for_each_entry(dir, &dirs, node)
		if (dir->show_features)
			dir->show_features(m);
	mutex_unlock(&dirs_lock);
}

/**
 * mms_each_file() - print something for every file
 * @m: where to print
 * @show: called for each, modules in the order of their loading
 *
 * Context: Process context; a lock that keeps modules from going is held.
 */
void mms_each_file(struct seq_file *m,
		   void (*show)(struct seq_file *m, const char *dir,
				struct mms_file *file))
{
	struct mms_dir *dir;
	unsigned int i;

	mutex_lock(&dirs_lock);
	list_for_each_entry(dir, &dirs, node)
		for (i = 0; i < dir->nr; i++)
			show(m, dir_name(dir->files[i]), dir->files[i]);
	mutex_unlock(&dirs_lock);
}

/**
 * mms_query_init() - make the directory that holds all others
 *
 * Context: Process context, from module init.
 * Return: 0, or why debugfs refused.
 */
int mms_query_init(void)
{
	root = create_private_dir("mmscope", NULL);
	return PTR_ERR_OR_ZERO(root);
}

/**
 * mms_query_exit() - take the directory away
 *
 * Context: Process context, from module exit, after every mms_dir_del().
 */
void mms_query_exit(void)
{
	debugfs_remove(root);
}
