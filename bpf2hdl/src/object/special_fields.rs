// SPDX-License-Identifier: Apache-2.0
//! Fields of map values that the kernel treats on its own: locks, timers, lists. Found by the names of their types, as in
//! kernel/bpf/btf.c (`btf_get_field_type`).

use super::model::Map;
use serde_json::Value;

/// Types that have no counterpart here.
const UNSUPPORTED: [&str; 8] = [
    "bpf_timer",
    "bpf_wq",
    "bpf_list_head",
    "bpf_list_node",
    "bpf_rb_root",
    "bpf_rb_node",
    "bpf_refcount",
    "bpf_task_work",
];
/// Deepest structure that is looked into.
const DEPTH: u32 = 16;

impl Map {
    /// Offset of the `struct bpf_spin_lock` in a value; `None` without one, or without a description of the value.
    #[must_use]
    pub fn spin_lock(&self) -> Option<u32> {
        // As in the kernel, not in a structure inside.
        let offset = members(&self.value_btf).find(|(_, ty)| is_named(ty, "bpf_spin_lock"))?.0;
        u32::try_from(offset / 8).ok()
    }

    /// Name of a type in a value that only a kernel can serve; a lock that is not in the value's own structure is one.
    #[must_use]
    pub fn kernel_field(&self) -> Option<&'static str> {
        let own = self.spin_lock().is_some();
        let mut locks = 0;
        let found = search(&self.value_btf, DEPTH, &mut locks);
        found.or_else(|| (locks > u32::from(own)).then_some("bpf_spin_lock"))
    }
}

/// Offset in bits and type of each member of a structure.
fn members(ty: &Value) -> impl Iterator<Item = (u64, &Value)> {
    let list = resolved(ty).get("members").and_then(Value::as_array);
    let all = list.into_iter().flatten();
    all.filter_map(|member| Some((member.get("offset_bits")?.as_u64()?, resolved(member.get("type")?))))
}

/// The type behind other names for it.
fn resolved(mut ty: &Value) -> &Value {
    for _ in 0..DEPTH {
        match ty.get("type").filter(|_| ty.get("kind").is_some_and(|kind| kind == "typedef")) {
            Some(inner) => ty = inner,
            None => break,
        }
    }
    ty
}

fn is_named(ty: &Value, name: &str) -> bool {
    ty.get("name").is_some_and(|known| known == name)
}

/// The first such type in a value, and how many locks there are.
fn search(ty: &Value, depth: u32, locks: &mut u32) -> Option<&'static str> {
    let (ty, depth) = (resolved(ty), depth.checked_sub(1)?);
    if is_named(ty, "bpf_spin_lock") {
        *locks += 1;
        return None;
    }
    let named = UNSUPPORTED.into_iter().find(|name| is_named(ty, name));
    let variables = ty.get("variables").and_then(Value::as_array);
    let variables = variables.into_iter().flatten().filter_map(|variable| variable.get("type"));
    let inner = ty.get("element").into_iter().chain(variables).chain(members(ty).map(|(_, ty)| ty));
    named.or_else(|| inner.fold(None, |found, ty| found.or_else(|| search(ty, depth, locks))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(value_btf: Value) -> Map {
        Map { value_btf, ..super::super::network_tables().remove(0) }
    }

    #[test]
    fn locks_are_found_by_name_in_the_outermost_structure() {
        let lock = json!({"kind": "struct", "name": "bpf_spin_lock", "size": 4, "members": []});
        let named = json!({"kind": "typedef", "name": "lock_t", "type": lock});
        let value = |ty: &Value| {
            json!({"kind": "struct", "members": [
                {"name": "a", "offset_bits": 0, "type": {"kind": "int", "size": 8}},
                {"name": "l", "offset_bits": 64, "type": ty},
            ]})
        };
        assert_eq!(map(value(&lock)).spin_lock(), Some(8));
        assert_eq!(map(value(&named)).spin_lock(), Some(8));
        assert_eq!(map(value(&lock)).kernel_field(), None);
        assert_eq!(map(value(&value(&lock))).spin_lock(), None);
        assert_eq!(map(value(&value(&lock))).kernel_field(), Some("bpf_spin_lock"));
        let two = json!({"kind": "struct", "members": [
            {"name": "k", "offset_bits": 0, "type": lock}, {"name": "l", "offset_bits": 32, "type": lock}]});
        assert_eq!(map(two).kernel_field(), Some("bpf_spin_lock"));
        let timers = json!({"kind": "array", "count": 2, "element": {"kind": "struct", "name": "bpf_timer"}});
        assert_eq!(map(value(&timers)).kernel_field(), Some("bpf_timer"));
        assert_eq!(map(Value::Null).spin_lock(), None);
    }
}
