// SPDX-License-Identifier: Apache-2.0
//! What each kind of register adds to its block's module: ports, statements, cases of what is read.

use super::super::describe::{Access, Field, Kind, Register};
use super::{Module, port, range, slice, word};
use std::fmt::Write as _;

impl Module<'_> {
    /// A word's address as a constant.
    fn place(&self, offset: u32) -> String {
        format!("{}'h{:x}", self.high - 1, offset / 4)
    }

    /// That the word at `offset` is at the address.
    fn hit(&self, address: &str, offset: u32) -> String {
        format!("{} == {}", self.bus(address), self.place(offset))
    }

    pub(super) fn register(&mut self, register: &Register) {
        let name = register.name.to_ascii_lowercase();
        match register.kind {
            Kind::Constant => self.case(register, register.offset, &format!("32'h{:08x}", register.reset)),
            Kind::Value => self.value(register, &name),
            Kind::Counter => self.counter(register, &name),
            Kind::Stored => self.stored(register, &name),
            Kind::Sticky => self.sticky(register, &name),
            Kind::Outside => self.outside(register, &name),
            Kind::Window => self.window(register, &name),
        }
    }

    /// What is read at an offset.
    fn case(&mut self, register: &Register, offset: u32, value: &str) {
        let place = self.place(offset);
        let target = self.read_target();
        let _ = writeln!(self.cases, "      {place}: {target} = {value};  // 0x{offset:02x} {}", register.name);
    }

    /// What is read of each of several.
    fn each_case(&mut self, register: &Register, value: &str) {
        let target = self.read_target();
        let width = self.high - 1;
        let _ = writeln!(
            self.loops,
            "    for (int unsigned i = 0; i < {}; i++) if ({} == {} + {width}'({} * i)) {target} = {value};  // 0x{:02x} {}",
            register.each,
            self.bus("rd_addr"),
            self.place(register.offset),
            register.stride / 4,
            register.offset,
            register.name
        );
    }

    /// `[WIDTH*EACH-1:0]`.
    fn packed(register: &Register) -> String {
        if register.width == 1 {
            format!("[{}-1:0]", register.each)
        } else {
            format!("[{}*{}-1:0]", register.width, register.each)
        }
    }

    fn value(&mut self, register: &Register, name: &str) {
        if !register.each.is_empty() {
            self.ports.push(port("input", Self::packed(register), format!("{name}_i"), ""));
            let element = format!("{name}_i[{0}*i +: {0}]", register.width);
            return self.each_case(register, &word(&[(0, register.width, element)]));
        }
        if register.fields.is_empty() {
            self.ports.push(port("input", range(register.width * register.words), format!("{name}_i"), ""));
            return match register.words {
                1 => self.case(register, register.offset, &word(&[(0, register.width, format!("{name}_i"))])),
                _ => self.words(register, &format!("{name}_i")),
            };
        }
        let mut parts = Vec::new();
        for field in register.fields {
            let signal = format!("{name}_{}_i", field.name);
            self.ports.push(port("input", range(field.width), signal.clone(), ""));
            parts.push((field.low, field.width, signal));
        }
        parts.sort();
        self.case(register, register.offset, &word(&parts));
    }

    /// What is read of several words beside each other.
    fn words(&mut self, register: &Register, signal: &str) {
        let Register { words, width, offset, .. } = *register;
        if width != 32 || !words.is_power_of_two() {
            for index in 0..words {
                let part = slice(signal, width * index, width);
                self.case(register, offset + 4 * index, &word(&[(0, width, part)]));
            }
            return;
        }
        // One multiplexer of the words is less than a case for each; their addresses may begin in the middle.
        let (top, bits) = (words.ilog2() + 1, words.ilog2());
        let places: Vec<String> = (0..words).map(|index| self.place(offset + 4 * index)).collect();
        let address = format!("{}[{top}:2]", self.bus("rd_addr"));
        let index = match offset / 4 % words {
            0 => address,
            first => format!("{address} - {bits}'d{first}"),
        };
        let target = self.read_target();
        let _ = writeln!(
            self.cases,
            "      {}: {target} = {signal}[{{{index}, 5'd0}} +: 32];  // 0x{offset:02x} {}",
            places.join(", "),
            register.name
        );
    }

    fn counter(&mut self, register: &Register, name: &str) {
        if register.each.is_empty() {
            self.ports.push(port("input", "", format!("{name}_i"), "pulse"));
            let _ = writeln!(
                self.body,
                "  logic [31:0] {name}_q;\n  always_ff @(posedge clk_i) begin\n    if (rst_i) {name}_q <= '0;\n    else if ({name}_i) {name}_q <= {name}_q + 32'd1;\n  end\n"
            );
            return self.case(register, register.offset, &format!("{name}_q"));
        }
        let each = register.each;
        self.ports.push(port("input", format!("[{each}-1:0]"), format!("{name}_i"), "pulses"));
        let _ = writeln!(
            self.body,
            "  logic [32*{each}-1:0] {name}_q;\n  for (genvar i = 0; i < {each}; i++) begin : g_{name}\n    always_ff @(posedge clk_i) begin\n      \
             if (rst_i) {name}_q[32*i +: 32] <= '0;\n      else if ({name}_i[i]) {name}_q[32*i +: 32] <= {name}_q[32*i +: 32] + 32'd1;\n    end\n  end\n"
        );
        self.each_case(register, &format!("{name}_q[32*i +: 32]"));
    }

    /// Assignments of the written bytes of `low +: width` of the word to a signal whose bit `base` is the lowest of them.
    fn bytes(&self, indent: &str, hit: &str, signal: &str, base: Option<&str>, low: u32, width: u32) -> String {
        let (mut out, end) = (String::new(), low + width);
        let mut at = low;
        while at < end {
            let next = (8 * (at / 8 + 1)).min(end);
            let (from, bits) = (at - low, next - at);
            let target = match base {
                Some(base) if bits == 1 => format!("{signal}[{base} + {from}]"),
                Some(base) => format!("{signal}[{base} + {from} +: {bits}]"),
                None if width == 1 => signal.to_owned(),
                None => slice(signal, from, bits),
            };
            let data = slice(&self.bus("wr_data"), at, bits);
            let _ = writeln!(out, "{indent}if ({hit} && {}[{}]) {target} <= {data};", self.bus("wr_strb"), at / 8);
            at = next;
        }
        out
    }

    fn stored(&mut self, register: &Register, name: &str) {
        let hit = format!("{} && {}", self.bus("wr"), self.hit("wr_addr", register.offset));
        if !register.each.is_empty() {
            let (each, width, signal) = (register.each, register.width, format!("{name}_o"));
            self.ports.push(port("output", Self::packed(register), signal.clone(), ""));
            let hit = format!("{hit} + {}'({} * i)", self.high - 1, register.stride / 4);
            let base = format!("{width}*i");
            let writes = self.bytes("      ", &hit, &signal, Some(&base), 0, width);
            let _ = writeln!(
                self.body,
                "  for (genvar i = 0; i < {each}; i++) begin : g_{name}\n    always_ff @(posedge clk_i) begin\n{writes}      \
                 if (rst_i) {signal}[{width}*i +: {width}] <= {width}'({} + {} * i);\n    end\n  end\n",
                register.reset, register.reset_step
            );
            return self.each_case(register, &word(&[(0, width, format!("{signal}[{width}*i +: {width}]"))]));
        }
        let whole = [Field::new("", 0, register.width, "")];
        let fields = if register.fields.is_empty() { &whole } else { register.fields };
        let (mut writes, mut resets, mut parts) = (String::new(), String::new(), Vec::new());
        for field in fields {
            let signal = if field.name.is_empty() { format!("{name}_o") } else { format!("{name}_{}_o", field.name) };
            let comment = if field.pulse { "pulse" } else { "" };
            self.ports.push(port("output", range(field.width), signal.clone(), comment));
            if field.pulse {
                let _ = writeln!(writes, "    {signal} <= 1'b0;");
            } else {
                parts.push((field.low, field.width, signal.clone()));
            }
            writes.push_str(&self.bytes("    ", &hit, &signal, None, field.low, field.width));
            let reset = (register.reset & field.mask()) >> field.low;
            let _ = writeln!(resets, "      {signal} <= {}'h{reset:x};", field.width);
        }
        parts.sort();
        let _ = writeln!(
            self.body,
            "  always_ff @(posedge clk_i) begin\n{writes}    if (rst_i) begin\n{resets}    end\n  end\n"
        );
        self.case(register, register.offset, &word(&parts));
    }

    fn sticky(&mut self, register: &Register, name: &str) {
        let (width, signal) = (register.width, format!("{name}_o"));
        let hit = format!("{} && {}", self.bus("wr"), self.hit("wr_addr", register.offset));
        self.ports.push(port("input", range(width), format!("{name}_set_i"), "pulses"));
        self.ports.push(port("output", range(width), signal.clone(), ""));
        let strobes: Vec<String> = (0..width.div_ceil(8))
            .rev()
            .map(|byte| format!("{{{}{{{}[{byte}]}}}}", (width - 8 * byte).min(8), self.bus("wr_strb")))
            .collect();
        let data = slice(&self.bus("wr_data"), 0, width);
        let _ = writeln!(
            self.body,
            "  always_ff @(posedge clk_i) begin\n    if (rst_i) {signal} <= '0;\n    else if ({hit}) {signal} <= ({signal} & ~({data} & {{{}}})) | {name}_set_i;\n    \
             else {signal} <= {signal} | {name}_set_i;\n  end\n",
            strobes.join(", ")
        );
        self.case(register, register.offset, &word(&[(0, width, signal)]));
    }

    fn outside(&mut self, register: &Register, name: &str) {
        let words = register.words;
        if register.access != Access::ReadOnly {
            self.ports.push(port("output", range(words), format!("{name}_we_o"), "the word is written"));
            let hits: Vec<String> = (0..words)
                .rev()
                .map(|word| format!("{} && {}", self.bus("wr"), self.hit("wr_addr", register.offset + 4 * word)))
                .collect();
            let value = if words == 1 { hits.join("") } else { format!("{{{}}}", hits.join(", ")) };
            let _ = writeln!(self.body, "  assign {name}_we_o = {value};");
            for field in register.fields {
                let signal = format!("{name}_{}_o", field.name);
                let _ =
                    writeln!(self.body, "  assign {signal} = {};", slice(&self.bus("wr_data"), field.low, field.width));
                self.ports.push(port("output", range(field.width), signal, "what is written"));
            }
        }
        if register.access == Access::WriteOnly {
            return;
        }
        if register.read_signal {
            self.ports.push(port("output", range(words), format!("{name}_rd_o"), "the word is read"));
            let hits: Vec<String> =
                (0..words).rev().map(|word| self.read_hit(&self.hit("rd_addr", register.offset + 4 * word))).collect();
            let value = if words == 1 { hits.join("") } else { format!("{{{}}}", hits.join(", ")) };
            let _ = writeln!(self.body, "  assign {name}_rd_o = {value};");
        }
        self.ports.push(port("input", range(register.width * words), format!("{name}_i"), ""));
        match words {
            1 => self.case(register, register.offset, &word(&[(0, register.width, format!("{name}_i"))])),
            _ => self.words(register, &format!("{name}_i")),
        }
    }

    fn read_hit(&self, hit: &str) -> String {
        if self.is_around() { hit.to_owned() } else { format!("rd && {hit}") }
    }

    fn window(&mut self, register: &Register, name: &str) {
        let index_bits = register.words.ilog2();
        let (top, low) = (self.high, index_bits + 2);
        let page = format!("{}'h{:x}", top + 1 - low, register.offset >> low);
        let hit = |address: &str| format!("{address}[{top}:{low}] == {page}");
        if register.access != Access::ReadOnly {
            self.ports.push(port("output", "", format!("{name}_we_o"), "a word of it is written"));
            let _ = writeln!(self.body, "  assign {name}_we_o = {} && {};", self.bus("wr"), hit(&self.bus("wr_addr")));
        }
        if register.access == Access::WriteOnly {
            return;
        }
        if register.read_signal {
            self.ports.push(port("output", "", format!("{name}_rd_o"), "a word of it is read"));
            let _ = writeln!(self.body, "  assign {name}_rd_o = {};", self.read_hit(&hit(&self.bus("rd_addr"))));
        }
        self.ports.push(port("input", "[31:0]", format!("{name}_i"), "the word that is read"));
        let width = self.high - 1;
        let fixed = (width - index_bits) as usize;
        let digits: String = format!("{:0fixed$b}{}", register.offset >> low, "?".repeat(index_bits as usize));
        let target = self.read_target();
        let _ = writeln!(
            self.cases,
            "      {width}'b{digits}: {target} = {name}_i;  // 0x{:02x} {}",
            register.offset, register.name
        );
    }
}
