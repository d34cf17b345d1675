// SPDX-License-Identifier: Apache-2.0
//! Decoding, encoding, text and assembler agree with each other and with known encodings.

use bpf2hdl::diag::Code;
use bpf2hdl::isa::{self, Insn, asm};

/// Encodings with our text: equal to what llvm-mc 19 (`-triple bpfel -mcpu=v4`) writes, except for the calls other
/// than of helpers and the indexed packet load with an offset, which its syntax does not have (RFC 9669).
const KNOWN: [(&str, u64); 44] = [
    ("r1 += r2", 0x0f21_0000_0000_0000),
    ("w3 -= 5", 0x1403_0000_0500_0000),
    ("r1 *= -1", 0x2701_0000_ffff_ffff),
    ("r1 /= r2", 0x3f21_0000_0000_0000),
    ("r1 s/= r2", 0x3f21_0100_0000_0000),
    ("w1 s%= 3", 0x9401_0100_0300_0000),
    ("w1 %= w2", 0x9c21_0000_0000_0000),
    ("r4 |= 7", 0x4704_0000_0700_0000),
    ("r4 &= r5", 0x5f54_0000_0000_0000),
    ("r4 <<= 3", 0x6704_0000_0300_0000),
    ("w4 >>= w5", 0x7c54_0000_0000_0000),
    ("r4 s>>= 63", 0xc704_0000_3f00_0000),
    ("r4 ^= r5", 0xaf54_0000_0000_0000),
    ("r0 = 2", 0xb700_0000_0200_0000),
    ("w0 = w9", 0xbc90_0000_0000_0000),
    ("r2 = -r2", 0x8702_0000_0000_0000),
    ("r1 = (s8)r2", 0xbf21_0800_0000_0000),
    ("w1 = (s16)w2", 0xbc21_1000_0000_0000),
    ("r1 = (s32)r2", 0xbf21_2000_0000_0000),
    ("r1 = be16 r1", 0xdc01_0000_1000_0000),
    ("r1 = le32 r1", 0xd401_0000_2000_0000),
    ("r1 = bswap64 r1", 0xd701_0000_4000_0000),
    ("goto pc+3", 0x0500_0300_0000_0000),
    ("gotol pc-2", 0x0600_0000_feff_ffff),
    ("if r1 == 0x5 goto pc+1", 0x1501_0100_0500_0000),
    ("if w2 != 0x800 goto pc+3", 0x5602_0300_0008_0000),
    ("if r1 s> r2 goto pc-4", 0x6d21_fcff_0000_0000),
    ("if w1 & w2 goto pc+0", 0x4e21_0000_0000_0000),
    ("r1 = *(u32 *)(r1 +4)", 0x6111_0400_0000_0000),
    ("r0 = *(s8 *)(r10 -1)", 0x91a0_ffff_0000_0000),
    ("*(u64 *)(r10 -8) = r1", 0x7b1a_f8ff_0000_0000),
    ("*(u8 *)(r1 +0) = 255", 0x7201_0000_ff00_0000),
    ("lock *(u64 *)(r0 +8) += r1", 0xdb10_0800_0000_0000),
    ("r1 = atomic_fetch_add((u32 *)(r0 +0), r1)", 0xc310_0000_0100_0000),
    ("r3 = atomic64_xchg((u64 *)(r0 +0), r3)", 0xdb30_0000_e100_0000),
    ("r0 = atomic64_cmpxchg((u64 *)(r1 +0), r0, r2)", 0xdb21_0000_f100_0000),
    ("r0 = *(u16 *)skb[12]", 0x2800_0000_0c00_0000),
    ("r0 = *(u8 *)skb[r7 +14]", 0x5070_0000_0e00_0000),
    ("call bpf_map_lookup_elem#1", 0x8500_0000_0100_0000),
    ("call pc+7", 0x8510_0000_0700_0000),
    ("call kernel-function#77", 0x8520_0000_4d00_0000),
    ("callx r3", 0x8d03_0000_0000_0000),
    ("call unknown#9999", 0x8500_0000_0f27_0000),
    ("exit", 0x9500_0000_0000_0000),
];

#[test]
fn known_encodings() {
    for (text, encoding) in KNOWN {
        let bytes = encoding.to_be_bytes();
        let insn = isa::decode_one(bytes, None).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(insn.to_string(), text);
        assert_eq!(isa::encode_one(&insn).0, bytes, "{text}");
        assert_eq!(asm::assemble(text).map_err(|errors| errors.to_text()).ok(), jump_free(insn), "{text}");
    }
}

/// The assembler checks jump targets; a lone jump is refused, everything else comes back.
fn jump_free(insn: Insn) -> Option<Vec<Insn>> {
    let leaves = insn.jump_delta().is_some_and(|delta| delta != -1) || matches!(insn, Insn::Call(isa::Call::Local(_)));
    (!leaves).then_some(vec![insn])
}

#[test]
fn sixteen_byte_loads() {
    for text in [
        "r1 = 0x1122334455667788",
        "r2 = map[fd:3]",
        "r2 = map[fd:3][0]+16",
        "r3 = var[id:5]+6",
        "r4 = subprog[-1]",
        "r5 = map[idx:2]",
        "r6 = map[idx:2][0]+8",
    ] {
        let insns = asm::assemble(text).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!((insns.len(), insns[0].to_string().as_str(), insns[1]), (2, text, Insn::Imm64High));
        assert_eq!(isa::decode(&isa::encode(&insns)).map_err(|errors| errors.to_text()), Ok(insns));
    }
}

/// Every slot that decodes encodes to the same bytes, and its text assembles to the same instruction.
#[test]
fn random_slots_round_trip() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state ^ state >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
    };
    let mut decoded = 0;
    for _ in 0..400_000 {
        let mut bytes = random().to_le_bytes();
        let shape = random();
        // Zero fields often enough that strict decoding lets them pass.
        bytes[1] &= if shape & 1 != 0 { 0x0f } else { 0x77 };
        (shape & 2 != 0).then(|| bytes[2..4].fill(0));
        (shape & 4 != 0).then(|| bytes[4..8].fill(0));
        (shape & 8 != 0).then(|| bytes[5..8].fill(0));
        let next = [0, 0, 0, 0, 1, 2, 3, 4];
        let Ok(insn) = isa::decode_one(bytes, Some(next)) else { continue };
        decoded += 1;
        let (first, second) = isa::encode_one(&insn);
        assert_eq!(first, bytes, "{insn}");
        assert!(second.is_none_or(|second| second == next));
        if insn.jump_delta().is_none() && !matches!(insn, Insn::Call(_)) && !insn.to_string().contains("subprog") {
            let again = asm::assemble(&insn.to_string()).unwrap_or_else(|errors| panic!("{insn}: {errors}"));
            assert_eq!(again[0], insn);
        }
    }
    assert!(decoded > 20_000, "only {decoded} slots were instructions");
}

#[test]
fn labels_comments_and_listings() {
    let text = "; a comment\n   0: (b7) r0 = 1 // one\n  if r1 > 64 goto large\n exit\nlarge: w0 = 0x2\n call helper\n\
        goto out\nhelper:\n r0 = bpf\nout: exit";
    let errors = asm::assemble(text).expect_err("bpf is no operand");
    assert_eq!(errors.iter().next().and_then(|error| error.location.as_ref()?.line), Some(9));
    let insns = asm::assemble(&text.replace("bpf", "r1")).unwrap_or_else(|errors| panic!("{errors}"));
    let listing = isa::disassemble(&insns);
    assert!(listing.contains("1: if r1 > 0x40 goto pc+1\n") && listing.contains("4: call pc+1\n"), "{listing}");
    assert_eq!(asm::assemble(&listing).map_err(|errors| errors.to_text()), Ok(insns));
}

#[test]
fn refused_encodings() {
    let cases: [(&[u64], Code); 12] = [
        (&[0xff00_0000_0000_0000], Code::BadOpcode),
        (&[0x0f21_0000_0100_0000], Code::ReservedField),
        (&[0x0f21_0700_0000_0000], Code::ReservedField),
        (&[0xb70b_0000_0000_0000], Code::BadRegister),
        (&[0x0500_0100_0000_0000], Code::BadJump),
        (&[0x0500_feff_0000_0000], Code::BadJump),
        (&[0x1800_0000_0000_0000], Code::BadLoadImm64),
        (&[0x1800_0000_0000_0000, 0x9500_0000_0000_0000], Code::BadLoadImm64),
        (&[0x0500_0100_0000_0000, 0x1800_0000_0000_0000, 0, 0x9500_0000_0000_0000], Code::BadJump),
        (&[0xdb10_0000_0200_0000], Code::BadOpcode),
        (&[0xe500_0000_0000_0000], Code::UnsupportedInstruction),
        (&[0x8d00_0000_0300_0000], Code::IndirectCall),
    ];
    for (words, code) in cases {
        let slots: Vec<[u8; 8]> = words.iter().map(|word| word.to_be_bytes()).collect();
        let errors = isa::decode(&slots).err().unwrap_or_else(|| panic!("{words:x?} is refused"));
        assert!(errors.contains(code), "{code}: {errors}");
        assert!(errors.iter().all(|error| error.location.as_ref().is_some_and(|at| at.insn.is_some())));
    }
}

#[test]
fn names() {
    assert_eq!(isa::helper_name(1), Some("bpf_map_lookup_elem"));
    assert_eq!(isa::helper_name(211), Some("bpf_cgrp_storage_delete"));
    assert_eq!((isa::helper_name(0), isa::helper_name(212)), (None, None));
    assert_eq!(isa::helper_id("bpf_redirect_map"), Some(51));
    assert_eq!(isa::helper_id("bpf_xdp_adjust_head"), Some(44));
    assert_eq!((isa::map_type_name(6), isa::map_type_number("lpm_trie")), (Some("percpu_array"), Some(11)));
    assert_eq!((isa::map_type_name(33), isa::map_type_name(34)), (Some("arena"), None));
}
