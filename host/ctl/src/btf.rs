// SPDX-License-Identifier: Apache-2.0
//! Values by their types, as bpftool's `btf_dumper.c` prints them in JSON, and integers into bytes by their types.
//!
//! The types are those of the manifest (`bpf2hdl/src/object/btf_json.rs`).

use crate::json::Json;
use serde_json::Value;

/// A value of a type; bytes that are missing count as 0.
pub(crate) fn format(ty: &Value, bytes: &[u8]) -> Json {
    match ty["kind"].as_str() {
        Some("typedef") => format(&ty["type"], bytes),
        Some("int") => integer(ty, bytes),
        Some("enum") => enumeration(ty, bytes),
        Some("pointer") => Json::Address(unsigned(bytes, 8) as u64),
        Some("struct" | "union") => record(ty, bytes),
        Some("array") => array(ty, bytes),
        Some("datasec") => section(ty, bytes),
        Some("float") if size(ty) == 8 => float(f64::from_bits(unsigned(bytes, 8) as u64)),
        Some("float") if size(ty) == 4 => float(f32::from_bits(unsigned(bytes, 4) as u32).into()),
        _ => Json::bytes(bytes),
    }
}

/// The size of a type in bytes.
fn size(ty: &Value) -> usize {
    ty["size"].as_u64().and_then(|size| usize::try_from(size).ok()).unwrap_or(0)
}

/// The first bytes as a little-endian number.
fn unsigned(bytes: &[u8], size: usize) -> u128 {
    bytes.iter().take(size.min(16)).rev().fold(0, |number, byte| number << 8 | u128::from(*byte))
}

fn signed(bytes: &[u8], size: usize) -> i128 {
    let unused = 128 - 8 * size.clamp(1, 16);
    (unsigned(bytes, size) << unused) as i128 >> unused
}

fn float(number: f64) -> Json {
    serde_json::Number::from_f64(number).map_or_else(Json::null, |number| Json::Plain(number.into()))
}

fn integer(ty: &Value, bytes: &[u8]) -> Json {
    let size = size(ty);
    match ty["encoding"].as_str() {
        _ if size > 8 => Json::Hex(unsigned(bytes, size)),
        Some("bool") => Json::from(unsigned(bytes, size) != 0),
        Some("char") if bytes.first().is_some_and(|byte| (0x20..0x7f).contains(byte)) => {
            Json::text(char::from(bytes[0]).to_string())
        }
        Some("signed" | "char") => Json::Number(signed(bytes, size)),
        _ => Json::Number(i128::try_from(unsigned(bytes, size)).unwrap_or(0)),
    }
}

fn enumeration(ty: &Value, bytes: &[u8]) -> Json {
    let size = size(ty);
    let is_signed = ty["signed"].as_bool().unwrap_or(false);
    let number = if is_signed { signed(bytes, size) } else { i128::try_from(unsigned(bytes, size)).unwrap_or(0) };
    let values = ty["values"].as_array().into_iter().flatten();
    let is = |value: &&Value| {
        let known = &value["value"];
        known.as_i64().map(i128::from).or(known.as_u64().map(i128::from)) == Some(number)
    };
    match values.clone().find(is).and_then(|value| value["name"].as_str()) {
        Some(name) => Json::text(name),
        None => Json::Number(number),
    }
}

fn record(ty: &Value, bytes: &[u8]) -> Json {
    let member = |member: &Value| {
        let name = member["name"].as_str().unwrap_or_default().to_owned();
        let offset = member["offset_bits"].as_u64().unwrap_or(0);
        let start = usize::try_from(offset / 8).unwrap_or(usize::MAX);
        let rest = bytes.get(start..).unwrap_or_default();
        let value = match member["bits"].as_u64().or_else(|| member["bitfield_bits"].as_u64()).filter(|bits| *bits > 0)
        {
            Some(bits) => {
                let number = (unsigned(rest, 16) >> (offset % 8)) & ((1_u128 << bits.min(127)) - 1);
                Json::Hex(number)
            }
            None => format(&member["type"], rest),
        };
        (name, value)
    };
    Json::Object(ty["members"].as_array().into_iter().flatten().map(member).collect())
}

fn array(ty: &Value, bytes: &[u8]) -> Json {
    let element = &ty["element"];
    let count = ty["count"].as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
    let each = type_size(element);
    if let Some(text) = string(element, bytes.get(..count).unwrap_or(bytes)) {
        return Json::text(text);
    }
    let one = |index: usize| format(element, bytes.get(index.saturating_mul(each)..).unwrap_or_default());
    Json::List((0..count).map(one).collect())
}

/// The text of an array of characters, up to its zero; typedefs are no characters (`is_str_array`).
fn string(element: &Value, bytes: &[u8]) -> Option<String> {
    let is_char = element["kind"] == "int"
        && element["size"] == 1
        && (element["encoding"] == "char" || element["name"] == "char");
    if !is_char {
        return None;
    }
    let end = bytes.iter().position(|byte| *byte == 0)?;
    let text = &bytes[..end];
    text.iter().all(|byte| (0x20..0x7f).contains(byte)).then(|| String::from_utf8_lossy(text).into_owned())
}

/// The size of any type.
fn type_size(ty: &Value) -> usize {
    match (ty["kind"].as_str(), size(ty)) {
        (Some("typedef"), 0) => type_size(&ty["type"]),
        (_, size) => size,
    }
}

fn section(ty: &Value, bytes: &[u8]) -> Json {
    let variable = |variable: &Value| {
        let name = variable["name"].as_str().unwrap_or_default().to_owned();
        let offset = variable["offset"].as_u64().and_then(|offset| usize::try_from(offset).ok()).unwrap_or(usize::MAX);
        Json::object([(name, format(&variable["type"], bytes.get(offset..).unwrap_or_default()))])
    };
    let variables = ty["variables"].as_array().into_iter().flatten().map(variable).collect();
    Json::object([(ty["name"].as_str().unwrap_or_default(), Json::List(variables))])
}

/// Whether a type is one number, behind typedefs.
pub(crate) fn is_number(ty: &Value) -> bool {
    match ty["kind"].as_str() {
        Some("typedef") => is_number(&ty["type"]),
        Some(kind) => kind == "int" || kind == "enum",
        None => false,
    }
}

/// The number of an enumerator of a type.
pub(crate) fn enumerator(ty: &Value, name: &str) -> Option<i128> {
    if ty["kind"] == "typedef" {
        return enumerator(&ty["type"], name);
    }
    let value = ty["values"].as_array()?.iter().find(|value| value["name"] == name)?;
    value["value"].as_i64().map(i128::from).or(value["value"].as_u64().map(i128::from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_by_their_types() {
        let u16_type = json!({"kind": "typedef", "name": "__u16", "size": 2, "type": {"kind": "int", "name": "unsigned short", "size": 2, "encoding": "unsigned"}});
        let text = json!({"kind": "array", "count": 4, "size": 4, "element": {"kind": "int", "name": "char", "size": 1, "encoding": "signed"}});
        let ty = json!({"kind": "struct", "name": "s", "size": 10, "members": [
            {"name": "port", "offset_bits": 0, "type": u16_type},
            {"name": "name", "offset_bits": 16, "type": text},
            {"name": "low", "offset_bits": 48, "bits": 4, "type": {"kind": "int", "size": 4, "encoding": "signed"}},
            {"name": "deep", "offset_bits": 64, "type": {"kind": "int", "name": "short", "size": 2, "encoding": "signed"}},
        ]});
        let found = format(&ty, &[80, 1, b'a', b'b', 0, 9, 0xf7, 0, 0xfe, 0xff]).render(false);
        assert_eq!(found, r#"{"port":336,"name":"ab","low":"0x7","deep":-2}"#);
        let kind = json!({"kind": "enum", "size": 4, "signed": false, "values": [{"name": "ONE", "value": 1}]});
        assert_eq!(format(&kind, &[1, 0, 0, 0]).render(false), r#""ONE""#);
        assert_eq!(format(&kind, &[2, 0, 0, 0]).render(false), "2");
        assert_eq!((enumerator(&kind, "ONE"), enumerator(&kind, "TWO"), is_number(&kind)), (Some(1), None, true));
    }
}
