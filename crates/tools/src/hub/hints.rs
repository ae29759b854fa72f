//! What clients are told of how long they may keep a list.

use super::Hub;
use crate::catalogue::hint::{self, Hint};
use crate::view::View;
use base::clock;

impl Hub {
    /// What holds for the list of `view` with this index in [`crate::catalogue::LISTS`]: what its upstreams say, less the
    /// time for which the hub has had it.
    pub fn hint(&self, view: &View, index: usize) -> Hint {
        let now = clock::now();
        let all = self.upstreams();
        let taking_part = all.iter().filter(|upstream| view.upstreams.contains(&upstream.settings.name));
        let said = taking_part.filter_map(|upstream| {
            let catalogue = upstream.catalogue();
            // One that has no such list has no say, but one of which nothing is known yet may have any.
            let has = catalogue.announces(index) || !upstream.is_known();
            has.then(|| {
                let age = catalogue.reading.map(|reading| now.saturating_duration_since(reading.at));
                catalogue.hints[index].zip(age).map(|(hint, age)| hint.aged(age))
            })
        });
        hint::merged(said)
    }
}
