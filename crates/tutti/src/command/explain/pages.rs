//! The pages of `docs/errors`, within the program: they are wanted most where there is no network.

use base::Code;

macro_rules! pages {
    ($($id:literal),* $(,)?) => {
        /// Every page with its code.
        pub(super) const ALL: &[(&str, &str)] =
            &[$(($id, include_str!(concat!("../../../../../docs/errors/", $id, ".md")))),*];
    };
}

pages! {
    "T-0001", "T-0002", "T-0003", "T-0101", "T-0102", "T-0103", "T-0104", "T-0105", "T-0106", "T-0107", "T-0108",
    "T-0109", "T-0201", "T-0202", "T-0203", "T-0204", "T-0205", "T-0206", "T-0207", "T-0208", "T-0209", "T-0210",
    "T-0211", "T-0212", "T-0213", "T-0214",
    "T-0215", "T-0216", "T-0217", "T-0325",
    "T-0301", "T-0302", "T-0303", "T-0304", "T-0305", "T-0306", "T-0307",
    "T-0308", "T-0309", "T-0310", "T-0311", "T-0312", "T-0313", "T-0314", "T-0315", "T-0316", "T-0317", "T-0318",
    "T-0319", "T-0320", "T-0321", "T-0322", "T-0323", "T-0324", "T-0401", "T-0402", "T-0403", "T-0404", "T-0405",
    "T-0406", "T-0407", "T-0501", "T-0502", "T-0503", "T-0504", "T-0505", "T-0506", "T-0507", "T-0508", "T-0509",
    "T-0510", "T-0511", "T-0512", "T-0601", "T-0602", "T-0603", "T-0604", "T-0605", "T-0606", "T-0701", "T-0702", "T-0703",
    "T-0704", "T-0705",
}

/// The page of a code.
pub(super) fn page(code: Code) -> &'static str {
    ALL.iter().find(|(id, _)| *id == code.id()).map_or("", |(_, page)| page)
}
