//! Variables and secrets of the configuration.

use super::super::vaulted::{self, Part};
use super::Reading;
use base::Code;
use base::config::{Entry, Node, Problems, Value};

impl Reading {
    /// Fills in variables. A server that lacks one keeps only itself from starting; one that is switched off needs none.
    pub(super) fn fill(&mut self, file: &str, root: &mut Node) {
        let Value::Map(parts) = &mut root.value else {
            return;
        };
        for part in parts {
            match &mut part.node.value {
                Value::Map(servers) if part.key == "servers" => {
                    for server in servers {
                        self.fill_server(file, &server.key, &mut server.node);
                    }
                }
                Value::Map(models) if part.key == "models" => models.iter_mut().for_each(|models| {
                    self.fill_models(file, models);
                }),
                // Templates of workflows are their own, as in files.
                Value::Map(_) if part.key == "workflows" => {}
                _ => {
                    let environment = &self.loaded.environment;
                    vaulted::read_elsewhere(file, &part.key, &mut part.node, environment, &self.problems);
                }
            }
        }
    }

    /// The same for a key of `models`: a provider that lacks a variable keeps only itself from being asked.
    fn fill_models(&mut self, file: &str, entry: &mut Entry) {
        let environment = &self.loaded.environment;
        let Value::Map(providers) = &mut entry.node.value else {
            let path = format!("models.{}", entry.key);
            return vaulted::read_elsewhere(file, &path, &mut entry.node, environment, &self.problems);
        };
        for provider in providers {
            let aside = Problems::new();
            let (whose, node) = ((Part::Provider, provider.key.as_str()), &mut provider.node);
            if entry.key == "providers" {
                self.loaded.vaulted.extend(vaulted::read(file, whose, node, environment, &aside));
            } else {
                let path = format!("models.{}.{}", entry.key, provider.key);
                vaulted::read_elsewhere(file, &path, node, environment, &self.problems);
            }
            for error in aside.into_result().err().unwrap_or_default() {
                match error.code() {
                    Code::ConfigVariableMissing => self.loaded.lacking_providers.push((provider.key.clone(), error)),
                    _ => self.problems.push(error),
                }
            }
        }
    }

    pub(super) fn fill_server(&mut self, file: &str, name: &str, node: &mut Node) {
        let off = matches!(node.get("enabled").map(|entry| &entry.node.value), Some(Value::Bool(false)));
        let aside = Problems::new();
        self.loaded.vaulted.extend(vaulted::read(file, (Part::Server, name), node, &self.loaded.environment, &aside));
        let errors = aside.into_result().err().unwrap_or_default();
        for error in errors {
            match error.code() {
                Code::ConfigVariableMissing if off => {}
                Code::ConfigVariableMissing => self.loaded.lacking.push((name.to_owned(), error)),
                _ => self.problems.push(error),
            }
        }
    }
}
