// SPDX-License-Identifier: Apache-2.0
//! From a design to its report.

use super::{
    CriticalStage, InsnReport, MapReport, Operation, PartReport, Report, StageReport, VERSION, latency_cycles,
};
use crate::Design;
use crate::ir::MapId;
use crate::isa::Insn;
use crate::object::{Linked, Map};
use crate::pipe::{MapUnit, Node, NodeId, Pipeline, Storage};
use crate::sched::{critical_stage, fewest_register_bits};
use std::collections::{BTreeMap, BTreeSet};

/// The report of a design. `compile_ms` is how long the compiler took.
#[must_use]
pub fn report(design: &Design, program: &Linked, build_id: &str, compile_ms: f64) -> Report {
    let (p, options) = (&design.pipeline, &design.options);
    let (index, worst_ps) = critical_stage(p, options);
    let stages: Vec<StageReport> = (0..p.stages()).map(|stage| stage_report(design, program, stage)).collect();
    Report {
        tool: "bpf2hdl",
        version: VERSION,
        build_id: build_id.to_owned(),
        program: program.name.clone(),
        program_type: p.kind.name(),
        section: program.section.clone(),
        instructions: program.instructions(),
        target: options.target.name,
        target_description: options.target.description,
        delays: options.target.provenance,
        clock_mhz: options.clock_mhz,
        bus_bits: options.bus_bits,
        optimize: options.optimize.name(),
        stages: p.stages(),
        latency_cycles: latency_cycles(design),
        initiation_interval: p.interval,
        window_bytes: p.window_bytes,
        token_min_bytes: p.token_min_bytes,
        waits_for_end: p.full_length,
        pipeline_register_bits: stages.iter().map(|stage| u64::from(stage.register_bits)).sum(),
        pipeline_register_bits_least: fewest_register_bits(p, options),
        edit_bytes: p.edits.len(),
        critical_stage: CriticalStage {
            index,
            estimated_ns: nanoseconds(worst_ps),
            allowed_ns: rounded(1000.0 / options.clock_mhz),
        },
        maps: (0..).zip(&program.maps).map(|(id, map)| map_report(p, id, map)).collect(),
        stage_details: stages,
        listing: listing(p, program),
        warnings: design.warnings.to_json_items(),
        files: Vec::new(),
        compile_ms: rounded(compile_ms),
    }
}

fn nanoseconds(picoseconds: u32) -> f64 {
    f64::from(picoseconds) / 1000.0
}

/// Three digits after the point are enough for everything here.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn map_report(p: &Pipeline, index: usize, map: &Map) -> MapReport {
    let unit = &p.maps[index];
    let parts: Vec<&MapUnit> = p.parts_of(MapId::new(index)).map(|(_, _, part)| part).collect();
    // Of a map in parts, the worst.
    let all = || parts.iter().copied().chain([unit]);
    let bits = unit.entry_bits();
    let (storage, storage_bits) = match unit.storage {
        Storage::None => ("none", 0),
        Storage::Registers => ("registers", bits),
        Storage::LutRam => ("lutram", bits),
        Storage::Ram => ("ram", bits * p.copies(MapId::new(index)) as u64),
    };
    MapReport {
        name: map.name.clone(),
        map_type: map.type_name(),
        key_size: map.key_size,
        value_size: map.value_size,
        max_entries: map.max_entries,
        storage,
        storage_bits: storage_bits + p.directory_bits(unit),
        read_ports: all().map(|unit| unit.reads.len()).max().unwrap_or(0),
        write_ports: all().map(|unit| unit.writes.len()).max().unwrap_or(0),
        section_stages: all().map(MapUnit::section_stages).max().unwrap_or(0),
        worst_case_packets_per_cycle: all().map(|unit| p.worst_case_packets_per_cycle(unit)).fold(1.0, f64::min),
        parts: parts.iter().map(|part| part_report(p, part)).collect(),
    }
}

fn part_report(p: &Pipeline, unit: &MapUnit) -> PartReport {
    PartReport {
        name: unit.map.name.clone(),
        offset: unit.part.map_or(0, |part| part.offset),
        bytes: unit.map.value_size,
        section_stages: unit.section_stages(),
        worst_case_packets_per_cycle: p.worst_case_packets_per_cycle(unit),
    }
}

fn stage_report(design: &Design, program: &Linked, stage: u32) -> StageReport {
    let p = &design.pipeline;
    let operations = operations(p, stage);
    let arrival = p.nodes.iter().filter(|node| node.stage == stage).map(|node| node.arrival_ps).max();
    StageReport {
        index: stage,
        register_bits: design.runs.bits_at(stage),
        nodes: p.nodes.iter().filter(|node| node.start == stage).count(),
        estimated_ns: nanoseconds(arrival.unwrap_or(0) + design.options.target.delays.overhead_ps),
        lines: lines(program, &operations),
        operations,
    }
}

/// `file:line` of each operation's instruction, in the order of the program text.
fn lines(program: &Linked, operations: &[Operation]) -> Vec<String> {
    let source = |insn: u32| program.insns.get(insn as usize)?.c_line();
    let places: BTreeSet<_> =
        operations.iter().filter_map(|op| source(op.insn?)).map(|s| (s.file.clone(), s.line)).collect();
    places.into_iter().map(|(file, line)| format!("{file}:{line}")).collect()
}

/// What happens in a stage: nodes that begin there, then writes, then the outputs.
fn operations(p: &Pipeline, stage: u32) -> Vec<Operation> {
    let nodes = p.nodes.iter().enumerate().filter(|(_, node)| node.start == stage);
    let mut found: Vec<Operation> = nodes.map(|(index, node)| node_operation(NodeId::new(index), node)).collect();
    let at =
        |name: &str, width, text, insn| Operation { name: name.to_owned(), width, text, insn, start: stage, stage };
    for unit in &p.maps {
        let name = &unit.map.name;
        // Data of another stage: the address is presented here.
        let reads = unit.reads.iter().filter(|read| read.issue == stage && read.data != stage);
        found.extend(reads.map(|read| {
            let text = format!("{name}[{}], data in stage {}", read.index, read.data);
            at("address", read.index.width(), text, None)
        }));
        for write in unit.writes.iter().filter(|write| write.stage == stage) {
            let field = |field: &crate::pipe::WriteField| {
                let text = format!("{name}[{}] + {} = {} when {}", write.index, field.offset, field.data, field.when);
                at("write", field.data.width(), text, field.insn)
            };
            found.extend(write.fields.iter().map(field));
        }
    }
    if stage == p.last_stage {
        let edit = |edit: &crate::pipe::EditPort| {
            at("edit", 8, format!("byte {} = {} when {}", edit.offset, edit.data, edit.when), None)
        };
        found.extend(p.edits.iter().map(edit));
        let target = p.redirect.iter().map(|r| at("target", 34, format!("kind {}, number {}", r.kind, r.number), None));
        found.extend(target);
        let event = |event: &crate::pipe::EventPort| {
            let name = &p.maps[event.map.index()].map.name;
            let text = format!("to {name}: {} ({} bytes) when {}", event.data, event.length, event.when);
            at("event", event.data.width(), text, None)
        };
        found.extend(p.events.iter().map(event));
        let extent = p.resize.to_string();
        found.extend(extent.lines().map(|line| at("extent", 0, line.trim().to_owned(), None)));
        found.push(at("verdict", p.action.width(), p.action.to_string(), None));
    }
    found
}

fn node_operation(id: NodeId, node: &Node) -> Operation {
    Operation {
        name: id.to_string(),
        width: node.width,
        text: node.kind.to_string(),
        insn: node.insn,
        start: node.start,
        stage: node.stage,
    }
}

fn listing(p: &Pipeline, program: &Linked) -> Vec<InsnReport> {
    let stages = stages_of_insns(p);
    let slots = program.insns.iter().enumerate().filter(|(_, slot)| !matches!(slot.insn, Insn::Imm64High));
    let line = |(insn, _): (usize, &crate::object::LinkedInsn)| {
        let at = program.location(insn);
        let stages = stages.get(&insn).map(|set| set.iter().copied().collect());
        InsnReport {
            insn,
            text: at.instruction.unwrap_or_default(),
            file: at.file,
            line: at.line,
            source: at.source,
            stages: stages.unwrap_or_default(),
        }
    };
    slots.map(line).collect()
}

/// Stages in which something works that comes from an instruction.
fn stages_of_insns(p: &Pipeline) -> BTreeMap<usize, BTreeSet<u32>> {
    let mut stages: BTreeMap<usize, BTreeSet<u32>> = BTreeMap::new();
    for node in &p.nodes {
        if let Some(insn) = node.insn {
            stages.entry(insn as usize).or_default().extend(node.start..=node.stage);
        }
    }
    for unit in &p.maps {
        for write in &unit.writes {
            for insn in write.fields.iter().filter_map(|field| field.insn) {
                stages.entry(insn as usize).or_default().insert(write.stage);
            }
        }
    }
    stages
}
