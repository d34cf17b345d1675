// SPDX-License-Identifier: Apache-2.0
//! Counts of cell types, as `stat -json` of yosys prints them.

use serde_json::Value;
use std::collections::BTreeMap;

/// How many cells of each type a netlist has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cells(pub BTreeMap<String, u64>);

impl Cells {
    /// Reads `design.num_cells_by_type` of a flattened netlist. Cells that only carry names (`$scopeinfo`) are left out.
    ///
    /// # Errors
    /// A clause: no JSON, no such field, or a cell of yosys's own kind (`$...`), which no mapped netlist has.
    pub fn parse(text: &str) -> Result<Self, String> {
        let json: Value =
            serde_json::from_str(text).map_err(|error| format!("`stat -json` printed no JSON: {error}"))?;
        let types = json.pointer("/design/num_cells_by_type").and_then(Value::as_object);
        let types = types.ok_or("`stat -json` printed no design.num_cells_by_type")?;
        let mut cells = BTreeMap::new();
        for (name, count) in types {
            match count.as_u64() {
                Some(_) if name == "$scopeinfo" => {}
                Some(_) if name.starts_with('$') => return Err(format!("cells of type {name} were not mapped")),
                Some(count) => _ = cells.insert(name.clone(), count),
                None => return Err(format!("the count of {name} is no number")),
            }
        }
        Ok(Self(cells))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_and_names_are_left_out() {
        let cells = Cells::parse(r#"{"design": {"num_cells_by_type": {"$scopeinfo": 3, "LUT6": 7}}}"#).unwrap();
        assert_eq!(cells.0.into_iter().collect::<Vec<_>>(), [("LUT6".to_owned(), 7)]);
    }

    #[test]
    fn what_is_not_mapped_is_an_error() {
        let text = r#"{"design": {"num_cells_by_type": {"$mul": 1}}}"#;
        assert!(Cells::parse(text).unwrap_err().contains("$mul"));
        assert!(Cells::parse("{}").is_err());
        assert!(Cells::parse("no").is_err());
    }
}
