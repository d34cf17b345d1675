// SPDX-License-Identifier: Apache-2.0
//! What all rebuilding passes share: an empty copy of a function, and the carrying over of its outputs.

use crate::ir::{Builder, Edit, Function, Redirect, Value};

/// A builder for a new version of `old`: same name and maps, no operations.
pub(super) fn start(old: &Function) -> Builder {
    let mut empty = Function::new(&old.name, old.kind);
    empty.maps = old.maps.clone();
    Builder::new(empty)
}

/// Sets verdict, target, edits and extent as in `old`, each value replaced by `renamed`.
pub(super) fn finish(
    mut b: Builder,
    old: &Function,
    mut renamed: impl FnMut(&mut Builder, Value) -> Value,
) -> Function {
    b.at(None);
    if let Some(action) = old.action {
        let action = renamed(&mut b, action);
        b.set_action(action);
    }
    if let Some(Redirect { kind, number }) = old.redirect {
        let (kind, number) = (renamed(&mut b, kind), renamed(&mut b, number));
        b.set_redirect(Redirect { kind, number });
    }
    let resize = old.resize.map(|&base| renamed(&mut b, base));
    b.set_resize(resize);
    for edit in &old.edits {
        let (when, data) = (renamed(&mut b, edit.when), renamed(&mut b, edit.data));
        if b.as_const(when) != Some(0) {
            b.push_edit(Edit { offset: edit.offset, when, data });
        }
    }
    b.finish()
}
