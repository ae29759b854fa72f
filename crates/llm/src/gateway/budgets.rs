//! The budgets that a request counts against, at hand without a lock.

use crate::caller::Caller;
use spending::{Account, Budget, Ledger};
use std::collections::HashMap;

/// The budgets by what they are for.
#[derive(Default)]
pub(super) struct Budgets {
    all: Option<Account>,
    keys: HashMap<String, Account>,
    teams: HashMap<String, Account>,
    routes: HashMap<String, Account>,
    providers: HashMap<String, Account>,
}

impl Budgets {
    /// Those that were configured in `ledger`.
    pub(super) fn of(ledger: &Ledger, configured: &[Budget]) -> Self {
        let mut budgets = Self::default();
        for name in configured.iter().map(|budget| budget.name.as_str()) {
            let Some(account) = ledger.account(name) else { continue };
            let (kind, of) = name.split_once(':').unwrap_or((name, ""));
            let map = match kind {
                "key" => &mut budgets.keys,
                "team" => &mut budgets.teams,
                "route" => &mut budgets.routes,
                "provider" => &mut budgets.providers,
                _ => {
                    budgets.all = Some(account);
                    continue;
                }
            };
            map.insert(of.to_owned(), account);
        }
        budgets
    }

    /// Those that a request counts against.
    pub(super) fn accounts(&self, caller: &Caller, route: Option<&str>, provider: &str) -> Vec<Account> {
        let team = caller.team.as_deref().and_then(|team| self.teams.get(team));
        let [route, through] = [route, caller.through.as_deref()].map(|route| self.routes.get(route?));
        let key = self.keys.get(&*caller.principal);
        let of = [self.all.as_ref(), key, team, route, through, self.providers.get(provider)];
        of.into_iter().flatten().cloned().collect()
    }
}
