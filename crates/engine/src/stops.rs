//! Texts that end an answer, wherever tokens begin and end.

/// Text on its way out, held back as long as it may become one of the texts that end an answer.
pub(crate) struct Stops {
    stops: Vec<String>,
    held: String,
}

impl Stops {
    pub(crate) fn new(stops: Vec<String>) -> Self {
        Self { stops: stops.into_iter().filter(|stop| !stop.is_empty()).collect(), held: String::new() }
    }

    /// What may go out after `text`, and whether the answer ends there.
    pub(crate) fn push(&mut self, text: &str) -> (String, bool) {
        self.held.push_str(text);
        if let Some(end) = self.stops.iter().filter_map(|stop| self.held.find(stop.as_str())).min() {
            self.held.truncate(end);
            return (std::mem::take(&mut self.held), true);
        }
        let begins = |place: &usize| self.stops.iter().any(|stop| stop.starts_with(&self.held[*place..]));
        let longest = self.stops.iter().map(String::len).max().unwrap_or(0);
        let from = self.held.len().saturating_sub(longest);
        let places = self.held.char_indices().map(|(place, _)| place).filter(|place| *place >= from);
        let open = places.into_iter().find(begins).unwrap_or(self.held.len());
        let rest = self.held.split_off(open);
        (std::mem::replace(&mut self.held, rest), false)
    }

    /// What was held back when nothing more comes.
    pub(crate) fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::Stops;

    fn run(stops: &[&str], pieces: &[&str]) -> (String, bool) {
        let mut all = Stops::new(stops.iter().map(|stop| (*stop).to_owned()).collect());
        let mut text = String::new();
        for piece in pieces {
            let (out, is_end) = all.push(piece);
            text.push_str(&out);
            if is_end {
                return (text, true);
            }
        }
        (text + &all.finish(), false)
    }

    #[test]
    fn answers_end_before_a_stop_however_they_are_cut() {
        assert_eq!(run(&["END"], &["a E", "N", "D b"]), ("a ".to_owned(), true));
        assert_eq!(run(&["END"], &["a E", "N", " b"]), ("a EN b".to_owned(), false));
        assert_eq!(run(&["bc", "b"], &["ab"]), ("a".to_owned(), true));
        assert_eq!(run(&["é!"], &["é", "?"]), ("é?".to_owned(), false));
        assert_eq!(run(&["aab"], &["a", "a", "a", "b"]), ("a".to_owned(), true));
        assert_eq!(run(&[""], &["a"]), ("a".to_owned(), false));
        assert_eq!(run(&["abc"], &["xab"]), ("xab".to_owned(), false));
    }
}
