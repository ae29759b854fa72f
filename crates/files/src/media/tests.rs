use super::*;

#[test]
fn formats_are_known_by_how_they_begin() {
    for (start, mime_type) in [
        (&b"\xff\xd8\xff\xe0"[..], Some("image/jpeg")),
        (b"GIF89a..", Some("image/gif")),
        (b"RIFF\x10\x20\x30\x40WEBPVP8 ", Some("image/webp")),
        (b"RIFF\x10\x20\x30\x40WAVE", None),
        (b"%PDF-1.7", Some("application/pdf")),
        (b"a\0b", Some("application/octet-stream")),
        (b"<svg xmlns=", None),
        (b"plain", None),
        (b"", None),
    ] {
        assert_eq!(sniff(start), mime_type, "{start:?}");
    }
}
