// SPDX-License-Identifier: Apache-2.0
//! Typed indices of the IR's entities.
//!
//! Entities are referred to by small indices rather than by references: they are `Copy`, they order and hash by
//! creation, and their `Display` form is exactly the name that the text format uses (`v12`, `map0`).

use std::fmt;

macro_rules! entity {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl $name {
            /// The entity with this index.
            pub fn new(index: usize) -> Self {
                Self(u32::try_from(index).expect("fewer than 2^32 entities"))
            }

            /// The position of the entity in its table.
            pub fn index(self) -> usize {
                self.0 as usize
            }

            /// Parses the textual name.
            pub fn parse(text: &str) -> Option<Self> {
                text.strip_prefix($prefix)?.parse().ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

entity! {
    /// A value: the result of one operation, 1 to 64 bits wide.
    Value, "v"
}
entity! {
    /// A map of the program, in the order of the object file.
    MapId, "map"
}
