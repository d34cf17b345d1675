// SPDX-License-Identifier: Apache-2.0
// Prints: which format it is, the record that the host makes the line of, and how many characters the line has (bpf2hdl_interface::print).
//
// All prints that the program can make come with it (../prints.rs), each told by its text and by the texts that its `%s` print. What is none of them
// is what bpf_bprintf_prepare (kernel/bpf/helpers.c) refuses; calls that the front end leaves out do not come here.
#ifndef PRINTS_H
#define PRINTS_H
#include "events.h"

#define MOST_ARGUMENTS 12
#define NUMBER_BYTES 2

// The table begins with the address of the channel. A print is its bytes here (0: no more), the number of its format, how many arguments it has,
// characters of the line that are no argument's, bytes of its text with the terminator, bytes of its record; then two words for each argument, the text, and
// the texts of `%s`, each padded to 8 bytes.
#define TABLE_BYTES 8
#define PRINT_BYTES 24

// Kinds of arguments.
#define TEXT 0u      // no part of the record
#define FIXED 1u     // always as many characters as the field has
#define UNSIGNED 2u
#define SIGNED 3u
#define HEX 4u
#define DOTTED 5u    // an IPv4 address
#define POINTER 1u   // flags: the record has what the argument points to
#define PLUS 2u      // a sign, or a blank, before numbers that are not negative

// The arguments' words: kind, bytes in the record and flags; least number of characters, or bytes of the text with the terminator.
#define KIND(word) ((word) & 0xff)
#define BYTES(word) ((word) >> 8 & 0xff)
#define FLAGS(word) ((word) >> 16 & 0xff)
#define LEAST(word) ((word) >> 32)

// Whether these bytes are those of the table.
ROUTINE u64 same(u64 known, u64 at, u64 size) {
  for (;; known += 8, at += 8, size -= 8) {
    if (AT(u64, known) != word(at, size))
      return 0;
    if (size <= 8)
      return 1;
  }
}

// Whether the texts that `%s` print are these.
ROUTINE u64 has_texts(u64 argument, u64 count, u64 texts, u64 values) {
  for (; count; count--, argument += 8, values += 8) {
    u64 words = AT(u64, argument), size = LEAST(words), pointer = AT(u64, values);
    if (KIND(words) != TEXT)
      continue;
    if (pointer ? !same(texts, place(pointer), size) : size != 1)
      return 0;
    texts += padded(size);
  }
  return 1;
}

// The print with this format and these arguments; 0 if the kernel refuses it.
ROUTINE u64 find_print(u64 format, u64 size, u64 values, u64 count) {
  for (u64 at = STATE->prints + TABLE_BYTES;; at += AT(u32, at)) {
    if (!AT(u32, at))
      return 0;
    u64 arguments = AT(u32, at + 8), length = AT(u32, at + 16), text = at + PRINT_BYTES + 8 * arguments;
    if (arguments <= count && length <= size && same(text, format, length) &&
        has_texts(at + PRINT_BYTES, arguments, text + padded(length), values))
      return at;
  }
}

ROUTINE u64 decimal(u64 value) {
  u64 digits = 1;
  for (u64 power = 10; value >= power && digits < 20; power *= 10)
    digits++;
  return digits;
}

// Characters of an argument whose bytes are here, its field aside.
INLINE u64 characters(u64 words, u64 at) {
  u64 kind = KIND(words), sign = 0, digits = 1;
  if (kind == DOTTED) {
    for (u64 i = 0; i < 4; i++)
      digits += decimal(AT(u8, at + i));
    return digits + 2;
  }
  if (kind == FIXED)
    return 0;
  u64 value = BYTES(words) == 4 ? AT(u32, at) : AT(u64, at);
  if (kind == SIGNED) {
    if (BYTES(words) == 4)
      value = (u64)(s64)(int)value;
    sign = FLAGS(words) & PLUS ? 1 : value >> 63;
    if (value >> 63)
      value = -value;
  }
  if (kind != HEX)
    return decimal(value) + sign;
  while (value >>= 4)
    digits++;
  return digits;
}

// The record's bytes; the characters of all arguments.
ROUTINE u64 write_arguments(u64 argument, u64 count, u64 to, u64 values) {
  u64 all = 0;
  for (; count; count--, argument += 8, values += 8) {
    u64 words = AT(u64, argument), bytes = BYTES(words), from = values;
    if (KIND(words) == TEXT)
      continue;
    if (FLAGS(words) & POINTER)
      from = AT(u64, values);
    // What can not be read is zero.
    if (from)
      copy(to, place(from), bytes);
    else
      clear(to, bytes);
    u64 printed = characters(words, to), least = LEAST(words);
    all += printed < least ? least : printed;
    to += bytes;
  }
  return all;
}

// Where there is no room for the record, only the host misses it.
ROUTINE u64 print(u64 format, u64 size, u64 values, u64 count) {
  u64 found = find_print(place(format), size, values, count);
  if (!found)
    return ERROR(EINVAL);
  u64 at = record(MAP(AT(u32, STATE->prints)), AT(u32, found + 20), 0), to = at ? at : SCRATCH;
  AT(u16, to) = AT(u32, found + 4);
  u64 printed = write_arguments(found + PRINT_BYTES, AT(u32, found + 8), to + NUMBER_BYTES, values);
  if (at)
    AT(u32, at - HEADER - FRONT) = SUBMITTED;
  return AT(u32, found + 12) + printed;
}

HELPER trace_printk(u64 format, u64 size, u64 first, u64 second, u64 third) {
  volatile u64 values[3];
  values[0] = first;
  values[1] = second;
  values[2] = third;
  return print(format, size, (u64)values, 3);
}

HELPER trace_vprintk(u64 format, u64 size, u64 values, u64 bytes) {
  bytes = (u32)bytes;
  if ((bytes & 7) || bytes > 8 * MOST_ARGUMENTS || (bytes && !values))
    return ERROR(EINVAL);
  return print(format, size, place(values), bytes / 8);
}

#endif
