// SPDX-License-Identifier: Apache-2.0
//! The text format of pipelines: writing it.
//!
//! ```text
//! pipeline xdp_prog kind xdp window 34 token_min 34 stages 5 {   ; before `stages`: full_length, registered_heads, interval 8
//!   map0 = array "rxcnt" key 4 value 8 entries 256 in ram        ; or: in registers, in none
//!     read pkt[184..192] issue 0 data 2                          ; port 0: index, stages of the index and of the data; `after 2`:
//!                                                                ; the first two write ports come before it in the program
//!     write pkt[184..192]                                        ; port 0: index, then its fields
//!       field 0 = n3[0..64] when n2[0] @14                       ; byte offset, data, condition, BPF instruction
//!     writes 2                                                   ; stage of the writes; or `2 4 5`: of each port
//!     guard stage 1 for 2 key n1[0..8] uses n2[0]                ; entrance, number of stages, what must differ, whom it concerns;
//!                                                                ; `exclusive n7[0]`: which tokens keep others out
//!   map1 = hash "flows" key 4 value 8 entries 64 in ram          ; steps on the directory come before reads
//!     step pkt[0..32] when n2[0] insert 0x1:1 remove n3[0] issue 1 data 11 @5   ; before `@`: ahead, if it is
//!   map2 = globals ".bss" key 4 value 16 entries 1 in registers  ; split: its ports are those of its parts
//!   map3 = globals ".bss.seen" key 4 value 8 entries 1 in registers part of map2 from 8
//!   stage 0:
//!     n0:16 = length ready 0ps                                   ; `:16` is the width; when it is ready in its stage
//!     n1:1 = ult n0[0..16], 0x22:16 @3 ready 620ps               ; constants have a width too
//!     n2:1 = and ~n1[0], n9[0] @6 ready 900ps                    ; `~`: all bits inverted
//!     n4:32 = mul {pkt[8..16], 0x0:24}, n9[0..32] until 3 ready 0ps  ; started here, there in stage 3
//!     n5:16 = packet_at n9[0..6] + 14 of {14, 18} ready 10ps
//!     n6:16 = rom map1 n9[0..2] - 2 of {0, 2} ready 10ps
//!     n7:8 = select n2[0], n5[0..8], n5[7]*8 ready 10ps          ; condition, then, other; `*8`: one bit, 8 times
//!   stage 2:
//!     n8:64 = read map0 port 0 ready 500ps
//!   action {n2[0], 0x1:2}                                        ; side by side, the first in the lowest bits
//!   redirect 0x1:2 to n8[0..32]                                  ; kind and number of the target; may be absent
//!   edit 0 when n2[0] = pkt[48..56]
//!   head n2[0] - 4 of {-4, 0}                                    ; the extent, as in the IR
//! }
//! ```
//!
//! Nodes are grouped by the stage in which their operands are used; the numbers give their order. Names and numbers are
//! separated by any white space; `;` starts a comment, which printing does not keep. What is printed is parsed back to an
//! equal [`Pipeline`], well-formed or not, as long as it has a stage at all and its bits are numbered below 2^24.

use std::collections::BTreeSet;
use std::fmt::{self, Display, Formatter};

use super::{
    Bits, EditPort, EventPort, Guard, MapUnit, Node, NodeId, NodeKind, Part, Piece, Pipeline, RedirectPort, Source,
    StepPort, Storage, WritePort,
};
use crate::ir::MapId;

impl Display for Pipeline {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("pipeline ")?;
        write_name(f, &self.name)?;
        write!(f, " kind {} window {} token_min {}", self.kind.name(), self.window_bytes, self.token_min_bytes)?;
        if self.full_length {
            f.write_str(" full_length")?;
        }
        if self.registered_heads {
            f.write_str(" registered_heads")?;
        }
        if self.interval > 1 {
            write!(f, " interval {}", self.interval)?;
        }
        writeln!(f, " stages {} {{", u64::from(self.last_stage) + 1)?;
        for (i, unit) in self.maps.iter().enumerate() {
            write!(f, "  {} = {unit}", MapId::new(i))?;
        }
        let stages: BTreeSet<u32> = self.nodes.iter().map(|node| node.start).collect();
        for stage in stages {
            writeln!(f, "  stage {stage}:")?;
            for (i, node) in self.nodes.iter().enumerate().filter(|(_, node)| node.start == stage) {
                writeln!(f, "    {}:{} = {node}", NodeId::new(i), node.width)?;
            }
        }
        writeln!(f, "  action {}", self.action)?;
        if let Some(RedirectPort { kind, number }) = &self.redirect {
            writeln!(f, "  redirect {kind} to {number}")?;
        }
        for EventPort { map, when, keep, data, length, packet } in &self.events {
            write!(f, "  event {map} when {when} keep {keep} data {data} length {length}")?;
            match packet {
                Some(packet) => writeln!(f, " packet {packet}")?,
                None => f.write_str("\n")?,
            }
        }
        if self.event_start.width() > 0 {
            writeln!(f, "  start {}", self.event_start)?;
        }
        for EditPort { offset, when, data } in &self.edits {
            writeln!(f, "  edit {offset} when {when} = {data}")?;
        }
        writeln!(f, "{}}}", self.resize)
    }
}

/// A map with its ports as in the text format, without its number; several lines.
impl Display for MapUnit {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.map, self.storage.name())?;
        if let Some(Part { of, offset }) = self.part {
            write!(f, " part of {of} from {offset}")?;
        }
        f.write_str("\n")?;
        for StepPort { key, when, insert, remove, issue, data, ahead, insn } in &self.steps {
            write!(f, "    step {key} when {when} insert {insert} remove {remove} issue {issue} data {data}")?;
            f.write_str(if *ahead { " ahead" } else { "" })?;
            write_insn(f, *insn)?;
            f.write_str("\n")?;
        }
        for read in &self.reads {
            write!(f, "    read {} issue {} data {}", read.index, read.issue, read.data)?;
            let after = if read.after > 0 { format!(" after {}", read.after) } else { String::new() };
            writeln!(f, "{after}")?;
        }
        for WritePort { index, fields, stage: _ } in &self.writes {
            writeln!(f, "    write {index}")?;
            for field in fields {
                write!(f, "      field {} = {} when {}", field.offset, field.data, field.when)?;
                write_insn(f, field.insn)?;
                f.write_str("\n")?;
            }
        }
        let mut stages: Vec<String> = self.writes.iter().map(|write| write.stage.to_string()).collect();
        if !stages.is_empty() {
            if stages.iter().all(|stage| *stage == stages[0]) {
                stages.truncate(1);
            }
            writeln!(f, "    writes {}", stages.join(" "))?;
        }
        if let Some(Guard { entrance, stages, key, uses, exclusive }) = &self.guard {
            write!(f, "    guard stage {entrance} for {stages} key {key}")?;
            for (word, bits) in [("uses", uses), ("exclusive", exclusive)] {
                if bits.width() > 0 {
                    write!(f, " {word} {bits}")?;
                }
            }
            f.write_str("\n")?;
        }
        Ok(())
    }
}

/// The right-hand side of a node as in the text format.
impl Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        if self.stage != self.start {
            write!(f, " until {}", self.stage)?;
        }
        write_insn(f, self.insn)?;
        write!(f, " ready {}ps", self.arrival_ps)
    }
}

impl Display for NodeKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            NodeKind::Input(input) => f.write_str(input.name()),
            NodeKind::Binary(op, a, b) => write!(f, "{} {a}, {b}", op.name()),
            NodeKind::Compare(op, a, b) => write!(f, "{} {a}, {b}", op.name()),
            NodeKind::Select { condition, then, other } => write!(f, "select {condition}, {then}, {other}"),
            NodeKind::PacketAt { base, add, places } => {
                f.write_str("packet_at ")?;
                write_places(f, base, *add, places)
            }
            NodeKind::FarLoad { start, base, add, stride, phase } => {
                let (sign, add) = if *add < 0 { ('-', add.unsigned_abs()) } else { ('+', add.unsigned_abs()) };
                write!(f, "far_load {start}, {base} {sign} {add} stride {stride} phase {phase}")
            }
            NodeKind::Rom { map, base, add, places } => {
                write!(f, "rom {map} ")?;
                write_places(f, base, *add, places)
            }
            NodeKind::Step { map, port } => write!(f, "step {map} port {port}"),
            NodeKind::Read { map, port } => write!(f, "read {map} port {port}"),
        }
    }
}

/// One piece as it is, several (or none) in braces.
impl Display for Bits {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let [piece] = self.pieces() {
            return write!(f, "{piece}");
        }
        f.write_str("{")?;
        write_list(f, self.pieces())?;
        f.write_str("}")
    }
}

impl Display for Piece {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let sign = |inverted| if inverted { "~" } else { "" };
        match *self {
            Piece::Const { value, width } => write!(f, "{value:#x}:{width}"),
            Piece::Slice { source, lo, width: 1, inverted } => write!(f, "{}{source}[{lo}]", sign(inverted)),
            Piece::Slice { source, lo, width, inverted } => {
                write!(f, "{}{source}[{lo}..{}]", sign(inverted), u64::from(lo) + u64::from(width))
            }
            Piece::Repeat { source, bit, width, inverted } => {
                write!(f, "{}{source}[{bit}]*{width}", sign(inverted))
            }
        }
    }
}

impl Display for Source {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Source::Packet => f.write_str("pkt"),
            Source::Node(id) => write!(f, "{id}"),
        }
    }
}

impl Storage {
    /// Every storage with its name in the text format.
    pub const ALL: [(Storage, &'static str); 4] = [
        (Storage::None, "none"),
        (Storage::Registers, "registers"),
        (Storage::LutRam, "lutram"),
        (Storage::Ram, "ram"),
    ];

    /// Name in the text format.
    pub fn name(self) -> &'static str {
        match self {
            Storage::None => "none",
            Storage::Registers => "registers",
            Storage::LutRam => "lutram",
            Storage::Ram => "ram",
        }
    }
}

/// A plain word as it is, anything else as a string.
fn write_name(f: &mut Formatter<'_>, name: &str) -> fmt::Result {
    let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if plain { f.write_str(name) } else { write!(f, "\"{}\"", name.escape_default()) }
}

fn write_insn(f: &mut Formatter<'_>, insn: Option<u32>) -> fmt::Result {
    insn.map_or(Ok(()), |insn| write!(f, " @{insn}"))
}

/// `n7[0..8] + 14 of {14, 18, 22}`
fn write_places(f: &mut Formatter<'_>, base: &Bits, add: i32, places: &[impl Display]) -> fmt::Result {
    let sign = if add < 0 { '-' } else { '+' };
    write!(f, "{base} {sign} {} of {{", add.unsigned_abs())?;
    write_list(f, places)?;
    f.write_str("}")
}

fn write_list(f: &mut Formatter<'_>, items: &[impl Display]) -> fmt::Result {
    for (i, item) in items.iter().enumerate() {
        let separator = if i == 0 { "" } else { ", " };
        write!(f, "{separator}{item}")?;
    }
    Ok(())
}
