; A narrowed sum wraps; its constant must not move into the load's offset.
; packets 32 of seed 11311
  r0 = 2
  r6 = *(u32 *)(r1 +0)
  r8 = *(u32 *)(r1 +4)
  r2 = r6
  r2 += 64
  if r2 > r8 goto out
  r2 = *(u32 *)(r6 +26)
  r9 = *(u16 *)(r6 +9)
  w9 -= 6
  r0 = r9
  r0 &= 7
  r1 = r6
  r1 += r0
  r0 = r1
  r0 += 29
  if r0 > r8 goto l3
  r2 = *(u16 *)(r1 +27)
l3:
  r0 = r2
  r0 &= 3
out:
  exit
