// SPDX-License-Identifier: Apache-2.0
//! Drops operations without effect whose result no output and no effect needs, and numbers the rest anew.

use super::Goal;
use crate::ir::{Edit, Function, Redirect, Value};

/// Runs the pass.
pub(super) fn run(old: Function, _: &Goal) -> Function {
    let mut needed = vec![false; old.defs.len()];
    for value in old.outputs() {
        needed[value.index()] = true;
    }
    for (value, def) in old.iter().rev() {
        if needed[value.index()] || old.has_effect(&def.op) {
            needed[value.index()] = true;
            def.op.for_each_operand(|operand| needed[operand.index()] = true);
        }
    }
    let mut names: Vec<Option<Value>> = vec![None; old.defs.len()];
    let mut new = Function { defs: Vec::new(), action: None, edits: Vec::new(), ..old.clone() };
    // Every operand of a needed operation is needed and comes before it, so it has a name by then.
    let rename = |names: &[Option<Value>], v: Value| names[v.index()].unwrap_or(v);
    for (value, def) in old.iter().filter(|(v, _)| needed[v.index()]) {
        names[value.index()] = Some(Value::new(new.defs.len()));
        let mut def = def.clone();
        def.op = def.op.map_operands(|v| rename(&names, v));
        new.defs.push(def);
    }
    new.action = old.action.map(|a| rename(&names, a));
    new.redirect = old.redirect.map(|r| Redirect { kind: rename(&names, r.kind), number: rename(&names, r.number) });
    new.events = old.events.iter().map(|event| event.map_values(|v| rename(&names, v))).collect();
    new.resize = old.resize.map(|&base| rename(&names, base));
    new.edits =
        old.edits.iter().map(|e| Edit { when: rename(&names, e.when), data: rename(&names, e.data), ..*e }).collect();
    new
}
