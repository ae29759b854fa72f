//! Values with their sources.

use serde_json::{Map, Value};

/// Where a value is from, by rising rank: of two values the one with the higher source holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The table of models that the binary holds.
    Table,
    /// A newer table, which the operator named.
    Refreshed,
    /// The header of the model's file.
    Gguf,
    /// What the server says that has the model.
    Probe,
    /// The operator's configuration.
    Config,
}

impl Source {
    /// Its word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Table => "built_in",
            Self::Refreshed => "refreshed",
            Self::Gguf => "file",
            Self::Probe => "probe",
            Self::Config => "config",
        }
    }
}

/// A value, and where it is from.
#[derive(Debug, Clone, PartialEq)]
pub struct Known<T> {
    /// The value.
    pub value: T,
    /// Who says so.
    pub source: Source,
}

impl<T: Clone + Into<Value>> Known<T> {
    fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("value".to_owned(), self.value.clone().into());
        object.insert("source".to_owned(), self.source.word().into());
        Value::Object(object)
    }
}

/// The value of the higher source; of two with the same, `own`.
pub(crate) fn better<T>(own: Option<Known<T>>, other: Option<Known<T>>) -> Option<Known<T>> {
    match (own, other) {
        (Some(own), Some(other)) => Some(if other.source > own.source { other } else { own }),
        (own, other) => own.or(other),
    }
}

/// Puts what is known into a JSON object.
pub(crate) fn insert<T: Clone + Into<Value>>(object: &mut Map<String, Value>, name: &str, known: Option<&Known<T>>) {
    object.extend(known.map(|known| (name.to_owned(), known.to_json())));
}

/// A struct whose fields may each be known from another source: how two are merged, and how it is said in JSON.
macro_rules! section {
    ($(#[$about:meta])* $name:ident { $($(#[$field_about:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $name {
            $($(#[$field_about])* pub $field: Option<$crate::known::Known<$kind>>,)*
        }

        impl $name {
            fn merge(self, other: Self) -> Self {
                Self { $($field: $crate::known::better(self.$field, other.$field),)* }
            }

            fn to_json(&self) -> serde_json::Value {
                let mut object = serde_json::Map::new();
                $($crate::known::insert(&mut object, stringify!($field), self.$field.as_ref());)*
                serde_json::Value::Object(object)
            }
        }
    };
}

pub(crate) use section;
