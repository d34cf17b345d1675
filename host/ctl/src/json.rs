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

    /// The text, on one line or indented.
    pub(crate) fn render(&self, pretty: bool) -> String {
        // No value of ours can fail to be JSON.
        if pretty { serde_json::to_string_pretty(self) } else { serde_json::to_string(self) }.unwrap_or_default()
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
