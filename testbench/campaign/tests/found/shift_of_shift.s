; Two shifts by numbers of the packet: Verilator made one of them, and forgot the carry of their sum.
; packets 1 of seed 1000035
; map r type 10 key 4 value 16 entries 64
  r0 = 2
  r6 = *(u32 *)(r1 +0)
  r8 = *(u32 *)(r1 +4)
  r2 = r6
  r2 += 64
  if r2 > r8 goto out
  r2 = *(u64 *)(r6 +18)
  r4 = *(u16 *)(r6 +43)
  w2 <<= w2
  w2 <<= w4
  *(u32 *)(r6 +59) = r2
out:
  exit
