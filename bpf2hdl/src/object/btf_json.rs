// SPDX-License-Identifier: Apache-2.0
//! BTF types as JSON, for the manifest: all that the host needs to print keys and values.
//!
//! Every type is an object with `kind` and, where it has them, `name` and `size` (bytes):
//! `int` (`encoding`: unsigned, signed, char, bool), `struct` and `union` (`members`: `name`, `offset_bits`,
//! `bits` for bit fields, `type`), `array` (`count`, `element`), `typedef` (`type`), `enum` (`signed`, `values`),
//! `pointer`, `float`, `void`, `datasec` (`variables`: `name`, `offset`, `size`, `type`).
//! const and volatile are left out. Descriptions are cut (kind `unknown`) below 32 levels or after 65,536 types per program.

use super::btf::{Btf, Kind, MAX_DEPTH, Member};
use serde_json::{Value, json};

/// Most types in all descriptions of one linked program.
const MAX_TYPES: usize = 65_536;

/// Writes descriptions; one writer per linked program, which bounds them all together.
pub(super) struct Writer<'a> {
    btf: Option<&'a Btf>,
    left: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(btf: Option<&'a Btf>) -> Self {
        Self { btf, left: MAX_TYPES }
    }

    /// Description of a type; null without BTF or without a type.
    pub(super) fn of_type(&mut self, number: Option<u32>) -> Value {
        match (self.btf, number) {
            (Some(btf), Some(number)) => self.describe(btf, number, MAX_DEPTH),
            _ => Value::Null,
        }
    }

    /// Description of a data section as the value of its map; `offset_of` gives the offset of a global variable.
    pub(super) fn of_section(&mut self, name: &str, size: u64, offset_of: impl Fn(&str) -> Option<u64>) -> Value {
        let Some(btf) = self.btf else { return Value::Null };
        let Some(vars) = btf.data_section(name) else { return Value::Null };
        let mut variables = Vec::new();
        for var in vars {
            let Some(ty) = btf.get(var.ty) else { continue };
            let Kind::Var { ty: of, global } = ty.kind else { continue };
            let var_name = btf.string(ty.name);
            let offset = if global { offset_of(var_name) } else { None }.unwrap_or_else(|| var.offset.into());
            let size = btf.size(of).unwrap_or(var.size);
            variables.push(json!({
                "name": var_name, "offset": offset, "size": size, "type": self.describe(btf, of, MAX_DEPTH),
            }));
            if self.left == 0 {
                break;
            }
        }
        variables.sort_by_key(|variable| variable.get("offset").and_then(Value::as_u64));
        json!({ "kind": "datasec", "name": name, "size": size, "variables": variables })
    }

    fn describe(&mut self, btf: &Btf, number: u32, depth: usize) -> Value {
        let unknown = || json!({ "kind": "unknown" });
        let (Some(depth), Some(left)) = (depth.checked_sub(1), self.left.checked_sub(1)) else { return unknown() };
        self.left = left;
        let Some(ty) = btf.get(number) else { return unknown() };
        let name = btf.string(ty.name);
        match &ty.kind {
            Kind::Void => json!({ "kind": "void" }),
            Kind::Int { size, signed, char, bool } => {
                let encoding = match (bool, char, signed) {
                    (true, ..) => "bool",
                    (_, true, _) => "char",
                    (.., true) => "signed",
                    _ => "unsigned",
                };
                json!({ "kind": "int", "name": name, "size": size, "encoding": encoding })
            }
            Kind::Float { size } => json!({ "kind": "float", "name": name, "size": size }),
            Kind::Pointer { .. } => json!({ "kind": "pointer", "size": 8 }),
            Kind::Array { ty, count } => json!({
                "kind": "array", "count": count, "size": btf.size(number), "element": self.describe(btf, *ty, depth),
            }),
            Kind::Record { union, size, members } => {
                let kind = if *union { "union" } else { "struct" };
                let members: Vec<Value> = members.iter().map_while(|member| self.member(btf, member, depth)).collect();
                json!({ "kind": kind, "name": name, "size": size, "members": members })
            }
            Kind::Enum { size, signed, values } => {
                let values: Vec<Value> = values
                    .iter()
                    .take(self.left)
                    .map(|(name, value)| json!({ "name": btf.string(*name), "value": value }))
                    .collect();
                self.left -= values.len();
                json!({ "kind": "enum", "name": name, "size": size, "signed": signed, "values": values })
            }
            Kind::Typedef { ty } => {
                json!({ "kind": "typedef", "name": name, "size": btf.size(*ty), "type": self.describe(btf, *ty, depth) })
            }
            Kind::Modifier { ty } | Kind::Var { ty, .. } => self.describe(btf, *ty, depth),
            Kind::Forward | Kind::Function | Kind::DataSection { .. } | Kind::DeclTag => unknown(),
        }
    }

    /// A member; `None` once the budget is used up.
    fn member(&mut self, btf: &Btf, member: &Member, depth: usize) -> Option<Value> {
        if self.left == 0 {
            return None;
        }
        let mut value = json!({
            "name": btf.string(member.name),
            "offset_bits": member.bit_offset,
            "type": self.describe(btf, member.ty, depth),
        });
        if member.bits != 0 {
            value["bits"] = member.bits.into();
        }
        Some(value)
    }
}
