// SPDX-License-Identifier: Apache-2.0
//! The entrance of guarded sections: an elastic FIFO of tokens and the interlocks that let them in.

use std::ops::Range;

use super::latency::interlock_clocks;
use super::notes::printable;
use super::pipeline::{Writer, valid};
use super::signals::Key;
use super::stage::{clocked, declare_registers, runs_at};
use super::text::Decl;
use crate::ir::MapId;
use crate::pipe::{MapUnit, Pipeline, Run, Source, Storage};

/// Writes FIFO, interlocks and registers before stage `k`.
pub(super) fn write_entrance(w: &mut Writer<'_>, k: u32) {
    let p = w.p;
    let guarded: Vec<(usize, &MapUnit)> = p.guarded_at(k).filter(|(_, unit)| p.may_wait(unit)).collect();
    describe(w, k, &guarded);
    fifo(w, k);
    let mut goes: Vec<String> = guarded.iter().map(|&(map, unit)| interlock(w, k, map, unit)).collect();
    if p.interval > 1 {
        goes.push(spacing(w, k));
    }
    w.text.blank();
    let enter = format!("s{k}_head_valid && {}", goes.join(" && "));
    w.text.code(2, &format!("assign s{k}_enter = {enter};"), "");
    w.text.blank();
    let registers = declare_registers(w, k);
    let data = registers.into_iter().map(|(source, run, name)| (name, w.signals.head_run(source, k, run))).collect();
    clocked(w, k, &format!("s{k}_enter"), data);
}

fn describe(w: &mut Writer<'_>, k: u32, guarded: &[(usize, &MapUnit)]) {
    for (_, unit) in guarded {
        let (name, clocks) = (printable(&unit.map.name), interlock_clocks(unit));
        if unit.guard.as_ref().is_some_and(|guard| guard.exclusive.width() > 0) {
            w.text.comment(
                2,
                &format!(
                    "Map {name} was looked up ahead. Tokens that found their key, or insert none, change nothing and share the section; one \
                     that may insert keeps those behind it out for {clocks} clocks and looks again inside. No token overtakes.",
                ),
            );
            continue;
        }
        let write = unit.write_stages().map_or(k, |(_, last)| last);
        let data = unit.reads.iter().map(|r| r.data).min().unwrap_or(k);
        let key = unit.guard.as_ref().is_some_and(|g| g.key.width() > 0);
        if unit.in_turn() {
            let (reads, writes) = (unit.reads.len(), unit.writes.len());
            w.text.comment(
                2,
                &format!(
                    "Map {name} serves {reads} reads and {writes} writes of a token in turn: tokens, whatever their entries, enter {clocks} \
                     clocks apart or more, so that a token's accesses are over when those of the next begin. No token overtakes.",
                ),
            );
            continue;
        }
        let whom = if key { "tokens of the same entry" } else { "tokens, whatever their entries," };
        let whom = match unit.guard.as_ref().is_some_and(|g| g.uses.width() > 0) {
            true => format!("{whom} if they use it,"),
            false => whom.to_owned(),
        };
        w.text.comment(
            2,
            &format!(
                "Map {name} delivers in stage {data} and is written in stage {write}: {whom} enter {clocks} clocks apart or more, so \
                 that each sees what the one before wrote ({write} - {data} + 1: a write shows in the next clock). No token overtakes.",
            ),
        );
    }
}

/// The bit that says that nothing is in the FIFO before a stage.
pub(super) fn idle(k: u32) -> String {
    format!("s{k}_fifo_idle")
}

/// The stages of a map from the one in which its key is looked up ahead to the one before the first step inside the section.
fn ahead_stages(unit: &MapUnit) -> Range<u32> {
    let ahead = unit.steps.iter().filter(|step| step.ahead).map(|step| step.issue).min();
    let inside = unit.steps.iter().filter(|step| !step.ahead).map(|step| step.issue).min();
    ahead.zip(inside).map_or(0..0, |(ahead, inside)| ahead..inside)
}

/// Whether tokens that rely on what a look-up ahead has found may stand in the FIFO before a stage, or tokens between the parts of an
/// array.
fn is_watched(p: &Pipeline, k: u32) -> bool {
    let between =
        |map: usize| p.maps[map].storage == Storage::Ram && p.entrances_between_parts(MapId::new(map)).contains(&k);
    if (0..p.whole_maps().count()).any(between) {
        return true;
    }
    p.maps.iter().map(ahead_stages).any(|stages| stages.start < k && k <= stages.end)
}

/// The condition that no such token is under way for a map, inverted; 0 for a map that is not looked up ahead.
pub(super) fn relies(w: &Writer<'_>, unit: &MapUnit) -> String {
    let stages = ahead_stages(unit);
    let waiting = w.p.entrances_between(stages.start, stages.end);
    let waiting = waiting.map(|k| format!("!{}", idle(k)));
    let parts: Vec<String> = stages.clone().map(valid).chain(waiting).collect();
    if parts.is_empty() { "1'b0".to_owned() } else { parts.join(" || ") }
}

/// The elastic FIFO: all that would be registered at the input of stage `k`.
fn fifo(w: &mut Writer<'_>, k: u32) {
    let runs = runs_at(w, k);
    let mut decls = Vec::new();
    for what in ["head_valid", "enter"] {
        let name = w.signals.names.unique(&format!("s{k}_{what}"));
        decls.push(Decl { width: 1, name, comment: String::new() });
    }
    let ready = w.signals.names.unique(&format!("unused_s{k}_ready"));
    let idle = if is_watched(w.p, k) { idle(k) } else { format!("unused_s{k}_idle") };
    w.signals.names.unique(&idle);
    for name in [ready, idle.clone()] {
        decls.push(Decl { width: 1, name, comment: String::new() });
    }
    let (mut tail, mut head) = (Vec::new(), Vec::new());
    for &(source, run) in runs.iter().rev() {
        let wanted = format!("{}_head", w.signals.run_name(source, k, run));
        let name = w.signals.declare(Key::Head(source, k, run.lo), &wanted, run.width);
        decls.push(Decl { width: run.width, name: name.clone(), comment: String::new() });
        head.push(name);
        tail.push(before(w, k, source, run));
    }
    let mut width: u32 = runs.iter().map(|(_, run)| run.width).sum();
    if runs.is_empty() {
        width = 1;
        let name = w.signals.names.unique(&format!("unused_s{k}_head"));
        decls.push(Decl { width, name: name.clone(), comment: "nothing but the token itself".into() });
        head.push(name);
        tail.push("1'b0".to_owned());
    }
    w.text.decls(2, &decls);
    w.text.blank();
    let depth = w.cx.depths.results;
    let ports = [
        ("clk_i".into(), String::new()),
        ("rst_i".into(), String::new()),
        ("wr_valid_i".into(), valid(k - 1)),
        ("wr_ready_o".into(), format!("unused_s{k}_ready")),
        ("wr_data_i".into(), format!("{{{}}}", tail.join(", "))),
        ("rd_valid_o".into(), format!("s{k}_head_valid")),
        ("rd_ready_i".into(), format!("s{k}_enter")),
        ("rd_data_o".into(), format!("{{{}}}", head.join(", "))),
        ("idle_o".into(), idle),
    ];
    let mut parameters = vec![("WIDTH", width.to_string()), ("DEPTH", depth.to_string())];
    if w.p.registered_heads {
        parameters.push(("OUTPUT_REG", "1".to_owned()));
    }
    w.text.comment(2, "Can not overflow: it has room for every token in flight.");
    w.text.instance("bpf_fifo", &parameters, &format!("u_s{k}_fifo"), &ports);
}

fn before(w: &mut Writer<'_>, k: u32, source: Source, run: Run) -> String {
    w.signals.source(source, k - 1, run.lo, run.width)
}

/// What keeps tokens apart by the interval; returns the name of its `go`.
fn spacing(w: &mut Writer<'_>, k: u32) -> String {
    let go = w.signals.names.unique(&format!("s{k}_spaced"));
    w.text.blank();
    w.text.decls(2, &[Decl { width: 1, name: go.clone(), comment: String::new() }]);
    w.text.blank();
    let ports = [
        ("clk_i".into(), String::new()),
        ("rst_i".into(), String::new()),
        ("enter_i".into(), format!("s{k}_enter")),
        ("go_o".into(), go.clone()),
    ];
    w.text.instance("bpf_spacing", &[("INTERVAL", w.p.interval.to_string())], &format!("u_s{k}_spacing"), &ports);
    go
}

/// The interlock of one map; returns the name of its `go`. `s{k}_enter` is its `in_valid_i`, so that it notes a token only when all
/// interlocks of this entrance let it in; `go_o` does not depend on it.
fn interlock(w: &mut Writer<'_>, k: u32, map: usize, unit: &MapUnit) -> String {
    let name = &w.cx.maps[map];
    let go = w.signals.names.unique(&format!("s{k}_go_{name}"));
    let busy = w.signals.names.unique(&format!("unused_s{k}_busy_{name}"));
    let keeps = match &unit.guard {
        Some(guard) if guard.exclusive.width() > 0 => w.signals.head(&guard.exclusive, k),
        _ => "1'b1".to_owned(),
    };
    let (key, key_width) = match &unit.guard {
        Some(guard) if guard.key.width() > 0 => (w.signals.head(&guard.key, k), guard.key.width()),
        _ => ("1'b0".to_owned(), 1),
    };
    let uses = match &unit.guard {
        Some(guard) if guard.uses.width() == 1 => w.signals.head(&guard.uses, k),
        Some(guard) if guard.uses.width() > 1 => format!("&{}", w.signals.head(&guard.uses, k)),
        _ => "1'b1".to_owned(),
    };
    w.text.blank();
    let decl = |name: &String| Decl { width: 1, name: name.clone(), comment: String::new() };
    w.text.decls(2, &[decl(&go), decl(&busy)]);
    w.text.blank();
    let ports = [
        ("clk_i".into(), String::new()),
        ("rst_i".into(), String::new()),
        ("in_valid_i".into(), format!("s{k}_enter")),
        ("in_uses_i".into(), uses),
        ("in_keeps_i".into(), keeps),
        ("in_key_i".into(), key),
        ("go_o".into(), go.clone()),
        ("busy_o".into(), busy),
    ];
    let parameters = [("STAGES", interlock_clocks(unit).to_string()), ("KEY_W", key_width.to_string())];
    w.text.instance("bpf_interlock", &parameters, &format!("u_s{k}_lock_{name}"), &ports);
    go
}
