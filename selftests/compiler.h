/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The few words of kernel C that the test programs use as well.
 */
#ifndef _MMSCOPE_COMPILER_H
#define _MMSCOPE_COMPILER_H

#include <stddef.h>
#include <stdint.h>

typedef uint64_t u64;
typedef uint32_t u32;
typedef uint8_t u8;

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define BIT(nr)			(1UL << (nr))
#define BIT_ULL(nr)		(1ULL << (nr))
#define GENMASK_ULL(high, low)	((~0ULL >> (63 - (high))) & (~0ULL << (low)))

#ifndef __printf
#define __printf(fmt, args)	__attribute__((format(printf, fmt, args)))
#endif
#ifndef __noreturn
#define __noreturn		__attribute__((noreturn))
#endif
#ifndef noinline
#define noinline		__attribute__((noinline))
#endif
#ifndef __packed
#define __packed		__attribute__((packed))
#endif

/**
 * look() - read one byte of memory, really
 * @p: where
 */
static inline void look(const void *p)
{
	__asm__ __volatile__("" : : "r" (*(const char *)p) : "memory");
}

#endif /* _MMSCOPE_COMPILER_H */
