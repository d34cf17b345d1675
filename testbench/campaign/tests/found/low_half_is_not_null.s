; packets 64 of seed 7
  r6 = *(u32 *)(r1 +0)
  r8 = *(u32 *)(r1 +4)
  r7 = r6
  r7 += 40
  r2 = r7
  r2 += 1
  if r2 > r8 goto missing
  goto test
missing:
  r7 = 0
test:
  r0 = 1
  if w6 == 0 goto out
  r0 = 2
  if w7 == 0 goto out
  w3 = w7
  r0 = 0
  if w3 == 0 goto out
  r2 = *(u8 *)(r7 +0)
  r0 = 3
  if r2 > 100 goto out
  r0 = 2
out:
  exit
