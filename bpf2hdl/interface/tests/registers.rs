// SPDX-License-Identifier: Apache-2.0
//! What is made from the description of the registers is what stands in the repository: SystemVerilog, C header, tables of the documentation.
//! `BPF2HDL_UPDATE_GOLDENS=1` writes it anew.

use bpf2hdl_interface::registers::{self as reg, Block, Field, Register, c_header, table, verilog};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Compares a file's text with what it must be, or writes it.
fn demand(path: &str, want: &str) {
    let file = repository().join(path);
    if env::var_os("BPF2HDL_UPDATE_GOLDENS").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, want).unwrap();
        return;
    }
    let text = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        text == want,
        "{path} is not what the description gives; see it with BPF2HDL_UPDATE_GOLDENS=1 and git diff"
    );
}

#[test]
fn modules_are_made_from_the_description() {
    for block in reg::BLOCKS {
        demand(&format!("hdl/rtl/bpf_{}_regs.sv", block.name), &verilog::module(block));
    }
}

#[test]
fn header_is_made_from_the_description() {
    demand("host/include/bpf2hdl_registers.h", &c_header::text());
}

/// The hardware that reads a core's STATUS reads that register.
#[test]
fn hardware_polls_the_status_register() {
    let text = fs::read_to_string(repository().join("hdl/rtl/bpf_slot_window.sv")).unwrap();
    let place = format!("STATUS = 16'h{:04x}", reg::STATUS);
    assert!(text.contains(&place), "bpf_slot_window.sv does not say `{place}`");
    assert!(text.contains(&format!("idle_o           = m_axil_rdata_i[{}]", reg::STATUS_IDLE.trailing_zeros())));
    assert!(text.contains(&format!("clearing_o       = m_axil_rdata_i[{}]", reg::STATUS_CLEARING.trailing_zeros())));
}

/// A page with the table between two marks exchanged.
fn with_table(page: &str, name: &str, table: &str) -> String {
    let (begin, end) = (format!("<!-- registers: {name} -->\n"), "<!-- end of registers -->");
    let from = page.find(&begin).unwrap_or_else(|| panic!("there is no mark `{}`", begin.trim())) + begin.len();
    let to = from + page[from..].find(end).expect("the mark has an end");
    format!("{}\n{table}\n{}", &page[..from], &page[to..])
}

#[test]
fn tables_are_made_from_the_description() {
    for (path, blocks) in [
        ("docs/src/registers.md", &[&reg::CORE][..]),
        ("docs/src/engine.md", &[&reg::ENGINE]),
        ("docs/src/shells.md", &[&reg::SHELL, &reg::GATE]),
        ("docs/src/serial.md", &[&reg::BOARD]),
        ("docs/src/tap.md", &[&reg::TAP]),
        ("docs/src/dma.md", &[&reg::DMA, &reg::DMA_QUEUE]),
        ("docs/src/nic.md", &[&reg::NIC, &reg::SLOTS]),
    ] {
        let mut page = fs::read_to_string(repository().join(path)).unwrap();
        for block in blocks {
            page = with_table(&page, block.name, &table::block(block));
            if block.name == "core" {
                page = with_table(&page, "counters", &table::counters());
            }
        }
        demand(path, &page);
    }
}

/// The names that clang may have; `BPF2HDL_CLANG` counts alone.
fn clang() -> String {
    let chosen = env::var("BPF2HDL_CLANG").into_iter().filter(|name| !name.is_empty());
    let names = (14..30).rev().map(|version| format!("clang-{version}")).chain(["clang".to_owned()]);
    let mut all = chosen.chain(names);
    all.find(|name| Command::new(name).arg("--version").output().is_ok()).expect("there is a clang")
}

/// The header is C that a strict compiler takes, and its numbers are those that Rust has.
#[test]
fn header_says_what_rust_says() {
    let include = fs::canonicalize(repository().join("host/include")).unwrap();
    let mut source = String::from("#include \"bpf2hdl_registers.h\"\n#include \"bpf2hdl_registers.h\"\n");
    let mut demand = |name: &str, value: u32| {
        source.push_str(&format!("_Static_assert({name} == {value}u, \"{name}\");\n"));
    };
    let macros = c_header::macros();
    let names: BTreeSet<&str> = macros.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names.len(), macros.len(), "a name stands twice");
    for (name, value, ..) in &macros {
        demand(name, *value);
    }
    // The constants that the host library uses, and the numbers that drivers of version 1 were written with.
    for (name, rust, known) in [
        ("CORE_MAGIC_VALUE", reg::MAGIC_VALUE, 0x4232_4831),
        ("CORE_BUILD_ID", reg::BUILD_ID.into(), 0x10),
        ("CORE_CONTROL", reg::CONTROL.into(), 0x30),
        ("CORE_CONTROL_LOSSLESS_MASK", reg::CONTROL_LOSSLESS, 1),
        ("CORE_CONTROL_COUNTER_CLEAR_MASK", reg::CONTROL_COUNTER_CLEAR, 2),
        ("CORE_STATUS_CLEARING_MASK", reg::STATUS_CLEARING, 2),
        ("CORE_TIME_RATE", reg::TIME_RATE.into(), 0x48),
        ("CORE_RANDOM", reg::RANDOM.into(), 0x50),
        ("CORE_COUNTER_CYCLES", reg::Counter::Cycles.address().into(), 0x178),
        ("CORE_MAP_COMMAND_DELETE", reg::COMMAND_DELETE, 6),
        ("CORE_MAP_COMMAND_FLAGS_SHIFT", reg::COMMAND_FLAGS_SHIFT, 16),
        ("CORE_MAP_COMMAND_INCREMENT_MASK", reg::COMMAND_INCREMENT, 0x100),
        ("CORE_MAP_STATUS_ERRNO_SHIFT", reg::MAP_STATUS_ERRNO_SHIFT, 8),
        ("CORE_MAP_SEED", reg::MAP_SEED.into(), 0x420),
        ("CORE_KEY", reg::KEY.into(), 0x800),
        ("CORE_DATA", reg::DATA.into(), 0x1000),
        ("SHELL_IFINDEX", reg::SHELL.address("IFINDEX"), 0x1_0020),
        ("SHELL_PORT_LOST", reg::SHELL.address("PORT_LOST"), 0x1_0060),
        ("GATE_FULL", reg::GATE.address("FULL"), 0x1_F004),
        ("DMA_IRQ_PENDING", reg::DMA.address("IRQ_PENDING"), 0x10),
        ("DMA_COUNTERS", reg::DMA.address("COUNTERS"), 0x40),
        ("DMA_TX_QUEUES", reg::DMA.address("TX_QUEUES"), 0x2000),
        ("DMA_QUEUE_PRODUCER", reg::DMA_QUEUE.address("PRODUCER"), 0x18),
        ("DMA_QUEUE_CONTROL_SIZE_SHIFT", reg::DMA_QUEUE.shift("CONTROL", "size"), 8),
        ("SLOTS_SELECT", reg::SLOTS.address("SELECT"), 0x1_2008),
        ("NIC_CONTROL", reg::NIC.address("CONTROL"), 0x1_000C),
        ("BOARD_LINK", reg::BOARD.address("LINK"), 0x8024),
        ("BOARD_LINK_STRIDE", reg::BOARD.register("LINK").stride, 0x20),
    ] {
        demand(&format!("BPF2HDL_{name}"), rust);
        assert_eq!(rust, known, "{name} has moved: drivers of this version know the old place");
    }
    let mut compiler = Command::new(clang());
    compiler.args(["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-x", "c", "-", "-I"]);
    compiler.arg(include).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut running = compiler.spawn().unwrap();
    running.stdin.take().unwrap().write_all(source.as_bytes()).unwrap();
    let done = running.wait_with_output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// A block with these registers.
fn block(registers: &'static [Register]) -> Block {
    Block { name: "test", registers, ..reg::SHELL }
}

#[test]
fn wrong_descriptions_are_refused() {
    const A: Register = Register::stored("A", 0, "");
    const fn both(offset: u32, name: &'static str) -> [Register; 2] {
        [A.each("N", 4, 16), Register::stored(name, offset, "")]
    }
    const OVERLAP: [Register; 2] = both(16, "B");
    const BETWEEN: [Register; 2] = both(20, "B");
    const TWICE: [Register; 2] = both(4, "A");
    const BEHIND: [Register; 1] = [A.each("N", 4, 0x800)];
    const ORDER: [Register; 2] = [Register::stored("B", 8, ""), A];
    const WIDE: [Register; 1] = [A.bits(4).fields(&[Field::new("x", 2, 3, "")])];
    const SAME_BITS: [Register; 1] = [A.fields(&[Field::new("x", 0, 3, ""), Field::bit("y", 2, "")])];
    const SAME_FIELD: [Register; 1] = [A.fields(&[Field::bit("x", 0, ""), Field::bit("x", 2, "")])];
    const RESET: [Register; 1] = [A.bits(3).each("N", 8, 4).reset(1).reset_step(1)];
    const ACCESS: [Register; 1] = [Register { access: reg::Access::WriteOnly, ..A }];
    const WINDOW: [Register; 1] = [Register::window("W", 0x20, 64, reg::Access::ReadWrite, "")];
    const NAME: [Register; 1] = [Register::stored("a", 0, "")];
    let cases: [(&'static [Register], Option<&str>); 12] = [
        (&OVERLAP, Some("two registers overlap")),
        (&BETWEEN, None),
        (&TWICE, Some("two registers have one name")),
        (&BEHIND, Some("a register is outside of its block")),
        (&ORDER, Some("the registers are not in the order of their addresses")),
        (&WIDE, Some("a field is outside of its register")),
        (&SAME_BITS, Some("two fields of a register overlap")),
        (&SAME_FIELD, Some("two fields of a register have one name")),
        (&RESET, Some("a value after reset has more bits than its register")),
        (&ACCESS, Some("the access is none that this kind of register can have")),
        (&WINDOW, Some("a window's bytes are no power of two, or its offset is no multiple of them")),
        (&NAME, Some("a register's name is not upper case letters, digits and _")),
    ];
    for (registers, want) in cases {
        assert_eq!(reg::problem(&block(registers)), want);
    }
    assert_eq!(reg::bus_problem(&[&reg::SHELL, &block(&BETWEEN)]), Some("two blocks overlap"));
    assert_eq!(reg::bus_problem(&[&reg::SHELL, &reg::SHELL]), Some("two blocks have one name"));
    let moved = Block { base: 0x1_0800, ..reg::SHELL };
    assert_eq!(
        reg::problem(&moved),
        Some("the block's base is no multiple of its bytes, or the bus does not reach it")
    );
}
