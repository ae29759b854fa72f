use super::{progress, size};

#[test]
fn progress_is_a_bar_where_the_size_is_known() {
    assert_eq!(progress(5 << 20, None), "5MiB");
    assert_eq!(progress(0, Some(0)), "0");
    assert_eq!(progress(50 << 20, Some(100 << 20)), format!("[{}{}]  50 % of 100MiB", "#".repeat(15), " ".repeat(15)));
    assert_eq!(progress(u64::MAX, Some(7)), format!("[{}] 100 % of 7B", "#".repeat(30)));
    assert_eq!(size((1 << 30) + 5), "1GiB");
}
