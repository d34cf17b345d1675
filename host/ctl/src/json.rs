// SPDX-License-Identifier: Apache-2.0
//! JSON whose members keep their order, as bpftool's has it.

use serde::{Serialize, Serializer, ser::SerializeMap};

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    /// Anything without members in an order of its own.
    Plain(serde_json::Value),
    /// An integer of any size.
    Number(i128),
    /// A number that is a string of hexadecimal digits in JSON and, without quotation marks, in text.
    Hex(u128),
    /// An address: a number in JSON, hexadecimal in text.
    Address(u64),
    /// A list.
    List(Vec<Json>),
    /// Members in order.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// An object of these members.
    pub(crate) fn object<K: Into<String>>(members: impl IntoIterator<Item = (K, Json)>) -> Self {
        Self::Object(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    /// A string.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Plain(serde_json::Value::String(text.into()))
    }

    /// Null.
    pub(crate) fn null() -> Self {
        Self::Plain(serde_json::Value::Null)
    }

    /// Bytes as bpftool prints them: `["0x01", ..]`.
    pub(crate) fn bytes(bytes: &[u8]) -> Self {
        Self::List(bytes.iter().map(|byte| Self::text(format!("0x{byte:02x}"))).collect())
    }

    /// The JSON, on one line or indented as bpftool does it.
    pub(crate) fn render(&self, pretty: bool) -> String {
        if pretty {
            return self.written(false);
        }
        // No value of ours can fail to be JSON.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// As bpftool prints values by their types for people: JSON but for some numbers.
    pub(crate) fn for_people(&self) -> String {
        self.written(true)
    }

    fn written(&self, plain: bool) -> String {
        let mut writer = Writer { text: String::new(), depth: 0, separator: "", plain };
        writer.value(self);
        writer.text
    }
}

/// `json_writer.c` of the kernel's tools, pretty: a line for each member, elements behind each other, the end of what is not empty on a line of its own.
struct Writer {
    text: String,
    depth: usize,
    /// What stands before the next value.
    separator: &'static str,
    plain: bool,
}

impl Writer {
    fn line(&mut self) {
        self.text.push('\n');
        self.text.push_str(&"    ".repeat(self.depth));
    }

    fn begin(&mut self, bracket: char) {
        self.text.push_str(self.separator);
        self.text.push(bracket);
        self.depth += 1;
        self.separator = "";
    }

    fn end(&mut self, bracket: char) {
        self.depth -= 1;
        if !self.separator.is_empty() {
            self.line();
        }
        self.text.push(bracket);
        self.separator = ",";
    }

    fn name(&mut self, name: &str) {
        self.text.push_str(self.separator);
        self.separator = "";
        self.line();
        self.text.push_str(&serde_json::Value::from(name).to_string());
        self.text.push_str(": ");
    }

    fn value(&mut self, value: &Json) {
        match value {
            Json::List(items) => {
                self.begin('[');
                items.iter().for_each(|item| self.value(item));
                self.end(']');
            }
            Json::Object(members) => {
                self.begin('{');
                for (name, value) in members {
                    self.name(name);
                    self.value(value);
                }
                self.end('}');
            }
            Json::Plain(serde_json::Value::Array(items)) => {
                self.value(&Json::List(items.iter().cloned().map(Json::Plain).collect()));
            }
            Json::Plain(serde_json::Value::Object(members)) => {
                let members = members.iter().map(|(name, value)| (name.clone(), Json::Plain(value.clone())));
                self.value(&Json::Object(members.collect()));
            }
            plain => {
                self.text.push_str(self.separator);
                self.separator = ",";
                let text = match plain {
                    Json::Hex(number) if self.plain => format!("{number:#x}"),
                    Json::Address(0) if self.plain => "(nil)".to_owned(),
                    Json::Address(address) if self.plain => format!("{address:#x}"),
                    other => other.render(false),
                };
                self.text.push_str(&text);
            }
        }
    }
}

macro_rules! from {
    ($($from:ty),*) => { $(impl From<$from> for Json {
        fn from(number: $from) -> Self {
            Self::Number(number.into())
        }
    })* };
}
from!(u8, u32, u64, i64);

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Plain(value.into())
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        Self::Plain(value)
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Plain(value) => value.serialize(serializer),
            Self::Number(number) => match (u64::try_from(*number), i64::try_from(*number)) {
                (Ok(number), _) => serializer.serialize_u64(number),
                (_, Ok(number)) => serializer.serialize_i64(number),
                _ => serializer.serialize_str(&number.to_string()),
            },
            Self::Hex(number) => serializer.serialize_str(&format!("{number:#x}")),
            Self::Address(address) => serializer.serialize_u64(*address),
            Self::List(items) => items.serialize(serializer),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}
