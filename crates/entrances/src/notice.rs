//! Who is told of gates.

use identity::oauth::address::Address;

/// Somebody who is told of gates.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// What it is called, also in the address of answers.
    pub name: String,
    /// Where it is told.
    pub(crate) address: Address,
    /// The name of the secret in the vault that signs both ways.
    pub secret: String,
    /// Hosts whose private addresses may be reached, and over plain HTTP.
    pub(crate) private_hosts: Vec<String>,
    /// Whether it may answer.
    pub(crate) answers: bool,
}

impl Notice {
    /// The same, with a right to answer or without.
    #[must_use]
    pub fn that_answers(self, answers: bool) -> Self {
        Self { answers, ..self }
    }

    /// One called `name` at `url`, signed with the secret of the vault that is called `secret`. It does not answer.
    ///
    /// # Errors
    /// Why the address is none, behind "the address ".
    pub fn new(
        name: &str,
        url: &str,
        secret: &str,
        private_hosts: &[String],
    ) -> std::result::Result<Self, &'static str> {
        Ok(Self {
            name: name.to_owned(),
            address: Address::parse(url)?,
            secret: secret.to_owned(),
            private_hosts: private_hosts.to_vec(),
            answers: false,
        })
    }
}
