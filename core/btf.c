// SPDX-License-Identifier: GPL-2.0
/*
 * A bounded reader of the kernel's type information (BTF).
 *
 * Input is a private copy of /sys/kernel/btf/vmlinux, so nothing moves and no
 * lock is needed. It is trusted no further than any other input: every offset
 * is checked against the blob, every descent has a limit.
 *
 * Looked at: structures, unions, typedefs, arrays, bit fields. Not looked at:
 * functions, variables, enumerations, declaration tags.
 */
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include <uapi/linux/btf.h>

#include <mmscope/layout.h>

#include "btf.h"

/*
 * Kinds that the headers of an older kernel do not name. The numbers are ABI.
 */
enum {
	KIND_FLOAT = 16,
	KIND_DECL_TAG,
	KIND_TYPE_TAG,
	KIND_ENUM64,
};

#define DESCENT_MAX	16	/* nested anonymous members, or qualifiers */

/*
 * 7.x widened both into bits that were zero before, and put a section behind
 * those that the header always names: a blob may have it or not.
 */
#define HEADER_B	offsetofend(struct btf_header, str_len)

static u32 kind_of(const struct btf_type *t)
{
	return (t->info >> 24) & 0x7f;
}

static u32 vlen_of(const struct btf_type *t)
{
	return t->info & 0xffffff;
}

static bool kflag_of(const struct btf_type *t)
{
	return t->info >> 31;
}

/* Bytes of one type in the type section; 0 for a kind we cannot skip. */
static u32 record_size(const struct btf_type *t)
{
	u32 head = sizeof(*t);

	switch (kind_of(t)) {
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case KIND_FLOAT:
	case KIND_TYPE_TAG:
		return head;
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case KIND_DECL_TAG:
		return head + sizeof(u32);
	case BTF_KIND_ARRAY:
		return head + sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return head + vlen_of(t) * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return head + vlen_of(t) * sizeof(struct btf_enum);
	case KIND_ENUM64:
		return head + vlen_of(t) * 3 * sizeof(u32);
	case BTF_KIND_FUNC_PROTO:
		return head + vlen_of(t) * sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return head + vlen_of(t) * sizeof(struct btf_var_secinfo);
	default:
		return 0;
	}
}

static const struct btf_type *type_at(const struct mms_btf *btf, u32 id)
{
	if (!id || id >= btf->nr)
		return NULL;
	return (const struct btf_type *)(btf->types + btf->offsets[id]);
}

static const char *string_at(const struct mms_btf *btf, u32 offset)
{
	return offset < btf->strings_size_B ? btf->strings + offset : "";
}

static int index_types(struct mms_btf *btf)
{
	u32 size, at = 0, id = 1;

	while (at < btf->types_size_B) {
		if (btf->types_size_B - at < sizeof(struct btf_type))
			return -EINVAL;
		size = record_size((const struct btf_type *)(btf->types + at));
		if (!size || size > btf->types_size_B - at)
			return -EINVAL;
		btf->offsets[id++] = at;
		at += size;
	}
	btf->nr = id;
	return 0;
}

/**
 * mms_btf_open() - check a blob and index its types
 * @btf: filled in; points into @blob, which must outlive it
 * @blob: raw BTF
 * @size_B: bytes of @blob
 *
 * Context: Process context, may sleep.
 * Return: 0, -EINVAL for a blob that is damaged or of a kind not known here,
 * or -ENOMEM. mms_btf_close() after 0 only.
 */
int mms_btf_open(struct mms_btf *btf, const void *blob, size_t size_B)
{
	const struct btf_header *header = blob;
	u64 types_end, strings_end;
	int err;

	if (size_B < HEADER_B || header->magic != BTF_MAGIC ||
	    header->version != BTF_VERSION || header->hdr_len < HEADER_B)
		return -EINVAL;
	types_end = (u64)header->hdr_len + header->type_off + header->type_len;
	strings_end = (u64)header->hdr_len + header->str_off + header->str_len;
	if (types_end > size_B || strings_end > size_B || !header->str_len)
		return -EINVAL;

	btf->types = blob + header->hdr_len + header->type_off;
	btf->types_size_B = header->type_len;
	btf->strings = blob + header->hdr_len + header->str_off;
	btf->strings_size_B = header->str_len;
	if (btf->strings[btf->strings_size_B - 1])
		return -EINVAL;

	btf->offsets = __vmalloc((btf->types_size_B / sizeof(struct btf_type) + 1) *
				 sizeof(*btf->offsets),
				 GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN);
	if (!btf->offsets)
		return -ENOMEM;
	err = index_types(btf);
	if (err)
		mms_btf_close(btf);
	return err;
}

/**
 * mms_btf_close() - free the index
 * @btf: an open blob
 */
void mms_btf_close(struct mms_btf *btf)
{
	vfree(btf->offsets);
	btf->offsets = NULL;
}

/* The type behind typedefs and qualifiers. */
static u32 strip(const struct mms_btf *btf, u32 id)
{
	const struct btf_type *t;
	int depth;

	for (depth = 0; depth < DESCENT_MAX; depth++) {
		t = type_at(btf, id);
		if (!t)
			return 0;
		switch (kind_of(t)) {
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_CONST:
		case BTF_KIND_RESTRICT:
		case KIND_TYPE_TAG:
			id = t->type;
			continue;
		default:
			return id;
		}
	}
	return 0;
}

/* Bytes of a type; 0 when it has none, as a flexible array. */
static u32 size_of(const struct mms_btf *btf, u32 id)
{
	const struct btf_array *array;
	const struct btf_type *t;
	u32 count = 1;
	int depth;

	for (depth = 0; depth < DESCENT_MAX; depth++) {
		id = strip(btf, id);
		t = type_at(btf, id);
		if (!t)
			return 0;
		switch (kind_of(t)) {
		case BTF_KIND_INT:
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
		case BTF_KIND_ENUM:
		case KIND_ENUM64:
		case KIND_FLOAT:
			return t->size * count;
		case BTF_KIND_PTR:
			return sizeof(void *) * count;
		case BTF_KIND_ARRAY:
			array = (const struct btf_array *)(t + 1);
			count *= array->nelems;
			id = array->type;
			continue;
		default:
			return 0;
		}
	}
	return 0;
}

/* Where we stand on the way along a path. */
struct place {
	u32 type;
	u32 offset_B;
	u32 bit_offset;
	u32 bit_size;
};

static void step_to(const struct mms_btf *btf, const struct btf_type *t,
		    const struct btf_member *member, struct place *at)
{
	u32 bits = member->offset, width = 0;

	if (kflag_of(t)) {
		width = BTF_MEMBER_BITFIELD_SIZE(member->offset);
		bits = BTF_MEMBER_BIT_OFFSET(member->offset);
	}
	at->type = member->type;
	at->offset_B += bits / 8;
	at->bit_offset = width ? bits % 8 : 0;
	at->bit_size = width;
}

/* Step to a named member, through members that have no name. */
static int step_member(const struct mms_btf *btf, struct place *at,
		       const char *name, size_t len, int depth)
{
	const struct btf_type *t = type_at(btf, strip(btf, at->type));
	const struct btf_member *member;
	struct place next;
	const char *s;
	u32 i;

	if (!t || depth == DESCENT_MAX ||
	    (kind_of(t) != BTF_KIND_STRUCT && kind_of(t) != BTF_KIND_UNION))
		return -ENOENT;

	member = (const struct btf_member *)(t + 1);
	for (i = 0; i < vlen_of(t); i++, member++) {
		s = string_at(btf, member->name_off);
		if (*s && (strncmp(s, name, len) || s[len]))
			continue;
		next = *at;
		step_to(btf, t, member, &next);
		if (!*s && step_member(btf, &next, name, len, depth + 1))
			continue;
		*at = next;
		return 0;
	}
	return -ENOENT;
}

static int step_index(const struct mms_btf *btf, struct place *at, u32 index)
{
	const struct btf_type *t = type_at(btf, strip(btf, at->type));
	const struct btf_array *array;

	if (!t || kind_of(t) != BTF_KIND_ARRAY)
		return -ENOENT;
	array = (const struct btf_array *)(t + 1);
	if (index >= array->nelems)
		return -ENOENT;
	at->type = array->type;
	at->offset_B += index * size_of(btf, array->type);
	return 0;
}

/* "[3]": the number, and the path behind it. Paths are our own constants. */
static u32 parse_index(const char **path)
{
	u32 index = 0;

	while (isdigit(*++*path))
		index = index * 10 + **path - '0';
	*path += **path == ']';
	return index;
}

/* Follow "member[3].member" from a structure. */
static int follow(const struct mms_btf *btf, u32 id, const char *path,
		  struct mms_member *found)
{
	struct place at = { .type = id };
	size_t len;
	int err;

	while (*path) {
		if (*path == '[') {
			err = step_index(btf, &at, parse_index(&path));
		} else {
			len = strcspn(path, ".[");
			err = step_member(btf, &at, path, len, 0);
			path += len;
		}
		if (err)
			return err;
		path += *path == '.';
	}
	found->offset_B = at.offset_B;
	found->size_B = size_of(btf, at.type);
	found->bit_offset = at.bit_offset;
	found->bit_size = at.bit_size;
	found->found = true;
	return 0;
}

static bool may_name_members(const struct btf_type *t)
{
	switch (kind_of(t)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_TYPEDEF:
		return true;
	default:
		return false;
	}
}

/* Of structures that share a name, a public member is in the one we know. */
static bool is_settled(const struct mms_member *member)
{
	return member->found && (member->header_offset_B < 0 ||
				 member->offset_B == member->header_offset_B);
}

/**
 * mms_btf_find() - find members by their paths
 * @btf: an open blob
 * @members: what to find; found, offset, size and bits are filled in
 * @nr: number of @members
 *
 * One pass over the types for all members. Where several structures share a
 * name, one in which the whole path exists is taken.
 *
 * Context: Process context, may sleep.
 */
void mms_btf_find(const struct mms_btf *btf, struct mms_member *members,
		  unsigned int nr)
{
	const struct btf_type *t;
	const char *name, *path;
	unsigned int i;
	size_t len;
	u32 id;

	for (id = 1; id < btf->nr; id++) {
		t = type_at(btf, id);
		if (!t->name_off || !may_name_members(t))
			continue;
		name = string_at(btf, t->name_off);
		for (i = 0; i < nr; i++) {
			if (is_settled(&members[i]) || *members[i].path != *name)
				continue;
			path = members[i].path;
			len = strcspn(path, ".");
			if (strncmp(name, path, len) || name[len])
				continue;
			follow(btf, id, path + len + (path[len] == '.'),
			       &members[i]);
		}
	}
}
