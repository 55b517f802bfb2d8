/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where members lie in the structures of the running kernel, from its BTF.
 */
#ifndef _MMSCOPE_LAYOUT_H
#define _MMSCOPE_LAYOUT_H

#include <linux/list.h>
#include <linux/module.h>
#include <linux/stddef.h>

/**
 * struct mms_member - one member, or the size of a whole structure
 * @path: "struct.member[.member|[index]]...", or "struct" alone
 * @header_offset_B: offset in the headers we were built with, -1 if private
 * @header_size_B: size in those headers
 * @found: filled in: the running kernel has it
 * @offset_B: filled in
 * @size_B: filled in; 0 for a flexible array
 * @bit_offset: filled in: first bit inside offset_B, of a bit field
 * @bit_size: filled in: 0 when it is not a bit field
 */
struct mms_member {
	const char *path;
	int header_offset_B;
	int header_size_B;
	bool found;
	u8 bit_offset;
	u8 bit_size;
	u32 offset_B;
	u32 size_B;
};

/* A member that only the kernel's own sources declare. */
#define MMS_PRIVATE(_path) \
	{ .path = (_path), .header_offset_B = -1 }

/* A member that our headers declare too: both must agree. */
#define MMS_PUBLIC(_struct, _member) \
	{ .path = #_struct "." #_member, \
	  .header_offset_B = offsetof(struct _struct, _member), \
	  .header_size_B = sizeof_field(struct _struct, _member) }

/**
 * struct mms_layout - the members that one module needs
 * @owner: THIS_MODULE
 * @table: the members
 * @nr: number of them
 * @error: filled in: 0, or why the BTF could not be read
 * @node: private to core
 */
struct mms_layout {
	struct module *owner;
	struct mms_member *table;
	unsigned int nr;
	int error;
	struct list_head node;
};

int mms_layout_add(struct mms_layout *layout);
void mms_layout_del(struct mms_layout *layout);

#endif /* _MMSCOPE_LAYOUT_H */
