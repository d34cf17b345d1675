/* SPDX-License-Identifier: Apache-2.0 */
/* Bob Jenkins' lookup3 (public domain), as the kernel's jhash2 and jhash_2words compute it. */
#ifndef BENCHMARKS_KATRAN_JHASH_H
#define BENCHMARKS_KATRAN_JHASH_H

#include <linux/types.h>

#define JHASH_INITVAL 0xdeadbeef

static __always_inline __u32 rotate(__u32 word, unsigned int by)
{
	return word << by | word >> (32 - by);
}

#define JHASH_MIX(a, b, c)                                                                                             \
	do {                                                                                                           \
		a -= c, a ^= rotate(c, 4), c += b;                                                                     \
		b -= a, b ^= rotate(a, 6), a += c;                                                                     \
		c -= b, c ^= rotate(b, 8), b += a;                                                                     \
		a -= c, a ^= rotate(c, 16), c += b;                                                                    \
		b -= a, b ^= rotate(a, 19), a += c;                                                                    \
		c -= b, c ^= rotate(b, 4), b += a;                                                                     \
	} while (0)

#define JHASH_FINAL(a, b, c)                                                                                           \
	do {                                                                                                           \
		c ^= b, c -= rotate(b, 14);                                                                            \
		a ^= c, a -= rotate(c, 11);                                                                            \
		b ^= a, b -= rotate(a, 25);                                                                            \
		c ^= b, c -= rotate(b, 16);                                                                            \
		a ^= c, a -= rotate(c, 4);                                                                             \
		b ^= a, b -= rotate(a, 14);                                                                            \
		c ^= b, c -= rotate(b, 24);                                                                            \
	} while (0)

static __always_inline __u32 jhash_2words(__u32 a, __u32 b, __u32 initval)
{
	__u32 c = initval + JHASH_INITVAL + (2 << 2);

	a += c;
	b += c;
	JHASH_FINAL(a, b, c);
	return c;
}

/* Four words. */
static __always_inline __u32 jhash2_4(const __u32 *k, __u32 initval)
{
	__u32 a, b, c;

	a = b = c = JHASH_INITVAL + (4 << 2) + initval;
	a += k[0], b += k[1], c += k[2];
	JHASH_MIX(a, b, c);
	a += k[3];
	JHASH_FINAL(a, b, c);
	return c;
}

#endif
