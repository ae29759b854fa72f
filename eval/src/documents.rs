//! Tools as documents.

use crate::data::Tool;
use search::{Boilerplate, Document, FieldId, Part, Schema, spell_out};

/// The fields of a tool's document.
pub(crate) struct Fields {
    server: FieldId,
    name: FieldId,
    description: FieldId,
    parameter: FieldId,
    parameter_description: FieldId,
}

impl Fields {
    /// The schema of tools.
    pub(crate) fn of_tools() -> (Schema, Self) {
        let mut schema = Schema::default();
        let fields = Self {
            server: schema.field("server", 1.0, 0.75),
            name: schema.field("name", 1.5, 0.75),
            description: schema.field("description", 1.0, 0.75),
            parameter: schema.field("parameter", 1.0, 0.75),
            parameter_description: schema.field("parameter description", 0.7, 0.75),
        };
        schema.damp(Boilerplate { share: 0.2, least: 5, left: 0.3 });
        (schema, fields)
    }

    /// The document of a tool.
    pub(crate) fn document(&self, id: String, tool: &Tool) -> Document {
        let mut parts = vec![
            Part::new(self.server, &tool.server),
            Part::new(self.name, &tool.name),
            Part::new(self.description, &tool.description),
        ];
        for (name, description) in &tool.parameters {
            parts.push(Part::about(name, self.parameter, name));
            parts.push(Part::about(name, self.parameter_description, description));
        }
        let meaning = format!("{} {}. {}", spell_out(&tool.server), spell_out(&tool.name), tool.description);
        Document { id, group: tool.server.clone(), parts, meaning }
    }
}
