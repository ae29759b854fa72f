//! The series of one metric: one number for each combination of values of its attributes.

use crate::instrument::{Counter, Histogram, Instrument};
use crate::names::Metric;
use crate::snapshot::{Snapshot, Value, Values};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// The series of one metric. A series is looked up once and kept by whoever counts: looking up takes a lock.
#[derive(Debug)]
pub struct Family<T> {
    metric: &'static Metric,
    all: RwLock<All<T>>,
}

/// Series are never taken away, so that a place in the order stays what it is.
#[derive(Debug)]
struct All<T> {
    order: Vec<(Values, Arc<T>)>,
    places: HashMap<Values, usize>,
}

/// How many series are read at once. Whoever makes a new one waits for no more than that.
const AT_ONCE: usize = 128;

impl<T: Instrument> Family<T> {
    pub(crate) fn new(metric: &'static Metric) -> Self {
        Self { metric, all: RwLock::new(All { order: Vec::new(), places: HashMap::new() }) }
    }

    /// The series with these values, in the order of the metric's attributes. The caller keeps to the budget: there must
    /// not be more series than the configuration, or a cap, has names.
    pub fn series(&self, values: &[&str]) -> Arc<T> {
        let key: Values = values.iter().map(|value| Box::from(*value)).collect();
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, series)) = all.places.get(&key).and_then(|place| all.order.get(*place)) {
            return Arc::clone(series);
        }
        let series = Arc::new(T::new(self.metric));
        let place = all.order.len();
        all.places.insert(Arc::clone(&key), place);
        all.order.push((key, Arc::clone(&series)));
        series
    }

    /// Reads all series, some at a time.
    fn each(&self, mut take: impl FnMut(Values, &T)) {
        let mut next = 0;
        loop {
            let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
            let some: Vec<_> = all.order.iter().skip(next).take(AT_ONCE).cloned().collect();
            drop(all);
            if some.is_empty() {
                return;
            }
            next += some.len();
            some.into_iter().for_each(|(values, series)| take(values, &series));
        }
    }
}

impl Family<Counter> {
    pub(crate) fn read(&self, snapshot: &mut Snapshot) {
        self.each(|values, counter| snapshot.push(self.metric, values, Value::of_count(counter.get())));
    }
}

impl Family<Histogram> {
    pub(crate) fn read(&self, snapshot: &mut Snapshot) {
        self.each(|values, histogram| {
            snapshot.push(self.metric, values, Value::Distribution(Box::new(histogram.read())));
        });
    }
}

#[cfg(test)]
mod tests;
