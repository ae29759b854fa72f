//! A tool as a document of the index.

use crate::catalogue::Item;
use crate::naming;
use mcp::raw;
use search::{Boilerplate, Document, FieldId, Part, Schema, spell_out};

/// The fields of a tool's document.
#[derive(Debug, Clone, Copy)]
pub struct Fields {
    server: FieldId,
    name: FieldId,
    description: FieldId,
    parameter: FieldId,
    parameter_description: FieldId,
}

/// The most parameters of one tool that are looked at.
const PARAMETERS: usize = 200;

/// The most bytes of its description.
const DESCRIPTION: usize = 16 << 10;

impl Fields {
    /// The schema of tools. What its numbers come to is measured by `cargo xtask eval tools`.
    pub fn of_tools() -> (Schema, Self) {
        let mut schema = Schema::default();
        let fields = Self {
            server: schema.field("server", 1.0, 0.4),
            name: schema.field("name", 1.5, 0.4),
            description: schema.field("description", 1.0, 0.4),
            parameter: schema.field("parameter", 1.0, 0.4),
            parameter_description: schema.field("parameter description", 0.7, 0.4),
        };
        schema.damp(Boilerplate { share: 0.2, least: 5, left: 0.3 });
        (schema, fields)
    }

    /// The document of a tool of `upstream`.
    pub fn document(&self, upstream: &str, item: &Item) -> Document {
        let text = |object: &str, name: &str| -> String {
            let text = raw::get(object, name).and_then(raw::text).unwrap_or_default();
            let end = text.floor_char_boundary(DESCRIPTION);
            text[..end].to_owned()
        };
        let description = text(&item.json, "description");
        let meaning = format!("{} {}. {description}", spell_out(upstream), spell_out(&item.key));
        let mut parts = vec![
            Part::new(self.server, upstream),
            Part::new(self.name, &item.key),
            Part::new(self.name, text(&item.json, "title")),
            Part::new(self.description, description),
        ];
        let properties = raw::at(&item.json, &["inputSchema", "properties"]).unwrap_or("{}");
        for property in raw::members(properties).take(PARAMETERS) {
            let Some(name) = raw::text(property.key) else { continue };
            parts.push(Part::about(name.as_ref(), self.parameter, name.as_ref()));
            let description = text(property.value, "description");
            if !description.is_empty() {
                parts.push(Part::about(name.as_ref(), self.parameter_description, description));
            }
        }
        Document { id: naming::exposed(upstream, &item.key), group: upstream.to_owned(), parts, meaning }
    }
}
