// SPDX-License-Identifier: Apache-2.0
//! The texts of the catalogue, one file per group of codes.

pub(super) mod decode;
pub(super) mod files;
pub(super) mod helpers;
pub(super) mod limits;
pub(super) mod maps;
pub(super) mod safety;
pub(super) mod warnings;

/// One entry: identifier, title, explanation (paragraphs) and help. A test checks that none is empty.
pub(super) struct Entry {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) explanation: &'static str,
    pub(super) help: &'static str,
}

macro_rules! entries {
    ($($name:ident: $id:literal, $title:literal, $explanation:literal, $help:literal;)*) => {
        $(pub(in crate::diag) const $name: $crate::diag::catalogue::Entry = $crate::diag::catalogue::Entry {
            id: $id, title: $title, explanation: $explanation, help: $help,
        };)*
    };
}
use entries;
