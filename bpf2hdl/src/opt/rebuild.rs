// SPDX-License-Identifier: Apache-2.0
//! What all rebuilding passes share: an empty copy of a function, and the carrying over of its outputs.

use crate::ir::{Builder, Edit, Function, Position, Redirect, Value};

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
    for event in &old.events {
        let event = event.map_values(|v| renamed(&mut b, v));
        if b.as_const(event.when) != Some(0) {
            b.push_event(event);
        }
    }
    let mut resize = old.resize.map(|&base| renamed(&mut b, base));
    for position in [&mut resize.head, &mut resize.metadata].into_iter().flatten() {
        drop_places(&b, position);
    }
    // What lies before the frame as received has no other contents than its edits.
    let grown = resize.head.as_ref().and_then(|head| head.places.first()).map_or(0, |&place| -place);
    b.set_resize(resize);
    for edit in &old.edits {
        let (when, data) = (renamed(&mut b, edit.when), renamed(&mut b, edit.data));
        if edit.offset < grown || b.as_const(when) != Some(0) {
            b.push_edit(Edit { offset: edit.offset, when, data });
        }
    }
    b.finish()
}

/// Forgets places that are seen to be impossible now, unless none is left: then no packet leaves.
fn drop_places(b: &Builder, position: &mut Position<Value>) {
    let possible = |&place: &i32| {
        let base = i64::from(place) - i64::from(position.add);
        u64::try_from(base).is_ok_and(|base| b.set(position.base).contains(base))
    };
    let places: Vec<i32> = position.places.iter().copied().filter(possible).collect();
    if !places.is_empty() {
        position.places = places;
    }
}
