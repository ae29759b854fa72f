//! Notes by their words and their meaning: an index for each tenant, which learns what was written since it was asked last.

use crate::fragment::Scope;
use crate::{limits, tables};
use base::Result;
use search::{Change, Document, Encoding, FieldId, Index, Part, Question, Schema};
use std::collections::HashMap;
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use store::Db;
use tokio::sync::Mutex;

/// Between the parts of an id: in none of them.
const BETWEEN: char = '\u{1f}';
/// Bytes of a note that an embedder reads.
const MEANING: usize = 2_000;

/// The indexes.
#[derive(Default)]
pub(crate) struct Finding {
    encoding: Option<Arc<Encoding>>,
    tenants: StdMutex<HashMap<String, Tenant>>,
}

/// What is known of a tenant's notes; nothing before the first search. One reads what is new, and those who come meanwhile
/// wait for it; other tenants do not.
type Tenant = Arc<Mutex<Option<Known>>>;

/// The notes of a tenant.
struct Known {
    /// The last row that was looked at.
    seen: i64,
    key: FieldId,
    text: FieldId,
    index: Arc<Index>,
}

impl Finding {
    /// Finds by meaning too.
    pub(crate) fn by_meaning(encoding: Arc<Encoding>) -> Self {
        Self { encoding: Some(encoding), tenants: StdMutex::default() }
    }

    /// Where the notes of a tenant stand that are most about `query`, best first, of the scopes that `readable` lets through;
    /// some more than `most`, as some may be over.
    pub(crate) async fn find(
        &self,
        db: &Db,
        tenant: &str,
        readable: &(dyn Fn(&Scope) -> bool + Sync),
        query: &str,
        most: usize,
    ) -> Result<Vec<(Scope, String)>> {
        let index = self.refreshed(db, tenant).await?;
        let among = index.select(|_, group| scope_of(tenant, group).is_some_and(|scope| readable(&scope)));
        let vectors = match &self.encoding {
            Some(encoding) if index.has_vectors() => encoding.of_questions(&[query]).await?,
            _ => Vec::new(),
        };
        let limit = most.saturating_mul(2).saturating_add(8);
        let question = Question { vector: vectors.first(), among: Some(&among), ..Question::new(query, limit) };
        let hits = index.search(&question);
        Ok(hits.iter().filter_map(|hit| place(tenant, hit.id)).collect())
    }

    /// The index with all that was written until now.
    async fn refreshed(&self, db: &Db, tenant: &str) -> Result<Arc<Index>> {
        let tenant_of = self.tenant(tenant);
        let mut slot = tenant_of.lock().await;
        // What has grown too large is made anew of what was written last.
        let mut known = match slot.take().filter(|known| known.index.len() < 2 * limits::INDEXED) {
            Some(known) => known,
            None => Known::new(db, tenant).await?,
        };
        known.learn(db, tenant).await?;
        if let Some(encoding) = &self.encoding {
            known.read(encoding).await?;
        }
        let index = Arc::clone(&known.index);
        *slot = Some(known);
        Ok(index)
    }

    fn tenant(&self, tenant: &str) -> Tenant {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        if tenants.len() >= limits::TENANTS && !tenants.contains_key(tenant) {
            tenants.clear();
        }
        Arc::clone(tenants.entry(tenant.to_owned()).or_default())
    }
}

impl Known {
    async fn new(db: &Db, tenant: &str) -> Result<Self> {
        let mut schema = Schema::default();
        let key = schema.field("key", 2.0, 0.3);
        let text = schema.field("text", 1.0, 0.75);
        let rows = db.query(tables::behind(tenant, limits::INDEXED)).await?;
        let seen = rows.first().map_or(Ok(0), |row| row.integer(0))?;
        Ok(Self { seen, key, text, index: Arc::new(Index::new(schema)) })
    }

    async fn learn(&mut self, db: &Db, tenant: &str) -> Result<()> {
        let mut change = Change::default();
        loop {
            let rows = db.query(tables::since(tenant, self.seen, limits::PAGE)).await?;
            for row in &rows {
                let fragment = tables::fragment(row)?;
                let content = db.query(tables::content(fragment.sha256)).await?;
                // What is gone by now was pruned meanwhile.
                if let Some(content) = content.first() {
                    change.put.push(self.document(&fragment.scope, &fragment.key, content.text(0)?));
                }
                self.seen = tables::sequence(row)?;
            }
            if rows.len() < limits::PAGE {
                break;
            }
        }
        if !change.put.is_empty() {
            self.index = Arc::new(self.index.changed(change));
        }
        Ok(())
    }

    fn document(&self, scope: &Scope, key: &str, text: &str) -> Document {
        let beginning = text.get(..text.floor_char_boundary(MEANING)).unwrap_or_default();
        let group = group_of(scope);
        Document {
            id: format!("{group}{BETWEEN}{key}"),
            group,
            parts: vec![Part::new(self.key, key), Part::new(self.text, text)],
            meaning: format!("{key}\n{beginning}"),
        }
    }

    /// Reads the meaning of some of the notes of which it is not known.
    async fn read(&mut self, encoding: &Encoding) -> Result<()> {
        let lacking = self.index.without_vector().take(limits::EMBEDDED);
        let (ids, texts): (Vec<&str>, Vec<&str>) = lacking.unzip();
        if ids.is_empty() {
            return Ok(());
        }
        let vectors = encoding.of_texts(&texts, |_| {}).await?;
        let vectors = ids.into_iter().map(str::to_owned).zip(vectors).collect();
        self.index = Arc::new(self.index.changed(Change { vectors, ..Change::default() }));
        Ok(())
    }
}

fn group_of(scope: &Scope) -> String {
    format!("{}{BETWEEN}{}", scope.name(), scope.of())
}

fn scope_of(tenant: &str, group: &str) -> Option<Scope> {
    let (name, of) = group.split_once(BETWEEN)?;
    Some(Scope { tenant: tenant.to_owned(), name: name.to_owned(), of: of.to_owned() })
}

fn place(tenant: &str, id: &str) -> Option<(Scope, String)> {
    let (group, key) = id.rsplit_once(BETWEEN)?;
    Some((scope_of(tenant, group)?, key.to_owned()))
}

#[cfg(test)]
mod tests;
