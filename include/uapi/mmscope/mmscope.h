/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The frame around every binary answer of mmscope, <file>.bin in debugfs.
 *
 * An answer is one struct mmscope_bin_header, then records of record_size_B
 * bytes each, then one end record. Every integer is in the byte order of the
 * machine that wrote it: the magic tells.
 */
#ifndef _UAPI_MMSCOPE_MMSCOPE_H
#define _UAPI_MMSCOPE_MMSCOPE_H

#include <linux/types.h>

#define MMSCOPE_BIN_MAGIC	0x4d4d5343	/* "MMSC" */

/* How an answer was read, see docs/consistency.md. */
enum mmscope_consistency {
	MMSCOPE_RACY,		/* one look, nothing held */
	MMSCOPE_RETRIED,	/* read again until two looks were equal */
	MMSCOPE_LOCKED,		/* under the lock that the kernel's writers take */
};

/**
 * struct mmscope_bin_header - first bytes of a binary answer
 * @magic: MMSCOPE_BIN_MAGIC
 * @header_size_B: sizeof(struct mmscope_bin_header); records start here
 * @version: version of the record, counts as in the text twin's first line
 * @record_size_B: bytes of one record
 * @consistency: enum mmscope_consistency
 * @file: "module/file" of the text twin, NUL padded
 * @kernel: release of the running kernel, NUL padded
 */
struct mmscope_bin_header {
	__u32 magic;
	__u16 header_size_B;
	__u16 version;
	__u32 record_size_B;
	__u32 consistency;
	char file[48];
	char kernel[64];
};

#endif /* _UAPI_MMSCOPE_MMSCOPE_H */
