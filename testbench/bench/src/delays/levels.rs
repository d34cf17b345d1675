// SPDX-License-Identifier: Apache-2.0
//! The longest path of a mapped netlist, with constants instead of a placement.
//!
//! The netlist is a graph from outputs of registers and memories to their inputs; its longest path is found once by
//! depth-first search. Tables, carries and wide multiplexers cost what the constants say; every table is charged one wire.

use bpf2hdl_testbench::synth::Yosys;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

/// For reports.
pub(super) const PROVENANCE: &str =
    "estimate: levels of the netlist, data-sheet delays, typical wires; nothing was placed";
const LIMIT: Duration = Duration::from_secs(600);

/// Delays of a family, picoseconds.
struct Constants {
    /// Clock to output, set-up and clock uncertainty.
    register: f64,
    /// A table.
    table: f64,
    /// The wire to a table.
    wire: f64,
    /// Four bits of carry.
    carry4: f64,
    /// From an input of a carry cell into the chain, and from the chain to a sum.
    carry_ends: f64,
    /// A multiplexer between tables.
    wide: f64,
    /// Clock to output of a block RAM with its output register.
    memory: f64,
}

/// UltraScale+, speed grade -2. Cells as DS923's switching tables give them; wires as usual in a design that is neither
/// empty nor full (300 ps).
const XCUP: Constants = Constants {
    register: 79.0 + 25.0 + 60.0,
    table: 120.0,
    wire: 300.0,
    carry4: 14.0,
    carry_ends: 240.0,
    wide: 60.0,
    memory: 360.0,
};
/// 7 series, speed grade -2. Cells as DS181's and DS182's switching tables give them; wires of 550 ps.
const XC7: Constants = Constants {
    register: 379.0 + 40.0 + 80.0,
    table: 105.0,
    wire: 550.0,
    carry4: 98.0,
    carry_ends: 520.0,
    wide: 190.0,
    memory: 620.0,
};

/// The longest path.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub(super) struct Path {
    pub(super) tables: u32,
    /// Cells of four bits of carry.
    pub(super) carries: u32,
    /// Multiplexers between tables.
    pub(super) wide: u32,
    pub(super) estimate_ps: f64,
}

/// Maps the module `top` and finds its longest path.
///
/// # Errors
/// A sentence on what failed.
pub(super) fn longest(yosys: &Yosys, target: &str, verilog: &str, folder: &std::path::Path) -> Result<Path, String> {
    let constants = match target {
        "xcup" => XCUP,
        "xc7" => XC7,
        _ => return Err(format!("there are no constants for target {target}")),
    };
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    fs::write(folder.join("top.v"), verilog).map_err(|error| error.to_string())?;
    let script = [
        "read_verilog -sv top.v".to_owned(),
        format!("synth_xilinx -family {target} -noiopad -noclkbuf -flatten -top top"),
        "write_json top.json".to_owned(),
    ];
    yosys.run(folder, &script, LIMIT, &folder.join("yosys.log")).map_err(|error| error.to_string())?;
    let text = fs::read_to_string(folder.join("top.json")).map_err(|error| error.to_string())?;
    let json: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    Netlist::read(&json)?.longest(&constants)
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Table,
    Carry,
    Wide,
    /// Registers and memories: paths end and begin here.
    Stop {
        memory: bool,
    },
}

struct Cell {
    kind: Kind,
    inputs: Vec<u64>,
}

#[derive(Default)]
struct Netlist {
    cells: Vec<Cell>,
    /// The cell that drives a net.
    drivers: BTreeMap<u64, usize>,
}

impl Netlist {
    fn read(json: &Value) -> Result<Self, String> {
        let cells = json.pointer("/modules/top/cells").and_then(Value::as_object).ok_or("the netlist has no cells")?;
        let mut netlist = Self::default();
        for cell in cells.values() {
            let name = cell.get("type").and_then(Value::as_str).unwrap_or_default();
            let Some(kind) = kind(name) else { continue };
            let connections = cell.get("connections").and_then(Value::as_object).ok_or("a cell without connections")?;
            let directions =
                cell.get("port_directions").and_then(Value::as_object).ok_or("a cell without directions")?;
            let mut inputs = Vec::new();
            for (port, nets) in connections {
                let nets = nets.as_array().into_iter().flatten().filter_map(Value::as_u64);
                if directions.get(port).and_then(Value::as_str) == Some("output") {
                    netlist.drivers.extend(nets.map(|net| (net, netlist.cells.len())));
                } else {
                    inputs.extend(nets);
                }
            }
            netlist.cells.push(Cell { kind, inputs });
        }
        Ok(netlist)
    }

    fn longest(&self, constants: &Constants) -> Result<Path, String> {
        let mut known: Vec<Option<Path>> = vec![None; self.cells.len()];
        let ends = self.cells.iter().filter(|cell| matches!(cell.kind, Kind::Stop { .. }));
        let mut best = Path::default();
        for net in ends.flat_map(|cell| &cell.inputs) {
            let path = self.arrival(*net, constants, &mut known, 0)?;
            if path.estimate_ps > best.estimate_ps {
                best = path;
            }
        }
        Ok(Path { estimate_ps: best.estimate_ps + constants.register, ..best })
    }

    /// When the net has its value, after the clock.
    fn arrival(&self, net: u64, constants: &Constants, known: &mut [Option<Path>], depth: u32) -> Result<Path, String> {
        let Some(&index) = self.drivers.get(&net) else { return Ok(Path::default()) };
        let cell = &self.cells[index];
        if let Kind::Stop { memory } = cell.kind {
            let estimate_ps = if memory { constants.memory } else { 0.0 };
            return Ok(Path { estimate_ps, ..Path::default() });
        }
        if let Some(path) = known[index] {
            return Ok(path);
        }
        if depth > 1000 {
            return Err("the netlist has a loop without a register".to_owned());
        }
        let mut best = Path::default();
        for &input in &cell.inputs {
            let from_carry = self.drivers.get(&input).is_some_and(|&driver| self.cells[driver].kind == Kind::Carry);
            let path = self.arrival(input, constants, known, depth + 1)?;
            let path = step(path, cell.kind, from_carry, constants);
            if path.estimate_ps > best.estimate_ps {
                best = path;
            }
        }
        known[index] = Some(best);
        Ok(best)
    }
}

fn step(path: Path, kind: Kind, from_carry: bool, constants: &Constants) -> Path {
    let later = |path: Path, by: f64| Path { estimate_ps: path.estimate_ps + by, ..path };
    match kind {
        Kind::Table => later(Path { tables: path.tables + 1, ..path }, constants.table + constants.wire),
        Kind::Carry => {
            let ends = if from_carry { 0.0 } else { constants.carry_ends };
            later(Path { carries: path.carries + 1, ..path }, constants.carry4 + ends)
        }
        Kind::Wide => later(Path { wide: path.wide + 1, ..path }, constants.wide),
        Kind::Stop { .. } => path,
    }
}

/// `None` for cells that are no logic.
fn kind(name: &str) -> Option<Kind> {
    match name {
        _ if name.starts_with("LUT") || name == "INV" => Some(Kind::Table),
        "CARRY4" | "CARRY8" => Some(Kind::Carry),
        _ if name.starts_with("MUXF") => Some(Kind::Wide),
        _ if name.starts_with("FD") || name.starts_with("SRL") => Some(Kind::Stop { memory: false }),
        _ if name.starts_with("RAM") => Some(Kind::Stop { memory: true }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_longest_path_is_counted() {
        let cell = |kind: &str, input: u64, output: u64| {
            let directions = json!({"I": "input", "O": "output"});
            json!({"type": kind, "port_directions": directions, "connections": {"I": [input], "O": [output]}})
        };
        let cells = json!({
            "a": cell("FDRE", 9, 1), "b": cell("LUT4", 1, 2), "c": cell("LUT6", 2, 3), "d": cell("CARRY4", 3, 4),
            "e": cell("CARRY4", 4, 5), "f": cell("FDRE", 5, 6), "g": cell("LUT2", 1, 9),
        });
        let netlist = Netlist::read(&json!({"modules": {"top": {"cells": cells}}})).unwrap();
        let path = netlist.longest(&XCUP).unwrap();
        assert_eq!((path.tables, path.carries, path.wide), (2, 2, 0));
        let wanted = XCUP.register + 2.0 * (XCUP.table + XCUP.wire) + 2.0 * XCUP.carry4 + XCUP.carry_ends;
        assert!((path.estimate_ps - wanted).abs() < 1e-6);
    }
}
