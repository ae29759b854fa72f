//! The series of one metric: one number for each combination of values of its attributes.

use crate::instrument::{Counter, Histogram};
use crate::names::Metric;
use crate::snapshot::{Snapshot, Value};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// The series of one metric. A series is looked up once and kept by whoever counts: looking up takes a lock.
#[derive(Debug)]
pub struct Family<T> {
    metric: &'static Metric,
    series: RwLock<BTreeMap<Vec<String>, Arc<T>>>,
}

impl<T: Default> Family<T> {
    pub(crate) fn new(metric: &'static Metric) -> Self {
        Self { metric, series: RwLock::default() }
    }

    /// The series with these values, in the order of the metric's attributes. The caller keeps to the budget: there must
    /// not be more series than the configuration, or a cap, has names.
    pub fn series(&self, values: &[&str]) -> Arc<T> {
        let key: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        let mut series = self.series.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(series.entry(key).or_default())
    }

    fn each(&self, mut take: impl FnMut(&Metric, &[String], &T)) {
        let series = self.series.read().unwrap_or_else(PoisonError::into_inner);
        series.iter().for_each(|(values, number)| take(self.metric, values, number));
    }
}

impl Family<Counter> {
    pub(crate) fn read(&self, snapshot: &mut Snapshot) {
        self.each(|_, values, counter| snapshot.push(self.metric, values.to_vec(), Value::of_count(counter.get())));
    }
}

impl Family<Histogram> {
    pub(crate) fn read(&self, snapshot: &mut Snapshot) {
        self.each(|_, values, histogram| {
            snapshot.push(self.metric, values.to_vec(), Value::Distribution(Box::new(histogram.read())));
        });
    }
}
