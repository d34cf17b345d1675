; A check that always succeeds on one of two paths that meet behind it: what it proves is known on both.
; packets 1 of seed 905955
; map trie4 type 11 key 8 value 16 entries 4
; map h type 1 key 4 value 8 entries 64
; map .bss type 2 key 4 value 32 entries 1 initial
  r0 = 2
  r6 = *(u32 *)(r1 +0)
  r8 = *(u32 *)(r1 +4)
  r2 = r6
  r2 += 64
  if r2 > r8 goto out
  r2 = *(u16 *)(r6 +59)
  *(u64 *)(r10 -32) = r2
  r1 = r6
  if r2 s>= 3 goto l12
  r1 = r10
  r1 += -32
l12:
  r3 = *(u32 *)(r1 +0)
  r1 = r6
  r0 = r2
  r0 &= 1023
  r1 += r0
  r0 = r1
  r0 += 21
  if r0 > r8 goto l14
  r9 = *(u16 *)(r1 +19)
l14:
  r0 = 1
out:
  exit
