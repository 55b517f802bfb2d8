/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A reader of BTF blobs: just what finding members takes.
 */
#ifndef _MMSCOPE_BTF_H
#define _MMSCOPE_BTF_H

#include <linux/types.h>

struct mms_member;

/**
 * struct mms_btf - a checked BTF blob
 * @types: type section
 * @types_size_B: bytes of it
 * @strings: string section, NUL terminated
 * @strings_size_B: bytes of it
 * @offsets: byte offset in @types of each type id
 * @nr: number of type ids, void included
 */
struct mms_btf {
	const u8 *types;
	u32 types_size_B;
	const char *strings;
	u32 strings_size_B;
	u32 *offsets;
	u32 nr;
};

int mms_btf_open(struct mms_btf *btf, const void *blob, size_t size_B);
void mms_btf_close(struct mms_btf *btf);
void mms_btf_find(const struct mms_btf *btf, struct mms_member *members,
		  unsigned int nr);

#endif /* _MMSCOPE_BTF_H */
